"""What one reading of data may cost, and the sentence where it would cost more.

A page that strangers may open gives a reading some seconds and few pixels; on one's own machine
only what nobody has in earnest is refused. Who reads counts here; how is known elsewhere.
"""

from __future__ import annotations

import io
import threading
import time

from ganmodel.data import limits
from ganmodel.data.tensors import DataError


class BudgetError(DataError):
    """The data cost more than this reading may."""


class Budget:
    """The seconds and pixels that are left of one reading.

    Args:
        seconds: from now on, whatever is read, fetched or unpacked; None is no end.
        pixels: of all pictures together, as their headers say.
        cancelled: ends the reading once it is set: nobody waits for it any more.
    """

    def __init__(
        self,
        seconds: float | None = None,
        pixels: int | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds
        self._pixels = self._pixels_left = limits.MOST_TOTAL_PIXELS if pixels is None else pixels
        self._cancelled = cancelled or threading.Event()

    def seconds_left(self) -> float:
        return float("inf") if self._end is None else max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raises a `BudgetError` when the time is over."""
        if self._cancelled.is_set():
            raise BudgetError("These pictures were asked for again, so this reading has ended.")
        if self.seconds_left() <= 0:
            raise BudgetError(
                f"Getting this data ready takes longer than the {self._seconds:.0f} s that it may "
                "take here: choose fewer or smaller pictures."
            )

    def take(self, pixels: int) -> None:
        """Takes one picture's pixels; a `BudgetError` where the sum becomes too large."""
        self.check()
        self._pixels_left -= pixels
        if self._pixels_left < 0:
            raise BudgetError(
                f"These pictures have more than {self._pixels // 10**6:,} million pixels in all, "
                "which is as much as is read here: choose fewer or smaller ones."
            )


class Watched(io.BytesIO):
    """A file's bytes for a decoder: some kilobytes may keep one busy for hours."""

    def __init__(self, content: bytes, budget: Budget) -> None:
        super().__init__(content)
        self._budget = budget

    def read(self, size: int | None = -1) -> bytes:
        self._budget.check()
        return super().read(size)
