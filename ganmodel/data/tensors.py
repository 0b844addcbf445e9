"""What every reader here hands out: one split of a data set as tensors, or one sentence why not.

How data is found and read is the other modules' business; this one imports none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

# Hears what is being done, in a short phrase, and the fraction done (0 to 1; None: not known).
Tell = Callable[[str, float | None], None]


class DataError(ValueError):
    """Data cannot be had; the message is one sentence for the person who asked for it."""


@dataclass(frozen=True)
class Data:
    """One split of a data set, whole in memory."""

    name: str  # as it was asked for: one of DATASETS, or a path
    images: Tensor  # uint8 (N, C, S, S); C is 1 or 3, S is 28 or 32
    labels: Tensor | None  # int64 (N,), indices into classes
    classes: tuple[str, ...]  # empty without labels
    notes: tuple[str, ...] = ()  # sentences for the person, such as which files were left out

    def first_in_turn(self, count: int) -> Tensor:
        """`count` images whose classes go round, picture k of class k modulo their number.

        The first ones of each class, over again where it has too few. Where a class has none at
        all, the first images of any.
        """
        of_class = [(self.labels == k).nonzero()[:, 0] for k in range(len(self.classes))]
        if not all(map(len, of_class)):
            return self.images[:count]
        rounds = (divmod(k, len(of_class)) for k in range(count))
        return self.images[[int(of_class[c][r % len(of_class[c])]) for r, c in rounds]]


def fingerprint(data: Data) -> str:
    """32 hex digits that change with any pixel, label or class name, and with nothing else.

    A resumed run must go on with the data that it began with, wherever that lies now: the data's
    name does not count. blake2b of 16 bytes, taken from the tensors' own memory.
    """
    tensors = [t for t in (data.images, data.labels) if t is not None]
    shapes = [(str(t.dtype), tuple(t.shape)) for t in tensors]
    digest = hashlib.blake2b(json.dumps([shapes, data.classes]).encode(), digest_size=16)
    for tensor in tensors:
        digest.update(tensor.contiguous().numpy())
    return digest.hexdigest()
