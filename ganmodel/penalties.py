"""What keeps D in check: penalties on its slope, and clipping of its weights.

Which of them an objective takes is in `objectives`; when they act is decided in `training.step`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

# The standard deviation of what images are moved by for `squared_slope`; pixels are in [-1, 1]. In
# bf16, 0.1 tells as much as in float32, and 0.01 little but rounding.
SHIFT = 0.1


def squared_grad_norm(logits: Tensor, images: Tensor) -> Tensor:
    """`||grad_x D(x)||^2` of each image, `(N,)`; differentiable, for use in a penalty.

    `logits` must be computed from `images`, which must require gradients. D must not mix the images
    of a batch (no BatchNorm), so that each norm depends on its own image only.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().flatten(1).sum(1)


def squared_slope(logits: Tensor, shifted: Tensor, shift: float = SHIFT) -> Tensor:
    """`||grad_x D(x)||^2` of each image from one difference, `(N,)`, without any derivative.

    `shifted` are D's logits of the images moved by `shift` times standard normal noise, in the same
    pass as `logits`, since spectral norm changes from one pass to the next. In the mean over the
    noise it is the squared slope, but for terms of the order of shift². Of a D with kinks it also
    sees those nearby, which the derivative at a point does not: late in a run it is several times
    as large. Lin et al. 2025 (Adversarial Flow Models), whose gamma / eps^2 is half of ours.
    """
    return ((shifted - logits) / shift).square().flatten()


def zero_centred_penalty(squared_norms: Tensor) -> Tensor:
    """`1/2 E ||grad_x D(x)||^2`; multiply by gamma. Mescheder et al. 2018.

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
