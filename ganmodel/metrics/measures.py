"""The measures themselves, as pure functions of feature vectors and class numbers.

Everything is computed in float64, in pieces of bounded memory, without any randomness. `features`
computes the vectors, and `evaluate` chooses which of them are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

_PIECE = 500_000  # entries of a distance matrix computed at once: 4 MB, which fits a cache


class Moments(NamedTuple):
    """Mean `(d,)` and unbiased covariance `(d, d)` of feature vectors, float64."""

    mean: Tensor
    cov: Tensor


def moments(features: Tensor) -> Moments:
    """Mean and covariance of features `(N, d)`, as the Fréchet distance needs them.

    Raises:
        ValueError: fewer than two vectors, or values that are not finite.
    """
    _check(features, least=2)
    features = features.double()
    mean = features.mean(0)
    centred = features - mean
    return Moments(mean, centred.T @ centred / (len(features) - 1))


def frechet_distance(mean_a: Tensor, cov_a: Tensor, mean_b: Tensor, cov_b: Tensor) -> float:
    """|mean_a − mean_b|² + tr(A + B − 2 (A B)^½) of two Gaussians; 0 or more, 0 for equals.

    The trace of (A B)^½ is taken from the eigenvalues of the symmetric A^½ B A^½, which are the
    same and stay real where a covariance is singular. Heusel et al. 2017, equation 6; Dowson and
    Landau 1982.

    Raises:
        ValueError: values that are not finite.
    """
    parts = [part.double() for part in (mean_a, cov_a, mean_b, cov_b)]
    if not all(part.isfinite().all() for part in parts):
        raise ValueError("A Fréchet distance needs means and covariances of finite numbers.")
    mean_a, cov_a, mean_b, cov_b = parts
    values, vectors = torch.linalg.eigh(cov_a)
    root_a = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    product = root_a @ cov_b @ root_a
    cross = torch.linalg.eigvalsh((product + product.T) / 2).clamp_min(0).sqrt().sum()
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    return max(0.0, float(distance))


def frechet_error(basis: Moments, features: Tensor) -> float:
    """The standard error of the Fréchet distance of `features (N, d)` from `basis`.

    By the delta method: each vector's influence on the distance follows from the derivatives by
    mean and covariance, the latter being I − A^½ (A^½ B A^½)^-½ A^½, and the standard deviation of
    the influences gives the error. Where the distance consists of its bias alone, the error is too
    large by up to a half.
    """
    features = features.double()
    mean, cov = moments(features)
    values, vectors = torch.linalg.eigh(basis.cov.double())
    root = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    values, vectors = torch.linalg.eigh(root @ cov @ root)
    # Directions of almost no variance have no influence.
    steady = values > 1e-10 * values.max()
    inverse = (vectors * torch.where(steady, values, torch.inf).rsqrt()) @ vectors.T
    slope = torch.eye(len(mean), dtype=torch.float64) - root @ inverse @ root
    centred = features - mean
    pulls = 2 * centred @ (mean - basis.mean.double()) + ((centred @ slope) * centred).sum(1)
    return float(pulls.std() / math.sqrt(len(features)))


def kernel_distance(x: Tensor, y: Tensor) -> float:
    """KID: the unbiased squared MMD of `(N, d)` and `(M, d)` under k(a, b) = (a·b / d + 1)³.

    All pairs are used, not random subsets, so it is the same each time. Unbiased at any number
    of samples, hence around 0 and sometimes below it for samples of one distribution. Binkowski
    et al. 2018, section 4; the estimator is Gretton et al. 2012, equation 3.

    Raises:
        ValueError: fewer than two vectors on a side, or values that are not finite.
    """
    _check(x, least=2)
    _check(y, least=2)
    x, y = x.double(), y.double()
    n, m = len(x), len(y)
    within_x = (_kernel_sum(x, x) - _kernel_sum_of_selves(x)) / (n * (n - 1))
    within_y = (_kernel_sum(y, y) - _kernel_sum_of_selves(y)) / (m * (m - 1))
    return float(within_x + within_y - 2 * _kernel_sum(x, y) / (n * m))


def _kernel_sum(x: Tensor, y: Tensor) -> Tensor:
    """Σ k(a, b) over all pairs."""
    total, one = x.new_zeros(()), x.new_ones(())
    for part in _pieces(x / x.shape[1], len(y)):
        base = torch.addmm(one, part, y.T).flatten()
        total += torch.dot(base.square(), base)
    return total


def _kernel_sum_of_selves(x: Tensor) -> Tensor:
    """Σ k(a, a)."""
    return (x.square().sum(1) / x.shape[1] + 1).pow(3).sum()


class PrecisionRecall(NamedTuple):
    """Shares in 0 to 1: of fakes that look real, and of reals that the fakes cover."""

    precision: float
    recall: float


def precision_recall(reals: Tensor, fakes: Tensor, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall of features `(N, d)` and `(M, d)`.

    Each vector stands for the ball that reaches to its `k`-th nearest neighbour on its own side;
    precision is the share of fakes inside a ball of reals, recall the share of reals inside a ball
    of fakes. Both depend on the numbers of vectors: compare only values taken at the same ones.
    Kynkäänniemi et al. 2019, equations 1 and 2.

    Raises:
        ValueError: not more than `k` vectors on a side, or values that are not finite.
    """
    _check(reals, least=k + 1)
    _check(fakes, least=k + 1)
    centre = reals.double().mean(0)  # near the origin, squares lose fewer digits
    reals, fakes = reals.double() - centre, fakes.double() - centre
    real_radii, fake_radii = _radii(reals, k), _radii(fakes, k)
    precise = torch.zeros(len(fakes), dtype=torch.bool)
    recalled = torch.zeros(len(reals), dtype=torch.bool)
    start = 0
    for part in _pieces(fakes, len(reals)):
        rows = slice(start, start + len(part))
        squares = _squared_distances(part, reals)
        precise[rows] = (squares <= real_radii).any(1)
        recalled |= (squares <= fake_radii[rows].unsqueeze(1)).any(0)
        start += len(part)
    return PrecisionRecall(float(precise.double().mean()), float(recalled.double().mean()))


