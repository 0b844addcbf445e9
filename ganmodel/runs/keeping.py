"""Weights that a trainer replaces while others read them: how they are read, and how kept.

A run's newest weights are removed when newer ones come. A reader whose file is gone asks for the
newest again; whoever refers to a moment for good marks it, so that its weights stay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ganmodel.weights import WeightsError

KEPT = "kept"  # the folder of marks: empty files, named by images seen
MOST_KEPT = 24  # moments of one run; the weights of each take some megabytes
MOST_TRIES = 20

T = TypeVar("T")


def read_newest(name: Callable[[], Path], read: Callable[[Path], T]) -> T:
    """What `read` returns for the file that `name` finds, while a trainer replaces files.

    Where the file is removed between being found and being opened, `name` is called again.

    Raises:
        OSError, WeightsError: what `read` raised, of a file that is there.
        Exception: what `name` raised.
    """
    for _ in range(MOST_TRIES):
        path = name()
        try:
            return read(path)
        except (OSError, WeightsError):
            if path.exists():
                raise
    raise WeightsError("weights-change-too-fast")


def keep(weights: Path) -> bool:
    """Marks the weights of a moment as kept; returns whether they are.

    They are not where the run has `MOST_KEPT` already, or its folder is read-only.

    Raises:
        FileNotFoundError: they were removed just before.
    """
    mark = _mark(weights)
    with contextlib.suppress(OSError):
        mark.parent.mkdir(exist_ok=True)
        if sum(1 for _ in mark.parent.iterdir()) < MOST_KEPT:
            mark.touch()
    if not weights.exists():
        raise FileNotFoundError(weights)
    return mark.exists()


def is_kept(weights: Path) -> bool:
    """Whether these weights are marked as kept."""
    return _mark(weights).exists()


def _mark(weights: Path) -> Path:
    return weights.parents[1] / KEPT / weights.stem
