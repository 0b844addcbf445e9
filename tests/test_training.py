"""The training loop: what an epoch is, what is said when, and that looking changes nothing.

What one step computes is in `test_training_steps`; that a run can be continued bit for bit, in
`test_training_exact`.
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

from ganmodel.config import NETWORKS, OBJECTIVES
from ganmodel.data import Data, DataError
from ganmodel.latents import noise
from ganmodel.moments import crosses, history_moment, sample_moment
from ganmodel.networks import SIZES, NetworkSpec
from ganmodel.training import Pair, sample_images, train
from ganmodel.weights import Weights
from tests.formulas import D_FORMULAS, G_FORMULAS, sigmoid
from tests.support import (
    differing,
    inputs_of,
    numbered_images,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_data,
    tiny_images,
    tiny_pair,
)

every_objective = pytest.mark.parametrize("objective", OBJECTIVES)


# --- what is shown ---------------------------------------------------------------------------


def test_images_reach_d_in_minus_one_to_one() -> None:
    """The article gave D reals in [0, 1] beside fakes in [-1, 1]: told apart at a glance."""
    images = numbered_images(86 - 1)
    images[0], images[1] = 0, 255
    pair = tiny_pair(images)
    seen = inputs_of(pair.D)
    for _ in range(11):  # more than an epoch
        pair.step(measure=False)
    reals = torch.cat([batch[:8] for batch, _ in seen if len(batch) == 16])
    assert (reals.min(), reals.max()) == (-1, 1)
    expected = (images.double() / 255 * 2 - 1).float()
    levels = torch.unique(expected.flatten())
    distance = (torch.unique(reals.flatten())[:, None] - levels).abs().min(dim=1).values
    assert distance.max() < 1e-6


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_channels_and_size_come_from_the_data(network: str, channels: int, size: int) -> None:
    """Whatever `image_size` says: that is what a person's own pictures are brought to."""
    config = tiny_config(images=16, network=network, image_size=60 - size)
    snapshots = run_through(config, tiny_images(channels=channels, size=size))
    assert snapshots[-1].samples.shape == (4, channels, size, size)
    assert snapshots[-1].weights["D.layers.0.weight"].shape[1] == channels
    row = rows_of(snapshots)[-1][1]
    assert all(math.isfinite(v) for name, v in row.items() if name != "penalty")


def test_a_conditional_pair_on_data_without_classes_is_refused_in_a_sentence() -> None:
    images = tiny_images(8)
    config = tiny_config(conditional=True)
    one_class = Data("mine", images, torch.zeros(8, dtype=torch.long), ("cat",))
    for data in (Data("mine", images, None, ()), one_class):
        with pytest.raises(DataError) as caught:
            next(train(config, data))
        message = str(caught.value)
        assert message.startswith("mine has no classes to learn, but by class (conditional) is on")
        assert message.endswith(".")


def test_a_conditional_runs_grid_shows_the_classes_in_turn() -> None:
    last = run_through(tiny_config(conditional=True, sample_count=6, images=64))[-1]
    spec = NetworkSpec("small", 4, 4, 1, classes=4)
    G = Weights("w", spec, {}, last.weights).generator()  # type: ignore[arg-type]
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    assert torch.equal(last.samples, sample_images(G, noise(range(6), 4), labels))


# --- epochs ----------------------------------------------------------------------------------


