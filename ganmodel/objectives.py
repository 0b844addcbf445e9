"""Every objective: its losses, and all else that is known of it, in one record.

All losses take logits; no sigmoid is applied in one (`log D(x)` is `-softplus(-logit)`, which stays
exact where a sigmoid would round to 0 or 1). Penalties are computed in `penalties`. Settings and
`--help` show objectives before anything is computed, so nothing here imports torch until then.
What is said of an objective is in `words`, by "objectives." and its name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ganmodel import words
from ganmodel.words import Message, message

if TYPE_CHECKING:
    from torch import Tensor

LOG_2 = math.log(2)


def softplus(x: Tensor) -> Tensor:
    """`log(1 + exp(x))`, by torch."""
    from torch.nn.functional import softplus  # the only function that no tensor has as a method

    return softplus(x)


def probability(logits: Tensor) -> Tensor:
    """`sigmoid(logits)`: D's belief where its loss is a cross entropy."""
    return logits.sigmoid()


@dataclass(frozen=True)
class Objective:
    """One objective: what D and G minimise, and what that asks of the settings.

    Both losses are scalars from logits of shape `(N, 1)`. `belief` converts logits to D's
    probability that an image is real, from 0 to 1; None if only differences between the logits of
    reals and fakes have a meaning. If `relativistic`, G's loss also needs the logits of reals,
    which D then computes in G's step as well. D's slope is bounded by a penalty between reals and
    fakes where it `interpolates`, by clipped weights where it `clips`.
    """

    name: str
    d_loss: Callable[[Tensor, Tensor], Tensor]  # (logits of reals, logits of fakes)
    g_loss: Callable[[Tensor, Tensor | None], Tensor]  # (logits of fakes, of reals or None)
    formula_d: str = ""  # the loss that D minimises, as mathematics in plain text
    formula_g: str = ""
    source: str = ""
    # Both losses, of D and of G, where D cannot tell reals from fakes and loses least by it.
    coin_toss: tuple[float, float] | None = None
    belief: Callable[[Tensor], Tensor] | None = probability
    relativistic: bool = False
    interpolates: bool = False
    clips: bool = False
    requires: tuple[str, ...] = ()  # settings that must be above 0
    in_every_step: bool = False  # whether its R1 and R2 must not be rarer
    needs: Mapping[str, Any] = field(default_factory=dict)  # settings that it is offered with
    # What it was offered with before an edition of settings, by that edition, the earliest first.
    needed_before: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def needs_in(self, edition: int) -> Mapping[str, Any]:
        """The settings that it is offered with in an edition."""
        earlier = (needs for until, needs in self.needed_before.items() if edition < until)
        return next(earlier, self.needs)

    @property
    def label(self) -> Message:
        return message(f"objectives.{self.name}.label")

    @property
    def explanation(self) -> Message:
        return message(f"objectives.{self.name}.explanation")

    @property
    def why(self) -> Message:
        """Why it does not work without the settings that it `requires`."""
        return message(f"objectives.{self.name}.why")

    @property
    def penalties(self) -> tuple[str, ...]:
        """The settings of gradient penalties that have an effect with it."""
        return tuple(name for name in self.requires if name != "clip") or (
            () if self.bounded else ("r1_gamma",)
        )

    @property
    def bounded(self) -> bool:
        """Whether it bounds D's slope by itself, so that R1 and R2 have nothing to add."""
        return self.interpolates or self.clips


# --- Goodfellow et al. 2014 ------------------------------------------------------------------


