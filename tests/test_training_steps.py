"""One training step of every objective, against gradients and formulas computed independently.

`Pair` is the loop's own state; its networks and optimizers are watched through PyTorch's hooks, so
that what is tested is what training really computes. The references work in float64, image by
image, with the losses as the papers write them.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganmodel.augment import augment
from ganmodel.config import OBJECTIVES
from ganmodel.data import Data
from ganmodel.training import Pair
from tests.support import (
    bits,
    differing,
    grown_pair,
    inputs_of,
    tiny_config,
    tiny_images,
    tiny_pair,
    weights_in,
)

every_objective = pytest.mark.parametrize("objective", OBJECTIVES)
# Here D compares reals with fakes, so the gradient of its last bias cancels out; under hinge, for
# as long as every logit is within the margin.
COMPARING = ("wgan", "wgan-gp", "r3gan", "hinge")
log = torch.log


def _cross_entropy(r: Tensor, f: Tensor) -> Tensor:
    return -log(r.sigmoid()).mean() - log(1 - f.sigmoid()).mean()


D_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "minimax": _cross_entropy,
    "non-saturating": _cross_entropy,
    "lsgan": lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2,
    "hinge": lambda r, f: (1 - r).clamp(min=0).mean() + (1 + f).clamp(min=0).mean(),
    "wgan": lambda r, f: f.mean() - r.mean(),
    "wgan-gp": lambda r, f: f.mean() - r.mean(),
    "r3gan": lambda r, f: log(1 + (f - r).exp()).mean(),
}
G_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "minimax": lambda r, f: log(1 - f.sigmoid()).mean(),
    "non-saturating": lambda r, f: -log(f.sigmoid()).mean(),
    "lsgan": lambda r, f: ((f - 1) ** 2).mean() / 2,
    "hinge": lambda r, f: -f.mean(),
    "wgan": lambda r, f: -f.mean(),
    "wgan-gp": lambda r, f: -f.mean(),
    "r3gan": lambda r, f: log(1 + (r - f).exp()).mean(),
}


def _squared_slope(D: nn.Module, image: Tensor, label: Tensor | None) -> Tensor:
    """`||grad D(x)||²` of one image on its own, differentiable."""
    image = image.detach()[None].requires_grad_()
    labels = None if label is None else label[None]
    (slope,) = torch.autograd.grad(D(image, labels).sum(), image, create_graph=True)
    return (slope**2).sum()


class Step:
    """What one step of D and one of G had before them, caught by hooks, and what they made."""

    def __init__(self, pair: Pair) -> None:
        """Runs one step of a pair whose n_critic is 1."""
        assert pair.settings.n_critic == 1
        self.pair = pair
        self.G, D_start = copy.deepcopy(pair.G).double(), copy.deepcopy(pair.D)
        self.draws = torch.Generator()  # the same random numbers as the step's own
        self.draws.set_state(pair.noise.get_state())
        self.due = pair.facts["d_steps"] % pair.settings.r1_every == 0
        self.after_d: dict[str, Tensor] = {}
        self.judge: dict[str, Tensor] = {}  # D as G's step finds it
        calls_g, calls_d = [], []
        hooks = [
            pair.G.register_forward_pre_hook(lambda _, a: calls_g.append(a)),
            pair.D.register_forward_pre_hook(lambda _, a: calls_d.append(a)),
            pair.D.register_forward_pre_hook(lambda *_: self._d_is_asked()),
            pair.opt_d.register_step_pre_hook(lambda *_: setattr(self, "grad_d", _grads(pair.D))),
            pair.opt_d.register_step_post_hook(lambda *_: self._d_has_stepped()),
            pair.opt_g.register_step_pre_hook(lambda *_: setattr(self, "grad_g", _grads(pair.G))),
        ]
        pair.step(measure=False)
        for hook in hooks:
            hook.remove()
        self.D = D_start.double()
        self.z, self.labels = (x if x is None else x.clone() for x in calls_g[0])
        assert torch.equal(torch.randn(self.z.shape, generator=self.draws), self.z)
        if pair.config.norm_d == "batch":
            reals, fakes = calls_d[0][0], calls_d[1][0]
        else:
            reals, fakes = calls_d[0][0].chunk(2)
        self.reals, self.fakes = reals.detach().double(), fakes.detach().double()

    def _d_has_stepped(self) -> None:
        self.after_d = weights_in(self.pair.D)  # clipping comes later
        self.noise_after_d = self.pair.noise.get_state()

    def _d_is_asked(self) -> None:
        if self.after_d and not self.judge:
            self.judge = {name: t.clone() for name, t in self.pair.D.state_dict().items()}

    def d_total(self, D: nn.Module) -> Tensor:
        """What D's step lowers: the loss, and the penalties that are due."""
        settings = self.pair.settings
        if settings.norm_d == "batch":
            r, f = D(self.reals, self.labels), D(self.fakes, self.labels)
        else:
            both = None if self.labels is None else torch.cat([self.labels, self.labels])
            r, f = D(torch.cat([self.reals, self.fakes]), both).chunk(2)
        total = D_LOSSES[settings.objective](r, f)
        for gamma, images in (
            (settings.r1_gamma, self.reals),
            (settings.r2_gamma, self.fakes),
        ):
            if gamma and self.due:
                lazy = gamma * settings.r1_every
                total = total + lazy / 2 * sum(self._slopes(D, images)) / len(images)
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
        kinds, name = self.pair.config.augment, self.pair.config.objective
        # Spectral norm's vectors move with every pass, so those of before G's belong to it.
        D = copy.deepcopy(self.pair.D)
        D.load_state_dict(self.judge)
        D.double()
        if name == "wgan":
            assert max(p.abs().max() for p in D.parameters()) <= self.pair.config.clip + 1e-6
        f = D(augment(G(self.z.double(), self.labels), kinds, draws), self.labels)
        r = None
        if name == "r3gan":
            assert kinds == "none"  # else the reals of this step were changed anew
            r = D(self.reals, self.labels)
        return G_LOSSES[name](r, f)


