"""Every measure against a closed form, a naive computation, or another library."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from ganmodel.metrics import (
    Moments,
    class_coverage,
    density_coverage,
    frechet_distance,
    kernel_distance,
    measures,
    modes_and_kl,
    moments,
    nearest_distances,
    precision_recall,
)


def _cloud(count: int, d: int = 6, seed: int = 0, shift: float = 0.0) -> Tensor:
    """Correlated, lopsided points, so that a mistake in a symmetric case would show."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(d, d, generator=torch.Generator().manual_seed(99)).double()
    return torch.randn(count, d, generator=generator).double().exp() @ mixing + shift


def _random_covariance(d: int, seed: int) -> Tensor:
    root = torch.randn(d, d, generator=torch.Generator().manual_seed(seed)).double()
    return root @ root.T


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few rows, so that small clouds are cut as large ones are."""
    monkeypatch.setattr(measures, "_PIECE", 100)


class _Given(nn.Module):
    """Hands torchmetrics the feature vectors that it was given."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.num_features = d

    def forward(self, features: Tensor) -> Tensor:
        return features


def test_moments_are_the_unbiased_ones() -> None:
    x = _cloud(50)
    mean, cov = moments(x.float())
    torch.testing.assert_close(mean, x.mean(0), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(cov, torch.cov(x.T), rtol=1e-4, atol=1e-4)
    assert mean.dtype == cov.dtype == torch.float64


def test_the_frechet_distance_of_equals_is_zero() -> None:
    cov, mean = _random_covariance(8, 1), torch.randn(8).double()
    assert frechet_distance(mean, cov, mean, cov) == pytest.approx(0, abs=1e-9)


def test_a_shifted_mean_costs_its_squared_length() -> None:
    cov, mean = _random_covariance(4, 1), torch.zeros(4).double()
    shift = torch.tensor([3.0, 0, -4.0, 0]).double()
    assert frechet_distance(mean, cov, mean + shift, cov) == pytest.approx(25, abs=1e-9)


def test_diagonal_covariances_have_their_closed_form() -> None:
    """Σ (√a − √b)²; a zero on either side makes a matrix singular."""
    a, b = torch.tensor([4.0, 9.0, 0.0, 1.0]), torch.tensor([1.0, 0.0, 0.0, 25.0])
    zero = torch.zeros(4)
    distance = frechet_distance(zero, a.diag(), zero, b.diag())
    assert distance == pytest.approx(1 + 9 + 0 + 16, abs=1e-12)


def test_covariances_that_do_not_commute_have_the_closed_form_of_two_dimensions() -> None:
    """tr √M = √(tr M + 2 √det M) for 2 × 2, with M = A B."""
    a, b = _random_covariance(2, 1), _random_covariance(2, 2)
    product = a @ b
    cross = math.sqrt(product.trace() + 2 * math.sqrt(product.det()))
    expected = float(a.trace() + b.trace()) - 2 * cross
    zero = torch.zeros(2).double()
    assert frechet_distance(zero, a, zero, b) == pytest.approx(expected, abs=1e-9)


def test_lines_in_space_have_the_closed_form_of_rank_one() -> None:
    """|v|² + |w|² − 2 |v·w|: both covariances are as singular as can be."""
    v, w = torch.tensor([1.0, 2, 3, 0, 0]).double(), torch.tensor([0.0, 1, -1, 2, 0]).double()
    zero = torch.zeros(5).double()
    expected = float(v @ v + w @ w - 2 * abs(v @ w))
    distance = frechet_distance(zero, torch.outer(v, v), zero, torch.outer(w, w))
    assert distance == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("count", [3, 40], ids=["singular", "regular"])
def test_the_frechet_distance_is_symmetric_finite_and_never_negative(count: int) -> None:
    a, b = moments(_cloud(count, 12, 1)), moments(_cloud(count, 12, 2))
    forth, back = frechet_distance(*a, *b), frechet_distance(*b, *a)
    assert forth == pytest.approx(back, rel=1e-6, abs=1e-6)
    assert forth >= 0
    assert 0 <= frechet_distance(*a, *a) < 1e-5


def test_the_frechet_distance_agrees_with_torchmetrics() -> None:
    fid = pytest.importorskip("torchmetrics.image.fid", reason="torchmetrics is not installed")
    x, y = _cloud(200, 6, 1), _cloud(150, 6, 2, shift=0.5)
    theirs = fid.FrechetInceptionDistance(feature=_Given(6)).set_dtype(torch.float64)
    theirs.update(x, real=True)
    theirs.update(y, real=False)
    ours = frechet_distance(*moments(x), *moments(y))
    assert ours == pytest.approx(float(theirs.compute()), rel=1e-5, abs=1e-6)


def test_a_measure_refuses_what_is_not_finite_or_too_few() -> None:
    bad = torch.full((5, 2), math.nan)
    for call in (
        lambda: moments(bad),
        lambda: moments(torch.zeros(1, 2)),
        lambda: kernel_distance(bad, torch.zeros(5, 2)),
        lambda: precision_recall(torch.zeros(3, 2), torch.zeros(5, 2), k=3),
    ):
        with pytest.raises(ValueError, match="at least"):
            call()
    with pytest.raises(ValueError, match="finite"):
        frechet_distance(bad[0], torch.eye(2), torch.zeros(2), torch.eye(2))


@pytest.mark.usefixtures("small_pieces")
def test_the_kernel_distance_equals_a_double_loop() -> None:
    x, y = _cloud(23, 4, 1) / 10, _cloud(17, 4, 2, shift=1) / 10

    def k(a: Tensor, b: Tensor) -> float:
        return (float(a @ b) / 4 + 1) ** 3

    within_x = sum(k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j)
    within_y = sum(k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j)
    across = sum(k(a, b) for a in x for b in y)
    expected = within_x / (23 * 22) + within_y / (17 * 16) - 2 * across / (23 * 17)
    assert kernel_distance(x, y) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_kernel_distance_of_one_distribution_is_zero_on_average() -> None:
    """200 pairs of small samples: their mean must be within four of its standard errors of 0.

    The biased estimator's mean would be many of them away.
    """
    generator = torch.Generator().manual_seed(0)
    values = torch.tensor(
        [kernel_distance(*torch.randn(2, 20, 3, generator=generator)) for _ in range(200)]
    )
    error = values.std() / math.sqrt(200)
    assert abs(values.mean()) < 4 * error
    assert (values < 0).any()
    biased_by = (1 + 1) ** 3 / 20  # about E k(a, a) / N, on each side
    assert biased_by > 8 * error


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save")
def test_the_kernel_distance_agrees_with_torchmetrics() -> None:
    kid = pytest.importorskip("torchmetrics.image.kid", reason="torchmetrics is not installed")
    x, y = _cloud(60, 6, 1) / 10, _cloud(60, 6, 2, shift=1) / 10
    theirs = kid.KernelInceptionDistance(feature=_Given(6), subsets=1, subset_size=60)
    theirs.update(x, real=True)
    theirs.update(y, real=False)
    assert kernel_distance(x, y) == pytest.approx(float(theirs.compute()[0]), rel=1e-4, abs=1e-5)


def _naive_precision_recall(reals: Tensor, fakes: Tensor, k: int) -> tuple[float, float]:
    def inside(point: Tensor, others: Tensor) -> bool:
        for index, other in enumerate(others):
            rest = torch.cat([others[:index], others[index + 1 :]])
            radius = (rest - other).norm(dim=1).sort().values[k - 1]
            if (point - other).norm() <= radius:
                return True
        return False

    precise = sum(inside(fake, reals) for fake in fakes) / len(fakes)
    return precise, sum(inside(real, fakes) for real in reals) / len(reals)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("k", [1, 3])
def test_precision_and_recall_equal_a_naive_computation(k: int) -> None:
    generator = torch.Generator().manual_seed(0)
    reals = torch.randn(40, 2, generator=generator)
    fakes = torch.randn(30, 2, generator=generator) * 0.3 + 0.5
    fakes[20:] += 6  # ten of them where no reals are
    expected = _naive_precision_recall(reals, fakes, k)
    assert 0 < expected[0] < 1, "a cloud that tells nothing apart"
    assert 0 < expected[1] < 1, "a cloud that tells nothing apart"
    assert precision_recall(reals, fakes, k) == pytest.approx(expected, abs=1e-12)


def test_clouds_far_apart_share_nothing_and_equal_ones_everything() -> None:
    x = _cloud(100)
    assert precision_recall(x, x + 1e4) == (0, 0)
    assert precision_recall(x, x) == (1, 1)


def test_fakes_in_one_half_of_the_reals_are_precise_but_recall_half() -> None:
    reals = torch.rand(2000, 2, generator=torch.Generator().manual_seed(1))
    fakes = torch.rand(2000, 2, generator=torch.Generator().manual_seed(2))
    fakes[:, 0] /= 2
    precision, recall = precision_recall(reals, fakes)
    assert precision > 0.97
    assert recall == pytest.approx(0.5, abs=0.05)


def test_a_collapsed_generator_is_a_point_without_extent() -> None:
    """All radii are 0 there: rounding must neither hide the equal point nor catch another."""
    point = torch.tensor([[1e3, -7.3, 0.1]]).expand(50, 3)
    assert precision_recall(point, point) == (1, 1)
    reals = torch.cat([point[:1], 50 * _cloud(49, 3)])
    precision, recall = precision_recall(reals, point)
    assert precision == 1  # the point is one of the reals
    assert recall == pytest.approx(1 / 50)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_density_and_coverage_equal_a_naive_computation(k: int, small_pieces: None) -> None:
    reals, fakes = _cloud(60), _cloud(45, seed=1, shift=1.0)
    radii = [sorted(float((a - b).norm()) for b in reals)[k] for a in reals]
    balls = list(zip(reals, radii, strict=True))
    inside = [[float((f - r).norm()) <= radius for f in fakes] for r, radius in balls]
    density = sum(map(sum, inside)) / (k * len(fakes))
    coverage = sum(map(any, inside)) / len(reals)
    found = density_coverage(reals, fakes, k)
    assert found == pytest.approx((density, coverage))
    assert 0 < found.coverage < 1


def test_coverage_stands_where_precision_and_recall_fall_over() -> None:
    """Data that holds every picture four times, and a collapsed generator with five odd ones."""
    cloud = _cloud(300, d=4)
    fourfold, unseen = cloud.repeat(4, 1), _cloud(300, d=4, seed=1)
    assert precision_recall(fourfold, unseen).precision == 0
    found = density_coverage(fourfold, unseen)
    assert found.coverage > 0.5
    assert found.density > 0.3
    collapsed = torch.cat(
        [cloud[:1] + 0.01 * _cloud(295, d=4, seed=2), 40 * _cloud(5, d=4, seed=3)]
    )
    assert precision_recall(cloud, collapsed).recall > 0.5
    assert density_coverage(cloud, collapsed).coverage < 0.1


def test_coverage_by_hand() -> None:
    coverage = class_coverage(torch.tensor([0, 0, 1, 3]), 4)
    assert coverage.shares.tolist() == [0.5, 0.25, 0, 0.25]
    assert coverage.covered == 3
    # ½ ln(½ / ¼) + ¼ ln 1 + 0 + ¼ ln 1
    assert coverage.kl == pytest.approx(0.5 * math.log(2), abs=1e-12)


def test_the_divergence_from_the_reals_own_shares_equals_the_formula() -> None:
    shares = torch.tensor([0.1, 0.2, 0.3, 0.4])
    classes = torch.tensor([3] * 40 + [2] * 30 + [1] * 20 + [0] * 10)
    assert class_coverage(classes, 4, shares).kl == pytest.approx(0, abs=1e-7)
    one = class_coverage(torch.zeros(9, dtype=torch.int64), 4, shares)
    assert one.kl == pytest.approx(-math.log(0.1), abs=1e-6)


def test_a_class_that_reals_lack_keeps_the_divergence_finite() -> None:
    kl = class_coverage(torch.tensor([0, 1]), 2, torch.tensor([1.0, 0.0])).kl
    assert 1 < kl < 10


@pytest.mark.parametrize("classes", [[], [4], [-1]])
def test_coverage_refuses_classes_that_there_are_not(classes: list[int]) -> None:
    with pytest.raises(ValueError, match="from 0 to 3"):
        class_coverage(torch.tensor(classes, dtype=torch.int64), 4)


def test_perfect_sampling_of_stacked_mnist_diverges_by_what_theory_says() -> None:
    """26,000 uniform draws of 1,000 modes: (1000 − 1) / (2 · 26000) = 0.0192 on average."""
    generator = torch.Generator().manual_seed(0)
    modes, kl = modes_and_kl(torch.randint(0, 1000, (26_000,), generator=generator))
    assert modes == 1000
    assert kl == pytest.approx(999 / 52_000, abs=0.003)


def test_missing_modes_are_counted_and_diverge() -> None:
    modes, kl = modes_and_kl(torch.arange(26_000) % 100)
    assert modes == 100
    assert kl == pytest.approx(math.log(10), abs=1e-9)


@pytest.mark.usefixtures("small_pieces")
def test_the_nearest_real_equals_brute_force() -> None:
    fakes, reals = _cloud(30, 6, 1), _cloud(200, 6, 2)
    distances, index = nearest_distances(fakes, reals)
    every = torch.stack([(reals - fake).norm(dim=1) for fake in fakes])
    torch.testing.assert_close(distances, every.min(1).values)
    assert index.tolist() == every.argmin(1).tolist()


def test_a_copied_picture_is_at_no_distance_and_names_its_original() -> None:
    """The search in float32 alone would give a copy a distance well above 0."""
    generator = torch.Generator().manual_seed(0)
    reals = torch.randint(0, 256, (500, 1, 28, 28), dtype=torch.uint8, generator=generator)
    distances, index = nearest_distances(reals[[7, 123]], reals)
    assert distances.tolist() == [0, 0]
    assert index.tolist() == [7, 123]


def test_pixels_run_from_0_to_1_in_a_distance() -> None:
    black, white = torch.zeros(2, 1, 2, 2, dtype=torch.uint8), torch.full((1, 1, 2, 2), 255)
    distances, _ = nearest_distances(white.to(torch.uint8), black)
    assert distances.tolist() == [2]  # four pixels, each 1 away


def test_reals_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        nearest_distances(torch.zeros(2, 3), torch.zeros(2, 4))


def test_measures_grow_with_the_difference() -> None:
    """All of them at once: the farther apart, the worse."""
    reals = _cloud(300)
    shifted = [_cloud(300, seed=1, shift=shift) for shift in (0, 2, 4, 8)]
    known: Moments = moments(reals)
    distances = [frechet_distance(*known, *moments(x)) for x in shifted]
    kernels = [kernel_distance(reals, x) for x in shifted]
    assert all(a < b for a, b in pairwise(distances))
    assert all(a < b for a, b in pairwise(kernels))
    assert precision_recall(reals, shifted[0]) > precision_recall(reals, shifted[3])
