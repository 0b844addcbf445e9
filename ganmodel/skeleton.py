"""Networks with shapes but no weights, for counting weights or operations cheaply.

`networks` defines the networks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ganmodel.networks import Discriminator, Generator, NetworkSpec


def skeleton(spec: NetworkSpec) -> tuple[Generator, Discriminator]:
    """The pair on torch's meta device, with shapes but no weights; takes milliseconds.

    Spectral normalisation is left out: it adds no weights, and a negligible number of operations.
    """
    if spec.norm_d == "spectral":
        spec = replace(spec, norm_d="none")
    with torch.device("meta"), _Unfilled():
        return Generator(spec), Discriminator(spec)


def sizes(spec: NetworkSpec) -> dict[str, int]:
    """The number of weights of G and of D, by "G" and "D", without allocating them."""
    return {
        name: sum(p.numel() for p in network.parameters())
        for name, network in zip("GD", skeleton(spec), strict=True)
    }


class _Unfilled(TorchFunctionMode):
    """Skips weight initialisation, which has no effect on the meta device.

    Random initialisation there makes torch import its compiler, which takes over a second and
    160 MB.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is Tensor.normal_:  # called by kaiming_normal_, which is not dispatched itself
            return args[0]
        filling = getattr(func, "__module__", "") == nn.init.__name__
        return kwargs["tensor"] if filling else func(*args, **kwargs)