def _grads(network: nn.Module) -> dict[str, Tensor]:
    return {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}


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


# Every objective with what it brings along, and each thing that a step can have besides.
STEPS: dict[str, dict[str, Any]] = {
    **{name: {"objective": name} for name in OBJECTIVES},
    "wgan": {"objective": "wgan", "clip": 0.1},  # at 0.01, four clipped layers leave no signal
    "lazy R1": {"r1_gamma": 0.5, "r1_every": 3},
    "lazy R2": {"r2_gamma": 0.5, "r1_every": 2},
    "unequal R1 and R2": {"objective": "r3gan", "r1_gamma": 2.0, "r2_gamma": 0.25},
    "R1 with small networks": {"objective": "lsgan", "r1_gamma": 1.0, "r1_every": 1},
    "article": {"network": "article"},
    "residual": {"objective": "wgan-gp", "network": "residual"},
    "batch": {"norm_d": "batch"},
    "conditional": {"conditional": True, "r1_gamma": 0.3, "r1_every": 2},
    "conditional wgan-gp": {"conditional": True, "objective": "wgan-gp"},
    "conditional r3gan": {"conditional": True, "objective": "r3gan"},
    "translation": {"augment": "translation", "r1_gamma": 0.3, "r1_every": 1},
    "cutout": {"augment": "translation+cutout", "objective": "lsgan"},
}
every_step = pytest.mark.parametrize("chosen", STEPS.values(), ids=STEPS)


@every_step
def test_ds_gradient_is_that_of_its_loss_and_the_penalties_due(chosen: dict[str, Any]) -> None:
    """Four steps, so that lazy penalties are due, absent and due again. At rates this high a
    penalty left out, or one too many, changes the gradient by far more than the tolerance."""
    pair = grown_pair(**{"lr_d": 1e-3, "lr_g": 1e-3, **chosen, "n_critic": 1})
    for _ in range(4):
        step = Step(pair)
        _same(step.grad_d, step.d_total(step.D), step.D)


@every_step
def test_gs_gradient_is_that_of_ds_verdict_on_its_pictures(chosen: dict[str, Any]) -> None:
    """The article trained G on noise against ones, with no D in between. Here it comes back
    through D, as D is after its own step, and through what changed the pictures."""
    pair = grown_pair(**{"lr_d": 1e-3, "lr_g": 1e-3, **chosen, "n_critic": 1})
    for _ in range(2):
        step = Step(pair)
        assert sum(g.abs().sum() for g in step.grad_g.values()) > 0
        _same(step.grad_g, step.g_total(step.G), step.G)


