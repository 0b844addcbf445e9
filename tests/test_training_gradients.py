"""One training step of every objective, against gradients and formulas computed independently.

`Trainer` is the loop's own state; its networks and optimizers are watched through PyTorch's hooks,
so that what is tested is what training really computes. The references work in float64, image by
image, with the losses as the papers write them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganmodel.augment import augment
from ganmodel.penalties import SHIFT
from ganmodel.training import Trainer
from tests.formulas import D_LOSSES, G_LOSSES
from tests.support import STEPS, grads_in, grown_trainer, weights_in

every_step = pytest.mark.parametrize("chosen", STEPS.values(), ids=STEPS)


def _squared_slope(D: nn.Module, image: Tensor, label: Tensor | None) -> Tensor:
    """`||grad D(x)||²` of one image on its own, differentiable."""
    image = image.detach()[None].requires_grad_()
    labels = None if label is None else label[None]
    (slope,) = torch.autograd.grad(D(image, labels).sum(), image, create_graph=True)
    return (slope**2).sum()


class Step:
    """What one step of D and one of G had before them, caught by hooks, and what they made."""

    def __init__(self, trainer: Trainer) -> None:
        """Runs one step of a trainer whose n_critic is 1."""
        assert trainer.live_config.n_critic == 1
        self.trainer = trainer
        self.G, D_start = copy.deepcopy(trainer.G).double(), copy.deepcopy(trainer.D)
        self.draws = torch.Generator()  # the same random numbers as the step's own
        self.draws.set_state(trainer.noise.get_state())
        self.due = trainer.progress.d_steps % trainer.live_config.r1_every == 0
        self.after_d: dict[str, Tensor] = {}
        self.judge: dict[str, Tensor] = {}  # D as G's step finds it
        calls_g, calls_d = [], []
        hooks = [
            trainer.G.register_forward_pre_hook(lambda _, a: calls_g.append(a)),
            trainer.D.register_forward_pre_hook(lambda _, a: calls_d.append(a)),
            trainer.D.register_forward_pre_hook(lambda *_: self._d_is_asked()),
            trainer.opt_d.register_step_pre_hook(
                lambda *_: setattr(self, "grad_d", grads_in(trainer.D))
            ),
            trainer.opt_d.register_step_post_hook(lambda *_: self._d_has_stepped()),
            trainer.opt_g.register_step_pre_hook(
                lambda *_: setattr(self, "grad_g", grads_in(trainer.G))
            ),
        ]
        trainer.step(measure=False)
        for hook in hooks:
            hook.remove()
        self.D = D_start.double()
        self.z, self.labels = (x if x is None else x.clone() for x in calls_g[0])
        assert torch.equal(torch.randn(self.z.shape, generator=self.draws), self.z)
        if trainer.config.norm_d == "batch":
            reals, fakes = calls_d[0][0], calls_d[1][0]
        else:
            both = calls_d[0][0]
            if trainer.live_config.slope_by == "difference" and self.due:
                both, self.shifted = both.double().chunk(2)
                noise = torch.Generator()
                noise.set_state(self.draws.get_state())
                drawn = SHIFT * torch.randn(both.shape, generator=noise)
                torch.testing.assert_close(self.shifted - both, drawn.double(), rtol=0, atol=1e-6)
            reals, fakes = both.chunk(2)
        self.reals, self.fakes = reals.detach().double(), fakes.detach().double()

    def _d_has_stepped(self) -> None:
        self.after_d = weights_in(self.trainer.D)  # clipping comes later
        self.noise_after_d = self.trainer.noise.get_state()

    def _d_is_asked(self) -> None:
        if self.after_d and not self.judge:
            self.judge = {name: t.clone() for name, t in self.trainer.D.state_dict().items()}

    def d_total(self, D: nn.Module) -> Tensor:
        """What D's step lowers: the loss, and the penalties that are due."""
        settings = self.trainer.live_config
        if settings.norm_d == "batch":
            r, f = D(self.reals, self.labels), D(self.fakes, self.labels)
        else:
            both = None if self.labels is None else torch.cat([self.labels, self.labels])
            r, f = D(torch.cat([self.reals, self.fakes]), both).chunk(2)
        total = D_LOSSES[settings.objective](r, f)
        for half, gamma in enumerate((settings.r1_gamma, settings.r2_gamma)):
            if gamma and self.due:
                images = (self.reals, self.fakes)[half]
                if settings.slope_by == "difference":
                    shifted = self.shifted.chunk(2)[half]
                    apart = (D(shifted, self.labels) - D(images, self.labels)).flatten()
                    slopes = (apart / SHIFT) ** 2
                else:
                    slopes = self._slopes(D, images)
                total = total + gamma * settings.r1_every / 2 * sum(slopes) / len(images)
        if settings.objective == "wgan-gp":
            draws = torch.Generator()
            draws.set_state(self.draws.get_state())
            shares = torch.rand(len(self.reals), generator=draws).view(-1, 1, 1, 1)
            mixed = shares * self.reals + (1 - shares) * self.fakes
            norms = [slope.sqrt() for slope in self._slopes(D, mixed)]
            far = sum((norm - 1) ** 2 for norm in norms) / len(norms)
            total = total + settings.gp_weight * far
        return total

    def _slopes(self, D: nn.Module, images: Tensor) -> list[Tensor]:
        labels = [None] * len(images) if self.labels is None else self.labels
        return [_squared_slope(D, x, y) for x, y in zip(images, labels, strict=True)]

    def g_total(self, G: nn.Module) -> Tensor:
        """What G's step lowers, judged by D as it was left by its own step."""
        draws = torch.Generator()
        draws.set_state(self.noise_after_d)
        kinds, name = self.trainer.config.augment, self.trainer.config.objective
        # Spectral norm's vectors move with every pass, so those of before G's belong to it.
        D = copy.deepcopy(self.trainer.D)
        D.load_state_dict(self.judge)
        D.double()
        if name == "wgan":
            assert max(p.abs().max() for p in D.parameters()) <= self.trainer.config.clip + 1e-6
        f = D(augment(G(self.z.double(), self.labels), kinds, draws), self.labels)
        r = None
        if name == "r3gan":
            assert kinds == "none"  # else the reals of this step were changed anew
            r = D(self.reals, self.labels)
        return G_LOSSES[name](r, f)


