"""`ganmodel sample`, `walk` and `evaluate`, and `ganmodel.load`: what trained networks give."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

import ganmodel
from ganmodel.images import gif
from ganmodel.latents import noise, slerp
from ganmodel.metrics import sentence
from ganmodel.networks import NetworkSpec
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.sampling import Sampler
from ganmodel.weights import WeightsError, load_weights, save_weights
from tests.support import TINY, is_one_sentence, run_through, tiny_config

TINY_FLAGS = [f"--{k.replace('_', '-')}={v}" for k, v in TINY.items()]
CLASSES = ["ant", "bee", "cow", "dog"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    tensors = run_through(tiny_config())[-1].weights
    save_weights(path, tensors, NetworkSpec("small", 4, 4, 1), {"dataset": "mnist"})
    return path


@pytest.fixture(scope="module")
def by_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "c.safetensors"
    tensors = run_through(tiny_config(conditional=True))[-1].weights
    spec = NetworkSpec("small", 4, 4, 1, classes=4)
    save_weights(path, tensors, spec, {"dataset": "mnist", "classes": CLASSES})
    return path


# --- sample ----------------------------------------------------------------------------------


def test_sample_draws_a_npy_a_grid_and_a_folder(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    expected = Sampler(load_weights(weights)).sample(range(5, 11))
    for name in ("new/out.npy", "out.png", "pictures"):
        outcome = cli("sample", weights, "--count", 6, "--seed", 5, "--out", tmp_path / name)
        assert (outcome.code, outcome.err) == (0, "")
    np.testing.assert_array_equal(np.load(tmp_path / "new" / "out.npy"), expected)
    sheet = np.asarray(Image.open(tmp_path / "out.png"))
    assert sheet.shape == (58, 88)
    for index in range(6):
        top, left = 30 * (index // 3), 30 * (index % 3)
        cell = sheet[top : top + 28, left : left + 28]
        np.testing.assert_array_equal(cell, expected[index, :, :, 0])
    names = sorted(os.listdir(tmp_path / "pictures"))
    assert names == [f"{seed:06}.png" for seed in range(5, 11)]
    for name, picture in zip(names, expected, strict=True):
        pixels = np.asarray(Image.open(tmp_path / "pictures" / name))
        np.testing.assert_array_equal(pixels, picture[:, :, 0])


PLACE = Place((5, 9), "lerp", 0.25, rest=(0.5, 0.0, -1.0, 0.0), psi=0.7)


def test_sample_draws_the_one_picture_at_a_place(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    outcome = cli("sample", weights, "--place", PLACE, "--out", tmp_path / "p.npy")
    assert (outcome.code, outcome.err) == (0, "")
    a, b = noise([5, 9], 4)
    z = 0.7 * (0.75 * a + 0.25 * b + torch.tensor([0.5, 0, -1, 0]))
    expected = Sampler(load_weights(weights)).draw(z[None])
    assert np.abs(np.load(tmp_path / "p.npy").astype(int) - expected).max() <= 1


def test_a_class_beside_a_place_is_drawn_there_or_refused(
    cli: Callable[..., Any], tmp_path: Path, by_class: Path
) -> None:
    out, named = tmp_path / "a.npy", tmp_path / "b.npy"
    assert cli("sample", by_class, "--place", "stops=5,6", "--label", "cow", "--out", out).code == 0
    assert cli("sample", by_class, "--place", "stops=5,6&class=2", "--out", named).code == 0
    np.testing.assert_array_equal(np.load(out), np.load(named))
    outcome = cli("sample", by_class, "--place", "class=1", "--label", "cow", "--out", out)
    is_one_sentence(outcome, "--label", code=2)
    outcome = cli("sample", by_class, "--place", "stops=5,6", "--count", 9, "--out", out)
    is_one_sentence(outcome, "--count", code=2)


def test_a_name_is_a_picture_or_a_folder_as_people_write_it(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    (tmp_path / "there.v2").mkdir()
    for name in ("GRID.PNG", "out.v2/", "there.v2"):
        assert cli("sample", weights, "--count", 1, "--out", f"{tmp_path}/{name}").code == 0
    assert (tmp_path / "GRID.PNG").is_file()
    assert (tmp_path / "out.v2" / "000000.png").is_file()
    assert (tmp_path / "there.v2" / "000000.png").is_file()


def test_draw_gives_the_same_picture_to_python(weights: Path, by_class: Path) -> None:
    expected = Sampler(load_weights(weights)).draw(PLACE.z(4))[0, :, :, 0]
    picture = ganmodel.draw(ganmodel.load(weights), str(PLACE), enlarge=3)
    assert picture.size == (84, 84)
    assert np.abs(np.asarray(picture)[::3, ::3].astype(int) - expected).max() <= 1
    blend = ganmodel.draw(ganmodel.load(by_class), "stops=5,9&class=1,3,0.5")
    mixed = Sampler(load_weights(by_class)).draw(noise([5], 4), torch.tensor([[0, 0.5, 0, 0.5]]))
    assert np.abs(np.asarray(blend).astype(int) - mixed[0, :, :, 0]).max() <= 1


@pytest.mark.parametrize("place", ["at=7", "stops=1", "stops=1,2&rest=AACAPw", "nonsense"])
def test_a_wrong_place_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path, place: str
) -> None:
    is_one_sentence(cli("sample", weights, "--place", place, "--out", tmp_path / "p.png"))
    assert not list(tmp_path.iterdir())


def test_sample_takes_raw_g_when_asked(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    for flags in ([], ["--raw"]):
        out = tmp_path / f"{len(flags)}.npy"
        assert cli("sample", weights, "--count", 4, "--out", out, *flags).code == 0
    averaged, raw = np.load(tmp_path / "0.npy"), np.load(tmp_path / "1.npy")
    np.testing.assert_array_equal(raw, Sampler(load_weights(weights), raw=True).sample(range(4)))
    assert not np.array_equal(averaged, raw)


def test_sample_takes_a_runs_folder_for_its_newest_weights(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    assert cli("train", "--run", tmp_path / "run", *TINY_FLAGS).code == 0
    out = tmp_path / "a.npy"
    assert cli("sample", tmp_path / "run", "--count", 2, "--out", out).code == 0
    newest = tmp_path / "run" / "weights" / "000000128.safetensors"
    np.testing.assert_array_equal(np.load(out), Sampler(load_weights(newest)).sample([0, 1]))


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--count", "0"], "--count"),
        (["--count", "1000000"], "--count"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**31)], "--seed"),
        (["--out", "x.jpg"], ".png or .npy"),
    ],
)
def test_a_wrong_flag_of_sample_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path, flags: list[str], word: str
) -> None:
    is_one_sentence(cli("sample", weights, "--out", tmp_path / "out.png", *flags), word)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_picture_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = cli("sample", weights, "--count", 1, "--out", tmp_path / "file" / "out.png")
    is_one_sentence(outcome, "file", code=1)
    (tmp_path / "taken.png").mkdir()
    outcome = cli("sample", weights, "--count", 1, "--out", tmp_path / "taken.png")
    is_one_sentence(outcome, "taken.png", code=1)
    assert sorted(os.listdir(tmp_path)) == ["file", "taken.png"]


def test_a_class_is_asked_for_by_name_or_number(
    cli: Callable[..., Any], tmp_path: Path, by_class: Path
) -> None:
    """Without one, a start number's class is its remainder, so that its picture never changes."""
    drawn = {}
    for label in ("cow", "2", None):
        flags = ["--label", label] if label else []
        out = tmp_path / f"{label}.npy"
        assert cli("sample", by_class, "--count", 4, "--out", out, *flags).code == 0
        drawn[label] = np.load(out)
    G, z = ganmodel.load(by_class), noise(range(4), 4)
    with torch.no_grad():
        expected = {
            "cow": G(z, torch.tensor([2, 2, 2, 2])),
            None: G(z, torch.tensor([0, 1, 2, 3])),
        }
    for label, images in expected.items():
        pixels = images.add(1).mul(127.5).round().permute(0, 2, 3, 1).to(torch.uint8)
        np.testing.assert_array_equal(drawn[label], pixels.numpy())
    np.testing.assert_array_equal(drawn["cow"], drawn["2"])
    for name in ("cow", "2"):
        place, out = f"stops=0,1&class={name}", tmp_path / "place.npy"
        assert cli("sample", by_class, "--place", place, "--out", out).code == 0
        np.testing.assert_array_equal(np.load(out)[0], drawn["cow"][0])
    assert not np.array_equal(drawn["cow"], drawn[None])


