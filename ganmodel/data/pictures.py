"""Decodes one image file's bytes to a small uint8 square, whatever its format, size or colours.

Pillow decodes; `fits` makes the square. Damaged metadata never makes a file unusable. Reading files
and building a data set from the squares are done elsewhere.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from ganmodel.data import limits, refusals
from ganmodel.data.budget import Budget, BudgetError, Watched
from ganmodel.data.fits import CROP, fitted
from ganmodel.data.formats import HEIC
from ganmodel.data.readings import STRANGERS, Reading
from ganmodel.data.side_data import without_side_data
from ganmodel.errors import KnownError
from ganmodel.words import Message

_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
# TIFF tags of the pixels' least and greatest value; below, those of the bit depth and of inversion.
_RANGES = ((280, 281), (340, 341))
_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_DEEP_WHITE = 65535
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class RefusedPictureError(KnownError, ValueError):
    """The file cannot be used; `why` is one of the reasons in `refusals`."""

    def __init__(self, why: Message) -> None:
        super().__init__("said", sentence=why)
        self.why = why


class Picture(NamedTuple):
    """A decoded picture."""

    pixels: np.ndarray  # uint8 (1, S, S) if all pixels are grey, else (3, S, S)
    ratio: float  # of the whole picture's width to its height, once it is upright


def read_picture(
    content: bytes, size: int, reading: Reading = STRANGERS, budget: Budget | None = None
) -> np.ndarray:
    """The pixels of `decoded`, cropped."""
    return decoded(content, size, reading, budget).pixels


def decoded(
    content: bytes,
    size: int,
    reading: Reading = STRANGERS,
    budget: Budget | None = None,
    fit: str = CROP,
) -> Picture:
    """Decodes a picture: rotated upright, on white, made a square by `fit`, resized to size×size.

    Of several pages or frames, the first is used. 16-bit grey is scaled from its full range to 8
    bits. In a TIFF, integers of more than 8 bits and floats are scaled from the range that the file
    declares, else from the picture's own minimum and maximum, since microscopes use few of the
    bits, and floats have no fixed value for white.

    Raises:
        RefusedPictureError: not in a format of `reading`, too many pixels, or damaged.
        BudgetError: more time or pixels than `budget` has left.
    """
    budget = budget or Budget()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about EXIF and sizes: both are handled here
        try:
            square, ratio = _square_of(content, size, reading, budget, fit)
        except RefusedPictureError as error:
            pixels_alone = None if reading.first else without_side_data(content)
            if pixels_alone is None or error.why == refusals.TOO_MANY_PIXELS:
                raise
            square, ratio = _square_of(pixels_alone, size, reading, budget, fit)
    pixels = np.asarray(square).transpose(2, 0, 1)
    grey = (pixels[0] == pixels[1]).all() and (pixels[1] == pixels[2]).all()
    return Picture(pixels[:1].copy() if grey else pixels.copy(), ratio)


def _square_of(
    content: bytes, size: int, reading: Reading, budget: Budget, fit: str
) -> tuple[Image.Image, float]:
    """The decoded picture as RGB, size×size, and its ratio."""
    wanted = [one.pillow for one in reading.formats]
    try:
        with Image.open(Watched(content, budget), formats=wanted) as image:
            if image.width * image.height > limits.MOST_PIXELS:
                raise RefusedPictureError(refusals.TOO_MANY_PIXELS)
            budget.take(image.width * image.height)
            return _square(image, size, reading, fit)
    except (RefusedPictureError, BudgetError):
        raise
    except UnidentifiedImageError as error:
        raise RefusedPictureError(_unknown(content, reading)) from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, far above ours
        raise RefusedPictureError(refusals.TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders raise nearly any exception on malicious bytes
        raise RefusedPictureError(refusals.DAMAGED) from error


def _unknown(content: bytes, reading: Reading) -> Message:
    """The reason for refusing a file that no decoder recognises."""
    if reading.trusted and not reading.first:
        if content.startswith(_TIFF_STARTS):
            return refusals.ODD_TIFF
        heic = content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS
        if heic and HEIC not in reading.formats:
            return refusals.HEIC_NOT_READ
    return refusals.not_an_image(reading.formats)


def _square(image: Image.Image, size: int, reading: Reading, fit: str) -> tuple[Image.Image, float]:
    """The opened image as RGB, size×size, and its ratio."""
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size: down to four times the target's side,
    # the result looks the same, and a photograph takes a fifth of the time.
    image.draft(None, (4 * size, 4 * size))
    if reading.first:
        ImageOps.exif_transpose(image, in_place=True)
        upright = _plain(image)
    else:
        image.load()
        upright = _upright(_plain(image), image)
    return fitted(upright, size, fit), upright.width / upright.height


def _upright(plain: Image.Image, image: Image.Image) -> Image.Image:
    """`plain` rotated by the EXIF orientation of `image`; unchanged if that cannot be read."""
    method = None
    with contextlib.suppress(Exception):  # the EXIF parser raises nearly any exception, too
        method = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation))
    return plain if method is None else plain.transpose(method)


def _plain(image: Image.Image) -> Image.Image:
    """The same picture as L, RGB or, if it has transparency, RGBA."""
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode == "LAB":  # Pillow's convert() does not support it
        lab, srgb = (ImageCms.createProfile(name) for name in ("LAB", "sRGB"))
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits as L, or RGBA; Pillow's convert() would clip it at 255."""
    deep = np.asarray(image)
    if image.format != "TIFF" and image.mode != "F":
        whole = deep.clip(0, _DEEP_WHITE).astype(np.uint32)
        grey = Image.fromarray(((whole + 128) // 257).astype(np.uint8))
        transparent = image.info.get("transparency")
        if not isinstance(transparent, int):
            return grey
        alpha = Image.fromarray(np.where(deep == transparent, 0, 255).astype(np.uint8))
        return Image.merge("LA", (grey, alpha)).convert("RGBA")
    values = deep.astype(np.float32)
    tags = getattr(image, "tag_v2", {})
    low, high = _declared_range(tags) or _own_range(values, image.mode)
    scaled = np.nan_to_num((values - low) * (255 / (high - low))).clip(0, 255).round()
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        scaled = 255 - scaled
    return Image.fromarray(scaled.astype(np.uint8))


def _declared_range(tags: dict[int, object]) -> tuple[float, float] | None:
    """The least and greatest pixel value that a TIFF declares; None if it declares none."""
    for lowest, highest in _RANGES:
        low, high = (np.ravel(tags.get(tag, ())) for tag in (lowest, highest))
        with contextlib.suppress(TypeError, ValueError):
            if len(high) and float(high[0]) > (begin := float(low[0]) if len(low) else 0.0):
                return begin, float(high[0])
    bits = np.ravel(tags.get(_BITS, ()))
    return (0.0, 2.0 ** int(bits[0]) - 1) if len(bits) and bits[0] in (10, 12, 14) else None


def _own_range(values: np.ndarray, mode: str) -> tuple[float, float]:
    """The least and greatest finite value; if they are equal, 0 and the usual value of white."""
    finite = values[np.isfinite(values)]
    if finite.size and finite.max() > finite.min():
        return float(finite.min()), float(finite.max())
    return 0.0, 1.0 if mode == "F" else float(_DEEP_WHITE)