class DensityCoverage(NamedTuple):
    """How densely fakes lie among reals (1 for real pictures), and the share of reals covered."""

    density: float
    coverage: float


def density_coverage(reals: Tensor, fakes: Tensor, k: int = 5) -> DensityCoverage:
    """Density and coverage of features `(N, d)` and `(M, d)`; both use the balls of reals alone.

    A real's ball reaches to its `k`-th nearest other one; density is how many balls a fake lies in,
    over `k`, coverage the share of balls with a fake inside. So a few outlying fakes cannot cover
    what the rest miss, and the wide ball of an outlying real counts for little. A duplicate of a
    real is not its neighbour. Naeem et al. 2020, equations 5 and 6.

    Raises:
        ValueError: not more than `k` vectors on a side, or values that are not finite.
    """
    _check(reals, least=k + 1)
    _check(fakes, least=k + 1)
    centre = reals.double().mean(0)
    reals, fakes = reals.double() - centre, fakes.double() - centre
    radii = _radii(reals, k, distinct=True)
    covered, inside = torch.zeros(len(reals), dtype=torch.bool), 0
    for part in _pieces(fakes, len(reals)):
        within = _squared_distances(part, reals) <= radii
        inside += int(within.sum())
        covered |= within.any(0)
    return DensityCoverage(inside / (k * len(fakes)), float(covered.double().mean()))


def _radii(points: Tensor, k: int, *, distinct: bool = False) -> Tensor:
    """Squared distance of each point to its `k`-th nearest other one.

    `distinct` ignores points that equal it, unless all others do.
    """
    rows = []
    for part in _pieces(points, len(points)):
        squares = _squared_distances(part, points)
        if distinct:
            squares = squares.masked_fill(squares == 0, torch.inf)
            nearest = squares.topk(min(k, len(points)), largest=False).values
            known = nearest.masked_fill(nearest.isinf(), 0)
            rows.append(known.max(1).values)
        else:  # the point itself is the nearest, hence k + 1
            rows.append(squares.topk(k + 1, largest=False).values[:, -1])
    return torch.cat(rows)


def _squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """`(N, M)`. Rounding errors are set to 0, so that equal vectors have distance 0."""
    scale_a, scale_b = a.square().sum(1, keepdim=True), b.square().sum(1)
    scale = scale_a + scale_b
    squares = torch.addmm(scale, a, b.T, alpha=-2)
    return squares.masked_fill_(squares < 1e-12 * scale, 0)


