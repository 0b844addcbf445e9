"""Makes a picture of any shape a square: cropped, padded or squeezed.

Pure functions on Pillow images; `pictures` decodes the files.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

CROP, PAD, SQUEEZE = "crop", "pad", "squeeze"
FITS = (CROP, PAD, SQUEEZE)
_LANCZOS = Image.Resampling.LANCZOS


def fitted(picture: Image.Image, size: int, fit: str) -> Image.Image:
    """An L, RGB or RGBA picture as RGB, size×size, on white where it is transparent.

    "crop" keeps the middle square. "squeeze" stretches the whole picture. "pad" keeps the whole
    picture and fills up two sides by going on in the colours of its edges. Black bars would be the
    strongest edges of all, the first that D looks for and G learns to draw; with them fewer of G's
    pictures look like real ones (see benchmarks/LOG.md). A bar of one mean colour does as well as
    this, but shows its seam.
    """
    if fit == PAD:
        return _padded(picture, size)
    if fit == SQUEEZE:
        return _on_white(picture.resize((size, size), _LANCZOS))
    return _on_white(ImageOps.fit(picture, (size, size), _LANCZOS))


def _padded(picture: Image.Image, size: int) -> Image.Image:
    longer = max(picture.size)
    width, height = (max(1, round(side * size / longer)) for side in picture.size)
    pixels = np.asarray(_on_white(picture.resize((width, height), _LANCZOS)))
    missing = (_halves(size - height), _halves(size - width), (0, 0))
    return Image.fromarray(np.pad(pixels, missing, mode="edge"))


def _halves(missing: int) -> tuple[int, int]:
    return missing // 2, missing - missing // 2


def _on_white(small: Image.Image) -> Image.Image:
    if small.mode != "RGBA":
        return small.convert("RGB")
    # Composited after resizing, where it is cheap: Pillow weights colours by alpha when it
    # resamples, so this equals resizing the picture on white.
    white = Image.new("RGBA", small.size, "white")
    return Image.alpha_composite(white, small).convert("RGB")
