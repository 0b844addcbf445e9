"""Drawn own pictures, and faults planted in pictures, each in growing doses.

What a measure must tell apart is made here, for the tests and for `benchmarks/planted.py`; nothing
is measured here. Everything repeats exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

KINDS = 8  # of shapes in drawn pictures
ORIGINALS = 10  # pictures that a copier repeats


def drawn_pictures(
    count: int, channels: int = 3, size: int = 32, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """uint8 `(count, channels, size, size)` and the kind of each, `(count,)`, 0 to 7 in turn.

    One shape a picture, none like its mirror image, each kind with a colour of its own that
    varies, anywhere near the middle, before a ground that is lighter above and faintly grained.
    """
    stream = torch.Generator().manual_seed(seed)

    def between(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape, generator=stream)

    kinds = torch.arange(count) % KINDS
    steps = (torch.arange(size) + 0.5) * (2 / size) - 1
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    x, y = x.expand(count, -1, -1), y.expand(count, -1, -1)

    colours = torch.stack([(kinds / KINDS + third) * 2 * math.pi for third in (0, 2.1, 4.2)], 1)
    shape = (0.35 + 0.3 * colours.cos() + between(-0.15, 0.15, 3))[..., None, None]
    above, below = between(0.55, 0.95, 3, 1, 1), between(0.35, 0.8, 3, 1, 1)
    ground = above + (below - above) * (y[:, None] + 1) / 2

    turn, scale = between(-0.3, 0.3, 1, 1), between(0.55, 0.85, 1, 1)
    left, up = x - between(-0.2, 0.2, 1, 1), y - between(-0.2, 0.2, 1, 1)
    across = (turn.cos() * left + turn.sin() * up) / scale
    down = (turn.cos() * up - turn.sin() * left) / scale
    inside = torch.stack([part(across, down) for part in _SHAPES])[kinds, torch.arange(count)]
    cover = (0.5 - inside * scale * size / 2).clamp(0, 1)[:, None]  # an edge one pixel wide

    pictures = ground + cover * (shape - ground)
    pictures = pictures + 0.02 * torch.randn(pictures.shape, generator=stream)
    if channels == 1:
        pictures = pictures.mean(1, keepdim=True)
    return (255 * pictures).round().clamp(0, 255).to(torch.uint8), kinds


def _box(x: Tensor, y: Tensor, left: float, top: float, right: float, bottom: float) -> Tensor:
    aside = (x - (left + right) / 2).abs() - (right - left) / 2
    return torch.maximum(aside, (y - (top + bottom) / 2).abs() - (bottom - top) / 2)


def _disc(x: Tensor, y: Tensor, across: float, down: float, radius: float) -> Tensor:
    return ((x - across).square() + (y - down).square()).sqrt() - radius


# How far a point is outside each shape; negative inside.
_SHAPES: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
    lambda x, y: torch.minimum(_box(x, y, -0.6, -0.9, -0.2, 0.9), _box(x, y, -0.6, 0.5, 0.7, 0.9)),
    lambda x, y: torch.minimum(_box(x, y, -0.6, -0.9, -0.3, 0.9), _disc(x, y, 0, -0.4, 0.5)),
    lambda x, y: torch.maximum(_disc(x, y, 0, 0, 0.85), -_disc(x, y, 0.4, 0, 0.65)),
    lambda x, y: torch.maximum(_box(x, y, -0.7, -0.8, 0.8, 0.8), (x - y) * 0.7),
    lambda x, y: torch.maximum(_disc(x, y, 0, 0, 0.6).abs() - 0.2, -_box(x, y, 0, -0.9, 0.9, 0)),
    lambda x, y: torch.maximum(_box(x, y, -0.8, -0.8, 0.8, 0.8), (9 * x + 9 * y).sin() / 12),
    lambda x, y: torch.minimum(_disc(x, y, -0.3, 0.3, 0.5), _disc(x, y, 0.5, -0.5, 0.25)),
    lambda x, y: torch.minimum(_box(x, y, -0.8, -0.7, 0.8, -0.4), _box(x, y, 0.1, -0.7, 0.4, 0.9)),
)


@dataclass(frozen=True)
class Fault:
    """Something wrong with pictures.

    `plant(pictures, kinds, dose)` takes uint8 `(N, C, H, W)` in any order with their kinds `(N,)`
    and gives the faulty ones, fewer of them where `loses` is true. Where `alike`, each comes from
    the one at its place alone.
    """

    name: str
    doses: tuple[float, ...]  # growing
    plant: Callable[[Tensor, Tensor, float], Tensor]
    alike: bool = True
    loses: bool = False


def _of_pixels(change: Callable[[Tensor, float], Tensor]) -> Callable[..., Tensor]:
    def plant(pictures: Tensor, kinds: Tensor, dose: float) -> Tensor:
        return change(pictures.float(), dose).round().clamp(0, 255).to(torch.uint8)

    return plant


def _of_share(change: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """In the share `dose` of the pictures, evenly spread."""

    def plant(pictures: Tensor, kinds: Tensor, dose: float) -> Tensor:
        steps = (torch.arange(len(pictures) + 1) * dose).round()
        chosen = (steps[1:] > steps[:-1]).view(-1, 1, 1, 1)
        return torch.where(chosen, change(pictures), pictures)

    return plant


def _cast(pictures: Tensor, dose: float) -> Tensor:
    pictures[:, -1] += dose  # blue; of grey pictures, the only channel
    return pictures


def _blur(pictures: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(3 * sigma)
    weights = torch.exp(-torch.arange(-reach, reach + 1).square() / (2 * sigma**2))
    weights /= weights.sum()
    flat = pad(pictures.flatten(0, 1)[:, None], (reach,) * 4, mode="replicate")
    blurred = conv2d(conv2d(flat, weights.view(1, 1, 1, -1)), weights.view(1, 1, -1, 1))
    return blurred.view_as(pictures)


def _shift(pictures: Tensor, pixels: float) -> Tensor:
    """To the right; what comes in repeats the edge."""
    columns = (torch.arange(pictures.shape[3]) - int(pixels)).clamp_min(0)
    return pictures[..., columns]


def _noise(pictures: Tensor, share: float) -> Tensor:
    stream = torch.Generator().manual_seed(7)
    return pictures + 255 * share * torch.randn(pictures.shape, generator=stream)


def _fade(pictures: Tensor, share: float) -> Tensor:
    mean = pictures.mean((1, 2, 3), keepdim=True)
    return mean + (1 - share) * (pictures - mean)


def _lose_colour(pictures: Tensor, share: float) -> Tensor:
    grey = pictures.mean(1, keepdim=True)
    return grey + (1 - share) * (pictures - grey)


def _jumble(pictures: Tensor) -> Tensor:
    """The four quarters change places, each whole."""
    height, width = (side // 2 for side in pictures.shape[2:])
    return pictures.roll((height, width), (2, 3))


def _drop_kinds(pictures: Tensor, kinds: Tensor, share: float) -> Tensor:
    """Only those that are not of the last `share` of the kinds."""
    return pictures[kinds < (int(kinds.max()) + 1) * (1 - share)]


def _copy(pictures: Tensor, kinds: Tensor, share: float) -> Tensor:
    """The last `share` of the pictures are the first ten, over and over."""
    order = torch.arange(len(pictures))
    first = len(order) - round(share * len(order))
    order[first:] = torch.arange(len(order) - first) % ORIGINALS
    return pictures[order]


FAULTS = (
    Fault("negative", (0.25, 0.5, 1.0), _of_share(lambda pictures: 255 - pictures)),
    Fault("cast", (10, 25, 50), _of_pixels(_cast)),
    Fault("brightness", (10, 25, 50), _of_pixels(lambda pictures, dose: pictures + dose)),
    Fault("contrast", (0.1, 0.25, 0.5), _of_pixels(_fade)),
    Fault("colour lost", (0.25, 0.5, 1.0), _of_pixels(_lose_colour)),
    Fault("blur", (0.5, 1.0, 2.0), _of_pixels(_blur)),
    Fault("noise", (0.05, 0.1, 0.2), _of_pixels(_noise)),
    Fault("shift", (1, 2, 4), _of_pixels(_shift)),
    Fault("mirrored", (0.25, 0.5, 1.0), _of_share(lambda pictures: pictures.flip(3))),
    Fault("jumbled", (0.25, 0.5, 1.0), _of_share(_jumble)),
    Fault("kinds missing", (0.25, 0.5), _drop_kinds, alike=False, loses=True),
    Fault("copies", (0.25, 0.5, 1.0), _copy, alike=False),
)