@pytest.mark.parametrize("due", [0, 1], ids=["due", "not due"])
def test_a_lazy_penalty_is_there_when_due_and_only_then(due: int) -> None:
    """The reference with the due steps the wrong way round must not agree."""
    pair = grown_pair(r1_gamma=0.5, r1_every=2)
    for _ in range(due):
        pair.step(measure=False)
    step = Step(pair)
    assert step.due is (due == 0)
    step.due = not step.due
    with pytest.raises(AssertionError):
        _same(step.grad_d, step.d_total(step.D), step.D)


@every_step
def test_a_d_step_lowers_ds_loss_and_a_g_step_gs(chosen: dict[str, Any]) -> None:
    """On the same batch and noise, each against the other as it then was; at rates so small that
    the slope decides. wgan's D is looked at before it is clipped."""
    pair = grown_pair(**{**chosen, "n_critic": 1, "lr_d": 1e-6, "lr_g": 1e-6})
    step = Step(pair)
    after_g = weights_in(pair.G)
    assert step.d_total(_with(step.D, step.after_d)) < step.d_total(step.D) - 1e-8
    with torch.no_grad():
        assert step.g_total(_with(step.G, after_g)) < step.g_total(step.G) - 1e-8


# --- who is changed by whom ------------------------------------------------------------------


def _inner(network: nn.Module) -> set[str]:
    """Weights in front of a residual block's last layer; that one starts at zero, so they have no
    gradient before it has moved."""
    return {
        f"{prefix}.layers.{index}.{kind}"
        for prefix, module in network.named_modules()
        if type(module).__name__ == "ResidualBlock"
        for index in (1, 3)
        for kind in ("weight", "bias")
    }


PAIRS = [
    (objective, network, conditional)
    for objective in OBJECTIVES
    for network in ("small", "article", "residual")
    for conditional in (False, True)
    if (objective, network) != ("hinge", "residual")
    and (network, conditional) != ("article", True)  # takes its classes as the small one does
]


@pytest.mark.parametrize(("objective", "network", "conditional"), PAIRS)
def test_one_step_changes_every_weight_tensor(
    objective: str, network: str, conditional: bool
) -> None:
    """The article's networks were identities without weights. The exceptions are those named
    above, and the residual ones are gone with the second step."""
    pair = tiny_pair(objective=objective, network=network, conditional=conditional, n_critic=1)
    before = {name: weights_in(getattr(pair, name)) for name in ("G", "D", "G_ema")}
    cancelled = {f"layers.{len(pair.D.layers) - 1}.bias"} if objective in COMPARING else set()
    for steps in (1, 2):
        pair.step(measure=False)
        for name, old in before.items():
            network_now = getattr(pair, name)
            waiting = _inner(network_now) if steps == 1 else set()
            if name == "D" and objective == "wgan":
                waiting = {n for n in waiting if n.endswith("bias")}  # clipping moves the rest
            may_stay = cancelled if name == "D" else set()
            moved = set(differing(old, weights_in(network_now)))
            assert moved - may_stay == set(old) - waiting - may_stay, (name, steps)


@every_objective
@pytest.mark.parametrize("conditional", [False, True], ids=["", "conditional"])
def test_a_d_step_leaves_g_unchanged_and_a_g_step_d(objective: str, conditional: bool) -> None:
    """Looked at exactly between the two, by hooks on the optimizers. clip_weights is D's own and
    comes before G's forward pass, which the hook on D's last pass finds."""
    pair = tiny_pair(objective=objective, conditional=conditional, n_critic=2)
    G_at_start, D_judging, d_steps = weights_in(pair.G), [], []

    def when_d_has_stepped(*_: Any) -> None:
        assert differing(G_at_start, weights_in(pair.G)) == []
        assert all(p.grad is None for p in pair.G.parameters())  # D saw detached fakes
        d_steps.append((weights_in(pair.D), {n: bits(g) for n, g in _grads(pair.D).items()}))

    pair.opt_d.register_step_post_hook(when_d_has_stepped)
    pair.D.register_forward_pre_hook(lambda *_: D_judging.append(weights_in(pair.D)))
    before = weights_in(pair.D)
    pair.step(measure=True)
    (first, _), (second, gradients) = d_steps
    for old, new in ((before, first), (first, second)):
        assert differing(old, new) != []
    # D is as its second step left it, and that step's gradients lie in it untouched.
    assert differing(D_judging[-1], weights_in(pair.D)) == []
    assert {n: bits(g) for n, g in _grads(pair.D).items()} == gradients
    if objective != "wgan":
        assert differing(second, weights_in(pair.D)) == []
    assert differing(G_at_start, weights_in(pair.G)) != []


