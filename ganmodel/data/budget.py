"""A limit on the seconds and pixels that one load of data may use, and the error past it.

A public page allows a load some seconds and few pixels; on the user's own machine only sizes beyond
any realistic data set are refused. Loading itself is done by the other modules.
"""

from __future__ import annotations

import io
import threading
import time

from ganmodel.data import limits
from ganmodel.data.tensors import DataError


class BudgetError(DataError):
    """The data needs more time or pixels than this load may use."""


class Budget:
    """The seconds and pixels that remain for one load of data.

    Args:
        seconds: time limit from now on for reading, downloading and unpacking; None is no limit.
        pixels: limit on the sum of all pictures' sizes as declared in their headers; None is
            `limits.MOST_TOTAL_PIXELS`.
        cancelled: once set, the load ends with a `BudgetError`, because its result is not needed.
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
        """Raises a `BudgetError` once the time is up or the load was cancelled."""
        if self._cancelled.is_set():
            raise BudgetError("asked-again")
        if self.seconds_left() <= 0:
            raise BudgetError("reading-takes-too-long", seconds=self._seconds)

    def take(self, pixels: int) -> None:
        """Checks, then subtracts one picture's pixels; a `BudgetError` if fewer remain."""
        self.check()
        self._pixels_left -= pixels
        if self._pixels_left < 0:
            raise BudgetError("too-many-pixels-in-all", pixels=self._pixels // 10**6)


class Watched(io.BytesIO):
    """A file's bytes that check the budget at each read.

    A few kilobytes can keep a decoder busy for hours.
    """

    def __init__(self, content: bytes, budget: Budget) -> None:
        super().__init__(content)
        self._budget = budget

    def read(self, size: int | None = -1) -> bytes:
        self._budget.check()
        return super().read(size)
