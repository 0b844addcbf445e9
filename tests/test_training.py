"""The training loop: what one step does, what an epoch is, and that one seed fixes every number.

The eight faults of the article this project implements each have a test here or in
`test_networks` and `test_objectives`. `_Pair` is the loop's own state; its networks and optimizers
are watched through PyTorch's hooks, so that what is tested is what training really computes.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel.config import OBJECTIVES, RunConfig
from ganmodel.latents import noise
from ganmodel.moments import crosses, history_moment, sample_moment
from ganmodel.networks import NetworkSpec
from ganmodel.objectives import r1_penalty
from ganmodel.snapshots import Snapshot, StopTraining, TrainingFailedError
from ganmodel.training import (
    _Pair,
    sample_images,
    train,
)
from ganmodel.weights import Weights
from tests.support import (
    bits,
    differing,
    numbered_images,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_images,
    under,
)

every_objective = pytest.mark.parametrize("objective", OBJECTIVES)


def _pair(images: Tensor | None = None, **chosen: Any) -> _Pair:
    return _Pair(tiny_config(**chosen), tiny_images() if images is None else images)


def _weights(network: nn.Module) -> dict[str, Tensor]:
    """A copy of what optimizers change; BatchNorm's statistics follow each forward pass."""
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def _inputs_of(network: nn.Module) -> list[Tensor]:
    """Fills with every batch that the network is given from now on."""
    seen: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, args: seen.append(args[0].detach().clone()))
    return seen


# --- one step --------------------------------------------------------------------------------


@every_objective
@pytest.mark.parametrize("network", ["small", "article"])
def test_one_step_changes_every_weight_tensor(objective: str, network: str) -> None:
    """The article's networks were identities without weights."""
    pair = _pair(objective=objective, network=network)
    before = {name: _weights(getattr(pair, name)) for name in ("G", "D", "G_ema")}
    pair.step(measure=False)
    for name, old in before.items():
        assert differing(old, _weights(getattr(pair, name))) == sorted(old), name


@every_objective
def test_a_d_step_leaves_g_unchanged_and_a_g_step_d(objective: str) -> None:
    """Looked at exactly between the two, by hooks on the optimizers."""
    pair = _pair(objective=objective, n_critic=2)
    G_at_start, after_d, d_grads = _weights(pair.G), [], []

    def when_d_has_stepped(*_: Any) -> None:
        assert differing(G_at_start, _weights(pair.G)) == []
        assert all(p.grad is None for p in pair.G.parameters())  # D saw detached fakes
        after_d.append(_weights(pair.D))
        d_grads.append([bits(p.grad) for p in pair.D.parameters()])

    pair.opt_d.register_step_post_hook(when_d_has_stepped)
    pair.step(measure=True)
    assert len(after_d) == 2
    assert differing(after_d[0], after_d[1]) == sorted(after_d[0])
    assert differing(after_d[1], _weights(pair.D)) == []
    assert [bits(p.grad) for p in pair.D.parameters()] == d_grads[1]
    assert differing(G_at_start, _weights(pair.G)) == sorted(G_at_start)


@every_objective
def test_gs_gradient_is_that_of_ds_verdict_on_its_pictures(objective: str) -> None:
    """The article trained G on noise against ones, with no D in between.

    The reference recomputes the gradient from the closed form of the loss's slope: what reaches G
    is the verdict's derivative through D, and D is the one that has just stepped.
    """
    pair, gradients, stepped = _pair(objective=objective), [], []
    G, zs = copy.deepcopy(pair.G), _inputs_of(pair.G)
    pair.opt_d.register_step_post_hook(lambda *_: stepped.append(copy.deepcopy(pair.D)))
    pair.opt_g.register_step_pre_hook(
        lambda *_: gradients.extend(p.grad.clone() for p in pair.G.parameters())
    )
    pair.step(measure=False)
    (D,), (z,) = stepped, zs
    logits = D(G(z))
    belief = logits.detach().sigmoid()
    slope = belief - 1 if objective == "non-saturating" else -belief
    expected = torch.autograd.grad(logits, list(G.parameters()), slope / len(z))
    assert sum(g.abs().sum() for g in gradients) > 0
    for ours, theirs in zip(gradients, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-7)


