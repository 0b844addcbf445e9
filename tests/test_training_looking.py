"""What training is given and asked besides its data: a start, evaluations, looks at it.

None of them may change a bit of what is trained, but for the start, which is what it begins with.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ganmodel import schedule
from ganmodel.config import RunConfig
from ganmodel.data import Data
from ganmodel.images import to_bytes
from ganmodel.latents import noise
from ganmodel.networks import NetworkSpec
from ganmodel.snapshots import Draw, Evaluate
from ganmodel.training import loop, sample_images, train
from ganmodel.weights import Weights
from tests.support import (
    bits,
    differing,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_data,
    tiny_images,
    under,
)

# --- a start from trained networks -----------------------------------------------------------


def test_a_run_begins_with_exactly_the_networks_it_is_given() -> None:
    """All three of them, seen in the first snapshot; optimizers and counts are fresh."""
    trained = run_through(tiny_config(seed=3, images=64))[-1].weights
    config = tiny_config(start_from="trained.safetensors", images=16)
    snapshots = run_through(config, start=trained)
    assert differing(snapshots[0].weights, trained) == []
    assert snapshots[0].images_seen == 0
    fresh = run_through(tiny_config(images=16))[0].weights
    assert len(differing(fresh, trained)) > 10
    assert differing(snapshots[-1].weights, trained) != []
    # Copies: what was given stays as it was.
    assert differing(trained, run_through(tiny_config(seed=3, images=64))[-1].weights) == []


def test_a_run_that_started_from_networks_is_continued_without_them_bit_for_bit() -> None:
    trained = run_through(tiny_config(seed=3, images=64))[-1].weights
    config = tiny_config(start_from="trained.safetensors")
    straight = run_through(config, start=trained)
    state = states_of(straight)[0]
    for start in (trained, None):
        resumed = run_through(config, state=state, start=start)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []


# --- evaluations -----------------------------------------------------------------------------


def _noting(calls: list[Tensor], count: int = 5) -> Evaluate:
    def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
        calls.append(draw(count)[0])
        return {"call": len(calls)}

    return evaluate


@pytest.mark.parametrize(
    ("every", "images", "due"),
    [
        (32, 128, [0, 32, 64, 96, 128]),
        (44, 128, [0, 48, 96, 128]),  # 44 is rounded to whole rows of 16, and the last step counts
        (1, 40, [0, 16, 32, 40]),
        (1000, 72, [0, 72]),
        (0, 128, []),
    ],
)
def test_quality_is_measured_before_training_at_whole_rows_and_after_the_last_step(
    every: int, images: int, due: list[int]
) -> None:
    calls: list[Tensor] = []
    config = tiny_config(images=images, evaluate_every=every)
    snapshots = run_through(config, evaluate=_noting(calls))
    assert [s.images_seen for s in snapshots if s.quality] == due
    assert [s.quality for s in snapshots if s.quality] == [
        {"call": n} for n in range(1, len(due) + 1)
    ]
    assert all((s.row is None) == (s.images_seen == 0) for s in snapshots if s.quality)
    assert len(calls) == len(due)


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        (1, [(88, False), (128, False)]),
        (2, [(0, True), (32, True), (48, True), (80, True), (88, False), (128, False)]),
    ],
)
def test_from_the_second_edition_on_quality_is_measured_early_with_less_effort(
    monkeypatch: pytest.MonkeyPatch, edition: int, expected: list[tuple[int, bool]]
) -> None:
    """At moments of the test's own, rounded to rows of 8, before the first regular one."""
    monkeypatch.setattr(schedule, "FIRST_EVALUATIONS", (32, 50, 79, 88, 99))
    monkeypatch.setattr(loop, "EARLY_UNTIL", 85)
    config = tiny_config(evaluate_every=88, log_every=8, edition=edition)
    snapshots = run_through(config, evaluate=lambda draw, early: {"early": early})
    assert [(s.images_seen, s.quality["early"]) for s in snapshots if s.quality] == expected


