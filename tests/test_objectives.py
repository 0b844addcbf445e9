"""The losses against closed forms in numpy, the penalties against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel import config
from ganmodel.objectives import (
    OBJECTIVES,
    clip_weights,
    gradient_penalty,
    preference,
    squared_slopes,
    zero_centred_penalty,
)
from tests.formulas import D_FORMULAS, G_FORMULAS, sigmoid

# Moderate logits, where sigmoid and log are still exact in float64; none on a hinge's edge, and
# the fakes in another order than the reals, so that pairs can be told from all combinations.
REAL = np.array([[-3.0], [-0.5], [0.0], [1.25], [4.0]])
FAKE = np.array([[0.75], [-4.0], [3.0], [-1.5], [0.25]])
Slope = Callable[[np.ndarray, np.ndarray], np.ndarray]


# Derivatives of the formulas by hand: of D's loss by a real's logit and by a fake's, of G's by a
# fake's, each times the number of images.
REAL_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: sigmoid(real) - 1,
    "non-saturating": lambda real, fake: sigmoid(real) - 1,
    "lsgan": lambda real, fake: real - 1,
    "hinge": lambda real, fake: np.where(real < 1, -1.0, 0.0),
    "wgan": lambda real, fake: -np.ones_like(real),
    "wgan-gp": lambda real, fake: -np.ones_like(real),
    "r3gan": lambda real, fake: -sigmoid(fake - real),
}
FAKE_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: sigmoid(fake),
    "non-saturating": lambda real, fake: sigmoid(fake),
    "lsgan": lambda real, fake: fake,
    "hinge": lambda real, fake: np.where(fake > -1, 1.0, 0.0),
    "wgan": lambda real, fake: np.ones_like(fake),
    "wgan-gp": lambda real, fake: np.ones_like(fake),
    "r3gan": lambda real, fake: sigmoid(fake - real),
}
G_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: -sigmoid(fake),
    "non-saturating": lambda real, fake: sigmoid(fake) - 1,
    "lsgan": lambda real, fake: fake - 1,
    "hinge": lambda real, fake: -np.ones_like(fake),
    "wgan": lambda real, fake: -np.ones_like(fake),
    "wgan-gp": lambda real, fake: -np.ones_like(fake),
    "r3gan": lambda real, fake: -sigmoid(real - fake),
}
every_objective = pytest.mark.parametrize("name", OBJECTIVES)


def _logits(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.copy()).requires_grad_()


# --- losses ----------------------------------------------------------------------------------


def test_every_objective_described_is_computed_and_the_other_way_round() -> None:
    assert set(OBJECTIVES) == set(config.OBJECTIVES) == set(D_FORMULAS) == set(G_FORMULAS)
    assert [name for name, o in OBJECTIVES.items() if o.relativistic] == ["r3gan"]


@every_objective
def test_d_lowers_what_its_formula_says(name: str) -> None:
    loss = OBJECTIVES[name].d_loss(_logits(REAL), _logits(FAKE))
    assert loss.shape == ()
    assert loss.item() == pytest.approx(D_FORMULAS[name](REAL, FAKE), rel=1e-12, abs=1e-12)


@every_objective
def test_g_lowers_what_its_formula_says(name: str) -> None:
    loss = OBJECTIVES[name].g_loss(_logits(FAKE), _logits(REAL))
    assert loss.shape == ()
    assert loss.item() == pytest.approx(G_FORMULAS[name](REAL, FAKE), rel=1e-12, abs=1e-12)


@every_objective
def test_only_a_relativistic_g_loss_needs_the_reals(name: str) -> None:
    objective = OBJECTIVES[name]
    if objective.relativistic:
        far = objective.g_loss(_logits(FAKE), _logits(REAL + 5))
        assert far.item() > objective.g_loss(_logits(FAKE), _logits(REAL)).item() + 1
    else:
        assert objective.g_loss(_logits(FAKE), None).isfinite()


@every_objective
def test_ds_slopes_are_those_computed_by_hand(name: str) -> None:
    """Signs included: the article swapped the labels, against its own formula."""
    real, fake = _logits(REAL), _logits(FAKE)
    OBJECTIVES[name].d_loss(real, fake).backward()
    np.testing.assert_allclose(real.grad, REAL_SLOPES[name](REAL, FAKE) / len(REAL), atol=1e-12)
    np.testing.assert_allclose(fake.grad, FAKE_SLOPES[name](REAL, FAKE) / len(FAKE), atol=1e-12)


@every_objective
def test_gs_slopes_are_those_computed_by_hand(name: str) -> None:
    fake = _logits(FAKE)
    OBJECTIVES[name].g_loss(fake, torch.from_numpy(REAL)).backward()
    np.testing.assert_allclose(fake.grad, G_SLOPES[name](REAL, FAKE) / len(FAKE), atol=1e-12)


@every_objective
def test_where_d_cannot_tell_it_wants_reals_up_and_fakes_down_and_g_fakes_up(name: str) -> None:
    real, fake, mine = (torch.zeros(3, 1, requires_grad=True) for _ in range(3))
    OBJECTIVES[name].d_loss(real, fake).backward()
    OBJECTIVES[name].g_loss(mine, torch.zeros(3, 1)).backward()
    # LSGAN's goals are 1 and 0, so at a logit of 0 its fakes are where D wants them.
    assert (real.grad < 0).all()
    assert (fake.grad >= 0).all() if name == "lsgan" else (fake.grad > 0).all()
    assert (mine.grad < 0).all()


def test_only_minimax_lets_go_of_g_where_d_is_sure() -> None:
    gradients = {}
    for name, objective in OBJECTIVES.items():
        fake = torch.full((1, 1), -20.0, requires_grad=True)
        objective.g_loss(fake, torch.full((1, 1), 20.0)).backward()
        gradients[name] = abs(fake.grad.item())
    assert gradients.pop("minimax") < 1e-8
    assert min(gradients.values()) > 1 - 1e-6


# At logits of ±1000, reals' and fakes' on the right sides, and the other way round.
FAR = {
    "minimax": {1: (0, 0), -1: (2000, -1000)},
    "non-saturating": {1: (0, 1000), -1: (2000, 0)},
    "lsgan": {1: (999**2 / 2 + 500_000, 1001**2 / 2), -1: (1001**2 / 2 + 500_000, 999**2 / 2)},
    "hinge": {1: (0, 1000), -1: (2002, -1000)},
    "wgan": {1: (-2000, 1000), -1: (2000, -1000)},
    "wgan-gp": {1: (-2000, 1000), -1: (2000, -1000)},
    "r3gan": {1: (0, 2000), -1: (2000, 0)},
}


@every_objective
@pytest.mark.parametrize("sign", [1, -1], ids=["D is right", "D is wrong"])
def test_far_logits_give_finite_exact_losses_and_gradients(name: str, sign: int) -> None:
    """A sigmoid would round to 0 or 1 there, and its log to -inf."""
    real = torch.full((4, 1), sign * 1000.0, requires_grad=True)
    fake = torch.full((4, 1), sign * -1000.0, requires_grad=True)
    loss_d, loss_g = OBJECTIVES[name].d_loss(real, fake), OBJECTIVES[name].g_loss(fake, real)
    expected = FAR[name][sign]
    assert (loss_d.item(), loss_g.item()) == pytest.approx(expected, rel=1e-6, abs=0)
    (loss_d + loss_g).backward()
    assert real.grad.isfinite().all()
    assert fake.grad.isfinite().all()


def test_belief_is_a_probability_where_logits_have_an_absolute_meaning() -> None:
    """Sigmoid for the logistic losses, the number itself for LSGAN; none for the others."""
    beliefs = {name: o.belief for name, o in OBJECTIVES.items()}
    for name in ("minimax", "non-saturating"):
        np.testing.assert_allclose(beliefs[name](torch.from_numpy(REAL)), sigmoid(REAL))
    clamped = beliefs["lsgan"](torch.tensor([-2.0, 0.0, 0.3, 1.0, 7.0]))
    assert torch.equal(clamped, torch.tensor([0.0, 0.0, 0.3, 1.0, 1.0]))
    for name in ("hinge", "wgan", "wgan-gp", "r3gan"):
        assert beliefs[name] is None


def _naive_preference(real: list[float], fake: list[float]) -> float:
    won = 0.0
    for r in real:
        for f in fake:
            won += 1.0 if r > f else 0.5 if r == f else 0.0
    return won / len(real) / len(fake)


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        ([1.0, 2.0, 3.0], [0.0, -1.0, -2.0]),
        ([0.0, -1.0], [1.0, 2.0]),
        ([5.0, 5.0], [5.0, 5.0]),
        ([0.0, 1.0, 1.0, 4.0], [1.0, 0.0, 9.0, 1.0]),
        ([3.0, -2.0, 7.0], [3.0]),
    ],
    ids=["always", "never", "ties", "mixed", "unequal numbers"],
)
def test_preference_is_the_share_of_pairs_ranked_right(
    real: list[float], fake: list[float]
) -> None:
    share = preference(torch.tensor(real).view(-1, 1), torch.tensor(fake).view(-1, 1))
    assert share.shape == ()
    assert share.item() == pytest.approx(_naive_preference(real, fake), abs=1e-6)


# --- penalties -------------------------------------------------------------------------------


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


SHARES = torch.tensor([0.0, 0.3, 0.75, 1.0], dtype=torch.float64)


def r1_penalty(D: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The penalty as training takes it, from logits of images that require gradients."""
    images = images.detach().requires_grad_(True)
    return zero_centred_penalty(squared_slopes(D(images), images))


def test_squared_slopes_agree_with_finite_differences_for_each_image() -> None:
    D, images = _smooth_d(), _images(4).requires_grad_()
    slopes = squared_slopes(D(images), images)
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