@every_objective
def test_both_can_learn_again_after_gs_step(objective: str) -> None:
    pair = tiny_pair(objective=objective)
    for _ in range(2):
        pair.step(measure=True)
        assert all(p.requires_grad for p in pair.D.parameters())
        assert all(p.requires_grad for p in pair.G.parameters())
    assert not any(p.requires_grad for p in pair.G_ema.parameters())


def _gap(pair: Pair) -> float:
    """How far D holds reals above G's pictures, on average; D as it is, in evaluation mode."""
    D, G = copy.deepcopy(pair.D).eval(), copy.deepcopy(pair.G)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        reals = D(tiny_images().float() / 127.5 - 1).mean()
        return (reals - D(G(torch.randn(64, 4, generator=generator))).mean()).item()


@every_objective
def test_d_steps_raise_reals_above_fakes(objective: str) -> None:
    """The article's labels were swapped. G stands still here, so the change is D's alone."""
    pair = grown_pair(**{**STEPS[objective], "lr_g": 0.0, "lr_d": 1e-3})
    pair.step(measure=False)  # from here on, wgan's D is within its limits
    before = _gap(pair)
    for _ in range(10):
        pair.step(measure=False)
    assert _gap(pair) > before + 0.2 * abs(before)


@every_objective
def test_g_steps_raise_fakes_towards_reals(objective: str) -> None:
    """D stands still here, so the change is G's alone."""
    pair = grown_pair(**{**STEPS[objective], "lr_d": 0.0, "lr_g": 1e-3})
    pair.step(measure=False)
    before, D_before = _gap(pair), weights_in(pair.D)
    for _ in range(10):
        pair.step(measure=False)
    assert _gap(pair) < before - 0.02 * abs(before)
    assert differing(D_before, weights_in(pair.D)) == []


# --- wgan ------------------------------------------------------------------------------------


def _largest(network: nn.Module) -> float:
    return max(p.detach().abs().max().item() for p in network.parameters())


def test_wgans_weights_are_clipped_after_each_of_ds_steps() -> None:
    """Each step leads out of the limits (seen between step and clipping), and each begins within:
    clipping comes after every step, not before it, and not once for all of n_critic."""
    pair, n_critic = tiny_pair(objective="wgan", clip=0.01, n_critic=4), 4
    limit = float(torch.tensor(0.01))  # as float32
    before, after = [], []
    pair.opt_d.register_step_pre_hook(lambda *_: before.append(_largest(pair.D)))
    pair.opt_d.register_step_post_hook(lambda *_: after.append(_largest(pair.D)))
    for _ in range(3):
        pair.step(measure=False)
        assert _largest(pair.D) == limit
    assert len(before) == len(after) == 3 * n_critic
    assert before[0] > limit  # the fresh weights
    assert max(before[1:]) == limit
    assert min(after) > limit


@pytest.mark.parametrize("objective", ["lsgan", "wgan-gp", "r3gan"])
def test_no_other_objective_clips(objective: str) -> None:
    pair = tiny_pair(objective=objective, clip=1e-3)
    pair.step(measure=False)
    assert _largest(pair.D) > 1e-2


@every_objective
def test_g_waits_for_its_number_of_ds_steps_and_images_count_each(objective: str) -> None:
    pair, steps = tiny_pair(objective=objective), Counter()
    pair.opt_d.register_step_post_hook(lambda *_: steps.update("D"))
    pair.opt_g.register_step_post_hook(lambda *_: steps.update("G"))
    seen = inputs_of(pair.G)
    pair.step(measure=False)
    n_critic = OBJECTIVES[objective].needs.get("n_critic", 1)
    assert steps == {"D": n_critic, "G": 1}
    assert pair.images_seen == 8 * n_critic
    assert len({bits(z) for z, _ in seen}) == n_critic  # noise of its own for each


# --- D's normalisation -----------------------------------------------------------------------


