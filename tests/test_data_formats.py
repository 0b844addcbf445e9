"""Every format that people keep pictures in: one list of them, and each kind of TIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from ganmodel.data import RefusedPictureError, formats, load_data, named, read_picture, refusals
from ganmodel.data.formats import FORMATS, HEIC, VETTED, endings, looks_like_picture
from ganmodel.data.readings import OWN, STRANGERS
from ganmodel.words import worded
from tests.support_data import packed, quadrants

ROOT = Path(__file__).resolve().parents[1]
# The entry of a TIFF that says what its numbers mean.
BLACK_IS_ZERO, WHITE_IS_ZERO = (b"\x06\x01\x03\0\x01\0\0\0" + bytes([k]) for k in (1, 0))
RAMP = np.tile(np.arange(64), (64, 1))  # 0 at the left, 63 at the right


def ramp(content: bytes) -> list[int]:
    """The first and the last value of a picture that grows brighter, or darker, evenly."""
    picture = read_picture(content, 32, OWN)
    assert picture.shape == (1, 32, 32)
    steps = np.diff(picture[0, 0, 2:-2].astype(int))
    assert (steps >= 0).all() or (steps <= 0).all()
    return picture[0, 0, [0, -1]].tolist()


def tiff(pixels: np.ndarray, **tags: Any) -> bytes:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[int(tag[1:])] = value
    return packed(Image.fromarray(pixels), "TIFF", tiffinfo=info)


@pytest.mark.parametrize("kind", [one.pillow for one in FORMATS])
def test_every_format_of_the_list_is_read_of_ones_own(kind: str) -> None:
    picture = read_picture(packed(quadrants(), kind), 28, OWN).astype(int)
    assert picture.shape == (3, 28, 28)
    assert np.abs(picture[:, 7, 7] - (255, 0, 0)).max() < 40


@pytest.mark.parametrize("kind", [one.pillow for one in FORMATS if not one.vetted])
def test_strangers_reach_only_vetted_decoders(kind: str) -> None:
    with pytest.raises(RefusedPictureError, match="not a PNG, JPEG, WebP, GIF or BMP image"):
        read_picture(packed(quadrants(), kind), 28, STRANGERS)
    with pytest.raises(RefusedPictureError):  # also where nobody said whose it is
        read_picture(packed(quadrants(), kind), 28)


def test_the_readme_names_every_format_and_no_format_runs_or_fetches() -> None:
    assert worded(named(FORMATS)) in " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert worded(named(VETTED)) in " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    dangerous = {"EPS", "PDF", "WMF", "EMF", "FPX", "MIC", "SVG", "BUFR", "GRIB", "HDF5", "MPEG"}
    assert dangerous.isdisjoint(one.pillow for one in (*FORMATS, HEIC))
    assert {".png", ".tif"} <= set(endings(formats(trusted=True)))
    assert ".tif" not in endings(formats(trusted=False))
    assert looks_like_picture("a.b/IMG.JPEG")
    assert looks_like_picture("a.b/no ending")
    assert not looks_like_picture("a.png/x.npy")


@pytest.mark.parametrize(("mode", "compression"), [
    *((mode, c) for mode in ("1", "L", "P", "LA", "PA", "RGB", "RGBA", "CMYK", "LAB")
      for c in ("raw", "tiff_lzw")),
    ("1", "group4"), ("L", "packbits"), ("RGB", "tiff_adobe_deflate"), ("L", "jpeg"),
    ("YCbCr", "jpeg"),
])  # fmt: skip
def test_every_kind_of_tiff_keeps_its_brightness(mode: str, compression: str) -> None:
    """Dark above, white below."""
    grey = np.zeros((64, 64, 3), np.uint8)
    grey[32:] = 255
    image = Image.fromarray(grey)
    if mode == "LAB":  # which Pillow converts nothing to
        grey[..., 1:] = 0
        image = Image.frombytes("LAB", (64, 64), grey.tobytes())
    elif mode == "PA":
        image = image.convert("L").convert("P").convert("PA")
    picture = read_picture(packed(image.convert(mode), "TIFF", compression=compression), 32, OWN)
    assert picture[:, 8].max() < 12
    assert picture[:, 24].min() > 243


def test_deep_tiffs_are_scaled_by_the_range_they_declare_or_else_by_their_own() -> None:
    """Twelve bits in sixteen, as microscopes write them, would else be nearly black."""
    deep = (RAMP * 65).astype(np.uint16)  # 0 to 4095
    first, last = ramp(tiff(deep))
    assert first < 8
    assert last > 247
    assert ramp(tiff(deep, t281=(8190,)))[1] in range(120, 136)
    assert ramp(tiff(deep.astype(">u2")))[1] > 247
    assert ramp(tiff((RAMP - 500).astype(np.int32)))[1] > 247
    assert ramp(tiff(RAMP.astype(np.float32) / 630 + 3))[1] > 247
    broken = RAMP.astype(np.float32)
    broken[0, 0], broken[9, 9] = np.nan, np.inf
    assert read_picture(tiff(broken), 32, OWN)[0, 20, -1] > 247
    assert ramp(packed(Image.fromarray(deep)))[1] == 16  # a PNG's white is 65,535


def test_a_tiff_whose_white_is_zero_is_turned_over() -> None:
    for kind in (np.uint8, np.uint16, np.float32):
        first, last = ramp(tiff(RAMP.astype(kind)).replace(BLACK_IS_ZERO, WHITE_IS_ZERO))
        assert first > last


def test_one_value_alone_has_the_usual_white() -> None:
    """No range of its own: half of what the kind of number can be, and never a division by 0."""
    for pixels in (np.full((8, 8), 32768, np.uint16), np.full((8, 8), 0.5, np.float32)):
        assert read_picture(tiff(pixels), 32, OWN).max() in (127, 128)


def test_sixteen_bits_with_a_transparent_value_show_white_there() -> None:
    deep = np.full((32, 32), 1000, np.uint16)
    deep[16:] = 40_000
    content = packed(Image.fromarray(deep), transparency=1000)
    assert (read_picture(content, 32)[0, [4, 28], 0] == [255, 156]).all()


def test_of_several_pages_the_first_counts_and_a_tiffs_own_orientation() -> None:
    pages = [Image.fromarray(quadrants()), Image.new("RGB", (64, 64))]
    content = packed(pages[0], "TIFF", save_all=True, append_images=pages[1:],
                     tiffinfo={0x0112: 3})  # fmt: skip
    assert read_picture(content, 32, OWN)[:, 24, 24].tolist() == [255, 0, 0]


def test_a_tiff_of_another_kind_is_said_to_be_one() -> None:
    content = tiff(RAMP.astype(np.uint8)).replace(BLACK_IS_ZERO, BLACK_IS_ZERO[:-1] + b"\x09")
    with pytest.raises(RefusedPictureError, match="a kind of TIFF that is not read here"):
        read_picture(content, 32, OWN)


def test_heic_is_read_where_its_extra_is_installed_and_else_named(tmp_path: Path) -> None:
    """A folder of a phone's photographs, upright as the phone showed them."""
    if HEIC not in formats(trusted=True):
        header = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
        with pytest.raises(RefusedPictureError) as caught:
            read_picture(header, 32, OWN)
        assert caught.value.why == refusals.HEIC_NOT_READ
        pytest.skip("pillow-heif, the extra heif, is not installed")
    for k in range(16):
        turned = np.roll(quadrants(), k, 0)
        (tmp_path / f"IMG_{k}.HEIC").write_bytes(packed(turned, "HEIF", quality=90))
    data = load_data(str(tmp_path))
    assert data.images.shape == (16, 3, 32, 32)
    assert np.abs(data.images[0, :, 8, 8].numpy().astype(int) - (255, 0, 0)).max() < 40
    with pytest.raises(RefusedPictureError):
        read_picture((tmp_path / "IMG_0.HEIC").read_bytes(), 32, STRANGERS)
