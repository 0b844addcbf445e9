"""One picture of a person's own: every format and kind, upright, shrunk, and what is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.data import refusals
from ganmodel.data.formats import VETTED
from ganmodel.data.pictures import RefusedPictureError, read_picture
from ganmodel.words import worded
from tests.support_data import packed, quadrants

NO_IMAGE = worded(refusals.not_an_image(VETTED))
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def corners(picture: np.ndarray) -> list[tuple[int, ...]]:
    """Colours inside the four quarters: upper left, upper right, lower left, lower right."""
    near, far = picture.shape[1] // 4, 3 * picture.shape[1] // 4
    return [tuple(picture[:, y, x].tolist()) for y in (near, far) for x in (near, far)]


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_every_format_keeps_its_colours_in_their_places(kind: str, size: int) -> None:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(kind, {})
    picture = read_picture(packed(quadrants(), kind, **options), size)
    assert picture.shape == (3, size, size)
    assert picture.dtype == np.uint8
    tolerance = 3 if kind == "JPEG" else 0
    for found, expected in zip(corners(picture), [RED, GREEN, BLUE, WHITE], strict=True):
        assert np.allclose(found, expected, rtol=0, atol=tolerance)


def test_shrinking_averages_what_lies_under_a_pixel() -> None:
    """A fine chessboard must become an even grey; picking single pixels would give 0 or 255."""
    board = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    picture = read_picture(packed(board), 32)
    assert picture.shape == (1, 32, 32)
    assert np.abs(picture.astype(int) - 127.5).max() < 2


def test_a_long_picture_is_cut_to_its_centre() -> None:
    """The outer quarters are black, and none of it may be left but the filter's soft edge."""
    for axis in (0, 1):
        pixels = np.zeros((128, 64, 3), np.uint8)
        pixels[32:96] = quadrants()
        picture = read_picture(packed(pixels if axis == 0 else pixels.swapaxes(0, 1).copy()), 32)
        expected = [RED, GREEN, BLUE, WHITE] if axis == 0 else [RED, BLUE, GREEN, WHITE]
        assert corners(picture) == expected
        assert picture.max(axis=0).min() > 200


def test_a_small_picture_grows() -> None:
    """The filter lets a colour swing a little beside an edge."""
    grown = corners(read_picture(packed(quadrants(8, 8)), 32))
    assert np.allclose(grown, [RED, GREEN, BLUE, WHITE], rtol=0, atol=16)


@pytest.mark.parametrize("image", [
    Image.new("1", (40, 40), 1), Image.new("L", (40, 40), 255), Image.new("RGB", (40, 40), WHITE),
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)), Image.new("LA", (40, 40), (9, 0)),
    Image.new("P", (40, 40), 0), Image.fromarray(np.full((40, 40), 65535, np.uint16)),
])  # fmt: skip
def test_white_is_white_in_every_kind_of_picture(image: Image.Image) -> None:
    """Without colour it is one channel, whether stored as grey, in a palette or as three."""
    if image.mode == "P":
        image.putpalette([255, 255, 255])
    picture = read_picture(packed(image), 28)
    assert picture.shape == (1, 28, 28)
    assert (picture == 255).all()


def test_sixteen_bits_are_scaled_to_eight() -> None:
    """Halves and thirds of the range; Pillow's own conversion would clip them all to 255."""
    for value, expected in [(0, 0), (257, 1), (21845, 85), (32768, 128), (65535, 255)]:
        picture = read_picture(packed(np.full((32, 32), value, np.uint16)), 32)
        assert picture.shape == (1, 32, 32)
        assert (picture == expected).all()


@pytest.mark.parametrize(("alpha", "expected"), [(0, 255), (51, 204), (128, 127), (255, 0)])
def test_transparency_shows_white(alpha: int, expected: int) -> None:
    """Red over white: green and blue are 255·(1 - alpha/255)."""
    picture = read_picture(packed(Image.new("RGBA", (64, 64), (255, 0, 0, alpha))), 32)
    picture = np.broadcast_to(picture, (3, 32, 32)).astype(int)
    assert (picture[0] == 255).all()
    assert np.abs(picture[1:] - expected).max() <= 2


