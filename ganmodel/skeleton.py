"""Networks as shapes alone: to count weights or work without making any.

How the networks are built is in `networks`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ganmodel.networks import Discriminator, Generator, NetworkSpec


def skeleton(spec: NetworkSpec) -> tuple[Generator, Discriminator]:
    """The pair's layers with shapes and no weights, on torch's meta device, in milliseconds.

    Spectral normalisation is left out: it adds no weights, and nothing that is worth counting.
    """
    if spec.norm_d == "spectral":
        spec = replace(spec, norm_d="none")
    with torch.device("meta"), _Unfilled():
        return Generator(spec), Discriminator(spec)


def sizes(spec: NetworkSpec) -> dict[str, int]:
    """How many weights G and D have, without making any."""
    return {
        name: sum(p.numel() for p in network.parameters())
        for name, network in zip("GD", skeleton(spec), strict=True)
    }


class _Unfilled(TorchFunctionMode):
    """Leaves new weights as they are: on the meta device there is nothing to fill.

    To draw no random numbers there, torch would import its compiler, over a second and 160 MB.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is Tensor.normal_:  # from kaiming_normal_, which asks nobody
            return args[0]
        filling = getattr(func, "__module__", "") == nn.init.__name__
        return kwargs["tensor"] if filling else func(*args, **kwargs)