def test_d_can_learn_again_after_gs_step() -> None:
    pair = _pair()
    for _ in range(2):
        pair.step(measure=True)
        assert all(p.requires_grad for p in pair.D.parameters())
        assert all(p.requires_grad for p in pair.G.parameters())
    assert not any(p.requires_grad for p in pair.G_ema.parameters())


@every_objective
def test_d_steps_raise_the_logit_of_reals_and_lower_that_of_fakes(objective: str) -> None:
    """The article's labels were swapped. G stands still here, so the change is D's alone."""
    pair = _pair(objective=objective, lr_g=0.0, lr_d=1e-2)
    reals = tiny_images().float() / 127.5 - 1
    with torch.no_grad():
        fakes = pair.G(noise(range(64), 4))

    def logits() -> tuple[float, float]:
        with torch.no_grad():
            return pair.D(reals).mean().item(), pair.D(fakes).mean().item()

    real_before, fake_before = logits()
    for _ in range(10):
        pair.step(measure=False)
    real_after, fake_after = logits()
    assert real_after > real_before + 0.1
    assert fake_after < fake_before - 0.1


@every_objective
def test_a_g_step_raises_the_logit_of_its_fakes(objective: str) -> None:
    pair = _pair(objective=objective, lr_d=0.0, lr_g=1e-3)
    z = noise(range(64), 4)

    def verdict() -> float:
        with torch.no_grad():
            return pair.D(copy.deepcopy(pair.G)(z)).mean().item()

    before, d_before = verdict(), _weights(pair.D)
    for _ in range(10):
        pair.step(measure=False)
    assert verdict() > before + 1e-3
    assert differing(d_before, _weights(pair.D)) == []


def test_images_reach_d_in_minus_one_to_one() -> None:
    """The article gave D reals in [0, 1] beside fakes in [-1, 1]: told apart at a glance."""
    images = numbered_images(86 - 1)
    images[0], images[1] = 0, 255
    pair = _pair(images)
    seen = _inputs_of(pair.D)
    for _ in range(11):  # more than an epoch
        pair.step(measure=False)
    reals = torch.cat([batch[:8] for batch in seen if len(batch) == 16])
    assert (reals.min(), reals.max()) == (-1, 1)
    expected = (images.double() / 255 * 2 - 1).float()
    levels = torch.unique(expected.flatten())
    distance = (torch.unique(reals.flatten())[:, None] - levels).abs().min(dim=1).values
    assert distance.max() < 1e-6


@pytest.mark.parametrize("channels", [1, 3])
def test_the_channels_come_from_the_data(channels: int) -> None:
    snapshots = run_through(tiny_config(images=32), tiny_images(channels=channels))
    assert snapshots[-1].samples.shape == (4, channels, 28, 28)
    assert snapshots[-1].weights["D.layers.0.weight"].shape[1] == channels
    assert all(math.isfinite(v) for _, row in rows_of(snapshots) for v in row.values())


# --- epochs ----------------------------------------------------------------------------------


