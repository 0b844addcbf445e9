"""Visitors' pictures as their networks will see them, kept for a while after they were read.

A contact sheet is asked for piece by piece; reading everything for each piece would take seconds.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from ganmodel.data import Budget, Data, in_every_fit, load_data, stamp

MOST_BYTES = 128 * 2**20  # of all data kept; a single larger one is kept alone


class Way(NamedTuple):
    """How an upload is read; `with_classes` as in `load_data`."""

    size: int
    fit: str
    with_classes: bool | None


class Prepared:
    """Reads uploads as runs do, with nothing left out. Safe to use from several threads."""

    def __init__(self, *, trusted: bool = True, most_bytes: int = MOST_BYTES) -> None:
        """`trusted` as in `load_data`."""
        self._trusted, self._most = trusted, most_bytes
        self._kept: dict[tuple[Path, int, Way], Data] = {}  # the oldest first
        self._lock = threading.Lock()

    def data(self, path: Path, way: Way, budget: Budget) -> Data:
        """What an upload holds; a `DataError` where nothing usable is in it."""
        key = (path, stamp(path), way)
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self._kept[key] = found
                return found
        data = load_data(
            str(path),
            size=way.size,
            with_classes=way.with_classes,
            budget=budget,
            trusted=self._trusted,
            fit=way.fit,
        )
        with self._lock:
            self._kept[key] = data
            if way.with_classes is None:  # the next question names what was found
                found_way = way._replace(with_classes=bool(data.classes))
                self._kept[(*key[:2], found_way)] = data
            while len(self._kept) > 1 and self._bytes() > self._most:
                del self._kept[next(iter(self._kept))]
        return data

    def in_every_fit(self, path: Path, name: str, size: int, budget: Budget) -> dict[str, Tensor]:
        """One picture of an upload as every fit makes it."""
        return in_every_fit(path, name, size, budget=budget, trusted=self._trusted)

    def _bytes(self) -> int:
        different = {id(data): data for data in self._kept.values()}
        return sum(data.images.nbytes for data in different.values())
