"""What can be said of one picture: D's rank for it, the closest reals, a classifier's guess.

The scale of D's logits differs between runs, and under Wasserstein and relativistic objectives it
has no absolute meaning, so a picture is ranked among real ones.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ganmodel.images import from_bytes
from ganmodel.metrics import Features, nearest_distances
from ganmodel.weights import Weights, WeightsError, load_weights

REALS_RANKED = 256  # real pictures that a picture is ranked among; more change little
_AT_ONCE = 2048  # real pictures as floats at once: 6 MB, which fit a processor's cache
USUAL_OF = 100  # real pictures whose nearest neighbour is looked up, for comparison


class DiscriminatorRank:
    """D at one moment of training: ranks pictures among real ones by its logits.

    Args:
        weights: of a run; shipped generators may come without D.
        reals: uint8 `(N, C, S, S)`; the first `REALS_RANKED` are used.
        labels: `(N,)`, their classes, where the networks are conditional.

    Raises:
        WeightsError: there is no D in these weights, or one for other pictures or classes.
    """

    def __init__(self, weights: Weights, reals: Tensor, labels: Tensor | None = None) -> None:
        spec = weights.spec
        some = None if labels is None else labels[:REALS_RANKED]
        unknown = bool(spec.classes) and some is not None and bool((some >= spec.classes).any())
        if reals.shape[1:] != (spec.channels, spec.size, spec.size) or unknown:
            raise WeightsError("weights-of-other-pictures", name=weights.path.name)
        self._D = weights.discriminator()
        self._classes = spec.classes
        self._real_logits = self._logits(reals[:REALS_RANKED], some)

    @classmethod
    def load(cls, path: Path, reals: Tensor, labels: Tensor | None = None) -> DiscriminatorRank:
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


def closest_reals(picture: Tensor, reals: Tensor, count: int = 1) -> list[Closest]:
    """The `count` nearest to `picture (C, S, S)` among `reals (N, C, S, S)`, both uint8, in order.

    One pass over 60,000 digits takes about 0.1 s on one thread.
    """
    own = picture.flatten().float()
    squares = torch.cat(
        [(part.flatten(1).float() - own).square().sum(1) for part in reals.split(_AT_ONCE)]
    )
    best = squares.topk(min(count, len(reals)), largest=False)
    pairs = zip(best.indices.tolist(), best.values.sqrt().tolist(), strict=True)
    return [Closest(index, distance / 255) for index, distance in pairs]


def usual_distance(reals: Tensor) -> float:
    """How far real pictures `(N, C, S, S)` are from their nearest, at the median of up to 100.

    A generated picture that is far nearer to a real one than this is a copy.
    """
    count = min(USUAL_OF, len(reals) // 2)
    distances, _ = nearest_distances(reals[:count], reals[count:])
    return float(distances.median())


class ClassProbe:
    """The classes that a classifier shipped with ganmodel sees in a picture."""

    def __init__(self, features: Features) -> None:
        self._features = features

    @classmethod
    @functools.lru_cache(maxsize=8)
    def for_data(cls, name: str, channels: int, size: int) -> ClassProbe | None:
        """The classifier for a data set; None where there is none for whole pictures."""
        features = Features.for_data(name, channels, size)
        return cls(features) if features.n_classes and features.shape[0] == 1 else None

    def likeliest(self, picture: Tensor, count: int) -> list[tuple[int, float]]:
        """The likeliest classes of uint8 `(C, S, S)` with their shares, likeliest first."""
        shares, classes = self._features.class_shares(picture[None])[0].topk(count)
        return list(zip(classes.tolist(), shares.tolist(), strict=True))
