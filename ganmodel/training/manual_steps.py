"""Steps that a person takes by hand while a run is paused, and what they changed, in numbers.

A step by hand is a step of `Trainer`, or one half of it. Measurements before and after use the same
pictures and the same noise, in evaluation mode and without random numbers, so that they change
nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.images import from_bytes
from ganmodel.latents import noise
from ganmodel.objectives import preference
from ganmodel.snapshots import Steps
from ganmodel.training.rows import diversity
from ganmodel.training.trainer import Trainer

PROBED = 64  # real pictures, and as many fakes, that D is asked about
# What a row of the curves repeats of a measurement; gradients are known of training steps only.
IN_ROW = ("loss_d", "loss_g", "d_real", "d_fake", "picks", "diversity")


def take_steps(trainer: Trainer, order: Steps) -> dict[str, Any]:
    """Takes the steps, fewer where `order.go_on` ends them. Returns what changed, JSON-plain:

    `who`; `times`, how many steps were taken; `images`, how many reals D saw; and by name
    [before, after] of `d_real`, `d_fake` (0 to 1), `loss_d`, `loss_g`, `logit_real`, `logit_fake`
    (means), `picks`, `diversity`; `moved_g`, `moved_d`: the norm of the weights' change as a share
    of their norm; `pictures`: the mean absolute change of the pixels of averaged G's grid, of 255;
    `pictures_raw`: of raw G's.
    """
    before, grids = _measured(trainer), (trainer.samples(), trainer.samples(raw=True))
    weights = {"g": _weights(trainer.G), "d": _weights(trainer.D)}
    seen, taken = trainer.images_seen, 0
    step = {"d": trainer.step_d, "g": trainer.step_g, "both": trainer.step}[order.who]
    while taken < order.times and order.go_on(taken, trainer.images_seen):
        step()
        taken += 1
    after = _measured(trainer)
    return {
        "who": order.who,
        "times": taken,
        "images": trainer.images_seen - seen,
        **{name: [value, after[name]] for name, value in before.items()},
        "moved_g": _moved(weights["g"], _weights(trainer.G)),
        "moved_d": _moved(weights["d"], _weights(trainer.D)),
        "pictures": _changed(grids[0], trainer.samples()),
        "pictures_raw": _changed(grids[1], trainer.samples(raw=True)),
    }


def row_of(report: dict[str, Any]) -> dict[str, float | None]:
    """A row of the curves for the moment after the steps; `by_hand` is how many were taken."""
    return {**{name: report[name][1] for name in IN_ROW}, "by_hand": report["times"]}


@torch.no_grad()
def _measured(trainer: Trainer) -> dict[str, float]:
    """What `take_steps` reports before and after, on the first images and on fixed noise."""
    count = min(PROBED, len(trainer.images))
    reals = from_bytes(trainer.images[:count])
    labels = None if trainer.labels is None else trainer.labels[:count]
    z = noise(range(count), trainer.spec.z_dim).to(trainer.device)
    modes = (trainer.G.training, trainer.D.training)
    trainer.G.eval(), trainer.D.eval()  # then neither BatchNorm nor spectral norm is updated
    fakes = trainer.G(z, labels)
    real_logits, fake_logits = trainer.D(reals, labels), trainer.D(fakes, labels)
    trainer.G.train(modes[0]), trainer.D.train(modes[1])
    objective = trainer.objective
    picks = preference(real_logits, fake_logits)
    if objective.belief is None:
        d_real, d_fake = picks, 1 - picks
    else:
        d_real, d_fake = (objective.belief(logits).mean() for logits in (real_logits, fake_logits))
    found = {
        "d_real": d_real,
        "d_fake": d_fake,
        "loss_d": objective.d_loss(real_logits, fake_logits),
        "loss_g": objective.g_loss(fake_logits, real_logits if objective.relativistic else None),
        "logit_real": real_logits.mean(),
        "logit_fake": fake_logits.mean(),
        "picks": picks,
        "diversity": diversity(fakes, reals),
    }
    return {name: float(value) for name, value in found.items()}


def _weights(network: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten().cpu() for p in network.parameters()])


def _moved(before: Tensor, after: Tensor) -> float:
    """The norm of the change as a share of the norm before."""
    return float((after - before).norm() / before.norm().clamp_min(1e-12))


def _changed(before: Tensor, after: Tensor) -> float:
    return float((after.float() - before.float()).abs().mean())
