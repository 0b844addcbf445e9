"""Pictures inside JSON answers: their sizes, and their pixels as base64 or as a list of numbers."""

from __future__ import annotations

import base64

import numpy as np
from torch import Tensor

from ganmodel.ui.http.asks import Answer


class Pictures(Answer):
    """Pictures of one size."""

    count: int
    width: int
    height: int
    channels: int
    pixels: str  # base64 of uint8 (count, height, width, channels)


class Pixels(Answer):
    """One picture; `bytes` are H·W·C numbers from 0 to 255."""

    channels: int
    height: int
    width: int
    bytes: list[int]


def picture_answer(pictures: np.ndarray) -> dict[str, int | str]:
    """The values of `Pictures` for uint8 `(N, H, W, C)`."""
    count, height, width, channels = pictures.shape
    return {
        "count": count,
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": base64.b64encode(pictures.tobytes()).decode(),
    }


def pixels_of(picture: Tensor) -> Pixels:
    """One picture, uint8 `(C, H, W)`."""
    channels, height, width = picture.shape
    flat = picture.permute(1, 2, 0).flatten().tolist()
    return Pixels(channels=channels, height=height, width=width, bytes=flat)
