"""The losses against closed forms with sigmoid and log, and R1 against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel import config
from ganmodel.objectives import OBJECTIVES, r1_penalty

# Moderate logits, where sigmoid and log are still exact in float64.
REAL = np.array([[-3.0], [-0.5], [0.0], [1.25], [4.0]])
FAKE = np.array([[-4.0], [-1.0], [0.25], [0.75], [3.0]])


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


CLOSED_G = {
    "non-saturating": lambda fake: -np.log(_sigmoid(fake)).mean(),
    "minimax": lambda fake: np.log(1 - _sigmoid(fake)).mean(),
}
every_objective = pytest.mark.parametrize("name", OBJECTIVES)


def test_every_objective_described_is_computed_and_the_other_way_round() -> None:
    assert set(OBJECTIVES) == set(config.OBJECTIVES) == set(CLOSED_G)


@every_objective
def test_d_lowers_minus_log_d_of_x_minus_log_of_1_minus_d_of_g(name: str) -> None:
    expected = -np.log(_sigmoid(REAL)).mean() - np.log(1 - _sigmoid(FAKE)).mean()
    loss = OBJECTIVES[name].d_loss(torch.from_numpy(REAL), torch.from_numpy(FAKE))
    assert loss.item() == pytest.approx(expected, rel=1e-12, abs=1e-12)


@every_objective
def test_g_lowers_what_its_formula_says(name: str) -> None:
    loss = OBJECTIVES[name].g_loss(torch.from_numpy(FAKE))
    assert loss.item() == pytest.approx(CLOSED_G[name](FAKE), rel=1e-12, abs=1e-12)


@every_objective
def test_d_wants_higher_logits_for_reals_and_lower_ones_for_fakes(name: str) -> None:
    """The article swapped the labels, against its own formula."""
    real = torch.from_numpy(REAL).requires_grad_()
    fake = torch.from_numpy(FAKE).requires_grad_()
    OBJECTIVES[name].d_loss(real, fake).backward()
    # d/dx of -log sigmoid(x) is sigmoid(x) - 1; of -log(1 - sigmoid(x)), sigmoid(x).
    np.testing.assert_allclose(real.grad, (_sigmoid(REAL) - 1) / len(REAL), atol=1e-12)
    np.testing.assert_allclose(fake.grad, _sigmoid(FAKE) / len(FAKE), atol=1e-12)


@every_objective
def test_g_wants_higher_logits_for_its_fakes(name: str) -> None:
    fake = torch.from_numpy(FAKE).requires_grad_()
    OBJECTIVES[name].g_loss(fake).backward()
    slope = {"non-saturating": _sigmoid(FAKE) - 1, "minimax": -_sigmoid(FAKE)}[name]
    np.testing.assert_allclose(fake.grad, slope / len(FAKE), atol=1e-12)
    assert (fake.grad < 0).all()


def test_only_the_non_saturating_loss_pushes_g_where_d_is_sure() -> None:
    gradients = {}
    for name, objective in OBJECTIVES.items():
        fake = torch.full((1, 1), -20.0, requires_grad=True)
        objective.g_loss(fake).backward()
        gradients[name] = abs(fake.grad.item())
    assert gradients["non-saturating"] == pytest.approx(1, abs=1e-6)
    assert gradients["minimax"] < 1e-8


@every_objective
@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_far_logits_give_finite_exact_losses_and_gradients(name: str, size: float) -> None:
    """A sigmoid would round to 0 or 1 there, and its log to -inf."""
    real = torch.full((4, 1), size, requires_grad=True)
    fake = torch.full((4, 1), -size, requires_grad=True)
    loss_d, loss_g = OBJECTIVES[name].d_loss(real, fake), OBJECTIVES[name].g_loss(fake)
    assert loss_d.item() == (0 if size > 0 else 2000)
    assert (
        loss_g.item()
        == {
            "non-saturating": 1000 if size > 0 else 0,
            "minimax": 0 if size > 0 else -1000,
        }[name]
    )
    (loss_d + loss_g).backward()
    assert real.grad.isfinite().all()
    assert fake.grad.isfinite().all()


def _smooth_d() -> nn.Module:
    """A small D in float64 with a smooth nonlinearity, so that differences converge."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.Tanh(), nn.Flatten(), nn.Linear(27, 1)
    ).double()


def _numeric_r1(D: Callable[[Tensor], Tensor], reals: Tensor, step: float = 1e-5) -> float:
    """`1/2 E ||grad D||²` by central differences, one pixel of one image at a time."""
    total = 0.0
    with torch.no_grad():
        for image in reals:
            for index in np.ndindex(*image.shape):
                up, down = image.clone(), image.clone()
                up[index] += step
                down[index] -= step
                total += ((D(up[None]) - D(down[None])).item() / (2 * step)) ** 2
    return total / 2 / len(reals)


def test_r1_agrees_with_finite_differences() -> None:
    D, reals = _smooth_d(), torch.randn(4, 2, 6, 6, dtype=torch.float64)
    assert r1_penalty(D, reals).item() == pytest.approx(_numeric_r1(D, reals), rel=1e-6)


def test_r1s_own_gradient_agrees_with_finite_differences() -> None:
    """The penalty acts through its gradient on D's weights: a second derivative."""
    D, reals = _smooth_d(), torch.randn(3, 2, 6, 6, dtype=torch.float64)
    r1_penalty(D, reals).backward()
    weight = D[0].weight
    for index in [(0, 0, 0, 0), (2, 1, 1, 2), (1, 0, 2, 1)]:
        values = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                weight[index] += step
            values.append(r1_penalty(D, reals).item())
            with torch.no_grad():
                weight[index] -= step
        slope = (values[0] - values[1]) / 2e-5
        assert weight.grad[index].item() == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_r1_of_a_linear_d_is_half_its_squared_weights() -> None:
    """Whatever the images and however many: each image's own norm, averaged, not one over all."""
    w = torch.randn(12, 1, dtype=torch.float64)
    for count in (1, 5):
        value = r1_penalty(lambda x: x.flatten(1) @ w, torch.randn(count, 3, 2, 2).double())
        assert value.item() == pytest.approx(w.square().sum().item() / 2, rel=1e-12)


def test_r1_where_d_is_flat_is_zero_with_a_finite_gradient() -> None:
    """The norm of a zero gradient has no derivative; its square has."""
    flat = torch.zeros(12, 1, requires_grad=True)
    penalty = r1_penalty(lambda x: x.flatten(1) @ flat, torch.randn(3, 3, 2, 2))
    penalty.backward()
    assert penalty.item() == 0
    assert flat.grad.isfinite().all()


def test_r1_leaves_its_images_as_they_were() -> None:
    reals = torch.randn(2, 2, 6, 6, dtype=torch.float64)
    r1_penalty(_smooth_d(), reals)
    assert not reals.requires_grad
    assert reals.grad is None
