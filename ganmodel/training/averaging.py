"""Averaged G: the moving average of G's weights that is shown, measured and saved.

How fast it follows is `pair`'s business. An average of weights is another network than any of those
averaged, so the BatchNorm statistics of these, averaged along, do not quite fit it; measured on its
own pictures they do. Izmailov et al. 2018 (SWA), section 3.2.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from ganmodel.latents import labels_like
from ganmodel.networks import Generator

# Where more pictures stop helping, see benchmarks/own_statistics.py.
BATCHES, BATCH = 1, 256
_NOISE = 2018  # the start of the noise that statistics are measured on; any number does


class AveragedG:
    """An average of `G` as it moves, at first `G` as it is.

    Args:
        own_statistics: with BatchNorm statistics of its own; else with an average of G's.
        labels: of the data, where G is conditional.
    """

    def __init__(self, G: Generator, *, own_statistics: bool, labels: Tensor | None) -> None:
        self._network = copy.deepcopy(G).eval().requires_grad_(False)
        self._labels = labels
        self._own_statistics = own_statistics
        self._moved = True  # since its statistics were last measured

    @property
    def network(self) -> Generator:
        """In evaluation mode, its statistics those of its weights; measured when first asked."""
        if self._own_statistics and self._moved:
            measure_statistics(self._network, self._labels)
        self._moved = False
        return self._network

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


def measure_statistics(
    G: Generator, labels: Tensor | None = None, *, batches: int = BATCHES, batch: int = BATCH
) -> None:
    """Replaces G's BatchNorm statistics by their means over `batches` of its own pictures.

    They follow from G's weights alone: the noise is always the same, and so are the classes, as
    frequent as in the data's `labels (N,)` where G is conditional. The global random state is left
    alone, and where G has no BatchNorm nothing is computed.
    """

    def given() -> Iterator[tuple[Tensor, Tensor | None]]:
        chance = torch.Generator().manual_seed(_NOISE)
        z = torch.randn(batches * batch, G.spec.z_dim, generator=chance)
        z = z.to(next(G.parameters()).device)
        classes = labels_like(labels, len(z)) if G.spec.classes else None
        for first in range(0, len(z), batch):
            part = slice(first, first + batch)
            yield z[part], None if classes is None else classes[part]

    update_bn(([pair] for pair in given()), _OfPairs(G).train(G.training))


class _OfPairs(nn.Module):
    """G as `update_bn` calls a network: with one thing, the noise and the classes."""

    def __init__(self, G: Generator) -> None:
        super().__init__()
        self.G = G

    def forward(self, given: tuple[Tensor, Tensor | None]) -> Tensor:
        return self.G(*given)