def test_a_transparent_edge_takes_no_colour_from_what_cannot_be_seen() -> None:
    """Green with alpha 0 beside red: where they meet, the mean of red and white, and no green."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :] = 255, 0, 0, 255
    pixels[:, 33:] = 0, 255, 0, 0  # column 16 of 32 is half the one, half the other
    picture = read_picture(packed(pixels), 32).astype(int)
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :] = 255, 0, 0
    red[:, 33:] = 255
    on_white = read_picture(packed(red), 32).astype(int)
    assert (picture[0] > 250).all()
    assert np.abs(picture - on_white).max() <= 4


def test_a_transparent_palette_and_a_transparent_colour_show_white() -> None:
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([1, 2, 3, 4, 5, 6])
    for content in (
        packed(palette, transparency=1),
        packed(palette, "GIF", transparency=1),
        packed(Image.new("RGB", (64, 64), (1, 2, 3)), transparency=(1, 2, 3)),
        packed(Image.new("L", (64, 64), 7), transparency=7),
    ):
        assert (read_picture(content, 32) == 255).all()


def test_cmyk_is_read_as_colour() -> None:
    image = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    picture = read_picture(packed(image, "JPEG", quality=100), 32)
    assert np.allclose(picture.mean((1, 2)), RED, rtol=0, atol=4)


@pytest.mark.parametrize(("orientation", "expected"), [
    (1, [RED, GREEN, BLUE, WHITE]), (2, [GREEN, RED, WHITE, BLUE]), (3, [WHITE, BLUE, GREEN, RED]),
    (4, [BLUE, WHITE, RED, GREEN]), (5, [RED, BLUE, GREEN, WHITE]), (6, [BLUE, RED, WHITE, GREEN]),
    (7, [WHITE, GREEN, BLUE, RED]), (8, [GREEN, WHITE, RED, BLUE]),
])  # fmt: skip
def test_a_photograph_is_turned_upright(orientation: int, expected: list[Any]) -> None:
    """By the EXIF standard's table: 6, say, means that the stored left side is the top."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(packed(quadrants(), exif=exif), 32)
    assert corners(picture) == expected


