"""One training step: who is changed by whom and in which direction, clipping, D's own limits."""

from __future__ import annotations

import copy
import math
from collections import Counter
from typing import Any

import pytest
import torch
from torch import nn

from ganmodel.objectives import OBJECTIVES
from ganmodel.training import Trainer
from ganmodel.training.rows import diversity
from ganmodel.training.step import g_step
from tests.support import (
    ONCE,
    STEPS,
    bits,
    differing,
    every_objective,
    grads_in,
    grown_trainer,
    inputs_of,
    tiny_images,
    tiny_trainer,
    weights_in,
)

# Here D compares reals with fakes, so the gradient of its last bias cancels out; under hinge, for
# as long as every logit is within the margin.
COMPARING = ("wgan", "wgan-gp", "r3gan", "hinge")


# --- who is changed by whom ------------------------------------------------------------------


def _inner(network: nn.Module) -> set[str]:
    """Weights in front of a residual block's last layer; that one starts at zero, so they have no
    gradient before it has moved."""
    return {
        f"{prefix}.layers.{index}.{kind}"
        for prefix, module in network.named_modules()
        if type(module).__name__ == "ResidualBlock"
        for index in (1, 3)
        for kind in ("weight", "bias")
    }


PAIRS = [
    (objective, network, conditional)
    for objective in OBJECTIVES
    for network in ("small", "article", "residual")
    for conditional in (False, True)
    if (objective, network) != ("hinge", "residual")
    and (network, conditional) != ("article", True)  # takes its classes as the small one does
]


@pytest.mark.parametrize(("objective", "network", "conditional"), PAIRS)
def test_one_step_changes_every_weight_tensor(
    objective: str, network: str, conditional: bool
) -> None:
    """The article's networks were identities without weights. The exceptions are those named
    above, and the residual ones are gone with the second step."""
    trainer = tiny_trainer(
        objective=objective, network=network, conditional=conditional, n_critic=1
    )
    before = {name: weights_in(getattr(trainer, name)) for name in ("G", "D", "G_ema")}
    cancelled = {f"layers.{len(trainer.D.layers) - 1}.bias"} if objective in COMPARING else set()
    for steps in (1, 2):
        trainer.step(measure=False)
        for name, old in before.items():
            network_now = getattr(trainer, name)
            waiting = _inner(network_now) if steps == 1 else set()
            if name == "D" and objective == "wgan":
                waiting = {n for n in waiting if n.endswith("bias")}  # clipping moves the rest
            may_stay = cancelled if name == "D" else set()
            moved = set(differing(old, weights_in(network_now)))
            assert moved - may_stay == set(old) - waiting - may_stay, (name, steps)


@every_objective
@pytest.mark.parametrize("conditional", [False, True], ids=["", "conditional"])
def test_a_d_step_leaves_g_unchanged_and_a_g_step_d(objective: str, conditional: bool) -> None:
    """Looked at exactly between the two, by hooks on the optimizers. clip_weights is D's own and
    comes before G's forward pass, which the hook on D's last pass finds."""
    trainer = tiny_trainer(objective=objective, conditional=conditional, n_critic=2)
    G_at_start, D_judging, d_steps = weights_in(trainer.G), [], []

    def when_d_has_stepped(*_: Any) -> None:
        assert differing(G_at_start, weights_in(trainer.G)) == []
        assert all(p.grad is None for p in trainer.G.parameters())  # D saw detached fakes
        d_steps.append(
            (weights_in(trainer.D), {n: bits(g) for n, g in grads_in(trainer.D).items()})
        )

    trainer.opt_d.register_step_post_hook(when_d_has_stepped)
    trainer.D.register_forward_pre_hook(lambda *_: D_judging.append(weights_in(trainer.D)))
    before = weights_in(trainer.D)
    trainer.step(measure=True)
    (first, _), (second, gradients) = d_steps
    for old, new in ((before, first), (first, second)):
        assert differing(old, new) != []
    # D is as its second step left it, and that step's gradients lie in it untouched.
    assert differing(D_judging[-1], weights_in(trainer.D)) == []
    assert {n: bits(g) for n, g in grads_in(trainer.D).items()} == gradients
    if objective != "wgan":
        assert differing(second, weights_in(trainer.D)) == []
    assert differing(G_at_start, weights_in(trainer.G)) != []


@every_objective
def test_both_can_learn_again_after_gs_step(objective: str) -> None:
    trainer = tiny_trainer(objective=objective)
    for _ in range(2):
        trainer.step(measure=True)
        assert all(p.requires_grad for p in trainer.D.parameters())
        assert all(p.requires_grad for p in trainer.G.parameters())
    assert not any(p.requires_grad for p in trainer.G_ema.parameters())


def _gap(trainer: Trainer) -> float:
    """How far D holds reals above G's pictures, on average; D as it is, in evaluation mode."""
    D, G = copy.deepcopy(trainer.D).eval(), copy.deepcopy(trainer.G)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        reals = D(tiny_images().float() / 127.5 - 1).mean()
        return (reals - D(G(torch.randn(64, 4, generator=generator))).mean()).item()


@every_objective
def test_d_steps_raise_reals_above_fakes(objective: str) -> None:
    """The article's labels were swapped. G stands still here, so the change is D's alone."""
    trainer = grown_trainer(**{**STEPS[objective], "lr_g": 0.0, "lr_d": 1e-3})
    trainer.step(measure=False)  # from here on, wgan's D is within its limits
    before = _gap(trainer)
    for _ in range(10):
        trainer.step(measure=False)
    assert _gap(trainer) > before + 0.2 * abs(before)


