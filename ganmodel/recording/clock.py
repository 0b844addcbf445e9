"""How long a run has trained and how fast, for people to read; training never depends on it."""

from __future__ import annotations

import time


class Clock:
    """Seconds of training and images per second, without pauses and times without a trainer."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._images_seen = 0
        self.speed: float | None = None
        self._last = time.monotonic()

    def start(self, images_seen: int, seconds: float | None = None) -> None:
        """Starts counting at these images seen: on a resume, or after going back."""
        self.seconds = self.seconds if seconds is None else seconds
        self._images_seen = images_seen
        self._last = time.monotonic()

    def skip(self, seconds: float) -> None:
        """Excludes a pause, or an evaluation, of this length."""
        self._last += seconds

    def count(self, images_seen: int, *, by_hand: bool = False) -> None:
        """Counts up to now; steps by hand take time but leave the speed as it was."""
        now = time.monotonic()
        passed = max(1e-9, now - self._last)
        if not by_hand:
            self.speed = max(0, images_seen - self._images_seen) / passed
        self.seconds += passed
        self._images_seen, self._last = images_seen, now

    def facts(self) -> dict[str, float | None]:
        speed = None if self.speed is None else round(self.speed, 1)
        return {"images_per_second": speed, "seconds": round(self.seconds, 3)}
