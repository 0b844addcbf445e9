"""Rates that stay or fall with the images seen, and both optimizers as chosen."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.support import tiny_trainer


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_rates_fall_as_one_over_the_root_of_the_images_seen(optimizer: str) -> None:
    """Karras et al. 2024: rate · √(hold / max(hold, seen)), by images seen before the step. Read
    off the optimizers at each of their steps; a changed rate is what falls from then on."""
    chosen = {"lr_hold": 64, "lr_g": 1e-3, "lr_d": 4e-4, "n_critic": 2, "optimizer": optimizer}
    trainer, taken = tiny_trainer(**chosen), []
    for name, opt in (("g", trainer.opt_g), ("d", trainer.opt_d)):
        opt.register_step_pre_hook(
            lambda optimizer, *_, name=name: taken.append(
                (name, seen, optimizer.param_groups[0]["lr"])
            )
        )
    rates = {"g": 1e-3, "d": 4e-4}
    for _ in range(12):
        seen = trainer.images_seen
        if seen == 96:
            trainer.set_knobs({"lr_d": 2e-3})
            rates = {"g": 1e-3, "d": 2e-3}
        trainer.step(measure=False)
        for name, at, rate in taken:
            falling = 1.0 if at <= 64 else (64 / at) ** 0.5
            assert rate == pytest.approx(rates[name] * falling, rel=1e-12)
        assert [name for name, _, _ in taken] == ["d", "d", "g"]
        taken.clear()
    assert trainer.images_seen == 192


def test_without_lr_hold_rates_stay() -> None:
    trainer = tiny_trainer(lr_g=1e-3, lr_d=2e-3)
    for _ in range(5):
        trainer.step(measure=False)
    assert trainer.opt_g.param_groups[0]["lr"] == 1e-3
    assert trainer.opt_d.param_groups[0]["lr"] == 2e-3


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
    trainer = tiny_trainer(**chosen)
    for optimizer, network in ((trainer.opt_g, trainer.G), (trainer.opt_d, trainer.D)):
        assert isinstance(optimizer, kind)
        (group,) = optimizer.param_groups
        assert {name: group[name] for name in facts} == facts
        assert [id(p) for p in group["params"]] == [id(p) for p in network.parameters()]
