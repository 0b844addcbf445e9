"""What every loader here returns: one split of a data set as tensors, or a `DataError`.

The other modules find and read data; this one imports none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ganmodel.data.limits import LEAST_IMAGES
from ganmodel.errors import KnownError
from ganmodel.words import Message

# Called with the current step as a short phrase, and the fraction done (0 to 1; None: unknown).
Tell = Callable[[Message, float | None], None]


class DataError(KnownError, ValueError):
    """Data cannot be loaded; the message is one sentence for the user."""


class Source(NamedTuple):
    """Where one own image comes from."""

    name: str  # its path inside the folder or archive
    ratio: float  # of its width to its height, before it became a square


@dataclass(frozen=True)
class Data:
    """One split of a data set, whole in memory."""

    name: str  # as passed to `load_data`: one of DATASETS, or a path
    images: Tensor  # uint8 (N, C, S, S); C is 1 or 3, S is one of config.SIZES
    labels: Tensor | None  # int64 (N,), indices into classes
    classes: tuple[str, ...]  # empty without labels
    notes: tuple[Message, ...] = ()  # for the user, such as which files were left out
    sources: tuple[Source, ...] = ()  # of each own image; empty for a named data set

    def first_in_turn(self, count: int) -> Tensor:
        """`count` images that cycle through the classes: image k is of class k % len(classes).

        Each class contributes its first images, repeated if it has too few. If a class has no
        images at all, the first `count` images of the data set are returned instead.
        """
        of_class = [(self.labels == k).nonzero()[:, 0] for k in range(len(self.classes))]
        if not all(map(len, of_class)):
            return self.images[:count]
        rounds = (divmod(k, len(of_class)) for k in range(count))
        return self.images[[int(of_class[c][r % len(of_class[c])]) for r, c in rounds]]


def check_tensors(data: Data, channels: int | None = None, size: int | None = None) -> None:
    """Raises a `DataError` unless images and labels are as `Data` says, such as those from outside.

    Args:
        channels, size: that they must have; else whatever may be.
    """
    images, labels, classes = data.images, data.labels, data.classes
    shape = tuple(images.shape)
    square = len(shape) == 4 and shape[1] in (1, 3) and shape[2] == shape[3]
    wanted = (channels or shape[1], size or shape[2]) if square else ()
    if images.dtype != torch.uint8 or wanted != (shape[1:3] if square else None):
        found = {"shape": [*shape], "dtype": str(images.dtype).removeprefix("torch.")}
        raise DataError("tensor-of-pictures", name=data.name, **found)
    if len(images) < LEAST_IMAGES:
        raise DataError("tensor-too-short", name=data.name, count=len(images), least=LEAST_IMAGES)
    if labels is None and not classes:
        return
    sound = labels is not None and labels.shape == (len(images),) and labels.dtype == torch.int64
    if not sound or not classes or not 0 <= int(labels.min()) <= int(labels.max()) < len(classes):
        raise DataError("tensor-of-labels", name=data.name, classes=len(classes))


def fingerprint(data: Data) -> str:
    """32 hex digits that change with any pixel, label or class name, and with nothing else.

    A resumed run must continue with identical data, wherever that is stored now, so the data's name
    is ignored. A 16-byte blake2b digest of shapes, class names and the tensors' bytes.
    """
    tensors = [t for t in (data.images, data.labels) if t is not None]
    shapes = [(str(t.dtype), tuple(t.shape)) for t in tensors]
    digest = hashlib.blake2b(json.dumps([shapes, data.classes]).encode(), digest_size=16)
    for tensor in tensors:
        digest.update(tensor.contiguous().numpy())
    return digest.hexdigest()
