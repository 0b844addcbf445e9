"""Pictures inside JSON answers: their sizes, and their pixels as base64 or as a list of numbers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from torch import Tensor


def picture_answer(pictures: np.ndarray) -> dict[str, Any]:
    """uint8 `(N, H, W, C)` as `count`, `height`, `width`, `channels` and `pixels` in base64."""
    count, height, width, channels = pictures.shape
    return {
        "count": count,
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": base64.b64encode(pictures.tobytes()).decode(),
    }


def pixels_of(picture: Tensor) -> dict[str, Any]:
    """One picture, uint8 `(C, H, W)`, with its `bytes` as a list of H·W·C numbers."""
    channels, height, width = picture.shape
    flat = picture.permute(1, 2, 0).flatten().tolist()
    return {"channels": channels, "height": height, "width": width, "bytes": flat}
