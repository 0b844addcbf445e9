"""The scores of real pictures, computed once, against which many generators are measured.

Unseen real pictures score what a perfect generator would. The score depends on how many there are,
so it is available here for every number. `evaluate` chooses the drawn pictures and reports on them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganmodel.metrics.copying import Originals
from ganmodel.metrics.features import Features, fingerprint
from ganmodel.metrics.measures import (
    Moments,
    class_coverage,
    density_coverage,
    frechet_distance,
    frechet_error,
    kernel_distance,
    moments,
    nearest_distances,
    precision_recall,
)
from ganmodel.units import UNIT, real_scores

LEAST = 16  # pictures on a side; with fewer, no measure is meaningful
MOST_REAL = 20_000  # training pictures that are used where no file holds their moments
MOST_HELD_OUT = 10_000
NEAREST_HELD_OUT = 1_000  # real pictures whose distance to the training set is looked up
WAYS = 8  # random halvings that are averaged over where no picture is unseen
LOOKS = 16  # subsets of the unseen pictures that are averaged over, at most


class Distance(NamedTuple):
    """A Fréchet distance, and that of as many unseen real pictures."""

    fd: float
    real: float  # of as many unseen real pictures; the bias of both is the same
    unit: float  # R: of `UNIT` unseen real pictures, or of as many as there are
    error: float  # standard error of fd − real

    @property
    def in_units(self) -> float | None:
        """1 + (fd − real) / unit: 1 for unseen real pictures, whatever their number.

        With few pictures distances are biased upwards, about equally for drawn and real ones;
        the difference cancels the bias, so values of different numbers are comparable. With `UNIT`
        pictures this is fd / unit. 0 or more; None where the unit is 0, such as for equal pictures.
        """
        return max(0.0, 1 + (self.fd - self.real) / self.unit) if self.unit > 0 else None


@dataclass(frozen=True)
class _Side:
    """Features of real pictures that count as seen, and of others that count as unseen."""

    seen: Callable[[int], Tensor]  # the first seen ones, at most so many
    moments: Callable[[], Moments]
    unseen: Callable[[int | None], Tensor]
    most: int  # number of unseen ones
    looks: int  # subsets of the unseen ones that are averaged over, at most

    def real_distance(self, count: int) -> tuple[float, float]:
        """The distance of `count` unseen pictures, and its standard error.

        For more than there are, extrapolated linearly in 1 / count. That the bias falls as
        1 / count: Chong and Forsyth 2020, section 3.
        """
        if count > self.most:
            (at_all, error), (at_half, _) = map(self.real_distance, (self.most, self.most // 2))
            return max(0.0, at_all + (at_half - at_all) * (self.most / count - 1)), error
        pictures = self.unseen(min(self.most, self.looks * count))
        parts = _windows(pictures, count, self.looks)
        found = [frechet_distance(*self.moments(), *moments(part)) for part in parts]
        error = frechet_error(self.moments(), parts[0])
        return _average(found), error / math.sqrt(max(1, len(pictures) // count))


class Reference:
    """Real pictures, and their scores, computed once for many generators.

    `images` are the training set, uint8 `(N, C, H, W)`. `test` are real pictures that no generator
    saw. Without `test` the training set is halved in eight ways; one half counts as seen, the other
    as unseen, and fakes are compared with the same halves, as many as these hold. `labels` `(N,)`
    give the reals' class shares; without them the classifier predicts the classes. Everything is
    computed on first use. Scores that ship for exactly these pictures are not computed, unless
    `known` is False; of other training sets `most` pictures are used, which takes some seconds at
    the first evaluation.

    Raises:
        ValueError: too few pictures, or of a kind that `features` is not for.
    """

    def __init__(
        self,
        features: Features,
        images: Tensor,
        *,
        test: Tensor | None = None,
        labels: Tensor | None = None,
        most: int = MOST_REAL,
        known: bool = True,
    ) -> None:
        if min(len(images), LEAST if test is None else len(test)) < LEAST:
            raise ValueError(f"An evaluation needs at least {LEAST} real pictures to compare with.")
        features.of(images[:1])  # raises for the wrong kind now
        self.features = features
        self.images = images
        self._labels = labels
        train = fingerprint(images)
        self._same = known and train == features.about.get("data", {}).get("train_sha256")
        self._known: Mapping[str, Any] = {}
        if known and test is not None:
            self._known = known_scores(features, train, fingerprint(test))
        self._distances: dict[int, tuple[float, float]] = {}
        self._neighbours: dict[int, dict[str, float]] = {}
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
        self._train = _Growing(features, images, order[:most])
        if test is not None:
            self._sides = [self._against_test(test)]
            order = torch.randperm(len(test), generator=torch.Generator().manual_seed(1))
            self._looked_up, self._among = test[order[:NEAREST_HELD_OUT]], images
        else:
            self._sides = [self._halved(way) for way in range(WAYS)]
            # Hold out few: samples are compared with all images, of which the nearest is nearer.
            few = min(len(images) // 10 + 1, NEAREST_HELD_OUT)
            self._looked_up, self._among = images[order[:few]], images[order[few:]]

    def _against_test(self, test: Tensor) -> _Side:
        order = torch.randperm(len(test), generator=torch.Generator().manual_seed(1))
        unseen = _Growing(self.features, test, order)
        return _Side(self._train.first, lambda: self.moments, unseen.first, len(test), LOOKS)

    def _halved(self, way: int) -> _Side:
        """One of the random halvings of the pictures in use."""
        count = len(self._train)
        half = min(count // 2, MOST_HELD_OUT)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(way))

        def seen(wanted: int | None) -> Tensor:
            return self._train.first(None)[order[half:][:wanted]]

        return _Side(
            seen,
            cache(lambda: moments(seen(None))),
            lambda wanted: self._train.first(None)[order[:half][:wanted]],
            half,
            1,
        )

    @cached_property
    def moments(self) -> Moments:
        """Mean and covariance of the training images' features."""
        if self._same and self.features.known is not None:
            return self.features.known
        return moments(self._train.first(None))

    @cached_property
    def class_shares(self) -> Tensor | None:
        """Shares of the classes among the reals, `(n_classes,)`; None for features without any."""
        if self.features.n_classes is None:
            return None
        classes = self._labels
        if classes is None and self._same:
            return torch.tensor(self.features.about["data"]["class_shares"], dtype=torch.float64)
        if classes is None:
            classes = self.features.classes(self._train.first(None))
        return class_coverage(classes, self.features.n_classes).shares

    @cached_property
    def originals(self) -> Originals:
        """The training images, prepared for the detection of copies."""
        return Originals(self.images)

    def comparable(self, count: int) -> int:
        """How many of `count` fakes are compared at a time."""
        return count if self._has_test else min(count, self._sides[0].most)

    @property
    def _has_test(self) -> bool:
        return len(self._sides) == 1

    @cached_property
    def unit(self) -> float:
        """R: the Fréchet distance of `UNIT` unseen pictures, or of as many as there are."""
        return self.real_distance(min(UNIT, self._sides[0].most))

    def real_distance(self, count: int) -> float:
        """The Fréchet distance that `count` unseen pictures have on average."""
        return self._real(count)[0]

    def real_error(self, count: int) -> float:
        """The standard error of `real_distance`."""
        return self._real(count)[1]

    def _real(self, count: int) -> tuple[float, float]:
        count = self.comparable(count)
        if count not in self._distances:
            known = [_between(self._known.get(name, {}), count) for name in ("fd", "fd_error")]
            if None in known:
                found = [side.real_distance(count) for side in self._sides]
                # All halvings are of the same pictures: averaging does not reduce the error.
                known = [_average(values) for values in zip(*found, strict=True)]
            self._distances[count] = tuple(known)
        return self._distances[count]

    def distance(self, fakes: Tensor) -> Distance:
        """The Fréchet distance of features `(N, d)`, at least `LEAST` of them."""
        count = self.comparable(len(fakes))
        parts = _windows(fakes, count, len(self._sides), always=True)
        found = [
            frechet_distance(*side.moments(), *moments(part))
            for side, part in zip(self._sides, parts, strict=True)
        ]
        error = frechet_error(self._sides[0].moments(), parts[0])
        real, real_error = self._real(count)
        return Distance(_average(found), real, self.unit, math.hypot(error, real_error))

    @cached_property
    def real_nearest(self) -> float:
        """Median distance of held-out pictures to their nearest training image."""
        if "nearest" in self._known:
            return self._known["nearest"]
        return float(nearest_distances(self._looked_up, self._among)[0].median())

    def pairable(self, count: int) -> int:
        """How many pictures of each side `neighbours` takes where `count` are asked for."""
        return min(count, self._sides[0].most, len(self._sides[0].seen(count)))

    def neighbours(self, fakes: Tensor, count: int) -> dict[str, float]:
        """`kid`, `precision`, `recall`, `density` and `coverage` of features `(N, d)`.

        Of as many fakes as reals, since all but the first depend on both numbers.
        """
        count = min(self.pairable(count), len(fakes))
        sides = self._few_sides
        parts = _windows(fakes, count, len(sides), always=True)
        return _mean(
            [_compared(side.seen(count), part) for side, part in zip(sides, parts, strict=True)]
        )

    def real_neighbours(self, count: int) -> dict[str, float]:
        """The same measures of unseen real pictures."""
        count = self.pairable(count)
        if count not in self._neighbours:
            found = self._known.get("neighbours", {}).get(str(count))
            self._neighbours[count] = found or _mean(
                [_compared(side.seen(count), side.unseen(count)) for side in self._few_sides]
            )
        return self._neighbours[count]

    @property
    def _few_sides(self) -> Sequence[_Side]:
        """All halvings of few pictures, but one of many: each costs the square of the number."""
        return self._sides if self._sides[0].most <= 250 else self._sides[:1]


