"""Every objective: D's loss, G's loss, and the penalties that go with them.

All take logits; no sigmoid is applied in a loss (`log D(x)` is `-softplus(-logit)`, which stays
exact where a sigmoid would round to 0 or 1). `config.objectives` describes each objective and holds
the settings that it requires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, softplus


@dataclass(frozen=True)
class Objective:
    """The two losses of one objective, each a scalar from logits of shape `(N, 1)`.

    `belief` converts logits to D's probability that an image is real, from 0 to 1; None if only
    differences between the logits of reals and fakes have a meaning. If `relativistic`, G's loss
    also needs the logits of reals, which D then computes in G's step as well. D is kept in check by
    `gradient_penalty` where it `interpolates`, by `clip_weights` where it `clips`.
    """

    d_loss: Callable[[Tensor, Tensor], Tensor]  # (logits of reals, logits of fakes)
    g_loss: Callable[[Tensor, Tensor | None], Tensor]  # (logits of fakes, of reals or None)
    belief: Callable[[Tensor], Tensor] | None = torch.sigmoid
    relativistic: bool = False
    interpolates: bool = False
    clips: bool = False


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
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


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


OBJECTIVES: dict[str, Objective] = {
    "minimax": Objective(cross_entropy_d_loss, minimax_g_loss),
    "non-saturating": Objective(cross_entropy_d_loss, non_saturating_g_loss),
    "lsgan": Objective(least_squares_d_loss, least_squares_g_loss, belief=clamped),
    "hinge": Objective(hinge_d_loss, mean_score_g_loss, belief=None),
    "wgan": Objective(critic_d_loss, mean_score_g_loss, belief=None, clips=True),
    "wgan-gp": Objective(critic_d_loss, mean_score_g_loss, belief=None, interpolates=True),
    "r3gan": Objective(relativistic_d_loss, relativistic_g_loss, belief=None, relativistic=True),
}


# --- penalties and weight clipping -----------------------------------------------------------


def squared_grad_norm(logits: Tensor, images: Tensor) -> Tensor:
    """`||grad_x D(x)||^2` of each image, `(N,)`; differentiable, for use in a penalty.

    `logits` must be computed from `images`, which must require gradients. D must not mix the images
    of a batch (no BatchNorm), so that each norm depends on its own image only.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().flatten(1).sum(1)


def zero_centred_penalty(squared_norms: Tensor) -> Tensor:
    """`1/2 E ||grad_x D(x)||^2` from `squared_grad_norm`; multiply by gamma. Mescheder et al. 2018.

    R1 over real images (their equation 9); R2, the same over G's pictures (equation 10).
    """
    return squared_norms.mean() / 2


def gradient_penalty(
    D: Callable[[Tensor], Tensor], reals: Tensor, fakes: Tensor, shares: Tensor
) -> Tensor:
    """`E (||grad D(x^)|| - 1)^2`; multiply by lambda. Gulrajani et al. 2017, algorithm 1.

    Args:
        shares: `(N,)` from 0 to 1, the weight of the real image in each interpolate x^.
    """
    share = shares.view(-1, 1, 1, 1)
    mixed = (share * reals + (1 - share) * fakes).detach().requires_grad_(True)
    # The square root has an infinite derivative at 0, which would turn every weight into NaN.
    norms = (squared_grad_norm(D(mixed), mixed) + 1e-12).sqrt()
    return (norms - 1).square().mean()


@torch.no_grad()
def clip_weights(parameters: Iterable[nn.Parameter], limit: float) -> None:
    """Clips every weight to ±limit. Arjovsky et al. 2017, algorithm 1, line 7."""
    for parameter in parameters:
        parameter.clamp_(-limit, limit)


def preference(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The fraction of (real, fake) pairs in which D ranks the real above the fake, a scalar.

    0.5 if D cannot tell them apart, 1 if it always can; meaningful for every objective. Ties count
    half.
    """
    difference = real_logits.view(-1, 1) - fake_logits.view(1, -1)
    return (difference.sign().mean() + 1) / 2
