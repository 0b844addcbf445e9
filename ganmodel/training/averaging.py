"""Averaged G: the moving average of G's weights that is shown, measured and saved.

How fast it follows is decided in `players`. Averaged weights make another network, which the
average of BatchNorm's statistics does not quite fit; so they are measured anew on its own pictures.
Izmailov et al. 2018 (SWA), section 3.2.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from ganmodel.networks import Generator

PICTURES = 128  # from even noise; more did not help, see benchmarks/own_statistics.py
_NOISE = 2018  # seed of the even noise; any number does


class AveragedG:
    """The moving average of `G`; at first a copy of it.

    Args:
        own_statistics: whether its BatchNorm statistics are measured, or averages of G's.
        labels: of the data, where G is conditional: statistics are measured on classes with the
            same frequencies.
    """

    def __init__(self, G: Generator, *, own_statistics: bool, labels: Tensor | None) -> None:
        self._network = copy.deepcopy(G).eval().requires_grad_(False)
        self._labels = labels
        has_any = any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in G.modules())
        self._own_statistics = own_statistics and has_any
        self._moved = True  # since its statistics were last measured

    @property
    def network(self) -> Generator:
        """In evaluation mode; statistics that its weights have outdated are measured first."""
        if self._own_statistics and self._moved:
            measure_statistics(self._network, *self._inputs)
        self._moved = False
        return self._network

    @functools.cached_property
    def _inputs(self) -> tuple[Tensor, Tensor | None]:
        """The noise and the classes that statistics are measured on."""
        spec, device = self._network.spec, next(self._network.parameters()).device
        z = even_noise(spec.z_dim).to(device)
        return z, even_classes(self._labels, len(z)) if spec.classes else None

    def follow(self, G: Generator, decay: float) -> None:
        """Moves towards G: the average so far keeps the share `decay`."""
        averaged, current = self._network.state_dict(), G.state_dict()
        names = dict(G.named_parameters()) if self._own_statistics else current
        for name in names:
            if current[name].is_floating_point():
                averaged[name].lerp_(current[name], 1 - decay)
            else:  # BatchNorm's count of batches
                averaged[name].copy_(current[name])
        self._moved = True

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Replaces the average; statistics are measured when next needed."""
        self._network.load_state_dict(tensors)
        self._moved = True


def warming_half_life(half_life: float, images_seen: int) -> float:
    """A tenth of the images seen at most, so that the untrained start is soon forgotten.

    Karras et al. 2020, StyleGAN2's training loop.
    """
    return min(half_life, images_seen / 10)


def measure_statistics(G: Generator, z: Tensor, classes: Tensor | None = None) -> None:
    """Replaces G's BatchNorm statistics by those on `z (N, z_dim)`, taken as one batch.

    The global random state is left alone, and where G has no BatchNorm nothing is computed.
    """
    update_bn([[(z, classes)]], _TakesTuple(G).train(G.training))


def even_noise(z_dim: int) -> Tensor:
    """Noise `(PICTURES, z_dim)` or more, always the same, with exactly mean 0 and covariance 1.

    That makes the first layer's statistics exact and later ones nearly so, with a sixteenth of the
    pictures that random noise needs.
    """
    count = max(PICTURES, 5 * z_dim // 4)  # with fewer than z_dim the covariance is singular
    z = torch.randn(
        count, z_dim, dtype=torch.float64, generator=torch.Generator().manual_seed(_NOISE)
    )
    z -= z.mean(0)
    root = torch.linalg.cholesky(z.T @ z / count)
    return torch.linalg.solve_triangular(root.T, z, upper=True, left=False).float()


def even_classes(labels: Tensor, count: int) -> Tensor:
    """Classes `(count,)` as frequent as in `labels`, but for rounding."""
    places = (torch.arange(count, dtype=torch.float64) + 0.5) / count * len(labels)
    return labels.sort().values[places.long().to(labels.device)]


class _TakesTuple(nn.Module):
    """G with one argument, noise and classes as a tuple, as `update_bn` calls a network."""

    def __init__(self, G: Generator) -> None:
        super().__init__()
        self.G = G

    def forward(self, given: tuple[Tensor, Tensor | None]) -> Tensor:
        return self.G(*given)