class Coverage(NamedTuple):
    """How samples spread over classes; `kl` is KL(samples ‖ reals) in nats."""

    shares: Tensor  # (n_classes,) float64, sums to 1
    covered: int  # classes with at least one sample
    kl: float


def class_coverage(classes: Tensor, n_classes: int, reals: Tensor | None = None) -> Coverage:
    """Shares of the classes `(N,)` int64 and their divergence from the reals' shares.

    `reals` are the shares `(n_classes,)` to compare with, uniform where none are given. A class
    that reals lack counts as if it held a thousandth of a uniform share, so that the divergence
    stays finite. The reverse KL of Srivastava et al. 2017 (VEEGAN).

    Raises:
        ValueError: no samples, or a class number outside 0 to `n_classes` − 1.
    """
    if len(classes) == 0 or classes.min() < 0 or classes.max() >= n_classes:
        raise ValueError(f"Coverage needs class numbers from 0 to {n_classes - 1}, at least one.")
    counts = torch.bincount(classes.long(), minlength=n_classes)
    shares = counts.double() / len(classes)
    if reals is None:
        reals = torch.full((n_classes,), 1 / n_classes)
    reals = reals.double().clamp_min(1e-3 / n_classes)
    # xlogy: a class without samples adds 0.
    terms = torch.special.xlogy(shares, shares) - torch.special.xlogy(shares, reals / reals.sum())
    return Coverage(shares, int((counts > 0).sum()), max(0.0, float(terms.sum())))


def modes_and_kl(modes: Tensor, n_modes: int = 1000) -> tuple[int, float]:
    """Stacked-MNIST's two figures: modes with at least one sample, and KL from uniform in nats.

    The protocol is 26,000 samples; fewer find fewer modes and more divergence. Perfectly uniform
    sampling gives 1,000 and about (n_modes − 1) / (2 N) = 0.019. Lin et al. 2018 (PacGAN), after
    Metz et al. 2017.
    """
    coverage = class_coverage(modes, n_modes)
    return coverage.covered, coverage.kl


def nearest_distances(fakes: Tensor, reals: Tensor) -> tuple[Tensor, Tensor]:
    """For each fake its distance to the nearest real, `(N,)` float64, and that one's index.

    Feature vectors or whole pictures, `(N, …)` and `(M, …)` of any number type, are flattened;
    the distance is Euclidean, and for uint8 pictures pixels run from 0 to 1. The search is in
    float32, so of two reals at almost the same distance it may take either; the distance to the
    one taken is exact.

    Raises:
        ValueError: no reals, or shapes that do not match.
    """
    if len(reals) == 0 or fakes.shape[1:] != reals.shape[1:]:
        raise ValueError(
            f"Nearest images need reals of the fakes' shape: {tuple(fakes.shape)} against "
            f"{tuple(reals.shape)}."
        )
    fakes, reals = fakes.flatten(1), reals.flatten(1)
    own = _unit(fakes, torch.float32)
    best = torch.full((len(fakes),), torch.inf)
    index = torch.zeros(len(fakes), dtype=torch.int64)
    start = 0
    for part in reals.split(max(1, _PIECE // reals.shape[1])):
        others = _unit(part, torch.float32)
        # |fake|² is the same for every real, so the smallest does not need it.
        for rows in torch.arange(len(fakes)).split(max(1, _PIECE // len(part))):
            partial = torch.addmm(others.square().sum(1), own[rows], others.T, alpha=-2)
            values, places = partial.min(1)
            better = values < best[rows]
            best[rows] = torch.where(better, values, best[rows])
            index[rows] = torch.where(better, places + start, index[rows])
        start += len(part)
    difference = _unit(fakes, torch.float64) - _unit(reals[index], torch.float64)
    return difference.square().sum(1).sqrt(), index


def _unit(values: Tensor, dtype: torch.dtype) -> Tensor:
    return values.to(dtype) / 255 if values.dtype == torch.uint8 else values.to(dtype)


def _pieces(rows: Tensor, columns: int) -> Iterator[Tensor]:
    yield from rows.split(max(1, _PIECE // columns))


def _check(features: Tensor, least: int) -> None:
    if features.ndim != 2 or len(features) < least or not features.isfinite().all():
        raise ValueError(
            f"A measure needs at least {least} vectors (N, d) of finite numbers, but got "
            f"{tuple(features.shape)}."
        )
