"""How pictures of any shape become squares, against Pillow's own functions and simple geometry."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from ganmodel.config import RunConfig, make_config, warnings
from ganmodel.data import FITS, DataError, fingerprint, load_data
from ganmodel.data.pictures import decoded
from ganmodel.runs import Run
from ganmodel.words import worded
from tests.support_data import packed, quadrants

LANCZOS = Image.Resampling.LANCZOS
SIZE = 32


def noise(width: int, height: int, channels: int = 3) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, channels), np.uint8)
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels)


def made(image: Image.Image, fit: str, **options: Any) -> np.ndarray:
    """`(SIZE, SIZE, C)` as the networks see it."""
    return decoded(packed(image, **options), SIZE, fit=fit).pixels.transpose(1, 2, 0)


def write(folder: Path, count: int = 16) -> Path:
    folder.mkdir()
    for number in range(count):
        noise(60 + number, 30).save(folder / f"{number:02}.png")
    return folder


# --- one picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(90, 30), (30, 90), (64, 64), (5, 7)])
def test_crop_and_squeeze_are_what_pillow_does(shape: tuple[int, int]) -> None:
    image = noise(*shape)
    cropped = ImageOps.fit(image, (SIZE, SIZE), LANCZOS)
    assert np.array_equal(made(image, "crop"), cropped)
    assert np.array_equal(made(image, "squeeze"), image.resize((SIZE, SIZE), LANCZOS))


@pytest.mark.parametrize(
    ("shape", "inner"), [((96, 48), (32, 16)), ((48, 96), (16, 32)), ((99, 33), (32, 11))]
)
def test_pad_keeps_the_whole_picture_in_the_middle(
    shape: tuple[int, int], inner: tuple[int, int]
) -> None:
    image = noise(*shape)
    left, top = (SIZE - inner[0]) // 2, (SIZE - inner[1]) // 2
    middle = made(image, "pad")[top : top + inner[1], left : left + inner[0]]
    assert np.array_equal(middle, image.resize(inner, LANCZOS))


def test_pad_goes_on_in_the_colours_of_the_edges() -> None:
    """Red above, blue below: so are the bars of a wide picture, and both halves of a tall one's."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:20, :, 0] = pixels[20:, :, 2] = 255
    wide = made(Image.fromarray(pixels), "pad")
    assert (wide[:8] == [255, 0, 0]).all()
    assert (wide[-8:] == [0, 0, 255]).all()
    tall = made(Image.fromarray(pixels[:, :20].copy()), "pad")
    for bar in (tall[:, :8], tall[:, -8:]):
        assert (bar[:14] == [255, 0, 0]).all()
        assert (bar[-14:] == [0, 0, 255]).all()


@pytest.mark.parametrize("fit", FITS)
def test_a_square_is_the_same_in_every_way(fit: str) -> None:
    image = noise(50, 50)
    assert np.array_equal(made(image, fit), image.resize((SIZE, SIZE), LANCZOS))


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("shape", [(3000, 2), (2, 3000), (1, 1)])
def test_even_the_oddest_shape_becomes_a_square(fit: str, shape: tuple[int, int]) -> None:
    image = Image.new("RGB", shape, (200, 30, 40))
    assert np.array_equal(made(image, fit), np.full((SIZE, SIZE, 3), (200, 30, 40)))


@pytest.mark.parametrize("fit", FITS)
def test_a_grey_picture_stays_grey(fit: str) -> None:
    assert made(noise(70, 40, channels=1), fit).shape == (SIZE, SIZE, 1)


@pytest.mark.parametrize("fit", FITS)
def test_what_is_transparent_lies_on_white(fit: str) -> None:
    image = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (15, 0, 45, 30))
    found = made(image, fit)
    assert (found[16, 16] == [255, 0, 0]).all()
    if fit != "crop":
        assert (found[:, [0, -1]] == 255).all()


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_is_made_a_square_once_it_is_upright(fit: str, turn: int) -> None:
    """As if somebody had turned it by hand before."""
    image = Image.fromarray(np.ascontiguousarray(quadrants(40, 90)))
    exif = Image.Exif()
    exif[0x0112] = turn
    content = packed(image, "PNG", exif=exif)
    found = decoded(content, SIZE, fit=fit)
    with Image.open(io.BytesIO(content)) as opened:
        upright = ImageOps.exif_transpose(opened)
    by_hand = made(Image.fromarray(np.asarray(upright)), fit)
    assert np.array_equal(found.pixels.transpose(1, 2, 0), by_hand)
    assert found.ratio == pytest.approx(90 / 40 if turn < 5 else 40 / 90)


# --- a data set and a run -------------------------------------------------------------------------


def test_the_fingerprint_tells_which_way_was_taken(tmp_path: Path) -> None:
    folder = str(write(tmp_path / "own"))
    prints = {fit: fingerprint(load_data(folder, fit=fit)) for fit in FITS}
    assert len({*prints.values()}) == len(FITS)
    assert fingerprint(load_data(folder)) == prints["crop"]
    with pytest.raises(DataError, match="crop, pad or squeeze, not by 'tile'"):
        load_data(folder, fit="tile")


def test_pictures_are_told_with_their_names_and_shapes(tmp_path: Path) -> None:
    data = load_data(str(write(tmp_path / "own")))
    assert [source.name for source in data.sources] == [f"{k:02}.png" for k in range(16)]
    assert data.sources[3].ratio == pytest.approx(63 / 30)


def test_a_run_pads_what_its_settings_say_and_is_measured_against_the_same(
    tmp_path: Path, cli: Callable[..., Any]
) -> None:
    folder, run = write(tmp_path / "own"), tmp_path / "run"
    small = ("--width=4", "--images=64", "--evaluate-every=0", "--batch-size=8", "--log-every=32")
    outcome = cli("train", "--run", run, "--dataset", folder, "--fit", "pad", *small)
    assert outcome.code == 0, outcome.err
    assert Run(run).config().fit == "pad"
    outcome = cli("evaluate", run, "--samples", "64", "--json")
    assert outcome.code == 0, outcome.err
    assert "other pictures" not in outcome.err
    refused = cli("train", "--dataset", folder, "--fit", "tile")
    assert (refused.code, "crop, pad, squeeze" in refused.err) == (2, True)


def test_settings_of_before_mean_crop_and_named_data_has_no_use_for_another() -> None:
    earlier = {k: v for k, v in make_config("quick").to_json().items() if k != "fit"}
    assert RunConfig.from_json(earlier) == make_config("quick")
    assert RunConfig.from_json(earlier).fit == "crop"
    assert warnings(make_config("quick")) == []
    (told,) = map(worded, warnings(make_config("quick", fit="pad")))
    assert "those of mnist are squares already" in told
    assert warnings(make_config("quick", dataset="/own/pictures", fit="pad")) == []
