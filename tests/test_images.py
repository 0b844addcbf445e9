"""Between [-1, 1] and bytes, grids, and PNG files that give their pixels back."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.images import UNREADABLE, from_bytes, grid, pictures_in, png, to_bytes, webp
from tests.support import tiny_images

ALL_BYTES = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)


def test_all_256_values_survive_the_way_to_floats_and_back() -> None:
    assert torch.equal(to_bytes(from_bytes(ALL_BYTES)), ALL_BYTES)


def test_bytes_fill_minus_one_to_one_evenly() -> None:
    """In [0, 1] they would never meet a tanh generator's darker half."""
    values = from_bytes(ALL_BYTES).flatten()
    assert values.dtype == torch.float32
    assert (values[0], values[-1]) == (-1, 1)
    expected = torch.linspace(-1, 1, 256, dtype=torch.float64).float()
    torch.testing.assert_close(values, expected, rtol=0, atol=1e-6)


def test_values_outside_are_clipped_and_those_between_rounded() -> None:
    values = torch.tensor([-50.0, -1.001, -1.0, 0.3 / 127.5 - 1, 0.7 / 127.5 - 1, 1.0, 1.5, 1e30])
    expected = [0, 0, 0, 0, 1, 255, 255, 255]
    assert to_bytes(values.view(1, 1, 2, 4)).flatten().tolist() == expected


def test_the_conversions_leave_their_input_alone() -> None:
    floats, original = torch.rand(1, 1, 4, 4), ALL_BYTES.clone()
    before = floats.clone()
    to_bytes(floats)
    from_bytes(ALL_BYTES)
    assert torch.equal(floats, before)
    assert torch.equal(ALL_BYTES, original)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_is_laid_out_row_by_row(channels: int) -> None:
    images = tiny_images(5, channels)
    sheet = grid(images, columns=3, padding=2, shade=7)
    assert sheet.shape == (2 * 28 + 2, 3 * 28 + 2 * 2, channels)
    covered = torch.zeros(sheet.shape[:2], dtype=torch.bool)
    for index, image in enumerate(images):
        top, left = 30 * (index // 3), 30 * (index % 3)
        assert torch.equal(sheet[top : top + 28, left : left + 28], image.permute(1, 2, 0))
        covered[top : top + 28, left : left + 28] = True
    assert (sheet[~covered] == 7).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_the_pictures_of_a_sheet_without_gaps_are_found_again(channels: int) -> None:
    images = tiny_images(6, channels)
    sheet = png(grid(images, columns=3, padding=0))
    assert torch.equal(pictures_in(sheet, 28), images)
    for side in (0, 27, 56):
        with pytest.raises(UNREADABLE):
            pictures_in(sheet, side)


@pytest.mark.parametrize(
    ("count", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (4, 2, 2), (5, 2, 3), (64, 8, 8)]
)
def test_a_grid_is_nearly_square_by_default(count: int, rows: int, columns: int) -> None:
    assert grid(tiny_images(count), padding=0).shape == (28 * rows, 28 * columns, 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("as_array", [False, True])
def test_a_png_gives_back_its_very_pixels(channels: int, as_array: bool) -> None:
    sheet = grid(tiny_images(4, channels))
    content = png(sheet.numpy() if as_array else sheet)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert picture.mode == ("L" if channels == 1 else "RGB")
        pixels = np.asarray(picture).reshape(sheet.shape)
    np.testing.assert_array_equal(pixels, sheet.numpy())


@pytest.mark.parametrize("channels", [1, 3])
def test_a_webp_gives_its_pixels_back_too(channels: int) -> None:
    picture = tiny_images(1, channels)[0].permute(1, 2, 0)
    pixels = np.asarray(Image.open(io.BytesIO(webp(picture))).convert("RGB"))
    assert (pixels == np.broadcast_to(picture.numpy(), pixels.shape)).all()
