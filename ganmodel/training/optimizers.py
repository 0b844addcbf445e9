"""torch's optimizers without its compiler.

Adam, RMSprop and SGD here run torch's own code, bit for bit. torch wraps `step` in a function that
imports its compiler (`torch._dynamo`) at the first step, which costs every trainer 1.2 s and 140 MB
although nothing is compiled; these call the function below the wrapper.

An optimizer's arguments are chosen in `optimizer_of`; when it steps is decided in `step`.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from ganmodel.config import RunConfig


def optimizer_of(network: nn.Module, config: RunConfig, rate: float) -> torch.optim.Optimizer:
    """The optimizer of a network, at a learning rate that may change later."""
    parameters = network.parameters()
    if config.optimizer == "sgd":
        return SGD(parameters, lr=rate, momentum=config.momentum, fused=True)
    if config.optimizer == "rmsprop":
        return RMSprop(parameters, lr=rate, alpha=config.beta2)
    betas = (config.beta1, config.beta2)
    return Adam(parameters, lr=rate, betas=betas, fused=True)


class Adam(torch.optim.Adam):
    """Kingma and Ba 2015 (arXiv:1412.6980)."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        return _adam(self, closure)


class RMSprop(torch.optim.RMSprop):
    """Tieleman and Hinton 2012, as Arjovsky et al. 2017 use it for WGAN (arXiv:1701.07875)."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        return _rmsprop(self, closure)


class SGD(torch.optim.SGD):
    """Stochastic gradient descent with momentum."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        return _sgd(self, closure)


_adam, _rmsprop, _sgd = (
    inspect.unwrap(kind.step) for kind in (torch.optim.Adam, torch.optim.RMSprop, torch.optim.SGD)
)


def _stay_out_of_the_compiler() -> None:
    """Lets torch's other methods, such as `zero_grad`, call their wrapped functions directly.

    Each looks for a version of its function that is marked as not to be compiled, and imports the
    compiler to make one where there is none. Another torch may look elsewhere and import it.
    """
    for method in vars(torch.optim.Optimizer).values():
        if inspect.isfunction(method) and (plain := inspect.unwrap(method)) is not method:
            vars(plain).setdefault("__dynamo_disable", plain)


_stay_out_of_the_compiler()