def chunk(kind: bytes, content: bytes, wrong_sum: bool = False) -> bytes:
    """A PNG's."""
    check = zlib.crc32(kind + content) ^ wrong_sum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def segment(marker: int, content: bytes) -> bytes:
    """A JPEG's."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


TURNED = Image.Exif()
TURNED[0x0112] = 3
LARGE = zlib.compress(bytes(3 * 2**20))  # more than Pillow unpacks of a text or a profile
IN_PNGS = [
    chunk(b"eXIf", b"\0\x08\0\x02\x01\x12\0\x03"), chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff"),
    chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LARGE), chunk(b"zTXt", b"Comment\0\0" + LARGE),
    chunk(b"iCCP", b"wide\0\0" + LARGE), chunk(b"iCCP", b"wide\0\1abc"), chunk(b"iCCP", b""),
    chunk(b"tEXt", b"Comment\0true", wrong_sum=True), chunk(b"pHYs", b"?"), chunk(b"gAMA", b""),
    chunk(b"acTL", b"?"),
]  # fmt: skip
IN_JPEGS = [
    segment(0xE1, b"Exif\0\0"), segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"),
    segment(0xE1, b"Exif\0\0garbage"), segment(0xE2, b"MPF\0II*\0\x08\0\0\0\xff\xff"),
    segment(0xE2, b"MPF\0MM\0*\0\0\0\x08\0\1\xb0\1\0\x0a\0\0\0\1\0\0\0\0"),
    segment(0xE2, b"ICC_PROFILE\0\1\2" + bytes(60_000)), segment(0xFE, bytes(60_000)),
    segment(0xED, b"Photoshop 3.0\0" + b"8BIM" * 3), segment(0xE0, b"JFIF\0"),
    segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<"),
]  # fmt: skip
IN_WEBPS = [
    b"EXIF\4\0\0\0ruin",
    b"XMP \4\0\0\0<x:x",
    b"ICCP\4\0\0\0ruin",
    b"XMP \xff\xff\xff\xffcut",
]


def with_side_data(side: bytes, *, late: bool = False) -> bytes:
    """The four quarters with `side` before their pixels or, `late`, behind them."""
    if side in IN_PNGS:
        whole = packed(quadrants())
        place = -12 if late else 33
    elif side in IN_JPEGS:
        whole = packed(quadrants(), "JPEG", quality=95)
        place = whole.index(b"\xff\xc0") if late else 2
    else:
        whole = packed(quadrants(), "WEBP", lossless=True, exif=TURNED.tobytes())
        whole = whole[: whole.index(b"EXIF")]
        place = len(whole)
    return whole[:place] + side + whole[place:]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("side", [*IN_PNGS, *IN_JPEGS, *IN_WEBPS])
def test_what_lies_beside_the_pixels_never_keeps_them_from_being_read(
    side: bytes, late: bool
) -> None:
    """Profiles, texts and EXIF that are broken or too large; the pixels are whole."""
    found = corners(read_picture(with_side_data(side, late=late), 32))
    assert np.abs(np.array(found) - [RED, GREEN, BLUE, WHITE]).max() <= 3


def test_a_photograph_is_turned_upright_whatever_else_is_broken_in_it() -> None:
    content = packed(quadrants(), exif=TURNED)
    content = content[:33] + chunk(b"zTXt", b"Comment\0\0" + LARGE) + content[33:]
    assert corners(read_picture(content, 32)) == [WHITE, BLUE, GREEN, RED]


def test_the_first_picture_of_a_moving_gif_counts() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    content = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert corners(read_picture(content, 32)) == [RED] * 4


def test_a_large_jpeg_looks_as_it_would_decoded_in_full() -> None:
    """It is decoded at a fraction of its size; the reference is all its pixels, shrunk at once."""
    y, x = np.mgrid[:1200, :1600] / 200
    wave = np.stack([np.sin(3 * x + y), np.cos(y * 2), np.sin(x) * np.cos(y)], axis=-1)
    content = packed((127 + 120 * wave).astype(np.uint8), "JPEG", quality=95)
    full = Image.open(io.BytesIO(content)).crop((200, 0, 1400, 1200)).resize((32, 32), 3)
    picture = read_picture(content, 32).transpose(1, 2, 0).astype(int)
    assert np.abs(picture - np.asarray(full).astype(int)).mean() < 2


@pytest.mark.parametrize(("content", "why"), [
    (b"", NO_IMAGE), (b"junk" * 99, NO_IMAGE),
    (packed(quadrants(), "TIFF"), NO_IMAGE), (packed(quadrants(), "PPM"), NO_IMAGE),
    (packed(quadrants(), "AVIF"), NO_IMAGE),
    (packed(quadrants())[:90], worded(refusals.DAMAGED)),
    (packed(quadrants(200, 200), "JPEG")[:900], worded(refusals.DAMAGED)),
])  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(RefusedPictureError, match=why):
        read_picture(content, 32)


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(side: int) -> None:
    """Only the header says so; the 16 pixels behind it would have been called damaged."""
    content = bytearray(packed(Image.new("L", (4, 4))))
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(RefusedPictureError, match="more than 50 million pixels"):
        read_picture(bytes(content), 32)


def test_random_damage_never_escapes_as_another_error() -> None:
    generator = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        whole = np.frombuffer(packed(quadrants(40, 40), kind), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            broken[generator.integers(len(broken), size=8)] = generator.integers(256, size=8)
            with contextlib.suppress(RefusedPictureError):
                assert read_picture(broken.tobytes(), 28).shape[1:] == (28, 28)
