"""What to expect of a run on one's own pictures, said before it starts.

Rules of thumb, from small networks on small pictures: they say rather too little than too much.
"""

from __future__ import annotations

from ganmodel.texts import pictures as words

SHORT = 60_000  # images of a run that ends before shapes are there
VERY_FEW, FEW, ENOUGH = 100, 1_000, 5_000  # pictures, below which another sentence holds
FOR_FEW = 3_000  # pictures, below which the recipe for few is better


def forecast(count: int, size: int, images: int, time: str, *, colour: bool) -> str:
    """Three short sentences: how large and long, what to expect, and what the count means.

    Args:
        count: of the pictures that stay.
        size: pixels a side.
        images: the run's length.
        time: how long the run takes here, in words; "" where that is not known.
        colour: whether any picture is coloured.
    """
    head = words.FORECAST_TIME if time else words.FORECAST_SIZE
    sentences = [
        head.format(size=size, time=time),
        _expected(images, colour=colour),
        _meaning(count).format(count=f"{count:,}"),
    ]
    return " ".join(sentences)


def _expected(images: int, *, colour: bool) -> str:
    if images < SHORT:
        return words.EXPECT_BLURS
    return words.EXPECT_COLOURS if colour else words.EXPECT_STROKES


def _meaning(count: int) -> str:
    if count < VERY_FEW:
        return words.VERY_FEW
    if count < FEW:
        return words.FEW
    return words.SOME if count < ENOUGH else words.MANY