@pytest.mark.parametrize("every", [0, 1024, 8192, 10_240, 32_768, 10**6])
def test_the_first_evaluations_are_before_the_first_regular_one(every: int) -> None:
    known = [8192, 16_384, 32_768]
    assert schedule.first_evaluations(every, 1024) == {m for m in known if m < every}
    assert schedule.first_evaluations(10**6, 20_000) == {20_000, 40_000}


def test_what_untrained_networks_score_comes_after_the_first_pictures() -> None:
    """Of this preset's own, also where the run starts from trained ones; nothing when it goes on,
    for then it is known or never was."""
    config, drawn = tiny_config(evaluate_every=1000, images=32), []

    def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
        drawn.append(draw(5)[0])
        return {"call": len(drawn)}

    fresh = run_through(config, evaluate=evaluate)
    first = next(index for index, s in enumerate(fresh) if s.quality)
    assert any(s.samples is not None for s in fresh[:first])
    assert torch.equal(drawn[0][:4], fresh[0].samples)
    trained = run_through(tiny_config(seed=3, images=64))[-1].weights
    config = tiny_config(evaluate_every=1000, images=32, start_from="w.safetensors")
    started = run_through(config, start=trained, evaluate=evaluate)
    assert torch.equal(drawn[2], drawn[0])
    assert not torch.equal(started[0].samples, drawn[2][:4])
    calls = len(drawn)
    run_through(config, state=states_of(started)[0], evaluate=evaluate)
    assert len(drawn) == calls  # it was finished


def test_a_continued_training_measures_at_the_same_moments() -> None:
    config = tiny_config(evaluate_every=48)
    straight = run_through(config, evaluate=_noting([]))
    state = next(s for s in states_of(straight) if s.images_seen == 64)
    resumed = run_through(config, state=state, evaluate=_noting([]))
    measured = [s.images_seen for s in straight if s.quality]
    assert measured == [0, 48, 96, 128]
    assert [s.images_seen for s in resumed if s.quality] == [96, 128]


@pytest.mark.parametrize("chosen", [{}, {"conditional": True}, {"objective": "r3gan"}], ids=str)
def test_measuring_changes_no_bit_of_what_is_trained(chosen: dict[str, Any]) -> None:
    """However many pictures are drawn, and even if the measurement uses up random numbers."""

    def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
        draw(300)
        torch.randn(10)
        draw(3)
        return {}

    config = tiny_config(**chosen, evaluate_every=16)
    plain, measured = run_through(config), run_through(config, evaluate=evaluate)
    assert differing(plain[-1].state.tensors, measured[-1].state.tensors) == []
    assert plain[-1].state.progress == measured[-1].state.progress
    assert rows_of(plain) == rows_of(measured)


def test_an_evaluation_draws_with_averaged_g_from_start_numbers() -> None:
    """The same pictures whenever the same number is asked for, and the first of them however many;
    checked against the weights of that very moment."""
    drawn: list[tuple[Tensor, ...]] = []

    def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
        drawn.append((draw(7)[0], draw(300)[0], draw(7)[0]))
        assert draw(7)[1] is None
        return {}

    snapshots = run_through(tiny_config(evaluate_every=32), evaluate=evaluate)
    measured = [s for s in snapshots if s.quality is not None]
    assert len(measured) == len(drawn) == 5
    for snapshot, (seven, many, again) in zip(measured, drawn, strict=True):
        assert (seven.dtype, tuple(many.shape)) == (torch.uint8, (300, 1, 28, 28))
        assert torch.equal(seven, again)
        assert (many[:7].int() - seven.int()).abs().max() <= 1  # rounding follows the batch
        if snapshot.weights is not None:
            spec = NetworkSpec("small", 4, 4, 1)
            G = Weights("w", spec, {}, snapshot.weights).generator()  # type: ignore[arg-type]
            with torch.no_grad():
                expected = to_bytes(G(noise(range(300), 4)))
            assert (many.int() - expected.int()).abs().max() <= 1
    assert any(s.weights is not None for s in measured)


