"""What goes into a generator: noise by start number, classes, straight and curved paths.

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


def labels_like(labels: Tensor, count: int) -> Tensor:
    """Classes for start numbers 0, 1, 2, … `(count,)`, as frequent as in `labels`; never changing.

    An evaluation asks a conditional generator for these, since real pictures of other shares than
    its own would count against it.
    """
    chance = torch.Generator().manual_seed(0)
    return labels[torch.randint(len(labels), (count,), generator=chance)]


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


def walk(stops: Tensor, frames: int, path: str = "slerp") -> Tensor:
    """Noise vectors along a path through all stops, at even distances: `(frames, z_dim)`.

    Args:
        stops: `(K, z_dim)`, at least two; the first and the last are the walk's ends.
        frames: at least 2.
        path: a name in `PATHS`.
    """
    places = torch.linspace(0, len(stops) - 1, frames, dtype=torch.float64)
    first = places.floor().long().clamp(max=len(stops) - 2)
    alpha = (places - first).to(stops.dtype).unsqueeze(1)
    return PATHS[path](stops[first], stops[first + 1], alpha)
