"""The real pictures behind a generator, kept in memory while they are asked about."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ganmodel.config import RunConfig
from ganmodel.data import Budget, Data, Known, load_data
from ganmodel.runs import Run, place_of
from ganmodel.sampling import usual_distance


@dataclass(frozen=True)
class Kept:
    """A data set, and what is usual in it."""

    data: Data

    @cached_property
    def usual(self) -> float:
        """How far a real picture is from the one closest to it."""
        return usual_distance(self.data.images)


class Reals:
    """One data set at a time: two large ones need not lie in memory together."""

    def __init__(
        self,
        data_dir: Path | None = None,
        seconds: int | None = None,
        pixels: int | None = None,
        *,
        trusted: bool = True,
    ) -> None:
        """What reading one may cost, see `data.Budget`; `trusted` as in `load_data`."""
        self._data_dir = data_dir
        self._seconds, self._pixels, self._trusted = seconds, pixels, trusted
        self._kept: tuple[tuple[str, int, bool, Known], Kept] | None = None
        self._reading = threading.Lock()

    def of(self, config: RunConfig, known: Known, run: Run | None = None) -> Kept:
        """What a run with these settings learns from; a `DataError` where it cannot be had.

        `run` is the run itself, where there is one: only it knows where its owner's data lie.
        """
        name = config.dataset if run is None else place_of(run)
        key = (name, config.image_size, config.conditional, known)
        with self._reading:
            if self._kept is None or self._kept[0] != key:
                self._kept = None
                name, size, with_classes, _ = key
                data = load_data(
                    name,
                    self._data_dir,
                    size=size,
                    with_classes=with_classes,
                    budget=Budget(self._seconds, self._pixels),
                    trusted=self._trusted,
                    known=known,
                )
                self._kept = (key, Kept(data))
            return self._kept[1]
