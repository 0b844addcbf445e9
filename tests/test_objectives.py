"""The losses against closed forms in numpy, their slopes against derivatives by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ganmodel.objectives import OBJECTIVES, preference
from tests.formulas import (
    D_FORMULAS,
    FAKE_SLOPES,
    FAR,
    G_FORMULAS,
    G_SLOPES,
    REAL_SLOPES,
    sigmoid,
)

# Moderate logits, where sigmoid and log are still exact in float64; none on a hinge's edge, and
# the fakes in another order than the reals, so that pairs can be told from all combinations.
REAL = np.array([[-3.0], [-0.5], [0.0], [1.25], [4.0]])
FAKE = np.array([[0.75], [-4.0], [3.0], [-1.5], [0.25]])
every_objective = pytest.mark.parametrize("name", OBJECTIVES)


def _logits(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.copy()).requires_grad_()


def test_every_objective_described_is_computed_and_the_other_way_round() -> None:
    assert set(OBJECTIVES) == set(D_FORMULAS) == set(G_FORMULAS)
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


@every_objective
def test_a_coin_toss_is_what_a_d_that_cannot_tell_loses_at_least(name: str) -> None:
    objective = OBJECTIVES[name]
    both = []
    for logit in np.linspace(-2, 2, 401):
        same = torch.full((3, 1), float(logit))
        losses = objective.d_loss(same, same), objective.g_loss(same, same)
        both.append((float(losses[0]), abs(logit), float(losses[1])))
    least = min(loss for loss, _, _ in both)
    # Where D loses the same over a range, it stands in its middle.
    of_g = min((away, loss) for d, away, loss in both if d < least + 1e-6)[1]
    assert OBJECTIVES[name].coin_toss == pytest.approx((least, of_g), abs=1e-4)