def test_a_number_that_is_another_classs_name_is_told_of(
    cli: Callable[..., Any], tmp_path: Path, by_class: Path
) -> None:
    trained, path = load_weights(by_class), tmp_path / "w.safetensors"
    save_weights(path, trained.tensors, trained.spec, {"classes": ["1", "2", "3", "4"]})
    outcome = cli("sample", path, "--label", "1", "--out", tmp_path / "x.png")
    assert outcome.code == 0
    assert "numbered 1, which is named 2; the one named 1 is --label 0" in outcome.err


def test_a_class_that_is_not_there_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path, by_class: Path
) -> None:
    out = ["--out", tmp_path / "x.png"]
    is_one_sentence(cli("sample", by_class, "--label", "eel", *out), "'eel'", "ant, bee")
    is_one_sentence(cli("sample", by_class, "--label", "4", *out), "'4'")
    is_one_sentence(cli("sample", weights, "--label", "1", *out), "by class")
    assert list(tmp_path.iterdir()) == []


# --- walk ------------------------------------------------------------------------------------


def test_a_strip_shows_the_walk_with_its_stops_at_even_distances(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    out = tmp_path / "strip.png"
    assert cli("walk", weights, "--seeds", "3,8,21", "--frames", 9, "--out", out).code == 0
    strip = np.asarray(Image.open(out))
    assert strip.shape == (28, 9 * 28)
    sampler = Sampler.load(weights)
    a, b, c = noise([3, 8, 21], 4)
    places = [a, None, slerp(a, b, 0.5), None, b, None, slerp(b, c, 0.5), None, c]
    for index, z in enumerate(places):
        if z is not None:
            cell = strip[:, 28 * index : 28 * index + 28]
            expected = sampler.draw(z[None])[0, :, :, 0].astype(int)
            assert abs(cell.astype(int) - expected).max() <= 1  # alpha 0.5 is reached by rounding


def test_a_gif_holds_every_frame_enlarged_without_blur(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    strip, film = tmp_path / "strip.png", tmp_path / "walk.gif"
    walk = ["walk", weights, "--seeds", "1,2", "--frames", 5, "--path", "lerp"]
    assert cli(*walk, "--out", strip).code == 0
    assert cli(*walk, "--out", film, "--scale", 3, "--fps", 25).code == 0
    pixels = np.asarray(Image.open(strip))
    with Image.open(film) as picture:
        assert (picture.n_frames, picture.size) == (5, (84, 84))
        assert picture.info["duration"] == 40
        for index in range(5):
            picture.seek(index)
            shown = np.asarray(picture.convert("L"))
            np.testing.assert_array_equal(
                shown[1::3, 1::3], pixels[:, 28 * index : 28 * index + 28]
            )


@pytest.mark.parametrize("speed", [24, 40, 50, 66, 100])
def test_a_gif_lasts_as_long_as_its_speed_says(speed: int) -> None:
    """Players take a frame of less than two hundredths of a second for one of ten."""
    frames = np.arange(100, dtype=np.uint8)[:, None, None, None].repeat(2, 1).repeat(2, 2)
    with Image.open(io.BytesIO(gif(frames, speed))) as film:
        delays = []
        for index in range(film.n_frames):
            film.seek(index)
            delays.append(film.info["duration"])
    assert min(delays) >= 20
    assert sum(delays) == pytest.approx(1000 * 100 / speed, abs=20)
    assert len(delays) == (100 if speed <= 50 else round(100 * 50 / speed))


def test_a_gif_faster_than_players_are_says_so(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    outcome = cli("walk", weights, "--frames", 6, "--fps", 100, "--out", tmp_path / "FILM.GIF")
    assert outcome.code == 0
    assert "50 pictures a second" in outcome.err


def test_an_mp4_holds_every_frame(cli: Callable[..., Any], tmp_path: Path, weights: Path) -> None:
    film = tmp_path / "new" / "walk.mp4"
    assert cli("walk", weights, "--frames", 7, "--out", film).code == 0
    content = film.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")  # or a browser waits for the whole of it
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 20
    assert [frame.shape for frame in frames] == [(224, 224, 3)] * 7
    expected = Sampler.load(weights).sample([0])[0, :, :, 0].astype(int)
    shown = frames[0][4::8, 4::8].mean(2)
    assert abs(shown - expected).mean() < 4  # the film is compressed


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--seeds", "3"], "--seeds"),
        (["--seeds", "3,x"], "--seeds"),
        (["--seeds", "3,-1"], "--seeds"),
        (["--frames", "1"], "--frames"),
        (["--path", "shortcut"], "slerp, lerp"),
        (["--fps", "0"], "--fps"),
        (["--scale", "1000"], "--scale"),
        (["--out", "walk.avi"], ".gif, .mp4 or .png"),
    ],
)
def test_a_wrong_flag_of_walk_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path, flags: list[str], word: str
) -> None:
    is_one_sentence(cli("walk", weights, "--out", tmp_path / "x.gif", *flags), word)
    assert list(tmp_path.iterdir()) == []


