"""DiffAugment: random changes to what D sees, the same kind for reals and fakes.

D then cannot learn a small data set by heart, and because the changes are differentiable and G's
pictures pass through them too, G does not learn to draw the changes. Zhao et al. 2020, section 3.
Images are `(N, C, H, W)`, and each has its own random change; what a change moves in is 0, the
middle of [-1, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor


def augment(images: Tensor, kinds: str, generator: torch.Generator) -> Tensor:
    """`images` changed as `kinds` says: "none", or "translation" and "cutout" joined by "+"."""
    for kind in () if kinds == "none" else kinds.split("+"):
        images = _KINDS[kind](images, generator)
    return images


def translate(images: Tensor, generator: torch.Generator) -> Tensor:
    """Each image moved by up to an eighth of its size (rounded), vertically and horizontally."""
    height, width = images.shape[2:]
    rows = _shifted(len(images), height, generator).view(-1, 1, height, 1).to(images.device)
    columns = _shifted(len(images), width, generator).view(-1, 1, 1, width).to(images.device)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    moved = images.gather(2, rows.clamp(0, height - 1).expand_as(images))
    moved = moved.gather(3, columns.clamp(0, width - 1).expand_as(images))
    return moved * inside


def _shifted(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Where each pixel of a row comes from: `(count, size)` indices, some outside of it."""
    furthest = max(1, round(size / 8))
    moves = torch.randint(-furthest, furthest + 1, (count, 1), generator=generator)
    return torch.arange(size) + moves


def cut_out(images: Tensor, generator: torch.Generator) -> Tensor:
    """A square of half the size, at a random place that may reach over the edge, blanked out."""
    height, width = images.shape[2:]
    hidden = _span(len(images), height, generator).view(-1, 1, height, 1)
    hidden = hidden & _span(len(images), width, generator).view(-1, 1, 1, width)
    return images * (~hidden).to(images.device)


def _span(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Which pixels of a row lie within half a size around a random centre: `(count, size)`."""
    centres = torch.randint(0, size + 1, (count, 1), generator=generator)
    distance = torch.arange(size) - centres
    return (distance >= -(size // 4)) & (distance < size // 4)


_KINDS = {"translation": translate, "cutout": cut_out}
