"""Averaged G: the moving average of G's weights that is shown, measured and saved.

How fast it follows is decided in `trainer`. An average of weights is another network than any of
those averaged, so the BatchNorm statistics of these, averaged along, do not quite fit it; measured
on its own pictures they do. Izmailov et al. 2018 (SWA), section 3.2.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from ganmodel.networks import Generator

PICTURES = 128  # of even noise; more stopped helping, see benchmarks/own_statistics.py
_NOISE = 2018  # what even noise begins as; any number does


class AveragedG:
    """An average of `G` as it moves, at first `G` as it is.

    Args:
        own_statistics: with BatchNorm statistics of its own; else with an average of G's.
        labels: of the data, where G is conditional: its own are those of classes as frequent.
    """

    def __init__(self, G: Generator, *, own_statistics: bool, labels: Tensor | None) -> None:
        self._network = copy.deepcopy(G).eval().requires_grad_(False)
        self._labels = labels
        has_any = any(isinstance(layer, nn.BatchNorm2d) for layer in G.modules())
        self._own_statistics = own_statistics and has_any
        self._moved = True  # since its statistics were last measured

    @property
    def network(self) -> Generator:
        """In evaluation mode, its statistics those of its weights; measured when first asked."""
        if self._own_statistics and self._moved:
            measure_statistics(self._network, *self._inputs)
        self._moved = False
        return self._network

    @functools.cached_property
    def _inputs(self) -> tuple[Tensor, Tensor | None]:
        """The noise, and the classes, that its own statistics are measured on."""
        spec, device = self._network.spec, next(self._network.parameters()).device
        z = even_noise(spec.z_dim).to(device)
        return z, even_classes(self._labels, len(z)) if spec.classes else None

    def follow(self, G: Generator, decay: float) -> None:
        """Moves towards G: what was averaged so far keeps `decay` of its weight."""
        averaged, current = self._network.state_dict(), G.state_dict()
        names = dict(G.named_parameters()) if self._own_statistics else current
        for name in names:
            if current[name].is_floating_point():
                averaged[name].lerp_(current[name], 1 - decay)
            else:  # BatchNorm's count of batches
                averaged[name].copy_(current[name])
        self._moved = True

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        self._network.load_state_dict(tensors)
        self._moved = True


def measure_statistics(G: Generator, z: Tensor, classes: Tensor | None = None) -> None:
    """Replaces G's BatchNorm statistics by those of what it draws from `z (N, z_dim)`, one batch.

    The global random state is left alone, and where G has no BatchNorm nothing is computed.
    """
    update_bn([[(z, classes)]], _OfPairs(G).train(G.training))


def even_noise(z_dim: int) -> Tensor:
    """Always the same noise, `(PICTURES, z_dim)` or more: of mean 0 and covariance 1 exactly.

    That makes the first layer's statistics exact and the later ones' nearly so, with a sixteenth
    of the pictures that random noise needs for it.
    """
    count = max(PICTURES, 5 * z_dim // 4)  # fewer than z_dim have no such covariance
    z = torch.randn(
        count, z_dim, dtype=torch.float64, generator=torch.Generator().manual_seed(_NOISE)
    )
    z -= z.mean(0)
    root = torch.linalg.cholesky(z.T @ z / count)
    return torch.linalg.solve_triangular(root.T, z, upper=True, left=False).float()


def even_classes(labels: Tensor, count: int) -> Tensor:
    """Classes `(count,)` whose shares are those in `labels`, but for rounding."""
    places = (torch.arange(count, dtype=torch.float64) + 0.5) / count * len(labels)
    return labels.sort().values[places.long().to(labels.device)]


class _OfPairs(nn.Module):
    """G as `update_bn` calls a network: with one thing, the noise and the classes."""

    def __init__(self, G: Generator) -> None:
        super().__init__()
        self.G = G

    def forward(self, given: tuple[Tensor, Tensor | None]) -> Tensor:
        return self.G(*given)