def _same(ours: dict[str, Tensor], total: Tensor, network: nn.Module) -> None:
    """Each tensor's gradient agrees with that of `total` to a thousandth of its own size."""
    named = dict(network.named_parameters())
    theirs = torch.autograd.grad(total, list(named.values()), allow_unused=True)
    assert set(ours) == set(named)
    for (name, own), reference in zip(ours.items(), theirs, strict=True):
        reference = torch.zeros_like(own) if reference is None else reference
        scale = max(g.abs().max().item() for g in theirs if g is not None)
        difference = (own.double() - reference).abs().max().item()
        assert difference <= 1e-3 * reference.abs().max().item() + 1e-5 * scale, name


def _with(network: nn.Module, weights: dict[str, Tensor]) -> Callable[..., Tensor]:
    """The network as a function, with other weights."""
    weights = {name: weight.double() for name, weight in weights.items()}
    network = copy.deepcopy(network)
    return lambda *args: functional_call(network, weights, args)


@every_step
def test_ds_gradient_is_that_of_its_loss_and_the_penalties_due(chosen: dict[str, Any]) -> None:
    """Four steps, so that lazy penalties are due, absent and due again. At rates this high a
    penalty left out, or one too many, changes the gradient by far more than the tolerance."""
    trainer = grown_trainer(**{"lr_d": 1e-3, "lr_g": 1e-3, **chosen, "n_critic": 1})
    for _ in range(4):
        step = Step(trainer)
        _same(step.grad_d, step.d_total(step.D), step.D)


@every_step
def test_gs_gradient_is_that_of_ds_verdict_on_its_pictures(chosen: dict[str, Any]) -> None:
    """The article trained G on noise against ones, with no D in between. Here it comes back
    through D, as D is after its own step, and through what changed the pictures."""
    trainer = grown_trainer(**{"lr_d": 1e-3, "lr_g": 1e-3, **chosen, "n_critic": 1})
    for _ in range(2):
        step = Step(trainer)
        assert sum(g.abs().sum() for g in step.grad_g.values()) > 0
        _same(step.grad_g, step.g_total(step.G), step.G)


@pytest.mark.parametrize("due", [0, 1], ids=["due", "not due"])
def test_a_lazy_penalty_is_there_when_due_and_only_then(due: int) -> None:
    """The reference with the due steps the wrong way round must not agree."""
    trainer = grown_trainer(r1_gamma=0.5, r1_every=2)
    for _ in range(due):
        trainer.step(measure=False)
    step = Step(trainer)
    assert step.due is (due == 0)
    step.due = not step.due
    with pytest.raises(AssertionError):
        _same(step.grad_d, step.d_total(step.D), step.D)


@every_step
def test_a_d_step_lowers_ds_loss_and_a_g_step_gs(chosen: dict[str, Any]) -> None:
    """On the same batch and noise, each against the other as it then was; at rates so small that
    the slope decides. wgan's D is looked at before it is clipped."""
    trainer = grown_trainer(**{**chosen, "n_critic": 1, "lr_d": 1e-6, "lr_g": 1e-6})
    step = Step(trainer)
    after_g = weights_in(trainer.G)
    assert step.d_total(_with(step.D, step.after_d)) < step.d_total(step.D) - 1e-8
    with torch.no_grad():
        assert step.g_total(_with(step.G, after_g)) < step.g_total(step.G) - 1e-8
