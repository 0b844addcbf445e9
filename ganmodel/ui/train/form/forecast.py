"""What to expect of a run on one's own pictures, said before it starts.

Rules of thumb, from small networks on small pictures: they say rather too little than too much.
"""

from __future__ import annotations

from ganmodel.words import Message, Words, message

SHORT = 60_000  # images of a run that ends before shapes are there
VERY_FEW, FEW, ENOUGH = 100, 1_000, 5_000  # pictures, below which another sentence holds
FOR_FEW = 3_000  # pictures, below which the recipe for few is better


def forecast(count: int, size: int, images: int, time: Message | None, *, colour: bool) -> Words:
    """Three short sentences: how large and long, what to expect, and what the count means.

    Args:
        count: of the pictures that stay.
        size: pixels a side.
        images: the run's length.
        time: how long the run takes here; None where that is not known.
        colour: whether any picture is coloured.
    """
    if time is None:
        head = message("pictures.forecast-size", size=size)
    else:
        head = message("pictures.forecast-time", size=size, time=time)
    return [head, message(_expected(images, colour=colour)), message(_meaning(count), count=count)]


def _expected(images: int, *, colour: bool) -> str:
    if images < SHORT:
        return "pictures.expect-blurs"
    return "pictures.expect-colours" if colour else "pictures.expect-strokes"


def _meaning(count: int) -> str:
    if count < VERY_FEW:
        return "pictures.very-few"
    if count < FEW:
        return "pictures.few"
    return "pictures.some" if count < ENOUGH else "pictures.many"
