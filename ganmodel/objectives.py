"""Every objective: what D lowers, what G lowers, and the penalties that go with them.

All take logits; no sigmoid is applied anywhere (`log D(x)` is `-softplus(-logit)`, which stays
exact where a sigmoid would round to 0 or 1). Defaults and words about each are in `config`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True)
class Objective:
    """The two losses of one objective, each a scalar from logits of shape `(N, 1)`."""

    d_loss: Callable[[Tensor, Tensor], Tensor]  # (logits of reals, logits of fakes)
    g_loss: Callable[[Tensor], Tensor]  # (logits of fakes)


def cross_entropy_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """`L_D = -E log D(x) - E log(1 - D(G(z)))`. Goodfellow et al. 2014, equation 1, negated."""
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def non_saturating_g_loss(fake_logits: Tensor) -> Tensor:
    """`L_G = -E log D(G(z))`. Goodfellow et al. 2014, section 3, last paragraph."""
    return softplus(-fake_logits).mean()


def minimax_g_loss(fake_logits: Tensor) -> Tensor:
    """`L_G = E log(1 - D(G(z)))`: the part of equation 1 that G can change. Never above 0.

    Its gradient fades where D is sure of a fake, which is why the non-saturating loss exists.
    """
    return -softplus(fake_logits).mean()


OBJECTIVES: dict[str, Objective] = {
    "minimax": Objective(cross_entropy_d_loss, minimax_g_loss),
    "non-saturating": Objective(cross_entropy_d_loss, non_saturating_g_loss),
}


def r1_penalty(D: Callable[[Tensor], Tensor], reals: Tensor) -> Tensor:
    """`1/2 E ||grad_x D(x)||^2` over real images; multiply by gamma. Mescheder et al. 2018, eq. 9.

    The norm is each image's own: D must not mix the images of a batch (no BatchNorm).
    """
    reals = reals.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(D(reals).sum(), reals, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean() / 2
