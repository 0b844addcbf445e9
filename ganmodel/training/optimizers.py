"""The optimizers of torch, without the compiler that they bring along.

Adam, RMSprop and SGD compute what torch's own compute, bit for bit: it is their code that runs. But
torch's steps pass through its compiler's front door (`torch._dynamo`), which is loaded for that at
the first step, 1.2 s and 140 MB for each trainer, and is then told to do nothing, since nothing
here is compiled. These take torch's steps by the back door: the function below the wrapper.

What each network's optimizer is called with is decided in `optimizer_of`; when it steps, in
`trainer`.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from ganmodel.config import RunConfig


def optimizer_of(network: nn.Module, config: RunConfig, rate: float) -> torch.optim.Optimizer:
    """What teaches this network, at a learning rate that may change later."""
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
    """Makes torch's other methods, such as `zero_grad`, call what they wrap as it is.

    Each looks at its function for a version that the compiler leaves alone, and asks the compiler
    for one where there is none. A torch that looks elsewhere loads its compiler as before.
    """
    for method in vars(torch.optim.Optimizer).values():
        if inspect.isfunction(method) and (plain := inspect.unwrap(method)) is not method:
            vars(plain).setdefault("__dynamo_disable", plain)


_stay_out_of_the_compiler()