@every_objective
def test_g_steps_raise_fakes_towards_reals(objective: str) -> None:
    """D stands still here, so the change is G's alone."""
    trainer = grown_trainer(**{**STEPS[objective], "lr_d": 0.0, "lr_g": 1e-3})
    trainer.step(measure=False)
    before, D_before = _gap(trainer), weights_in(trainer.D)
    for _ in range(10):
        trainer.step(measure=False)
    assert _gap(trainer) < before - 0.02 * abs(before)
    assert differing(D_before, weights_in(trainer.D)) == []


# --- wgan ------------------------------------------------------------------------------------


def _largest(network: nn.Module) -> float:
    return max(p.detach().abs().max().item() for p in network.parameters())


def test_wgans_weights_are_clipped_after_each_of_ds_steps() -> None:
    """Each step leads out of the limits (seen between step and clipping), and each begins within:
    clipping comes after every step, not before it, and not once for all of n_critic."""
    trainer, n_critic = tiny_trainer(objective="wgan", clip=0.01, n_critic=4), 4
    limit = float(torch.tensor(0.01))  # as float32
    before, after = [], []
    trainer.opt_d.register_step_pre_hook(lambda *_: before.append(_largest(trainer.D)))
    trainer.opt_d.register_step_post_hook(lambda *_: after.append(_largest(trainer.D)))
    for _ in range(3):
        trainer.step(measure=False)
        assert _largest(trainer.D) == limit
    assert len(before) == len(after) == 3 * n_critic
    assert before[0] > limit  # the fresh weights
    assert max(before[1:]) == limit
    assert min(after) > limit


@pytest.mark.parametrize("objective", ["lsgan", "wgan-gp", "r3gan"])
def test_no_other_objective_clips(objective: str) -> None:
    trainer = tiny_trainer(objective=objective, clip=1e-3)
    trainer.step(measure=False)
    assert _largest(trainer.D) > 1e-2


@every_objective
def test_g_waits_for_its_number_of_ds_steps_and_images_count_each(objective: str) -> None:
    trainer, steps = tiny_trainer(objective=objective), Counter()
    trainer.opt_d.register_step_post_hook(lambda *_: steps.update("D"))
    trainer.opt_g.register_step_post_hook(lambda *_: steps.update("G"))
    seen = inputs_of(trainer.G)
    trainer.step(measure=False)
    n_critic = OBJECTIVES[objective].needs.get("n_critic", 1)
    assert steps == {"D": n_critic, "G": 1}
    assert trainer.images_seen == 8 * n_critic
    assert len({bits(z) for z, _ in seen}) == n_critic  # noise of its own for each


@pytest.mark.parametrize("objective", ["non-saturating", "wgan-gp", "r3gan"])
def test_several_steps_of_g_are_those_steps_one_after_the_other(objective: str) -> None:
    """Bit for bit, by hand: D's steps and one of G, then two more of G alone on pictures of its
    own, which D is not shown; a row says the mean of G's losses and what the last step was."""
    chosen = {"objective": objective, "conditional": True, "ema_half_life": 0, **ONCE}
    several, one = tiny_trainer(g_steps=3, **chosen), tiny_trainer(**chosen)
    seen = inputs_of(several.D)
    several.step(measure=True)
    one.step(measure=True)
    batch, losses = len(seen[0][0]) // 2, [one.take_row()["loss_g"]]
    reals, labels = seen[0][0][:batch], seen[0][1][:batch]
    if objective == "wgan-gp":  # of the last of D's steps
        last = [given for given in seen if len(given[0]) == 2 * batch][-1]
        reals, labels = last[0][:batch], last[1][:batch]
    for _ in range(2):
        fakes = one.draw(batch, labels, keep_graph=True)
        losses.append(g_step(one, reals, fakes, labels, measure=True).item())
    assert differing(several.networks(), one.networks()) == []
    assert several.images_seen == one.images_seen
    row, norm = several.take_row(), float(one.row.measured["grad_g"])
    assert row["loss_g"] == pytest.approx(sum(losses) / 3, rel=1e-5)
    assert len(set(losses)) == 3
    assert row["grad_g"] == norm
    assert row["diversity"] == pytest.approx(float(diversity(fakes.detach(), reals)), rel=1e-6)


# --- D's normalisation -----------------------------------------------------------------------


def test_spectral_norm_holds_while_d_learns() -> None:
    """Largest singular values by SVD after 20 steps of high rate; the weights underneath are not
    of that size, so it is not for want of change."""
    trainer = tiny_trainer(objective="hinge", norm_d="spectral", lr_d=2e-3)
    for _ in range(20):
        trainer.step(measure=False)
    D = trainer.D.eval()
    layers = [m for m in D.layers.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    sizes = [torch.linalg.matrix_norm(m.weight.detach().flatten(1), 2).item() for m in layers]
    assert sizes == pytest.approx([1] * len(layers), rel=0.05)
    raw = [m.parametrizations.weight.original.detach().flatten(1) for m in layers]
    assert all(abs(math.log(torch.linalg.matrix_norm(w, 2).item())) > 0.1 for w in raw)
