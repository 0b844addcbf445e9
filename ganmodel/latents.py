"""Noise vectors and the ways between them: noise by start number, straight and curved paths.

Tensors in, tensors out; networks and pictures are elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


def noise(seeds: Iterable[int], z_dim: int) -> Tensor:
    """One standard normal vector for each start number: `(len(seeds), z_dim)` float32.

    A start number always gives the same vector, whatever stands beside it in `seeds`.
    """
    rows = [
        torch.randn(z_dim, generator=torch.Generator().manual_seed(int(seed))) for seed in seeds
    ]
    return torch.stack(rows) if rows else torch.empty(0, z_dim)


def lerp(a: Tensor, b: Tensor, alpha: Tensor | float) -> Tensor:
    """The straight path: `a` at alpha 0, `b` at alpha 1.

    Halfway between two independent noise vectors the norm is about 0.7 of theirs, so pictures from
    the middle look safer and duller than random ones.
    """
    alpha = torch.as_tensor(alpha, dtype=a.dtype)
    return (1 - alpha) * a + alpha * b


def slerp(a: Tensor, b: Tensor, alpha: Tensor | float) -> Tensor:
    """The curved path: directions turn at constant angular speed, norms change evenly.

    `a`, `b`: `(..., z_dim)`; `alpha`: a number, or a tensor that broadcasts against `(..., 1)`.
    Exact at both ends. Two vectors in the same direction have no arc between them and two opposite
    ones have no single arc, so both pairs take the straight path. Shoemake 1985, applied to
    directions; the norm is interpolated linearly.
    """
    alpha = torch.as_tensor(alpha, dtype=a.dtype)
    norm_a, norm_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a, unit_b = a / norm_a.clamp_min(1e-12), b / norm_b.clamp_min(1e-12)
    cosine = (unit_a * unit_b).sum(-1, keepdim=True).clamp(-1, 1)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    direction = torch.sin((1 - alpha) * angle) * unit_a + torch.sin(alpha * angle) * unit_b
    curved = direction / sine.clamp_min(1e-12) * lerp(norm_a, norm_b, alpha)
    return torch.where(sine < 1e-4, lerp(a, b, alpha), curved)


PATHS = {"slerp": slerp, "lerp": lerp}