def test_spectral_norm_holds_while_d_learns() -> None:
    """Largest singular values by SVD after 20 steps of high rate; the weights underneath are not
    of that size, so it is not for want of change."""
    pair = tiny_pair(objective="hinge", norm_d="spectral", lr_d=2e-3)
    for _ in range(20):
        pair.step(measure=False)
    D = pair.D.eval()
    layers = [m for m in D.layers.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    sizes = [torch.linalg.matrix_norm(m.weight.detach().flatten(1), 2).item() for m in layers]
    assert sizes == pytest.approx([1] * len(layers), rel=0.05)
    raw = [m.parametrizations.weight.original.detach().flatten(1) for m in layers]
    assert all(abs(math.log(torch.linalg.matrix_norm(w, 2).item())) > 0.1 for w in raw)


@pytest.mark.parametrize(("norm_d", "passes"), [("none", 2), ("spectral", 2), ("batch", 3)])
def test_only_batch_norm_has_reals_and_fakes_judged_apart(norm_d: str, passes: int) -> None:
    """In one batch its statistics would tell D what it is to find out. Radford et al. 2016."""
    pair = tiny_pair(norm_d=norm_d)
    seen = inputs_of(pair.D)
    pair.step(measure=False)
    assert [len(batch) for batch, _ in seen] == ([16, 8] if passes == 2 else [8, 8, 8])


# --- augmentation ----------------------------------------------------------------------------


def _hidden(batch: Tensor) -> tuple[Tensor, Tensor]:
    """Of each image: whether a whole edge row or column is 0, and whether an inner pixel is."""
    zero = (batch == 0).all(1)
    edge = zero[:, 0].all(1) | zero[:, -1].all(1) | zero[:, :, 0].all(1) | zero[:, :, -1].all(1)
    return edge, zero[:, 8:20, 8:20].flatten(1).any(1)


@pytest.mark.parametrize("objective", ["non-saturating", "wgan-gp", "r3gan"])
@pytest.mark.parametrize("kinds", ["none", "translation", "cutout", "translation+cutout"])
def test_d_sees_reals_and_fakes_changed_by_the_same_kinds(objective: str, kinds: str) -> None:
    """White reals and a G of tanh have no zeros of their own. In D's step and in G's; r3gan's reals
    in G's step, too. 32 images of each
    sort, of which most move along an axis and have a square near their middle."""
    white = torch.full((64, 1, 28, 28), 255, dtype=torch.uint8)
    pair = tiny_pair(white, objective=objective, augment=kinds, batch_size=32, n_critic=1)
    seen = inputs_of(pair.D)
    pair.step(measure=False)
    batches = [part for batch, _ in seen for part in batch.split(32)]
    if objective == "wgan-gp":
        del batches[2]  # mixtures of both, which hide only what both hide
    assert len(batches) == (4 if objective == "r3gan" else 3)
    for batch in batches:
        moved, hidden = (part.double().mean() for part in _hidden(batch))
        assert moved > 0.7 if "translation" in kinds else moved == 0
        assert hidden > 0.4 if "cutout" in kinds else hidden == 0
        assert kinds != "none" or not (batch == 0).any()
        assert kinds == "none" or len({bits(image == 0) for image in batch}) > 8
    if kinds != "none":
        assert len({bits(batch == 0) for batch in batches}) == len(batches)


# --- classes ---------------------------------------------------------------------------------


@every_objective
def test_fakes_have_the_classes_of_the_reals_beside_them(objective: str) -> None:
    """Each image's grey value is its number and its class the number's remainder, so that D's
    labels can be read off its reals. Every call of D is looked at: both steps and the penalty."""
    numbered = (3 * torch.arange(20)).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 28, 28)
    pair = tiny_pair(numbered.contiguous(), objective=objective, conditional=True)
    to_g, to_d = inputs_of(pair.G), inputs_of(pair.D)
    pair.step(measure=False)
    classes = []
    for batch, labels in to_d:
        if len(batch) == 16:
            numbers = ((batch[:8, 0, 0, 0] + 1) * 127.5 / 3).round().long()
            classes.append(numbers % 4)
            assert torch.equal(labels, torch.cat([numbers % 4, numbers % 4]))
        else:  # a penalty's mixtures, or G's step
            assert torch.equal(labels, classes[-1])
    assert [bits(labels) for _, labels in to_g] == [bits(labels) for labels in classes]
    assert len(classes) == pair.config.n_critic


def test_only_the_classes_in_the_batch_have_their_vectors_moved() -> None:
    """Data of four classes that holds only two: what the other two are was never shown."""
    labels = torch.tensor([1, 3] * 8)
    data = Data("tiny", tiny_images(16), labels, ("a", "b", "c", "d"))
    pair = Pair(tiny_config(conditional=True), data)
    before = {name: getattr(pair, name).embed.weight.detach().clone() for name in ("G", "D")}
    pair.step(measure=False)
    for name, old in before.items():
        moved = (getattr(pair, name).embed.weight != old).any(1)
        assert moved.tolist() == [False, True, False, True], name
