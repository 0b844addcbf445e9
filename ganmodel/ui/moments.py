"""Which of a generator's moments is meant, and its weights, while a run goes on and replaces them.

The nearest and not the very one, since those in between make room for newer ones; what is answered
says which it was. What is drawn with the weights is `easel`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ganmodel import texts
from ganmodel.runs import RunError, read_newest

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """Weights that were read: where they lie, their moment, all moments there are, the content."""

    path: Path
    moment: int  # images seen
    moments: dict[int, Path]
    content: T


def read_at(
    listed: Callable[[], dict[int, Path]], images: Any, read: Callable[[Path], T]
) -> Found[T]:
    """What `read` makes of the weights nearest to `images`, or of the newest for None.

    `listed` tells which there are, and is asked again where they made room meanwhile.

    Raises:
        RunError: there are none, or `images` is no number.
    """
    if images is not None and type(images) is not int:
        raise RunError(texts.BAD_CALL)
    moments: dict[int, Path] = {}
    moment = 0

    def look() -> Path:
        nonlocal moments, moment
        moments = listed()
        if not moments:
            raise RunError(texts.NO_WEIGHTS_YET)
        moment = max(moments) if images is None else _nearest(moments, images)
        return moments[moment]

    content = read_newest(look, read)
    return Found(moments[moment], moment, moments, content)


def _nearest(moments: Iterable[int], images: int) -> int:
    return min(moments, key=lambda moment: abs(moment - images))