def test_a_conditional_evaluation_draws_classes_as_frequent_as_in_the_data() -> None:
    """Nine of ten are of class 1 here; pictures of equal shares would count against G."""
    labels = torch.ones(60, dtype=torch.long)
    labels[::10] = 0
    data, drawn = Data("skewed", tiny_images(60), labels, ("a", "b")), []

    def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
        drawn.append(draw(400))
        return {}

    config = tiny_config(conditional=True, evaluate_every=64)
    fresh = next(train(config, data)).weights
    # Larger weights, so that a picture of another class is another picture.
    start = {name: 20 * t if t.is_floating_point() else t for name, t in fresh.items()}
    snapshots = list(train(config, data, evaluate=evaluate, start=start))
    _, (_, first), (pictures, second) = drawn
    assert torch.equal(first, second)
    assert abs(first.double().mean() - 0.9) < 5 * (0.09 / 400) ** 0.5
    spec = NetworkSpec("small", 4, 4, 1, classes=2)
    G = Weights("w", spec, {}, snapshots[-1].weights).generator()  # type: ignore[arg-type]
    expected = sample_images(G, noise(range(400), 4), second)
    assert (pictures.int() - expected.int()).abs().max() <= 1
    # Each picture is of the class that is told beside it: of the other one it would be another.
    other = sample_images(G, noise(range(400), 4), 1 - second)
    assert (pictures.int() - other.int()).abs().flatten(1).amax(1).min() > 9


# --- one seed fixes every number -------------------------------------------------------------


def _final(config: RunConfig, **options: Any) -> dict[str, Tensor]:
    return run_through(config, **options)[-1].state.tensors


def test_one_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    first, again, other = (run_through(tiny_config(seed=seed)) for seed in (5, 5, 6))
    assert differing(first[-1].state.tensors, again[-1].state.tensors) == []
    assert rows_of(first) == rows_of(again)
    assert [bits(s.samples) for s in first if s.samples is not None] == [
        bits(s.samples) for s in again if s.samples is not None
    ]
    assert len(differing(under(first[-1].weights, "D"), under(other[-1].weights, "D"))) > 0
    assert rows_of(first) != rows_of(other)


def test_the_global_random_state_neither_matters_nor_changes() -> None:
    torch.manual_seed(1)
    first = _final(tiny_config())
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = _final(tiny_config())
    assert torch.equal(torch.get_rng_state(), before)
    assert differing(first, second) == []


@pytest.mark.parametrize(
    "looking",
    [{"log_every": 64}, {"log_every": 8}, {"save_every": 128}, {"sample_count": 9}],
    ids=str,
)
def test_looking_does_not_change_the_result(looking: dict[str, int]) -> None:
    plain, looked_at = run_through(tiny_config()), run_through(tiny_config(**looking))
    assert differing(plain[-1].weights, looked_at[-1].weights) == []
    assert torch.equal(plain[-1].state.tensors["noise"], looked_at[-1].state.tensors["noise"])


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    """Schedules follow the images seen, not the planned length."""
    short, long = run_through(tiny_config(images=64)), run_through(tiny_config(images=128))
    at_64 = next(s for s in long if s.images_seen == 64 and s.state)
    assert differing(short[-1].state.tensors, at_64.state.tensors) == []
    assert rows_of(short) == rows_of(long)[: len(rows_of(short))]


def test_snapshots_stay_as_they_are_while_training_goes_on() -> None:
    kept = []
    for snapshot in train(tiny_config(), tiny_data()):
        tensors = {**(snapshot.weights or {}), **(snapshot.state.tensors if snapshot.state else {})}
        kept.append((tensors, {name: bits(t) for name, t in tensors.items()}))
    for tensors, then in kept:
        assert {name: bits(t) for name, t in tensors.items()} == then