def _reals_shown(pair: Pair, steps: int) -> tuple[list[int], list[int]]:
    """The numbers of the images that D was shown as real, in order, and each batch's size."""
    seen = inputs_of(pair.D)
    for _ in range(steps):
        pair.step(measure=False)
    batches = [batch[: len(batch) // 2] for batch, _ in seen[::2]]  # the others are G's alone
    numbers = ((torch.cat(batches)[:, 0, 0, 0] + 1) * 127.5 / 3).round().int().tolist()
    return numbers, [len(batch) for batch in batches]


def test_an_epoch_shows_every_image_exactly_once() -> None:
    """The article's data shrank to its first batch. 20 images, batches of 8: none fits evenly."""
    numbers, sizes = _reals_shown(tiny_pair(numbered_images(20)), steps=10)
    assert len(numbers) == 80
    epochs = [numbers[start : start + 20] for start in range(0, 80, 20)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(20))
    assert len({tuple(epoch) for epoch in epochs}) == 4  # each in an order of its own
    assert set(sizes) == {8}  # never ragged, not even across epochs


def test_data_smaller_than_a_batch_repeats_within_it() -> None:
    numbers, sizes = _reals_shown(tiny_pair(numbered_images(3)), steps=3)
    assert Counter(numbers) == {0: 8, 1: 8, 2: 8}
    assert set(sizes) == {8}


def test_another_seed_shows_the_data_in_another_order() -> None:
    orders = [_reals_shown(tiny_pair(numbered_images(20), seed=seed), 5)[0] for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


def test_a_run_ends_with_the_step_that_reaches_its_length() -> None:
    ends = [run_through(tiny_config(images=n))[-1] for n in (1, 8, 9, 100)]
    assert [(s.images_seen, s.ended) for s in ends] == [
        (8, "finished"),
        (8, "finished"),
        (16, "finished"),
        (104, "finished"),
    ]


# --- what the rows say -----------------------------------------------------------------------


def _ranked(real: np.ndarray, fake: np.ndarray) -> float:
    """How often a real is above a fake, over all pairs of one batch."""
    return float(np.mean([[(r > f) + (r == f) / 2 for f in fake] for r in real]))


@every_objective
def test_a_row_averages_losses_and_beliefs_over_its_steps(objective: str) -> None:
    """Recomputed in numpy from the logits that D gave during the steps of the row. D's loss is
    without its penalties, so that its values can be compared from row to row."""
    pair, logits = tiny_pair(objective=objective, n_critic=1), []
    pair.D.register_forward_hook(lambda _, __, out: logits.append(out.detach().double().numpy()))

    def expected(passes: list[np.ndarray]) -> dict[str, float]:
        """Of one step's passes through D."""
        real, fake = passes[0][:8], passes[0][8:]
        last = passes[-1]  # for r3gan the reals again, in G's step; no other looks at them there
        judged = passes[2 if objective == "wgan-gp" else 1]
        beliefs = {
            "minimax": (sigmoid(real).mean(), sigmoid(fake).mean()),
            "lsgan": (real.clip(0, 1).mean(), fake.clip(0, 1).mean()),
        }
        beliefs["non-saturating"] = beliefs["minimax"]
        ranked = _ranked(real[:, 0], fake[:, 0])
        d_real, d_fake = beliefs.get(objective, (ranked, 1 - ranked))
        return {
            "loss_d": D_FORMULAS[objective](real, fake),
            "loss_g": G_FORMULAS[objective](last, judged),
            "d_real": d_real,
            "d_fake": d_fake,
        }

    def step() -> dict[str, float]:
        logits.clear()
        pair.step(measure=True)
        return expected(logits)

    pair.step(measure=True)
    pair.take_row()
    one, two = step(), step()
    row = pair.take_row()
    for name in one:
        assert row[name] == pytest.approx((one[name] + two[name]) / 2, rel=1e-4, abs=1e-6), name
    three = step()  # the next row starts from nothing
    row = pair.take_row()
    for name in three:
        assert row[name] == pytest.approx(three[name], rel=1e-4, abs=1e-6), name


def _mean_squared_slope(D: nn.Module, images: Tensor) -> float:
    images = images.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(D(images).sum(), images)
    return slopes.square().flatten(1).sum(1).mean().item()


def test_a_row_averages_its_penalties_before_their_weights() -> None:
    """Of every third step, from the start on: of R1 and of R2, each as its formula says."""
    pair, found = tiny_pair(r1_gamma=0.5, r2_gamma=0.25, r1_every=3), []
    for step in range(4):
        D, seen = copy.deepcopy(pair.D), inputs_of(pair.D)
        pair.step(measure=True)
        if step % 3 == 0:
            found += [_mean_squared_slope(D, half) / 2 for half in seen[0][0].chunk(2)]
    assert len(found) == 4
    assert pair.take_row()["penalty"] == pytest.approx(np.mean(found), rel=1e-4)
    pair.step(measure=True)
    assert pair.take_row()["penalty"] is None  # none in this row


def test_wgan_gps_row_has_its_penalty() -> None:
    pair = tiny_pair(objective="wgan-gp", n_critic=1)
    D, seen = copy.deepcopy(pair.D), inputs_of(pair.D)
    pair.step(measure=True)
    mixed = seen[1][0].clone().requires_grad_()
    (slopes,) = torch.autograd.grad(D(mixed).sum(), mixed)
    expected = (slopes.flatten(1).norm(dim=1) - 1).square().mean().item()
    assert pair.take_row()["penalty"] == pytest.approx(expected, rel=1e-4)


def test_a_rows_gradient_norms_are_those_of_its_last_step() -> None:
    pair, norms = tiny_pair(), {}

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
    names = ["loss_d", "loss_g", "d_real", "d_fake", "penalty", "grad_d", "grad_g"]
    assert list(rows[0][1]) == names


# --- rates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_rates_fall_as_one_over_the_root_of_the_images_seen(optimizer: str) -> None:
    """Karras et al. 2024: rate · √(hold / max(hold, seen)), by images seen before the step. Read
    off the optimizers at each of their steps; a turned knob is the rate that falls from then on."""
    chosen = {"lr_hold": 64, "lr_g": 1e-3, "lr_d": 4e-4, "n_critic": 2, "optimizer": optimizer}
    pair, taken = tiny_pair(**chosen), []
    for name, opt in (("g", pair.opt_g), ("d", pair.opt_d)):
        opt.register_step_pre_hook(
            lambda optimizer, *_, name=name: taken.append(
                (name, seen, optimizer.param_groups[0]["lr"])
            )
        )
    rates = {"g": 1e-3, "d": 4e-4}
    for _ in range(12):
        seen = pair.images_seen
        if seen == 96:
            pair.turn({"lr_d": 2e-3})
            rates = {"g": 1e-3, "d": 2e-3}
        pair.step(measure=False)
        for name, at, rate in taken:
            falling = 1.0 if at <= 64 else (64 / at) ** 0.5
            assert rate == pytest.approx(rates[name] * falling, rel=1e-12)
        assert [name for name, _, _ in taken] == ["d", "d", "g"]
        taken.clear()
    assert pair.images_seen == 192


def test_without_lr_hold_rates_stay() -> None:
    pair = tiny_pair(lr_g=1e-3, lr_d=2e-3)
    for _ in range(5):
        pair.step(measure=False)
    assert pair.opt_g.param_groups[0]["lr"] == 1e-3
    assert pair.opt_d.param_groups[0]["lr"] == 2e-3


@pytest.mark.parametrize(
    ("chosen", "kind", "facts"),
    [
        ({"beta1": 0.3, "beta2": 0.8}, torch.optim.Adam, {"betas": (0.3, 0.8)}),
        ({"optimizer": "rmsprop", "beta2": 0.8}, torch.optim.RMSprop, {"alpha": 0.8}),
        ({"optimizer": "sgd", "momentum": 0.7}, torch.optim.SGD, {"momentum": 0.7}),
    ],
    ids=["adam", "rmsprop", "sgd"],
)
def test_both_optimizers_are_as_chosen(
    chosen: dict[str, Any], kind: type, facts: dict[str, Any]
) -> None:
    pair = tiny_pair(**chosen)
    for optimizer, network in ((pair.opt_g, pair.G), (pair.opt_d, pair.D)):
        assert type(optimizer) is kind
        (group,) = optimizer.param_groups
        assert {name: group[name] for name in facts} == facts
        assert [id(p) for p in group["params"]] == [id(p) for p in network.parameters()]


# --- averaged G ------------------------------------------------------------------------------


def test_averaged_g_is_the_average_computed_by_hand() -> None:
    """BatchNorm's statistics included: without them its pictures would be washed out."""
    pair = tiny_pair(ema_half_life=64)
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
    pair = tiny_pair(ema_half_life=0)
    pair.step(measure=False)
    assert differing(pair.G.state_dict(), pair.G_ema.state_dict()) == []


def test_samples_are_drawn_in_evaluation_mode_and_change_nothing() -> None:
    pair = tiny_pair()
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


@pytest.mark.parametrize("start_from", ["", "weights.safetensors"])
def test_the_average_warms_up_unless_the_start_was_trained(start_from: str) -> None:
    """Fresh networks are soon forgotten; trained ones count from the first step on. One step of 8
    images, by hand: half-lives of 0.8 and of 640 images."""
    pair = tiny_pair(ema_half_life=640, start_from=start_from)
    before = {n: t.double().clone() for n, t in pair.G_ema.state_dict().items()}
    pair.step(measure=False)
    decay = 2 ** (-8 / (640 if start_from else 0.8))
    for name, tensor in pair.G.state_dict().items():
        if tensor.is_floating_point():
            expected = decay * before[name] + (1 - decay) * tensor.double()
            averaged = pair.G_ema.state_dict()[name].double()
            torch.testing.assert_close(averaged, expected, rtol=1e-5, atol=1e-7)


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
    first = next(train(tiny_config(), tiny_data()))
    assert first.images_seen == 0
    assert first.samples is not None
    assert first.weights is not None
    assert first.keep_weights


def test_a_continued_training_does_not_show_its_start_again() -> None:
    state = states_of(run_through(tiny_config()))[0]
    assert next(train(tiny_config(), tiny_data(), state=state)).images_seen > state.images_seen
