"""Networks of somebody's own, made to be called like ours.

They train in this process and can draw. They cannot be built again from a description, so that no
weights file and no run's folder holds them: an architecture that is to be kept is registered.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganmodel.errors import KnownError


class OwnNetworkError(KnownError, ValueError):
    """A network does not fit the other one or the data; the message is one sentence."""


@dataclass(frozen=True)
class OwnSpec:
    """What is known of a pair of networks of one's own; as in `NetworkSpec`."""

    z_dim: int
    channels: int
    size: int
    classes: int = 0


class OwnNetwork(nn.Module):
    """A network that takes labels only where it learns classes."""

    def __init__(self, network: nn.Module, spec: OwnSpec) -> None:
        super().__init__()
        self.network, self.spec = network, spec

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.network(x, labels) if self.spec.classes else self.network(x)


@torch.no_grad()
def check_own(G: nn.Module, D: nn.Module, spec: OwnSpec) -> None:
    """Raises an `OwnNetworkError` unless G draws pictures like the data's, and D answers them.

    Both are left as they were.
    """
    labels = torch.zeros(2, dtype=torch.long) if spec.classes else None
    was_training = G.training, D.training
    G.eval(), D.eval()
    try:
        pictures = G(torch.zeros(2, spec.z_dim), labels)
        wanted = (2, spec.channels, spec.size, spec.size)
        if tuple(pictures.shape) != wanted:
            found = [*pictures.shape]
            raise OwnNetworkError("own-g", z_dim=spec.z_dim, found=found, wanted=[*wanted])
        logits = D(pictures, labels)
        if tuple(logits.shape) != (2, 1):
            raise OwnNetworkError("own-d", wanted=[*wanted], found=[*logits.shape])
    except (RuntimeError, TypeError) as error:
        told = f"{error}"[:300]
        raise OwnNetworkError("own-network", z_dim=spec.z_dim, error=told) from error
    finally:
        G.train(was_training[0]), D.train(was_training[1])
