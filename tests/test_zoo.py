"""The shipped generators and films: they are what weights/README.md says they are.

`weights/figures.json` is what `ganmodel evaluate --json` said of each file, beside its sha256; here
fewer samples are drawn, and bounds hold where sampling decides.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ganmodel.config import RunConfig, changed_from_preset, make_config
from ganmodel.data import DATASETS, load_data
from ganmodel.images import from_bytes
from ganmodel.latents import noise
from ganmodel.metrics import Features
from ganmodel.metrics.measures import class_coverage, frechet_distance, moments
from ganmodel.runs import (
    Stretch,
    check_start,
    knob_changes,
    list_stretches,
    read_game,
    read_stretch,
    shipped_start,
)
from ganmodel.sampling import SHIPPED, Sampler
from ganmodel.ui.shared.bundled_runs import FIRST, BundledRuns
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.weights import load_weights
from ganmodel.words import worded

FIGURES: dict[str, dict[str, Any]] = json.loads((SHIPPED / "figures.json").read_text("utf-8"))
CARD = (SHIPPED / "README.md").read_text("utf-8")
NAMES = ("mnist", "mnist-classes", "mnist-quick", "fashion-mnist", "stacked-mnist")
BY_CLASS = ("mnist-classes", "mnist-quick", "fashion-mnist")
MOST_BYTES = 8_000_000
MOST_OF_A_FILM = 20_000_000
FEW = 2_500  # samples; a distance from so few is biased upwards, see `evaluate`
every_generator = pytest.mark.parametrize("name", NAMES)


def file_of(name: str) -> Path:
    return SHIPPED / f"{name}.safetensors"


@functools.cache
def sampler_of(name: str) -> Sampler:
    return Sampler.load(file_of(name))


@functools.cache
def features_of_few(name: str) -> tuple[Features, Tensor]:
    sampler = sampler_of(name)
    features = Features.for_data(sampler.about["dataset"], sampler.spec.channels)
    pictures = torch.from_numpy(sampler.sample(range(FEW))).permute(0, 3, 1, 2)
    return features, features.of(pictures)


def test_what_ships_is_what_the_card_lists() -> None:
    assert sorted(path.stem for path in SHIPPED.glob("*.safetensors")) == sorted(NAMES)
    assert sorted(FIGURES) == sorted(NAMES)


@every_generator
def test_a_file_is_the_one_that_was_measured_and_not_too_large(name: str) -> None:
    content = file_of(name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == FIGURES[name]["sha256"]
    assert len(content) <= MOST_BYTES


@every_generator
def test_a_file_says_what_it_is_and_draws_pictures_like_its_data(name: str) -> None:
    weights, sampler = load_weights(file_of(name)), sampler_of(name)
    data = DATASETS[weights.about["dataset"]]
    assert weights.about["images_seen"] >= weights.about["config"]["images"]
    assert weights.about["config"]["dataset"] == weights.about["dataset"]
    assert weights.has_D
    assert sampler.sample([0, 1]).shape == (2, data.size, data.size, data.channels)
    assert sampler.sample([0, 1]).dtype == np.uint8
    assert sampler.classes == (list(data.classes) if name in BY_CLASS else [])


@every_generator
def test_the_card_gives_the_figures_that_were_measured(name: str) -> None:
    found = FIGURES[name]
    line = next(line for line in CARD.splitlines() if line.startswith(f"| `{name}.safetensors`"))
    assert f"`{found['sha256'][:16]}…`" in line
    assert f"{found['fd_over_r']:.1f}×" in line
    assert f"{found['precision']:.2f}" in line
    assert f"{found['recall']:.2f}" in line
    assert f"{found['features']['sha256'][:16]}" in CARD


@pytest.mark.parametrize("name", NAMES[:-1])  # of stacked pictures no file knows the moments
def test_a_generator_draws_as_well_as_its_figures_say(name: str) -> None:
    """A quarter of the samples; twice R is about what so few real pictures score more."""
    features, fakes = features_of_few(name)
    assert features.sha256 == FIGURES[name]["features"]["sha256"]
    distance = frechet_distance(*features.known, *moments(fakes))
    assert distance <= FIGURES[name]["fd"] + 2 * FIGURES[name]["fd_real"]


def test_the_digits_come_in_their_shares() -> None:
    features, fakes = features_of_few("mnist")
    shares = class_coverage(features.classes(fakes), 10).shares
    real = torch.tensor(features.about["data"]["class_shares"], dtype=torch.float64)
    # 2 points, and three standard deviations of a share of a tenth among so many samples.
    assert (shares - real).abs().max() < 0.02 + 3 * (0.1 * 0.9 / FEW) ** 0.5


@pytest.mark.parametrize(
    ("name", "least"), [("mnist-classes", 0.96), ("mnist-quick", 0.96), ("fashion-mnist", 0.84)]
)
def test_a_class_that_was_asked_for_is_drawn(name: str, least: float) -> None:
    features, fakes = features_of_few(name)
    asked = torch.arange(FEW) % 10
    assert float((features.classes(fakes) == asked).double().mean()) >= least


def test_all_kinds_of_stacked_digits_are_drawn() -> None:
    """Even perfect sampling finds 918 of 1,000 kinds among 2,500 samples."""
    features, fakes = features_of_few("stacked-mnist")
    assert len(features.classes(fakes).unique()) > 890


@every_generator
def test_another_number_of_threads_draws_the_same_pictures_but_for_rounding(name: str) -> None:
    z, sampler = noise(range(32), sampler_of(name).spec.z_dim), sampler_of(name)
    one = sampler.draw(z).astype(int)
    torch.set_num_threads(2)
    assert np.abs(sampler.draw(z) - one).max() <= 1


def test_what_the_lesson_of_a_collapse_starts_from_fits_it_and_is_no_generator_of_its_own() -> None:
    config = make_config("lesson-collapse")
    check_start(config)
    path = shipped_start(config.start_from)
    weights = load_weights(path)
    assert path.stat().st_size <= 2_000_000
    assert weights.has_D
    assert f"**starts/{path.name}**" in CARD
    assert path.stem not in [listed.stem for listed in BundledRuns().generators()]
    drawn = torch.from_numpy(Sampler(weights).sample(range(500))).permute(0, 3, 1, 2)
    features = Features.named("mnist")
    shares = features.classes(features.of(drawn)).bincount(minlength=10) / 500
    assert shares.min() > 0.04  # all ten digits


# --- films ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return RunView(RunControl(tmp_path_factory.mktemp("nobody")), BundledRuns())


VERDICTS = {
    FIRST: "Balanced",
    "lesson-collapse": "Balanced",  # at its end it is cured; see below
    "lesson-d-wins": "D wins",
    "lesson-diverge": "Diverging",
}


def test_the_films_are_one_that_went_well_and_the_three_lessons(view: RunView) -> None:
    assert {run.name for run in view.bundled.all()} == set(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_coach_says_of_a_film_what_it_is_there_to_show(view: RunView, name: str) -> None:
    run = view.bundled.run(name)
    headline = view.verdict(run, run.config(), run.status())["balance"]["headline"]
    assert worded(headline) == VERDICTS[name]
    assert len(run.moments("samples")) > 20
    assert run.status()["state"] == "finished"


def test_the_film_of_the_collapse_shows_one_digit_after_another_and_all_of_them_again(
    view: RunView,
) -> None:
    """Read off its grids: a picture for each row, the 64 noises of a grid the same in all."""
    run = view.bundled.run("lesson-collapse")
    rows, _ = run.rows()
    grids, features = run.moments("samples"), Features.named("mnist")
    assert [row["images"] for row in rows] == [images for images in grids if images]
    changed = [(change["images"], change["values"]) for change in knob_changes(run)]
    assert changed == [(256, {"g_steps": 30}), (2304, {"g_steps": 1})]
    alike, shares = [], torch.zeros(10)
    for row in rows:
        if row["diversity"] <= 0.2 or row is rows[-1]:
            vectors = features.of(_cut(grids[row["images"]]))
            shares = features.classes(vectors).bincount(minlength=10) / 64
        if row["diversity"] <= 0.2 and shares.max() >= 0.9:
            alike.append(int(shares.argmax()))
    assert len(alike) >= 5
    assert len(set(alike)) >= 3
    assert rows[-1]["diversity"] >= 0.8
    assert int((shares > 0).sum()) >= 9


def _cut(path: Path) -> Tensor:
    """The 64 pictures of a grid: uint8 `(64, 1, 28, 28)`; between them lie 2 pixels."""
    with Image.open(path) as opened:
        pixels = torch.from_numpy(np.array(opened.convert("L")))
    return pixels.unfold(0, 28, 30).unfold(1, 28, 30).reshape(64, 1, 28, 28).contiguous()


def test_the_first_film_ends_at_the_first_generator(view: RunView) -> None:
    film = view.bundled.run(FIRST)
    made = load_weights(file_of(FIRST)).about["config"]
    assert film.config() == RunConfig.from_json(made)
    kept = view.bundled.weights(film)
    first, *others = kept
    assert first == 0
    assert others[-1] == load_weights(file_of(FIRST)).about["images_seen"]
    growth = [later / earlier for earlier, later in itertools.pairwise(others)]
    assert all(1.5 < step <= 3 for step in growth)


def test_the_first_film_is_the_recipe_quick_with_both_grids_and_not_too_large(
    view: RunView,
) -> None:
    film = view.bundled.run(FIRST)
    assert view.bundled.all()[0].folder == film.folder
    changed = set(changed_from_preset(film.config()))
    assert (film.config().preset, changed) == ("quick", {"save_every"})
    assert film.config().conditional
    assert list(film.moments("samples")) == list(film.moments("samples_raw"))
    assert all(row["picks"] is not None for row in film.rows()[0])
    files = [file_of(FIRST), *(path for path in film.folder.rglob("*") if path.is_file())]
    assert sum(path.stat().st_size for path in files) <= MOST_OF_A_FILM


def test_every_state_of_a_films_generator_draws_and_has_its_d(view: RunView) -> None:
    kept = view.bundled.weights(view.bundled.run(FIRST))
    assert all(load_weights(path).has_D for path in kept.values())
    drawn = [Sampler.load(path).sample([3]) for path in kept.values()]
    assert all(picture.shape == (1, 28, 28, 1) for picture in drawn)
    assert len({picture.tobytes() for picture in drawn}) == len(drawn)


# --- what the first film brings along besides -----------------------------------------------------


STRETCHES = [(moment, who) for moment in (8_192, 32_768, 131_072, 524_288) for who in "dg"]


@functools.cache
def stretch_of(moment: int, who: str) -> Stretch:
    return read_stretch(BundledRuns().run(FIRST), moment, who)


def test_there_are_stretches_of_each_network_from_early_to_late() -> None:
    assert list_stretches(BundledRuns().run(FIRST)) == STRETCHES
    for moment, _ in STRETCHES:
        first, other = (stretch_of(moment, who) for who in "dg")
        assert first.steps[0] == other.steps[0]  # of one checkpoint
        assert torch.equal(first.pictures[0], other.pictures[0])


@pytest.mark.parametrize("moment", [moment for moment, who in STRETCHES if who == "d"])
def test_under_ds_steps_alone_it_picks_better_while_the_pictures_stay(moment: int) -> None:
    stretch = stretch_of(moment, "d")
    picks = [step.picks for step in stretch.steps]
    assert picks[0] < 0.7
    assert min(picks[-8:]) > picks[0] + 0.15
    assert stretch.steps[-1].drawn != stretch.steps[0].drawn
    assert len(stretch.pictures) == 1


@pytest.mark.parametrize("moment", [moment for moment, who in STRETCHES if who == "g"])
def test_under_gs_steps_alone_d_is_fooled_more_and_more_while_the_pictures_change(
    moment: int,
) -> None:
    stretch = stretch_of(moment, "g")
    picks = [step.picks for step in stretch.steps]
    assert max(picks[-8:]) < 0.05
    assert all(step.reals == stretch.steps[0].reals for step in stretch.steps)  # D stays
    pictures = stretch.pictures.float()
    steps = (pictures[1:] - pictures[:-1]).abs().mean((1, 2, 3, 4))
    assert (steps > 0.5).all()  # of 255: each step moves them
    assert float((pictures[-1] - pictures[0]).abs().mean()) > 20


def test_the_pictures_of_a_stretch_are_the_first_of_the_grid_by_raw_g() -> None:
    pictures = stretch_of(8_192, "g").pictures[0]
    grid = BundledRuns().run(FIRST).moments("samples_raw")[8_192]
    with Image.open(grid) as opened:
        pixels = torch.from_numpy(np.array(opened))
    cells = pixels.unfold(0, 28, 30).unfold(1, 28, 30).flatten(0, 1)
    assert torch.equal(pictures[:, 0], cells[: len(pictures)])


def test_the_games_rounds_are_what_the_films_d_says_of_their_pictures(data_dir: Path) -> None:
    bundled, data = BundledRuns(), load_data("mnist", data_dir)
    film = bundled.run(FIRST)
    game, kept = read_game(film), bundled.weights(film)
    reals, drawn = game.pictures[0::2], game.pictures[1::2]
    assert torch.equal(reals, data.first_in_turn(100 + len(reals))[100:])
    assert [one.label for one in game.rounds] == list(range(10)) * 6
    moments = [one.moment for one in game.rounds]
    assert moments == sorted(moments)
    assert len(set(moments)) == 6
    for moment in set(moments):
        of_it = torch.tensor([k for k, one in enumerate(game.rounds) if one.moment == moment])
        D, labels = load_weights(kept[moment]).discriminator(), torch.arange(10)
        for pictures, name in ((reals, "real"), (drawn, "drawn")):
            with torch.inference_mode():
                logits = D(from_bytes(pictures[of_it]), labels).flatten()
            told = torch.tensor([getattr(game.rounds[int(k)], name) for k in of_it])
            torch.testing.assert_close(logits, told, atol=1e-2, rtol=1e-2)


def test_d_is_mostly_right_in_the_game_and_not_always() -> None:
    rounds = read_game(BundledRuns().run(FIRST)).rounds
    right = sum(one.real > one.drawn for one in rounds)
    assert 0.55 < right / len(rounds) < 0.9
