"""One image file's bytes as a small square of uint8, whatever its format, size or colours.

Where the bytes come from, and what becomes of many such squares, is known elsewhere. Decoding and
resampling are Pillow's.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ganmodel.data import limits, refusals
from ganmodel.data.budget import Budget, BudgetError, Watched

# Pillow reads some fifty formats; these are the ones people have, and few enough to trust.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


class RefusedPictureError(ValueError):
    """The file is not used; the message is one of the reasons in `refusals`."""


def read_picture(content: bytes, size: int, budget: Budget | None = None) -> np.ndarray:
    """A picture's centre, upright, on white, shrunk or grown to size×size.

    Returns:
        uint8 (1, size, size) where it has no colour, else (3, size, size).

    Raises:
        RefusedPictureError: no image of these formats, too many pixels, or damaged.
        BudgetError: more time or pixels than `budget` has left.
    """
    budget = budget or Budget()
    try:
        with Image.open(Watched(content, budget), formats=FORMATS) as image:
            if image.width * image.height > limits.MOST_PIXELS:
                raise RefusedPictureError(refusals.TOO_MANY_PIXELS)
            budget.take(image.width * image.height)
            square = _square(image, size)
    except (RefusedPictureError, BudgetError):
        raise
    except UnidentifiedImageError as error:
        raise RefusedPictureError(refusals.NOT_AN_IMAGE) from error
    except Image.DecompressionBombError as error:  # Pillow's own bound, far above ours
        raise RefusedPictureError(refusals.TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders raise nearly anything on bytes made to break them
        raise RefusedPictureError(refusals.DAMAGED) from error
    pixels = np.asarray(square).transpose(2, 0, 1)
    grey = (pixels[0] == pixels[1]).all() and (pixels[1] == pixels[2]).all()
    return pixels[:1].copy() if grey else pixels.copy()


def _square(image: Image.Image, size: int) -> Image.Image:
    """RGB, size×size."""
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size: with four times the pixels that are
    # needed left, the result looks the same and a photograph takes a fifth of the time.
    image.draft(None, (4 * size, 4 * size))
    ImageOps.exif_transpose(image, in_place=True)
    small = ImageOps.fit(_plain(image), (size, size), Image.Resampling.LANCZOS)
    if small.mode != "RGBA":
        return small.convert("RGB")
    # After shrinking, where it costs nothing: Pillow weighs colours by their alpha when it
    # resamples, so this equals shrinking the picture on white.
    white = Image.new("RGBA", small.size, "white")
    return Image.alpha_composite(white, small).convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    """The same picture as L, RGB or, where it is transparent, RGBA."""
    if image.mode.startswith("I"):
        # 16-bit grey; Pillow's own conversion to 8 bits clips at 255 instead of scaling.
        deep = np.asarray(image).clip(0, 65535).astype(np.uint32)
        return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")
