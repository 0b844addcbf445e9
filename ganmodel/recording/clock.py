"""How long a run has trained and how fast; what a clock says never changes what is trained."""

from __future__ import annotations

import time


class Clock:
    """Seconds spent training and images per second; pauses and the time between processes not."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.images = 0
        self.speed: float | None = None
        self._last = time.monotonic()

    def start(self, images_seen: int, seconds: float | None = None) -> None:
        """Counts from here: on a resume, or after going back."""
        self.seconds = self.seconds if seconds is None else seconds
        self.images = images_seen
        self._last = time.monotonic()

    def skip(self, seconds: float) -> None:
        """Leaves a pause, or an evaluation, of this length out."""
        self._last += seconds

    def count(self, images_seen: int, *, by_hand: bool = False) -> None:
        """Up to here; steps by hand take time, and tell nothing of how fast training is."""
        now = time.monotonic()
        passed = max(1e-9, now - self._last)
        if not by_hand:
            self.speed = max(0, images_seen - self.images) / passed
        self.seconds += passed
        self.images, self._last = images_seen, now

    def facts(self) -> dict[str, float | None]:
        speed = None if self.speed is None else round(self.speed, 1)
        return {"images_per_second": speed, "seconds": round(self.seconds, 3)}
