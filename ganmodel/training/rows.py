"""What a row of the curves is computed from; which steps it tells of is `trainer`'s business."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def note(sums: Tensor, value: Tensor) -> None:
    """Adds a value to a sum, and one to the count behind it: `sums (2,)`."""
    sums += torch.stack([value.detach(), torch.ones_like(value)])


def mean(sums: Tensor) -> float | None:
    """Of what was added by `note`; None for nothing."""
    total, count = sums.tolist()
    return total / count if count else None


def grad_norm(network: nn.Module) -> Tensor:
    """The Euclidean norm of all of a network's gradients together."""
    norms = [p.grad for p in network.parameters() if p.grad is not None]
    return torch.nn.utils.get_total_norm(norms)


def diversity(fakes: Tensor, reals: Tensor) -> Tensor:
    """How varied a batch of fakes is, `(N, C, S, S)`, as a share of what the reals are.

    Each side is the root of the variances over the batch, summed over the pixels, which is the root
    mean square distance between two of its pictures but for a factor. 0 where all fakes are equal.
    """
    spread_f, spread_r = (batch.float().var(0, correction=0).sum() for batch in (fakes, reals))
    return (spread_f / spread_r.clamp_min(1e-12)).sqrt()
