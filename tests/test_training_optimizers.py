"""Our optimizers are torch's, bit for bit, and load no compiler."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch import nn

from ganmodel.config.settings import OPTIMIZERS
from ganmodel.training.optimizers import optimizer_of
from tests.support import bits, tiny_config, tiny_trainer

# With what the presets call them; `fused` is another order of the same sums.
OF_TORCH: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "adam": (torch.optim.Adam, {"lr": 0.01, "betas": (0.5, 0.9), "fused": True}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9}),
    "sgd": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.5, "fused": True}),
}
SETTINGS = {"beta1": 0.5, "beta2": 0.9, "momentum": 0.5}


def taught(network: nn.Module, optimizer: torch.optim.Optimizer) -> list[Any]:
    """Every weight and every number of the optimizer's after a few steps, its rate halved once."""
    torch.manual_seed(0)
    for step in range(5):
        optimizer.zero_grad(set_to_none=True)
        network(torch.randn(8, 6)).square().mean().backward()
        optimizer.step()
        if step == 2:
            for group in optimizer.param_groups:
                group["lr"] /= 2
    state = optimizer.state_dict()["state"]
    held = [t for one in state.values() for t in one.values() if isinstance(t, torch.Tensor)]
    return [bits(tensor) for tensor in [*network.parameters(), *held]]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_step_is_torchs_own(name: str) -> None:
    kind, options = OF_TORCH[name]
    ours, theirs = (nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    config = tiny_config(optimizer=name, **SETTINGS)
    expected = taught(theirs, kind(theirs.parameters(), **options))
    assert taught(ours, optimizer_of(ours, config, 0.01)) == expected


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_loads_no_compiler(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # importing it fails from here on
    trainer = tiny_trainer(optimizer=name)
    trainer.step()
    again = tiny_trainer(optimizer=name)
    again.restore(trainer.capture())
    again.step()
    trainer.step()
    assert [bits(p) for p in again.G.parameters()] == [bits(p) for p in trainer.G.parameters()]
