"""The penalties against finite differences and exact cases, and the clipping of weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel.penalties import (
    clip_weights,
    gradient_penalty,
    squared_grad_norm,
    squared_slope,
    zero_centred_penalty,
)

SHARES = torch.tensor([0.0, 0.3, 0.75, 1.0], dtype=torch.float64)


def _smooth_d() -> nn.Module:
    """A small D in float64 with a smooth nonlinearity, so that differences converge."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(27, 1)
    ).double()


def _images(count: int, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 2, 6, 6, dtype=torch.float64, generator=generator)


def _numeric_squared_slope(
    D: Callable[[Tensor], Tensor], image: Tensor, step: float = 1e-5
) -> float:
    """`||grad D(x)||²` of one image by central differences, pixel by pixel."""
    total = 0.0
    with torch.no_grad():
        for index in np.ndindex(*image.shape):
            up, down = image.clone(), image.clone()
            up[index] += step
            down[index] -= step
            total += ((D(up[None]) - D(down[None])).item() / (2 * step)) ** 2
    return total


def _numeric_gp(D: nn.Module, reals: Tensor, fakes: Tensor, shares: Tensor) -> float:
    terms = []
    for real, fake, share in zip(reals, fakes, shares.tolist(), strict=True):
        squared = _numeric_squared_slope(D, share * real + (1 - share) * fake)
        terms.append((squared**0.5 - 1) ** 2)
    return sum(terms) / len(terms)


