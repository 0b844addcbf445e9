"""Parts of a training state as tensors by name, copied out and put back.

What belongs to a state is decided in `trainer`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def copied(tensor: Tensor) -> Tensor:
    """A copy on the processor, without a graph."""
    return tensor.detach().to("cpu", copy=True)


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin with `prefix` and a dot, by the rest of their names."""
    start = prefix + "."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def network_tensors(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """Copies of all weights and buffers: `PREFIX.NAME`."""
    return {
        f"{prefix}.{name}": copied(tensor)
        for prefix, network in networks.items()
        for name, tensor in network.state_dict().items()
    }


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Copies of what an optimizer remembers of each parameter: `INDEX.NAME`."""
    return {
        f"{index}.{name}": copied(value)
        for index, entries in optimizer.state_dict()["state"].items()
        for name, value in entries.items()
        if value is not None  # SGD without momentum has an empty buffer
    }


def lay_channels_last(network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Moves weights, and what the optimizer remembers of them, to where convolutions want them.

    The numbers stay. oneDNN's convolutions in bf16 need no reordering then, which many small ones
    cost as much as the arithmetic.
    """
    network.to(memory_format=torch.channels_last)
    for remembered in optimizer.state.values():
        for name, value in remembered.items():
            if value is not None and value.ndim == 4:
                remembered[name] = value.contiguous(memory_format=torch.channels_last)


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Puts back what `optimizer_state` gave; rates and the like stay."""
    entries: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        entries.setdefault(int(index), {})[name] = value.clone()
    optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
