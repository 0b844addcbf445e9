"""Weights that a trainer replaces while others use them: how they are read, and how they are kept.

A run's newest weights make room for newer ones. Who was told of a file may find it gone a moment
later and asks again; who refers to a moment for good marks it, and its weights stay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ganmodel.weights import WeightsError

KEPT = "kept"  # the folder of marks: empty files, named by images seen
MOST_KEPT = 24  # moments of one run; the weights of each take some megabytes
MOST_LOOKS = 20

T = TypeVar("T")


def read_newest(name: Callable[[], Path], read: Callable[[Path], T]) -> T:
    """What `read` makes of the file that `name` finds, while a trainer replaces files.

    A file may go between being found and being opened. A newer one is there then, and `name`, which
    is asked again, finds that.

    Raises:
        OSError, WeightsError: what `read` raised, of a file that is there.
        Exception: what `name` raised.
    """
    for _ in range(MOST_LOOKS):
        path = name()
        try:
            return read(path)
        except (OSError, WeightsError):
            if path.exists():
                raise
    raise WeightsError("The weights of this run changed too fast to be read; try again.")


def keep(weights: Path) -> bool:
    """Marks the weights of a moment, which then stay; whether they do.

    They need not where the run keeps as many as it may, or its folder may only be read.

    Raises:
        FileNotFoundError: they made room just before.
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
    """Whether somebody refers to these weights, so that they must not make room."""
    return _mark(weights).exists()


def _mark(weights: Path) -> Path:
    return weights.parents[1] / KEPT / weights.stem