def r1_penalty(D: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The penalty as training takes it, from logits of images that require gradients."""
    images = images.detach().requires_grad_(True)
    return zero_centred_penalty(squared_grad_norm(D(images), images))


def test_squared_slopes_agree_with_finite_differences_for_each_image() -> None:
    D, images = _smooth_d(), _images(4).requires_grad_()
    slopes = squared_grad_norm(D(images), images)
    expected = [_numeric_squared_slope(D, image) for image in images.detach()]
    assert slopes.tolist() == pytest.approx(expected, rel=1e-6)
    assert len({round(value, 9) for value in expected}) == 4


@pytest.mark.parametrize("seed", [1, 2], ids=["over reals: R1", "over fakes: R2"])
def test_the_zero_centred_penalty_agrees_with_finite_differences(seed: int) -> None:
    D, images = _smooth_d(), _images(4, seed)
    numeric = sum(_numeric_squared_slope(D, image) for image in images) / 2 / 4
    assert r1_penalty(D, images).item() == pytest.approx(numeric, rel=1e-6)


def test_the_gradient_penalty_agrees_with_finite_differences() -> None:
    """Ends included: a share of 1 is the real itself, of 0 the fake."""
    D, reals, fakes = _smooth_d(), _images(4), _images(4, seed=2)
    penalty = gradient_penalty(D, reals, fakes, SHARES).item()
    assert penalty == pytest.approx(_numeric_gp(D, reals, fakes, SHARES), rel=1e-6)
    # The other way round is another number, so the shares are those of the reals.
    assert abs(penalty - _numeric_gp(D, fakes, reals, SHARES)) > 1e-4


@pytest.mark.parametrize("kind", ["zero-centred", "one-centred"])
def test_a_penaltys_own_gradient_agrees_with_finite_differences(kind: str) -> None:
    """A penalty acts through its gradient on D's weights: a second derivative."""
    D, reals, fakes = _smooth_d(), _images(4), _images(4, seed=2)

    def penalty() -> Tensor:
        if kind == "zero-centred":
            return r1_penalty(D, reals)
        return gradient_penalty(D, reals, fakes, SHARES)

    penalty().backward()
    for weight, indices in (
        (D[0].weight, [(0, 0, 0, 0), (2, 1, 1, 2), (1, 0, 2, 1)]),
        (D[3].weight, [(0, 0), (0, 13), (0, 26)]),
    ):
        for index in indices:
            values = []
            for step in (1e-5, -1e-5):
                with torch.no_grad():
                    weight[index] += step
                values.append(penalty().item())
                with torch.no_grad():
                    weight[index] -= step
            slope = (values[0] - values[1]) / 2e-5
            assert abs(slope) > 1e-6
            assert weight.grad[index].item() == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_slopes_by_differences_and_their_gradients_are_the_exact_ones_on_a_smooth_d() -> None:
    """In the mean over the noise, of which each image has 4,000 here, and for a small shift."""
    D, images, shift = _smooth_d(), _images(4), 0.01
    exact = squared_grad_norm(D(images.requires_grad_()), images)
    exact.sum().backward()
    wanted = D[0].weight.grad.clone(), D[3].weight.grad.clone()
    D.zero_grad()
    many = images.detach().repeat(4000, 1, 1, 1)
    noise = torch.randn(many.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    found = squared_slope(D(many), D(many + shift * noise), shift).view(-1, 4).mean(0)
    found.sum().backward()
    torch.testing.assert_close(found, exact, rtol=0.1, atol=0)
    for gradient, known in zip((D[0].weight.grad, D[3].weight.grad), wanted, strict=True):
        assert (gradient - known).norm() < 0.1 * known.norm()


def test_a_batchs_penalty_is_the_mean_of_its_images_alone() -> None:
    D, reals, fakes = _smooth_d(), _images(4), _images(4, seed=2)
    alone = [r1_penalty(D, image[None]).item() for image in reals]
    assert r1_penalty(D, reals).item() == pytest.approx(np.mean(alone), rel=1e-12)
    mixed = [
        gradient_penalty(D, *(part[None] for part in parts)).item()
        for parts in zip(reals, fakes, SHARES, strict=True)
    ]
    whole = gradient_penalty(D, reals, fakes, SHARES).item()
    assert whole == pytest.approx(np.mean(mixed), rel=1e-12)


def test_the_gradient_penaltys_norm_is_each_images_own() -> None:
    """D(x) = ||x||²/2 has x itself as its gradient. Lengths 1 and 3: ((1-1)² + (3-1)²) / 2 = 2;
    a norm over the whole batch, a known slip, would give (√10 - 1)² = 4.7."""
    reals = torch.zeros(2, 1, 2, 2, dtype=torch.float64)
    reals[0, 0, 0, 0], reals[1, 0, 1, 1] = 4.0, 6.0
    shares = torch.tensor([0.25, 0.5], dtype=torch.float64)
    penalty = gradient_penalty(
        lambda x: x.square().flatten(1).sum(1, keepdim=True) / 2, reals, 0 * reals, shares
    )
    assert penalty.item() == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("count", [1, 5])
def test_r1_of_a_linear_d_is_half_its_squared_weights(count: int) -> None:
    """Known exactly, whatever the number of images: the gradient of w·x is w everywhere."""
    w = torch.linspace(-1, 2, 12, dtype=torch.float64).view(12, 1)
    images = torch.randn(count, 3, 2, 2).double()
    value = r1_penalty(lambda x: x.flatten(1) @ w, images)
    assert value.item() == pytest.approx(w.square().sum().item() / 2, rel=1e-12)


def test_penalties_where_d_is_flat_have_a_finite_gradient() -> None:
    """The norm of a zero gradient has no derivative; R1's square has, and the other's root must
    not divide by zero."""
    for expected, penalty_of in (
        (0, lambda D, x: r1_penalty(D, x)),
        (1, lambda D, x: gradient_penalty(D, x, x + 1, torch.full((3,), 0.5))),
    ):
        flat = torch.zeros(12, 1, requires_grad=True)
        penalty = penalty_of(lambda x, flat=flat: x.flatten(1) @ flat, torch.randn(3, 3, 2, 2))
        penalty.backward()
        assert penalty.item() == pytest.approx(expected, abs=1e-5)
        assert flat.grad.isfinite().all()


def test_penalties_leave_their_images_as_they_were() -> None:
    D, reals, fakes = _smooth_d(), _images(4), _images(4, seed=2).requires_grad_()
    (r1_penalty(D, reals) + gradient_penalty(D, reals, fakes, SHARES)).backward()
    assert not reals.requires_grad
    assert reals.grad is None
    assert fakes.grad is None  # nothing of D's penalty may reach G


def test_clipping_cuts_off_what_is_beyond_and_leaves_the_rest() -> None:
    weights = [nn.Parameter(torch.tensor([-3.0, -0.1, 0.0, 0.05])), nn.Parameter(torch.ones(2, 2))]
    clip_weights(iter(weights), 0.1)
    assert torch.equal(weights[0], torch.tensor([-0.1, -0.1, 0.0, 0.05]))
    assert torch.equal(weights[1], torch.full((2, 2), 0.1))
    assert all(weight.requires_grad for weight in weights)
