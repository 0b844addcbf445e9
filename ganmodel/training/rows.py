"""What a row of the curves is computed from; when a row ends is decided in `loop`."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganmodel.training.states import copied

# What one row averages over its steps, in this order. D's mean belief in reals and in fakes, from 0
# to 1; where D's logits have no absolute meaning, how often it prefers the real.
AVERAGED = ("loss_d", "loss_g", "d_real", "d_fake")


class RowSums:
    """Sums over the steps of a row, kept on `device`: reading them at every step would stall it."""

    def __init__(self, device: torch.device) -> None:
        self.averaged = torch.zeros(len(AVERAGED), device=device)
        # A sum, and how many were added: not every step of a row has one.
        self.penalties = torch.zeros(2, device=device)
        self.picks = torch.zeros(2, device=device)
        self.measured: dict[str, Tensor] = {}  # of the last step that was measured

    def take(self, steps: int, *, ends: bool) -> dict[str, float | None]:
        """The row of so many steps; sums start anew where it `ends`."""
        means = (self.averaged / steps).tolist()
        row = dict(zip(AVERAGED, means, strict=True))
        row |= {"picks": mean(self.picks), "penalty": mean(self.penalties)}
        if ends:
            for sums in (self.averaged, self.picks, self.penalties):
                sums.zero_()
        return row | {name: value.item() for name, value in self.measured.items()}

    def state(self) -> dict[str, Tensor]:
        """Copies for a checkpoint, named as its file names them."""
        named = {"sums": self.averaged, "penalties": self.penalties, "picks": self.picks}
        return {name: copied(sums) for name, sums in named.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Puts back what `state` gave, in this edition or an earlier one that summed less."""
        device, known = self.averaged.device, tensors["sums"]
        self.averaged = torch.zeros(len(AVERAGED), device=device)
        self.averaged[: len(known)] = known.to(device)
        self.penalties = tensors["penalties"].to(device, copy=True)
        self.picks = tensors.get("picks", torch.zeros(2)).to(device, copy=True)


def note(sums: Tensor, value: Tensor) -> Tensor:
    """Adds a value to a sum, and one to the count behind it: `sums (2,)`; gives it back."""
    sums += torch.stack([value.detach(), torch.ones_like(value)])
    return value


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
