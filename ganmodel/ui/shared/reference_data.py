"""The real pictures that a generator was trained on, cached while they are in use."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ganmodel.config import RunConfig
from ganmodel.data import Budget, Data, Known, load_data, missing_reason
from ganmodel.runs import Run, place_of
from ganmodel.sampling import usual_distance


@dataclass(frozen=True)
class Kept:
    """A data set, and the usual distance in it."""

    data: Data

    @cached_property
    def usual(self) -> float:
        """The usual distance of a real picture to the closest other one."""
        return usual_distance(self.data.images)


class ReferenceData:
    """Keeps one data set at a time, so that no two large ones are in memory together."""

    def __init__(
        self,
        data_dir: Path | None = None,
        seconds: int | None = None,
        pixels: int | None = None,
        *,
        trusted: bool = True,
    ) -> None:
        """`seconds` and `pixels` limit reading, see `data.Budget`; `trusted` as in `load_data`."""
        self._data_dir = data_dir
        self._seconds, self._pixels, self._trusted = seconds, pixels, trusted
        self._kept: tuple[tuple[str, int, str, bool, Known], Kept] | None = None
        self._reading = threading.Lock()

    def is_here(self, config: RunConfig, run: Run | None = None) -> bool:
        """Whether `of` needs no download."""
        return missing_reason(_name_of(config, run), self._data_dir) is None

    def of(self, config: RunConfig, known: Known, run: Run | None = None) -> Kept:
        """The training data of a run with these settings; a `DataError` where it is unavailable.

        `run` is the run itself, where there is one: only it records where its owner's data is.
        """
        name = _name_of(config, run)
        key = (name, config.image_size, config.fit, config.conditional, known)
        with self._reading:
            if self._kept is None or self._kept[0] != key:
                self._kept = None
                name, size, fit, with_classes, _ = key
                data = load_data(
                    name,
                    self._data_dir,
                    size=size,
                    fit=fit,
                    with_classes=with_classes,
                    budget=Budget(self._seconds, self._pixels),
                    trusted=self._trusted,
                    known=known,
                )
                self._kept = (key, Kept(data))
            return self._kept[1]


def _name_of(config: RunConfig, run: Run | None) -> str:
    return config.dataset if run is None else place_of(run)