def cross_entropy_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = -E log D(x) - E log(1 - D(G(z)))`. Goodfellow et al. 2014, equation 1, negated."""
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def non_saturating_g_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """`L_G = -E log D(G(z))`. Goodfellow et al. 2014, section 3, last paragraph."""
    return softplus(-fake_logits).mean()


def minimax_g_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """`L_G = E log(1 - D(G(z)))`: the part of equation 1 that G can change. Never above 0.

    Its gradient fades where D is sure of a fake, which is why the non-saturating loss exists.
    """
    return -softplus(fake_logits).mean()


# --- Mao et al. 2017 -------------------------------------------------------------------------


def least_squares_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = 1/2 E (D(x) - 1)^2 + 1/2 E D(G(z))^2`. Mao et al. 2017, equation 9."""
    return ((real_logits - 1).square().mean() + fake_logits.square().mean()) / 2


def least_squares_g_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """`L_G = 1/2 E (D(G(z)) - 1)^2`. Mao et al. 2017, equation 9."""
    return (fake_logits - 1).square().mean() / 2


def clamped(logits: Tensor) -> Tensor:
    """LSGAN's belief: its D outputs the probability itself, which may overshoot 0 and 1."""
    return logits.clamp(0, 1)


# --- Miyato et al. 2018; Lim & Ye 2017 -------------------------------------------------------


def hinge_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))`. Miyato et al. 2018, eq. 16, negated."""
    return (1 - real_logits).relu().mean() + (1 + fake_logits).relu().mean()


def mean_score_g_loss(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """`L_G = -E D(G(z))`. Miyato et al. 2018, equation 17; Arjovsky et al. 2017, algorithm 1."""
    return -fake_logits.mean()


# --- Arjovsky et al. 2017; Gulrajani et al. 2017 ---------------------------------------------


def critic_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = E D(G(z)) - E D(x)`. Arjovsky et al. 2017, algorithm 1, negated.

    Its negative estimates the Wasserstein distance, up to a factor, as long as D's Lipschitz
    constant is bounded: by `clip_weights` after each step, or by `gradient_penalty`.
    """
    return fake_logits.mean() - real_logits.mean()


# --- Jolicoeur-Martineau 2018; Huang et al. 2024 ---------------------------------------------


def relativistic_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = E log(1 + exp(D(G(z)) - D(x)))`, each real paired with one fake.

    Huang et al. 2024 (R3GAN), section 2. Converges only with R1 and R2 in every step.
    """
    return softplus(fake_logits - real_logits).mean()