# --- evaluate --------------------------------------------------------------------------------


@pytest.mark.slow
def test_evaluate_says_in_words_and_in_json_what_was_found(
    cli: Callable[..., Any], weights: Path
) -> None:
    words = cli("evaluate", weights, "--samples", 100)
    assert (words.code, words.err) == (0, "")
    assert "unseen real pictures: 1×" in words.out
    assert "classes" in words.out
    found = json.loads(cli("evaluate", weights, "--samples", 100, "--json").out)
    assert found["samples"] == 100
    assert found["fd"] > found["fd_real"] > 0
    assert sentence(found) + "\n" == words.out
    assert found["features"]["summary"].endswith(" % right on test images")
    assert len(found["features"]["sha256"]) == 64


def test_evaluating_against_other_data_than_it_draws_is_one_sentence(
    cli: Callable[..., Any], weights: Path, by_class: Path
) -> None:
    is_one_sentence(cli("evaluate", weights, "--dataset", "stacked-mnist"), "--dataset")
    is_one_sentence(cli("evaluate", by_class), "4 classes", "10")
    is_one_sentence(cli("evaluate", weights, "--dataset", "nothing"), "'nothing'")
    is_one_sentence(cli("evaluate", weights, "--samples", 3), "--samples")


# --- from Python -----------------------------------------------------------------------------


def test_load_gives_a_plain_module_in_one_line(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    G = ganmodel.load(weights)
    assert isinstance(G, torch.nn.Module)
    assert not G.training
    z = noise([5], 4)
    pixels = G(z).add(1).mul(127.5).round().to(torch.uint8)[0, 0].numpy()
    np.testing.assert_array_equal(pixels, Sampler.load(weights).sample([5])[0, :, :, 0])
    assert not torch.equal(G(z), ganmodel.load(weights, raw=True)(z))
    assert cli("train", "--run", tmp_path / "run", *TINY_FLAGS).code == 0
    labels = torch.tensor([3])  # for the preset learns by class
    assert ganmodel.load(tmp_path / "run")(z, labels).shape == (1, 1, 28, 28)
    with pytest.raises(WeightsError, match="no file"):
        ganmodel.load(tmp_path / "none.safetensors")
    with pytest.raises(RunError, match="no weights"):
        ganmodel.load(tmp_path)