def _reals_shown(pair: _Pair, steps: int) -> tuple[list[int], list[int]]:
    """The numbers of the images that D was shown as real, in order, and each batch's size."""
    seen = _inputs_of(pair.D)
    for _ in range(steps):
        pair.step(measure=False)
    batches = [batch[: len(batch) // 2] for batch in seen[::2]]  # the others are G's alone
    numbers = ((torch.cat(batches)[:, 0, 0, 0] + 1) * 127.5 / 3).round().int().tolist()
    return numbers, [len(batch) for batch in batches]


def test_an_epoch_shows_every_image_exactly_once() -> None:
    """The article's data shrank to its first batch. 20 images, batches of 8: none fits evenly."""
    numbers, sizes = _reals_shown(_pair(numbered_images(20)), steps=10)
    assert len(numbers) == 80
    epochs = [numbers[start : start + 20] for start in range(0, 80, 20)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(20))
    assert len({tuple(epoch) for epoch in epochs}) == 4  # each in an order of its own
    assert set(sizes) == {8}  # never ragged, not even across epochs


def test_data_smaller_than_a_batch_repeats_within_it() -> None:
    numbers, sizes = _reals_shown(_pair(numbered_images(3)), steps=3)
    assert Counter(numbers) == {0: 8, 1: 8, 2: 8}
    assert set(sizes) == {8}


def test_another_seed_shows_the_data_in_another_order() -> None:
    orders = [_reals_shown(_pair(numbered_images(20), seed=seed), 5)[0] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_images_are_counted_with_every_step_of_d() -> None:
    pair = _pair(n_critic=3)
    steps = Counter()
    pair.opt_d.register_step_post_hook(lambda *_: steps.update("D"))
    pair.opt_g.register_step_post_hook(lambda *_: steps.update("G"))
    pair.step(measure=False)
    assert pair.images_seen == 24
    assert steps == {"D": 3, "G": 1}


def test_a_run_ends_with_the_step_that_reaches_its_length() -> None:
    ends = [run_through(tiny_config(images=n))[-1] for n in (1, 8, 9, 100)]
    assert [(s.images_seen, s.ended) for s in ends] == [
        (8, "finished"),
        (8, "finished"),
        (16, "finished"),
        (104, "finished"),
    ]


# --- what the rows say -----------------------------------------------------------------------


@every_objective
def test_a_row_averages_losses_and_beliefs_over_its_steps(objective: str) -> None:
    """Recomputed in numpy from the logits that D gave during the two steps of the row."""
    pair, logits = _pair(objective=objective), []
    pair.D.register_forward_hook(lambda _, __, out: logits.append(out.detach().double().numpy()))
    pair.step(measure=False)
    pair.step(measure=True)
    belief = [1 / (1 + np.exp(-x)) for x in logits]
    real, fake = ([b[half] for b in belief[::2]] for half in (slice(8), slice(8, 16)))
    last = belief[1::2]
    loss_g = {
        "non-saturating": -np.mean(np.log(last)),
        "minimax": np.mean(np.log(1 - np.array(last))),
    }
    row = pair.take_row()
    assert row["loss_d"] == pytest.approx(
        -np.mean(np.log(real)) - np.mean(np.log(1 - np.array(fake))), rel=1e-5
    )
    assert row["loss_g"] == pytest.approx(loss_g[objective], rel=1e-5)
    assert row["d_real"] == pytest.approx(np.mean(real), rel=1e-5)
    assert row["d_fake"] == pytest.approx(np.mean(fake), rel=1e-5)
    # The next row starts from nothing.
    pair.step(measure=True)
    real_alone = (1 / (1 + np.exp(-logits[-2][:8]))).mean()
    assert pair.take_row()["d_real"] == pytest.approx(real_alone, rel=1e-5)


def test_a_rows_gradient_norms_are_those_of_its_last_step() -> None:
    pair, norms = _pair(), {}

    def note(name: str, network: nn.Module) -> Callable[..., None]:
        def hook(*_: Any) -> None:
            squares = sum(p.grad.double().square().sum().item() for p in network.parameters())
            norms[name] = math.sqrt(squares)

        return hook

    pair.opt_d.register_step_pre_hook(note("grad_d", pair.D))
    pair.opt_g.register_step_pre_hook(note("grad_g", pair.G))
    pair.step(measure=False)
    pair.step(measure=True)
    row = pair.take_row()
    assert row["grad_d"] == pytest.approx(norms["grad_d"], rel=1e-5)
    assert row["grad_g"] == pytest.approx(norms["grad_g"], rel=1e-5)
    assert min(norms.values()) > 0


def test_rows_come_at_every_log_interval_and_once_more_at_the_end() -> None:
    """A run shorter than its log interval has a curve too."""
    rows = rows_of(run_through(tiny_config(images=104)))
    assert [seen for seen, _ in rows] == [16, 32, 48, 64, 80, 96, 104]
    assert [seen for seen, _ in rows_of(run_through(tiny_config(images=24, log_every=999)))] == [24]
    assert {*rows[0][1]} == {"loss_d", "loss_g", "d_real", "d_fake", "grad_d", "grad_g"}


# --- R1 --------------------------------------------------------------------------------------


def test_r1_acts_every_so_many_steps_and_by_as_much_more() -> None:
    """Plain gradient descent makes the penalty's share the difference of two first steps."""
    chosen = {"optimizer": "sgd", "lr_d": 0.01, "lr_g": 0.0, "momentum": 0.0, "r1_every": 3}
    without, with_r1 = _pair(**chosen, r1_gamma=0.0), _pair(**chosen, r1_gamma=0.5)
    reference, seen = copy.deepcopy(with_r1.D), _inputs_of(with_r1.D)
    for pair in (without, with_r1):
        pair.step(measure=False)
    reals = seen[0][:8]
    gradients = torch.autograd.grad(
        r1_penalty(reference, reals), list(reference.parameters()), allow_unused=True
    )
    for a, b, g in zip(without.D.parameters(), with_r1.D.parameters(), gradients, strict=True):
        share = torch.zeros_like(a) if g is None else -0.01 * 0.5 * 3 * g
        torch.testing.assert_close((b - a).detach(), share, rtol=1e-3, atol=1e-8)
    for _ in range(6):
        with_r1.step(measure=False)
    # D looks at the reals once more in the steps that carry the penalty: 0, 3 and 6.
    alone = [len(batch) for batch in seen]
    assert alone == [16, 8, 8, 16, 8, 16, 8, 16, 8, 8, 16, 8, 16, 8, 16, 8, 8]


# --- averaged G ------------------------------------------------------------------------------


def test_averaged_g_is_the_average_computed_by_hand() -> None:
    """BatchNorm's statistics included: without them its pictures would be washed out."""
    pair = _pair(ema_half_life=64)
    average = {n: t.double().clone() for n, t in pair.G.state_dict().items()}
    for step in range(1, 101):
        pair.step(measure=False)
        half_life = min(64, 8 * step / 10)  # warms up
        decay = 2 ** (-8 / half_life)
        for name, tensor in pair.G.state_dict().items():
            if tensor.is_floating_point():
                average[name] = decay * average[name] + (1 - decay) * tensor.double()
            else:
                average[name] = tensor.double()
    averaged = pair.G_ema.state_dict()
    assert any("running_var" in name for name in averaged)
    for name, tensor in averaged.items():
        torch.testing.assert_close(tensor.double(), average[name], rtol=1e-4, atol=1e-6)
        if tensor.is_floating_point():
            assert not torch.equal(tensor, pair.G.state_dict()[name]), name


def test_without_averaging_averaged_g_is_g() -> None:
    pair = _pair(ema_half_life=0)
    pair.step(measure=False)
    assert differing(pair.G.state_dict(), pair.G_ema.state_dict()) == []


def test_samples_are_drawn_in_evaluation_mode_and_change_nothing() -> None:
    pair = _pair()
    pair.step(measure=False)
    before = copy.deepcopy(pair.G.state_dict())
    z = noise(range(3), 4)
    together, alone = sample_images(pair.G, z), sample_images(pair.G, z[:1])
    assert together.dtype == torch.uint8
    assert (together[:1].int() - alone.int()).abs().max() <= 1  # no look at the neighbours
    assert differing(before, pair.G.state_dict()) == []
    assert pair.G.training


def test_every_grid_is_averaged_g_on_the_same_noise() -> None:
    for snapshot in run_through(tiny_config(sample_count=5)):
        if snapshot.samples is None or snapshot.weights is None:
            continue
        spec = NetworkSpec("small", 4, 4, 1)
        G = Weights("w", spec, {}, snapshot.weights).generator()  # type: ignore[arg-type]
        assert torch.equal(snapshot.samples, sample_images(G, noise(range(5), 4)))


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
    for snapshot in train(tiny_config(), tiny_images()):
        tensors = {**(snapshot.weights or {}), **(snapshot.state.tensors if snapshot.state else {})}
        kept.append((tensors, {name: bits(t) for name, t in tensors.items()}))
    for tensors, then in kept:
        assert {name: bits(t) for name, t in tensors.items()} == then


# --- exact continuation ----------------------------------------------------------------------

RECIPES = {
    "adam": {},
    "adam-minimax": {"objective": "minimax"},
    "sgd": {"optimizer": "sgd", "lr_g": 0.01, "lr_d": 0.01},
    "sgd-momentum": {"optimizer": "sgd", "momentum": 0.9, "lr_g": 0.01, "lr_d": 0.01},
    "critic-r1": {"n_critic": 2, "r1_gamma": 0.2, "r1_every": 3},
    "no-average": {"ema_half_life": 0},
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_continuing_from_any_saved_state_gives_the_same_bits(recipe: dict[str, Any]) -> None:
    """50 images: an epoch ends within a batch, so the place in the data matters too."""
    config, images = tiny_config(**recipe), tiny_images(50)
    straight = run_through(config, images)
    states = states_of(straight)[:-1]
    assert len(states) >= 3
    for state in states:
        resumed = run_through(config, images, state=state)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
        assert straight[-1].state.facts == resumed[-1].state.facts
        later = [row for row in rows_of(straight) if row[0] > state.images_seen]
        assert rows_of(resumed) == later


def test_stopping_within_a_row_and_continuing_gives_the_same_bits() -> None:
    """The sums of a row begun are part of the state."""
    config = tiny_config()
    straight = run_through(config)
    stopped = run_through(config, controls=_stop_at(40))
    assert (stopped[-1].images_seen, stopped[-1].ended) == (40, "stopped")
    resumed = run_through(config, state=stopped[-1].state)
    assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
    assert rows_of(straight) == rows_of(stopped) + rows_of(resumed)


def _stop_at(images: int) -> Callable[[int], None]:
    def controls(images_seen: int) -> None:
        if images_seen >= images:
            raise StopTraining

    return controls


def test_a_stop_before_the_first_step_saves_the_untrained_pair() -> None:
    snapshots = run_through(tiny_config(), controls=_stop_at(0))
    assert [s.ended for s in snapshots] == [None, "stopped"]
    assert snapshots[-1].state.images_seen == 0


# --- knobs -----------------------------------------------------------------------------------


def _turn(turns: dict[int, dict[str, float]]) -> Callable[[int], dict[str, float] | None]:
    return lambda images_seen: turns.get(images_seen)


def test_a_turned_knob_acts_from_its_step_on() -> None:
    plain = run_through(tiny_config())
    turned = run_through(tiny_config(), controls=_turn({64: {"lr_g": 0.0}}))
    assert [(s.images_seen, s.changed) for s in turned if s.changed] == [(64, {"lr_g": 0.0})]

    def at(snapshots: list[Snapshot], images: int) -> dict[str, Tensor]:
        return next(s.state.tensors for s in snapshots if s.images_seen == images and s.state)

    learned = [name for name in at(plain, 64) if name.startswith("G.") and "weight" in name]
    assert differing(at(plain, 64), at(turned, 64)) == []
    assert not set(differing(at(turned, 64), at(turned, 128))) & set(learned)
    assert set(differing(at(plain, 64), at(plain, 128))) >= set(learned)


def test_a_turned_n_critic_changes_how_images_are_counted() -> None:
    seen: list[int] = []

    def controls(images_seen: int) -> dict[str, float] | None:
        seen.append(images_seen)
        return {"n_critic": 3} if images_seen == 16 else None

    run_through(tiny_config(images=64), controls=controls)
    assert seen == [0, 8, 16, 40]


def test_a_state_remembers_its_turned_knobs() -> None:
    """Turned at 16, saved at 32: who continues from 32 turns nothing and gets the same bits."""
    config = tiny_config()
    knobs = {"lr_g": 5e-3, "lr_d": 2e-4, "r1_gamma": 0.5, "n_critic": 2}
    straight = run_through(config, controls=_turn({16: knobs}))
    for state in states_of(straight)[:-1]:
        resumed = run_through(config, state=state)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
    assert differing(straight[-1].state.tensors, _final(config)) != []


# --- numbers that are none -------------------------------------------------------------------

WILD = {"optimizer": "sgd", "lr_g": 1.0, "lr_d": 1.0, "momentum": 0.9}


def test_divergence_goes_back_once_with_halved_rates_and_then_fails() -> None:
    snapshots = []
    with pytest.raises(TrainingFailedError) as caught:
        snapshots.extend(train(tiny_config(images=4096, **WILD), tiny_images()))
    back = [s for s in snapshots if s.rolled_back]
    assert len(back) == 1
    good = [s.images_seen for s in snapshots[: snapshots.index(back[0])] if s.state]
    assert back[0].images_seen == good[-1]
    assert "halved rates" in back[0].rolled_back
    assert f"{good[-1]:,} images" in back[0].rolled_back
    message = str(caught.value)
    assert "became" in message
    assert "images, again after its rates were halved" in message
    assert "Lower the learning rates" in message
    for snapshot in snapshots:  # nothing broken was handed out
        for part in (snapshot.weights, snapshot.state.tensors if snapshot.state else None):
            assert all(t.isfinite().all() for t in (part or {}).values())
        assert all(math.isfinite(v) for v in (snapshot.row or {}).values())


def test_training_goes_on_from_the_last_good_state_at_half_its_rates() -> None:
    """Wild rates are turned up at 128 and, after the way back, down again."""
    turns = iter([{"lr_d": 1.0, "lr_g": 1.0}, {"lr_d": 2e-3, "lr_g": 2e-3}])
    calm = {"optimizer": "sgd", "momentum": 0.9, "lr_g": 2e-3, "lr_d": 2e-3, "save_every": 128}

    def controls(images_seen: int) -> dict[str, float] | None:
        return next(turns) if images_seen == 128 else None

    config = tiny_config(images=384, **calm)
    snapshots = run_through(config, controls=controls)
    assert [s.images_seen for s in snapshots if s.rolled_back] == [128]
    assert snapshots[-1].ended == "finished"
    assert snapshots[-1].state.facts["rollbacks"] == 1
    # As if it had been at 128 with half the rates in the first place.
    plain = run_through(config, controls=_turn({128: {"lr_g": 1e-3, "lr_d": 1e-3}}))
    assert differing(plain[-1].state.tensors, snapshots[-1].state.tensors) == []


@pytest.mark.parametrize("images", [200, 204])
def test_a_run_never_finishes_with_broken_weights(images: int) -> None:
    """Divergence within a last, unfinished row is noticed too."""
    config = tiny_config(images=images, log_every=1000, **WILD)
    with pytest.raises(TrainingFailedError, match="images"):
        run_through(config, tiny_images())


# --- moments ---------------------------------------------------------------------------------


def test_moments_of_history_are_two_a_doubling() -> None:
    taken = [n for n in range(1, 300) if history_moment(10 * (n - 1), 10 * n, 10)]
    assert taken == [1, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128, 182, 256]


def test_no_moment_of_history_is_missed_by_long_steps() -> None:
    short = sum(history_moment(n, n + 5, 10) for n in range(0, 3000, 5))
    assert short == 16  # those of 300 units, and none twice
    assert all(history_moment(n, n + 1500, 10) for n in range(0, 3000, 1500))


def test_grids_come_often_at_first_and_less_often_later() -> None:
    moments = [n for n in range(1, 2000) if sample_moment(100 * (n - 1), 100 * n, 100)]
    gaps = [(b, b - a) for a, b in itertools.pairwise(moments)]
    assert moments[:10] == list(range(1, 11))
    assert all(gap <= max(1, min(16, 0.08 * n)) for n, gap in gaps)
    assert [gap for _, gap in gaps] == sorted(gap for _, gap in gaps)
    assert gaps[-1][1] == 16


def test_grids_come_as_often_where_steps_and_rows_do_not_divide() -> None:
    """Steps of 24 images and rows of 100: a due moment lies within a step, never between two."""
    moments = [n for n in range(0, 100_000, 24) if sample_moment(n, n + 24, 100)]
    gaps = [b - a for a, b in itertools.pairwise(moments)]
    assert max(gaps) <= 1624


def test_crossing_counts_multiples_reached_not_left() -> None:
    assert crosses(0, 16, 16)
    assert crosses(8, 24, 16)
    assert not crosses(16, 24, 16)
    assert not crosses(0, 15, 16)


def test_saved_moments_lie_on_rows() -> None:
    """save_every is rounded to whole rows, so that curves have a point where weights are."""
    snapshots = run_through(tiny_config(images=256, save_every=40))
    rows = {seen for seen, _ in rows_of(snapshots)}
    assert {s.images_seen for s in snapshots if s.state} <= rows


def test_the_first_snapshot_shows_the_untrained_pair() -> None:
    first = next(train(tiny_config(), tiny_images()))
    assert first.images_seen == 0
    assert first.samples is not None
    assert first.weights is not None
    assert first.keep_weights


def test_a_continued_training_does_not_show_its_start_again() -> None:
    state = states_of(run_through(tiny_config()))[0]
    assert next(train(tiny_config(), tiny_images(), state=state)).images_seen > state.images_seen
