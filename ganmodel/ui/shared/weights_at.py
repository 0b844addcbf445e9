"""Reads the weights of a moment while a running training replaces older ones.

The nearest moment that still exists is read, since in-between ones are removed; callers are told
which it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ganmodel.runs import RunError, read_newest

T = TypeVar("T")


@dataclass(frozen=True)
class ReadWeights(Generic[T]):
    """Weights that were read: path and moment, all existing moments, and the content."""

    path: Path
    moment: int  # images seen
    moments: dict[int, Path]
    content: T


def read_at(
    listed: Callable[[], dict[int, Path]], moment: int | None, read: Callable[[Path], T]
) -> ReadWeights[T]:
    """The result of `read` for the weights nearest to a moment, or for the newest with None.

    Args:
        listed: lists the existing ones; called again if a file was removed before it was read.
        moment: images seen.
        read: reads a file.

    Raises:
        RunError: there are no weights.
    """
    moments: dict[int, Path] = {}
    nearest = 0

    def look() -> Path:
        nonlocal moments, nearest
        moments = listed()
        if not moments:
            raise RunError("no-weights-yet")
        nearest = max(moments) if moment is None else _nearest(moments, moment)
        return moments[nearest]

    content = read_newest(look, read)
    return ReadWeights(moments[nearest], nearest, moments, content)


def _nearest(moments: Iterable[int], wanted: int) -> int:
    return min(moments, key=lambda moment: abs(moment - wanted))