def relativistic_g_loss(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """`L_G = E log(1 + exp(D(x) - D(G(z))))`. Huang et al. 2024, section 2."""
    return softplus(real_logits - fake_logits).mean()


_R3GAN = {
    "network": "residual",
    "norm_d": "none",
    "optimizer": "adam",
    "lr_g": 2e-3,
    "lr_d": 2e-3,
    "beta1": 0.0,
    "beta2": 0.9,
    "r1_every": 1,
}

_ALL = (
    Objective(
        "non-saturating",
        d_loss=cross_entropy_d_loss,
        g_loss=non_saturating_g_loss,
        formula_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        formula_g="L_G = −E log D(G(z))",
        source="Goodfellow et al. 2014, section 3",
        coin_toss=(2 * LOG_2, LOG_2),
    ),
    Objective(
        "minimax",
        d_loss=cross_entropy_d_loss,
        g_loss=minimax_g_loss,
        formula_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        formula_g="L_G = E log(1 − D(G(z)))",
        source="Goodfellow et al. 2014, equation 1",
        coin_toss=(2 * LOG_2, -LOG_2),
    ),
    Objective(
        "lsgan",
        d_loss=least_squares_d_loss,
        g_loss=least_squares_g_loss,
        formula_d="L_D = ½ E (D(x) − 1)² + ½ E D(G(z))²",
        formula_g="L_G = ½ E (D(G(z)) − 1)²",
        source="Mao et al. 2017, equation 9",
        coin_toss=(0.25, 0.125),
        belief=clamped,
    ),
    Objective(
        "hinge",
        d_loss=hinge_d_loss,
        g_loss=mean_score_g_loss,
        formula_d="L_D = E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))",
        formula_g="L_G = −E D(G(z))",
        source="Miyato et al. 2018, equations 16 and 17",
        coin_toss=(2.0, 0.0),
        belief=None,
        needs={"norm_d": "spectral", "beta1": 0.0, "beta2": 0.9, "r1_gamma": 0.0},
    ),
    Objective(
        "wgan",
        d_loss=critic_d_loss,
        g_loss=mean_score_g_loss,
        formula_d="L_D = E D(G(z)) − E D(x),  each weight of D clipped to ±c",
        formula_g="L_G = −E D(G(z))",
        source="Arjovsky et al. 2017, algorithm 1",
        coin_toss=(0.0, 0.0),
        belief=None,
        clips=True,
        requires=("clip",),
        needs={
            "optimizer": "rmsprop",
            "norm_d": "none",
            # The paper's n_critic 5, rate 5e-5 and clip 0.01 are far slower with these networks.
            "lr_g": 3e-3,
            "lr_d": 3e-3,
            "beta2": 0.99,
            "n_critic": 1,
            "clip": 0.1,
            "r1_gamma": 0.0,
        },
    ),
    Objective(
        "wgan-gp",
        d_loss=critic_d_loss,
        g_loss=mean_score_g_loss,
        formula_d="L_D = E D(G(z)) − E D(x) + λ E (‖∇D(x̂)‖ − 1)²",
        formula_g="L_G = −E D(G(z))",
        source="Gulrajani et al. 2017, equation 3",
        coin_toss=(0.0, 0.0),
        belief=None,
        interpolates=True,
        requires=("gp_weight",),
        needs={
            "optimizer": "adam",
            "norm_d": "none",
            "lr_g": 3e-3,
            "lr_d": 3e-3,
            "beta1": 0.0,
            "beta2": 0.9,
            "n_critic": 1,
            "gp_weight": 10.0,
            "r1_gamma": 0.0,
        },
    ),
    Objective(
        "r3gan",
        d_loss=relativistic_d_loss,
        g_loss=relativistic_g_loss,
        formula_d="L_D = E log(1 + exp(D(G(z)) − D(x))) + γ/2 E ‖∇D(x)‖² + γ/2 E ‖∇D(G(z))‖²",
        formula_g="L_G = E log(1 + exp(D(x) − D(G(z))))",
        source="Huang et al. 2024, section 2; pairing from Jolicoeur-Martineau 2018",
        coin_toss=(LOG_2, LOG_2),
        belief=None,
        relativistic=True,
        requires=("r1_gamma", "r2_gamma"),
        in_every_step=True,
        # By a difference the penalties are as strong at half of gamma, since it sees what D does
        # around a picture, too.
        needs={**_R3GAN, "r1_gamma": 1.0, "r2_gamma": 1.0, "slope_by": "difference"},
        needed_before={4: {**_R3GAN, "r1_gamma": 2.0, "r2_gamma": 2.0}},
    ),
)
OBJECTIVES: dict[str, Objective] = {objective.name: objective for objective in _ALL}


def register(objective: Objective, *, label: str, explanation: str, why: str) -> None:
    """Adds an objective from outside to those that settings can name, and what is said of it.

    Raises:
        ValueError: there is one of that name, or it `requires` a setting that it does not bring.
    """
    name = objective.name
    if name in OBJECTIVES:
        raise ValueError(f"There is an objective of the name {name!r} already.")
    if lacking := set(objective.requires) - set(objective.needs):
        raise ValueError(f"{name!r} requires {', '.join(sorted(lacking))}, but `needs` lacks it.")
    told = {"label": label, "explanation": explanation, "why": why}
    words.add({f"objectives.{name}.{part}": text for part, text in told.items()})
    OBJECTIVES[name] = objective


def preference(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The fraction of (real, fake) pairs in which D ranks the real above the fake, a scalar.

    0.5 if D cannot tell them apart, 1 if it always can; meaningful for every objective. Ties count
    half.
    """
    difference = real_logits.view(-1, 1) - fake_logits.view(1, -1)
    return (difference.sign().mean() + 1) / 2
