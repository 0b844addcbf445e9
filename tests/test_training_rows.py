"""What a row says: losses, beliefs, penalties and gradient norms, recomputed; and when it comes."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.formulas import BELIEFS, D_FORMULAS, G_FORMULAS
from tests.support import (
    every_objective,
    grown_trainer,
    inputs_of,
    rows_of,
    run_through,
    tiny_config,
    tiny_trainer,
)


def _ranked(real: np.ndarray, fake: np.ndarray) -> float:
    """How often a real is above a fake, over all pairs of one batch."""
    return float(np.mean([[(r > f) + (r == f) / 2 for f in fake] for r in real]))


@every_objective
def test_a_row_averages_losses_and_beliefs_over_its_steps(objective: str) -> None:
    """Recomputed in numpy from the logits that D gave during the steps of the row. D's loss is
    without its penalties, so that its values can be compared from row to row."""
    trainer, logits = tiny_trainer(objective=objective, n_critic=1), []
    trainer.D.register_forward_hook(lambda _, __, out: logits.append(out.detach().double().numpy()))

    def expected(passes: list[np.ndarray]) -> dict[str, float]:
        """Of one step's passes through D."""
        real, fake = passes[0][:8], passes[0][8:16]
        last = passes[-1]  # for r3gan the reals again, in G's step; no other looks at them there
        judged = passes[2 if objective == "wgan-gp" else 1]
        ranked = d_real = _ranked(real[:, 0], fake[:, 0])
        d_fake = 1 - ranked
        if belief := BELIEFS.get(objective):
            d_real, d_fake = belief(real).mean(), belief(fake).mean()
        return {
            "loss_d": D_FORMULAS[objective](real, fake),
            "loss_g": G_FORMULAS[objective](last, judged),
            "d_real": d_real,
            "d_fake": d_fake,
            "picks": ranked,
        }

    def step() -> dict[str, float]:
        logits.clear()
        trainer.step(measure=True)
        return expected(logits)

    trainer.step(measure=True)
    trainer.take_row()
    one, two = step(), step()
    row = trainer.take_row()
    for name in one:
        assert row[name] == pytest.approx((one[name] + two[name]) / 2, rel=1e-4, abs=1e-6), name
    three = step()  # the next row starts from nothing
    row = trainer.take_row()
    for name in three:
        assert row[name] == pytest.approx(three[name], rel=1e-4, abs=1e-6), name


def _mean_squared_slope(D: nn.Module, images: Tensor) -> float:
    images = images.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(D(images).sum(), images)
    return slopes.square().flatten(1).sum(1).mean().item()


def test_a_row_averages_its_penalties_before_their_weights() -> None:
    """Of every third step, from the start on: of R1 and of R2, each as its formula says."""
    trainer, found = tiny_trainer(r1_gamma=0.5, r2_gamma=0.25, r1_every=3), []
    for step in range(4):
        D, seen = copy.deepcopy(trainer.D), inputs_of(trainer.D)
        trainer.step(measure=True)
        if step % 3 == 0:
            found += [_mean_squared_slope(D, half) / 2 for half in seen[0][0].chunk(2)]
    assert len(found) == 4
    assert trainer.take_row()["penalty"] == pytest.approx(np.mean(found), rel=1e-4)
    trainer.step(measure=True)
    assert trainer.take_row()["penalty"] is None  # none in this row


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_wgan_gps_row_has_its_penalty(precision: str) -> None:
    """Computed in float32 always: bf16 has too few digits for the slope of a slope."""
    trainer = grown_trainer(objective="wgan-gp", n_critic=1, precision=precision)
    D, seen = copy.deepcopy(trainer.D), inputs_of(trainer.D)
    trainer.step(measure=True)
    mixed = seen[1][0].clone().requires_grad_()
    (slopes,) = torch.autograd.grad(D(mixed).sum(), mixed)
    expected = (slopes.flatten(1).norm(dim=1) - 1).square().mean().item()
    assert trainer.take_row()["penalty"] == pytest.approx(expected, rel=1e-4)


def test_a_rows_gradient_norms_are_those_of_its_last_step() -> None:
    trainer, norms = tiny_trainer(), {}

    def note(name: str, network: nn.Module) -> Callable[..., None]:
        def hook(*_: Any) -> None:
            squares = sum(p.grad.double().square().sum().item() for p in network.parameters())
            norms[name] = math.sqrt(squares)

        return hook

    trainer.opt_d.register_step_pre_hook(note("grad_d", trainer.D))
    trainer.opt_g.register_step_pre_hook(note("grad_g", trainer.G))
    trainer.step(measure=False)
    trainer.step(measure=True)
    row = trainer.take_row()
    assert row["grad_d"] == pytest.approx(norms["grad_d"], rel=1e-5)
    assert row["grad_g"] == pytest.approx(norms["grad_g"], rel=1e-5)
    assert min(norms.values()) > 0


def test_rows_come_at_every_log_interval_and_once_more_at_the_end() -> None:
    """A run shorter than its log interval has a curve too."""
    rows = rows_of(run_through(tiny_config(images=104)))
    assert [seen for seen, _ in rows] == [16, 32, 48, 64, 80, 96, 104]
    assert [seen for seen, _ in rows_of(run_through(tiny_config(images=24, log_every=999)))] == [24]
    names = ["loss_d", "loss_g", "d_real", "d_fake", "picks", "penalty"]
    assert list(rows[0][1]) == [*names, "grad_d", "grad_g", "diversity"]


def test_picks_count_every_step_of_d_that_a_row_knows_of() -> None:
    """All three steps of D to one of G; and where a row began in a version that did not count them,
    those since."""
    trainer, logits = grown_trainer(n_critic=3), []
    trainer.D.register_forward_hook(lambda _, __, out: logits.append(out.detach().double().numpy()))
    trainer.step()
    begun = trainer.capture()
    del begun.tensors["picks"]
    trainer.restore(begun)
    assert trainer.take_row(ends=False)["picks"] is None
    logits.clear()
    trainer.step()
    picks = [_ranked(both[:8, 0], both[8:, 0]) for both in logits[:3]]
    assert len(set(picks)) > 1
    row = trainer.take_row()
    assert row["picks"] == pytest.approx(np.mean(picks), rel=1e-5)
    assert trainer.progress.steps_in_row == 0


def test_diversity_is_the_distance_between_fakes_over_that_between_reals() -> None:
    """Recomputed from all pairs of the last batch of each side."""
    trainer = tiny_trainer()
    seen = inputs_of(trainer.D)
    trainer.step(measure=True)
    reals, fakes = seen[0][0].double().flatten(1).chunk(2)

    def spread(batch: Tensor) -> float:
        pairs = [(a - b).square().sum() for a in batch for b in batch]
        return math.sqrt(sum(pairs) / len(pairs))

    expected = spread(fakes) / spread(reals)
    assert trainer.take_row()["diversity"] == pytest.approx(expected, rel=1e-4)


def test_diversity_is_0_where_g_draws_one_picture_and_finite_where_the_reals_are_one() -> None:
    trainer = tiny_trainer()
    with torch.no_grad():
        for parameter in trainer.G.parameters():
            parameter.zero_()
    trainer.step(measure=True)
    assert trainer.take_row()["diversity"] == 0
    trainer = tiny_trainer(torch.zeros(16, 1, 28, 28, dtype=torch.uint8))
    trainer.step(measure=True)
    assert math.isfinite(trainer.take_row()["diversity"])
