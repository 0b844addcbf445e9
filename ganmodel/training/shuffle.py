"""The order in which training sees the data: a new shuffle for each epoch, no partial batch."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


def stream(seed: int, purpose: str) -> int:
    """A seed for one purpose, so that weights, noise and order are independent of each other."""
    return int.from_bytes(hashlib.blake2b(f"{purpose}/{seed}".encode(), digest_size=8).digest())


class Shuffle:
    """The order of the images over all epochs, as a function of the images seen."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.long)

    def take(self, position: int, wanted: int) -> Tensor:
        """The indices of the next `wanted` images after the first `position`: `(wanted,)`.

        Epochs follow each other without a gap; an epoch's order follows from seed and epoch alone.
        """
        indices = []
        while wanted:
            epoch, start = divmod(position, self.count)
            if epoch != self._epoch:
                shuffle = torch.Generator().manual_seed(
                    stream(self.seed, f"order of epoch {epoch}")
                )
                self._epoch, self._order = epoch, torch.randperm(self.count, generator=shuffle)
            taken = self._order[start : start + wanted]
            indices.append(taken)
            position, wanted = position + len(taken), wanted - len(taken)
        return torch.cat(indices)