class _Growing:
    """Features of the first pictures of an order, computed on demand."""

    def __init__(self, features: Features, images: Tensor, order: Tensor) -> None:
        self._features, self._images, self._order = features, images, order
        self._done: Tensor | None = None

    def __len__(self) -> int:
        return len(self._order)

    def first(self, count: int | None) -> Tensor:
        """`(≤ count, d)`; all of them for None."""
        count = min(len(self._order), len(self._order) if count is None else count)
        have = 0 if self._done is None else len(self._done)
        if count > have:
            new = self._features.of(self._images[self._order[have:count]])
            self._done = new if self._done is None else torch.cat([self._done, new])
        return self._done[:count]


def _windows(values: Tensor, count: int, most: int, *, always: bool = False) -> list[Tensor]:
    """Up to `most` subsets of `count` vectors each, spread evenly, and disjoint where possible.

    `always` gives exactly `most`, with repetitions where there are no others.
    """
    room = len(values) - count
    starts = [round(room * k / max(1, most - 1)) for k in range(most)]
    return [values[s : s + count] for s in (starts if always else sorted(set(starts)))]


def _compared(reals: Tensor, fakes: Tensor) -> dict[str, float]:
    return {
        "kid": kernel_distance(reals, fakes),
        **precision_recall(reals, fakes)._asdict(),
        **density_coverage(reals, fakes)._asdict(),
    }


def _average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _mean(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: _average([one[name] for one in found]) for name in found[0]}


def _between(known: Mapping[str, float], count: int) -> float | None:
    """The value at `count`, interpolated linearly in 1 / count between known ones; else None."""
    at = sorted(int(number) for number in known)
    if not at or not at[0] <= count <= at[-1]:
        return None
    below = max(number for number in at if number <= count)
    above = min(number for number in at if number >= count)
    if below == above:
        return known[str(below)]
    share = (1 / below - 1 / count) / (1 / below - 1 / above)
    return known[str(below)] + share * (known[str(above)] - known[str(below)])


def known_scores(features: Features, train: str, test: str) -> Mapping[str, Any]:
    """The shipped scores of these test pictures; {} where there are none.

    Args:
        features: what the scores were measured with.
        train, test: the `fingerprint` of each side.
    """
    wanted = {"features": features.sha256, "name": features.name, "train": train, "test": test}
    for scores in real_scores():
        if all(scores[key] == value for key, value in wanted.items()):
            return scores
    return {}
