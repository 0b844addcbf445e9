"""What can be said of one picture: D's opinion of it, and the real picture closest to it.

D's logits have no absolute meaning (under Wasserstein and relativistic rules none at all), so an
opinion is always relative to real pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganmodel.images import from_bytes
from ganmodel.metrics import nearest_distances
from ganmodel.weights import Weights, load_weights

REALS_ASKED = 256  # real pictures that D is asked about, for comparison; more change little
USUAL_OF = 100  # real pictures whose own nearest one is looked up, for comparison


class Judge:
    """D at one moment of training, and what it thinks of real pictures.

    Args:
        weights: of a run; shipped generators may come without D.
        reals: uint8 `(N, C, S, S)`; the first 256 are asked about.
        labels: `(N,)`, their classes, where the pair is conditional.

    Raises:
        WeightsError: there is no D in these weights.
    """

    def __init__(self, weights: Weights, reals: Tensor, labels: Tensor | None = None) -> None:
        self._D = weights.discriminator()
        self._classes = weights.spec.classes
        some = None if labels is None else labels[:REALS_ASKED]
        self._real_logits = self._logits(reals[:REALS_ASKED], some)

    @classmethod
    def load(cls, path: Path, reals: Tensor, labels: Tensor | None = None) -> Judge:
        """The D in a weights file; a `WeightsError` where there is none."""
        return cls(load_weights(path), reals, labels)

    def share_below(self, pictures: Tensor, labels: Tensor | None = None) -> list[float]:
        """For each of uint8 `(N, C, S, S)`, the share of real pictures that D finds less real."""
        logits = self._logits(pictures, labels)
        below = (self._real_logits < logits.unsqueeze(1)).double().mean(1)
        return below.tolist()

    @torch.inference_mode()
    def _logits(self, pictures: Tensor, labels: Tensor | None) -> Tensor:
        return self._D(from_bytes(pictures), labels if self._classes else None).flatten()


@dataclass(frozen=True)
class Closest:
    """The training picture nearest to a given one."""

    index: int  # among the training pictures
    distance: float  # Euclidean, over pixels in [0, 1]


def closest_real(picture: Tensor, reals: Tensor) -> Closest:
    """The one nearest to `picture (C, S, S)` among `reals (N, C, S, S)`, both uint8."""
    distances, indices = nearest_distances(picture.unsqueeze(0), reals)
    return Closest(int(indices[0]), float(distances[0]))


def usual_distance(reals: Tensor) -> float:
    """How far real pictures `(N, C, S, S)` are from their nearest, at the median of up to 100.

    A generated picture that is far nearer to a real one than this is a copy.
    """
    count = min(USUAL_OF, len(reals) // 2)
    distances, _ = nearest_distances(reals[:count], reals[count:])
    return float(distances.median())
