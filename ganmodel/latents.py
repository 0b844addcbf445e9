"""Inputs of a generator: noise by seed, class labels, three kinds of path, the map's plane.

Functions of tensors only; neither networks nor pictures are used here.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


def noise(seeds: Iterable[int], z_dim: int) -> Tensor:
    """One standard normal vector for each seed: `(len(seeds), z_dim)` float32.

    A seed always gives the same vector, whatever the other seeds are.
    """
    rows = [
        torch.randn(z_dim, generator=torch.Generator().manual_seed(int(seed))) for seed in seeds
    ]
    return torch.stack(rows) if rows else torch.empty(0, z_dim)


def labels_like(labels: Tensor, count: int) -> Tensor:
    """`(count,)` classes drawn with the frequencies of `labels`, with a fixed seed.

    Evaluation passes these to a conditional generator, since a class distribution other than the
    real one would worsen its score.
    """
    chance = torch.Generator().manual_seed(0)
    return labels[torch.randint(len(labels), (count,), generator=chance)]


def lerp(a: Tensor, b: Tensor, alpha: Tensor | float) -> Tensor:
    """The straight path: `a` at alpha 0, `b` at alpha 1.

    Halfway between two independent noise vectors the norm is about 0.7 of theirs, so pictures from
    the middle are more typical and less varied than random ones.
    """
    alpha = torch.as_tensor(alpha, dtype=a.dtype)
    return (1 - alpha) * a + alpha * b


def slerp(a: Tensor, b: Tensor, alpha: Tensor | float) -> Tensor:
    """The curved path: the direction turns at constant angular speed, the norm changes linearly.

    `a`, `b`: `(..., z_dim)`; `alpha`: a number, or a tensor that broadcasts against `(..., 1)`.
    Exact at both ends. Parallel vectors have no arc between them and opposite ones no unique arc,
    so both take the straight path. Shoemake 1985, applied to directions.
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


PATHS = ("slerp", "lerp", "loop")


def along(stops: Tensor, at: Tensor, path: str = "slerp") -> Tensor:
    """The points at fractions `at (N,)` of a path through all stops: `(N, z_dim)`.

    "slerp" and "lerp" interpolate from stop to stop, each leg an equal fraction of the path. "loop"
    is closed and smooth everywhere: its points at 0 and 1 are equal, and stop k of K is at k/K. A
    loop of two stops is a circle around 0 with the second stop at 1/4; if the two are collinear
    with 0, so that there is no circle, the loop goes there and back twice.

    Args:
        stops: `(K, z_dim)`, at least two; the points have its dtype.
        at: in [0, 1].
        path: a name in `PATHS`.

    Raises:
        ValueError: fewer than two stops, or another path.
    """
    if len(stops) < 2:
        raise ValueError(f"A path needs at least two stops, but it has {len(stops)}.")
    if path not in PATHS:
        raise ValueError(f"path must be {' or '.join(PATHS)}, but it is {path!r:.40}.")
    ends, at = stops.double(), at.double()
    if path == "loop":
        return _loop(ends, at).to(stops.dtype)
    places = at * (len(stops) - 1)
    first = places.floor().long().clamp(0, len(stops) - 2)
    between = slerp if path == "slerp" else lerp
    alpha = (places - first).unsqueeze(1)
    return between(ends[first], ends[first + 1], alpha).to(stops.dtype)


def walk(stops: Tensor, frames: int, path: str = "slerp") -> Tensor:
    """Noise vectors at equal fractions along a path through all stops: `(frames, z_dim)`.

    The walk starts at the first stop and ends at the last; a loop ends one step before its start,
    so that a repeating film has no duplicate frame.

    Args:
        stops: `(K, z_dim)`, at least two.
        frames: at least 2.
        path: a name in `PATHS`.
    """
    steps = frames if path == "loop" else frames - 1
    return along(stops, torch.arange(frames, dtype=torch.float64) / steps, path)


def plane(anchors: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Points of the map that three anchors span: `(N, z_dim)`.

    A is at (0, 0), B at (1, 0), C at (0, 1). A point has the direction of A + u (B − A) +
    v (C − A). Its norm is the same combination of the anchors' norms, clamped to between half the
    least and 1.5 times the greatest, so that points stay near the norm of noise however far away.

    Args:
        anchors: `(3, z_dim)`: A, B, C; the points have its dtype.
        u, v: `(N,)`, any numbers. If anchors are collinear with 0, points may be 0.
    """
    corners, u, v = anchors.double(), u.double(), v.double()
    shares = torch.stack([1 - u - v, u, v], 1)
    norms = corners.norm(dim=1)
    length = (shares @ norms).clamp(norms.min() / 2, norms.max() * 1.5)
    return (_unit(shares @ corners) * length.unsqueeze(1)).to(anchors.dtype)


# --- loops -----------------------------------------------------------------------------------


def _loop(stops: Tensor, at: Tensor) -> Tensor:
    """The loop of `along`, in float64: a spline of directions scaled by a spline of norms."""
    if len(stops) == 2:
        circle = torch.cat([stops, -stops])
        stops = stops.repeat(2, 1) if _meets_zero(circle) else circle
    if _meets_zero(stops):  # the direction would flip from one frame to the next
        return _spline(stops, _level_slopes(stops), at)
    norms = stops.norm(dim=1, keepdim=True)
    directions = _spline(_unit(stops), _slopes(_unit(stops)), at)
    return _unit(directions) * _spline(norms, _level_slopes(norms), at)


def _meets_zero(stops: Tensor) -> bool:
    """Whether the spline of the stops' directions comes so close to 0 that it has no direction."""
    at = torch.linspace(0, 1, 32 * len(stops) + 1, dtype=stops.dtype)
    return bool((_spline(_unit(stops), _slopes(_unit(stops)), at).norm(dim=1) < 0.1).any())


def _unit(vectors: Tensor) -> Tensor:
    return vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-12)


def _slopes(values: Tensor) -> Tensor:
    """Half the difference between the next and the previous stop. Catmull & Rom 1974."""
    return (values.roll(-1, 0) - values.roll(1, 0)) / 2


def _level_slopes(values: Tensor) -> Tensor:
    """`_slopes`, limited so that the spline is monotone between stops and norms stay above 0.

    A slope is 0 at a local extremum and at most three times the smaller of the two adjacent
    differences. Fritsch & Carlson 1980.
    """
    before, after = values - values.roll(1, 0), values.roll(-1, 0) - values
    most = 3 * torch.minimum(before.abs(), after.abs()) * (before * after > 0)
    return _slopes(values).clamp(-most, most)


def _spline(values: Tensor, slopes: Tensor, at: Tensor) -> Tensor:
    """The closed cubic curve through `values (K, d)` with these slopes, at `at (N,)`: `(N, d)`."""
    count = len(values)
    places = at * count
    first = places.floor().long()
    s = (places - first).unsqueeze(1)
    start, end = first % count, (first + 1) % count
    return (
        (1 + 2 * s) * (1 - s).square() * values[start]
        + s * (1 - s).square() * slopes[start]
        + s.square() * (3 - 2 * s) * values[end]
        - s.square() * (1 - s) * slopes[end]
    )
