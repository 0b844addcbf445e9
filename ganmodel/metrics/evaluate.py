"""Everything measured of one generator: real pictures as the reference, one dictionary out.

A generator comes in as a function that draws pictures, the data as tensors; no file is opened
here, and the global random state is neither read nor changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ganmodel.metrics.features import Features, fingerprint
from ganmodel.metrics.measures import (
    Moments,
    class_coverage,
    frechet_distance,
    kernel_distance,
    modes_and_kl,
    moments,
    nearest_distances,
    precision_recall,
)

LEAST = 16  # pictures on a side; below that, no measure means anything
MOST_REAL = 20_000  # training pictures that are looked at where no file knows their moments
MOST_HELD_OUT = 10_000
NEAREST_HELD_OUT = 1_000  # real pictures whose distance to the training set is looked up
N_MODES = 1_000  # of Stacked-MNIST

Draw = Callable[[int], Tensor | tuple[Tensor, Tensor | None]]


@dataclass(frozen=True)
class Effort:
    """How many pictures are looked at."""

    samples: int  # for the Fréchet distance and the classes
    points: int  # on each side, for KID, precision and recall, whose cost grows with the square
    nearest: int  # samples whose nearest training image is looked up, pixel by pixel


QUICK = Effort(samples=2_500, points=2_000, nearest=64)
THOROUGH = Effort(samples=10_000, points=10_000, nearest=1_000)
STACKED_SAMPLES = 26_000  # the protocol's number, see `modes_and_kl`


class Reference:
    """Real pictures, and what is measured on them once for many generators.

    `images` are the training set, uint8 `(N, C, H, W)`. `test` are real pictures that no generator
    saw; what those score is what a perfect generator would. Without `test`, a part of
    `images` is held out and compared with the rest. `labels` `(N,)` give the reals' class shares;
    without them the classifier is asked. Nothing is computed before it is needed, and nothing at
    all of what a classifier's file knows about these very pictures; of others, `most` are looked
    at, which takes some seconds at the first evaluation.

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
    ) -> None:
        if min(len(images), LEAST if test is None else len(test)) < LEAST:
            raise ValueError(f"An evaluation needs at least {LEAST} real pictures to compare with.")
        features.of(images[:1])  # refuses the wrong kind now
        self.features = features
        self.images = images
        self._labels = labels
        data = features.about.get("data", {})
        self._same = fingerprint(images) == data.get("train_sha256")
        # What test pictures score is known from the file, unless others are given.
        known: dict[str, Any] = {}
        if self._same and (test is None or fingerprint(test) == data.get("test_sha256")):
            known = features.about.get("real", {})
        self._known_fd, self._known_nearest = known.get("fd"), known.get("nearest")
        self._points = {int(count): scores for count, scores in known.get("points", {}).items()}
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
        self._train = _Growing(features, images, order[:most])
        if test is not None:
            order = torch.randperm(len(test), generator=torch.Generator().manual_seed(1))
            self._basis = self._train
            self._held_out = _Growing(features, test, order[:MOST_HELD_OUT])
            self._looked_up, self._among = test[order[:NEAREST_HELD_OUT]], images
        else:
            cut = min(len(images) // 2, MOST_HELD_OUT)
            self._basis = _Growing(features, images, order[cut : cut + most])
            self._held_out = _Growing(features, images, order[:cut])
            # Few here: samples are looked up among all images, and more of them lie nearer.
            few = min(len(images) // 10 + 1, NEAREST_HELD_OUT)
            self._looked_up, self._among = images[order[:few]], images[order[few:]]

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

    def first(self, count: int) -> Tensor:
        """Features of at most `count` training images, in an order drawn once and for all."""
        return self._train.first(count)

    @cached_property
    def real_distance(self) -> float:
        """R: the Fréchet distance of the held-out pictures."""
        if self._known_fd is not None:
            return self._known_fd
        basis = self.moments if self._basis is self._train else moments(self._basis.first(None))
        return frechet_distance(*basis, *moments(self._held_out.first(None)))

    @cached_property
    def real_nearest(self) -> float:
        """Median distance of held-out pictures to their nearest training image."""
        if self._known_nearest is not None:
            return self._known_nearest
        return float(nearest_distances(self._looked_up, self._among)[0].median())

    def real_points(self, count: int) -> dict[str, float]:
        """`kid`, `precision` and `recall` of at most `count` held-out pictures."""
        if count not in self._points:
            reals, held_out = self._basis.first(count), self._held_out.first(count)
            self._points[count] = _compare_points(reals, held_out)
        return self._points[count]


class _Growing:
    """Features of the first pictures of an order, computed as far as they were asked for."""

    def __init__(self, features: Features, images: Tensor, order: Tensor) -> None:
        self._features, self._images, self._order = features, images, order
        self._done: Tensor | None = None

    def first(self, count: int | None) -> Tensor:
        """`(≤ count, d)`; all of them for None."""
        count = min(len(self._order), len(self._order) if count is None else count)
        have = 0 if self._done is None else len(self._done)
        if count > have:
            new = self._features.of(self._images[self._order[have:count]])
            self._done = new if self._done is None else torch.cat([self._done, new])
        return self._done[:count]


def _compare_points(reals: Tensor, fakes: Tensor) -> dict[str, float]:
    return {"kid": kernel_distance(reals, fakes), **precision_recall(reals, fakes)._asdict()}


def evaluate(
    draw: Draw,
    reference: Reference,
    *,
    thorough: bool = True,
    samples: int | None = None,
) -> dict[str, Any]:
    """Measures the generator behind `draw` against real pictures; the result is JSON-plain.

    `draw(count)` gives uint8 `(count, C, H, W)`, always the same for the same count, and from
    a generator with classes the pair of these and of the classes `(count,)` it was asked for. It
    is called once. `thorough` looks at 10,000 samples (Stacked-MNIST: 26,000); without it, at
    2,500 and in less than a second for the shipped classifiers. `samples` overrides the number.

    A Fréchet distance is biased upwards where samples are few: MNIST's test images score 1.2, but
    about 2 if only 2,500 of them are taken. So compare only values from the same number of samples;
    `fd_over_r` is fair with as many as there are test pictures, mostly 10,000. What does not
    apply is None: everything about classes for features that know none, and `agreement` for a
    generator without classes.

    Raises:
        ValueError: too few samples, or pictures of another kind than the reference's.
    """
    features, effort = reference.features, THOROUGH if thorough else QUICK
    stacked = features.n_classes == N_MODES
    usual = STACKED_SAMPLES if stacked and thorough else effort.samples
    count = usual if samples is None else samples
    if count < LEAST:
        raise ValueError(f"An evaluation needs at least {LEAST} samples, but {count} were asked.")
    drawn = draw(count)
    images, asked = drawn if isinstance(drawn, tuple) else (drawn, None)
    if images.shape != (count, *reference.images.shape[1:]):
        raise ValueError(
            f"The generator draws pictures {tuple(images.shape[1:])}, {len(images)} of them, but "
            f"{count} like the real ones {tuple(reference.images.shape[1:])} were asked for."
        )
    images = images.cpu()
    fakes = features.of(images)

    fd, fd_real = frechet_distance(*reference.moments, *moments(fakes)), reference.real_distance
    points = min(count, effort.points)
    compared = _compare_points(reference.first(points), fakes[:points])
    real = reference.real_points(points)
    nearest = float(nearest_distances(images[: effort.nearest], reference.images)[0].median())
    return {
        "samples": count,
        "fd": fd,
        "fd_real": fd_real,
        "fd_over_r": _ratio(fd, fd_real),
        "points": points,
        **compared,
        **{f"{name}_real": value for name, value in real.items()},
        "nearest": nearest,
        "nearest_real": reference.real_nearest,
        "nearest_over_real": _ratio(nearest, reference.real_nearest),
        **_of_classes(reference, fakes, asked),
        "features": {
            "name": features.name,
            "sha256": features.sha256,
            "dimensions": fakes.shape[1],
            "summary": features.summary,
        },
    }


def _of_classes(reference: Reference, fakes: Tensor, asked: Tensor | None) -> dict[str, Any]:
    features = reference.features
    result: dict[str, Any] = dict.fromkeys(
        ("classes", "classes_covered", "class_kl", "histogram", "modes", "modes_kl", "agreement")
    )
    if features.n_classes is None:
        return result
    classes = features.classes(fakes)
    coverage = class_coverage(classes, features.n_classes, reference.class_shares)
    result["classes"] = features.n_classes
    result["classes_covered"] = coverage.covered
    result["class_kl"] = coverage.kl
    result["histogram"] = coverage.shares.tolist()
    if features.n_classes == N_MODES:
        result["modes"], result["modes_kl"] = modes_and_kl(classes)
    if asked is not None:
        result["agreement"] = float((classes == asked.cpu()).double().mean())
    return result


def _ratio(value: float, unit: float) -> float | None:
    """None where the unit is 0, such as for real pictures that are all the same."""
    ratio = value / unit if unit > 0 else math.inf
    return ratio if math.isfinite(ratio) else None


def sentence(result: dict[str, Any]) -> str:
    """What `evaluate` found, in plain sentences for a terminal."""
    times = result["fd_over_r"]
    ratio = "" if times is None else f" = {times:.1f} R"
    real = {k: f"{result[f'{k}_real']:.2f}" for k in ("fd", "precision", "recall", "nearest")}
    parts = [
        f"Fréchet distance {result['fd']:.2f}{ratio} from {result['samples']:,} samples (unseen "
        f"real pictures: R = {real['fd']})",
        f"precision {result['precision']:.2f} (real: {real['precision']})",
        f"recall {result['recall']:.2f} (real: {real['recall']})",
        f"nearest training image at {result['nearest']:.2f} (real: {real['nearest']})",
    ]
    if result["modes"] is not None:
        parts.append(f"{result['modes']} of {N_MODES:,} modes, KL {result['modes_kl']:.3f}")
    elif result["classes"] is not None:
        parts.append(f"{result['classes_covered']} of {result['classes']} classes")
    if result["agreement"] is not None:
        parts.append(f"{result['agreement']:.1%} of the classes asked for")
    used = result["features"]
    return f"{'; '.join(parts)}. Features: {used['name']} {used['sha256'][:16]}, {used['summary']}."
