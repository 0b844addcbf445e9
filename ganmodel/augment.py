"""DiffAugment: random augmentation of all images shown to D, of the same kind for reals and fakes.

It keeps D from memorising a small data set. The augmentations are differentiable and apply to G's
pictures too, so G does not learn to reproduce them. Zhao et al. 2020, section 3. Images are
`(N, C, H, W)`, each augmented independently; uncovered pixels are 0, the middle of [-1, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor


def augment(images: Tensor, kinds: str, generator: torch.Generator) -> Tensor:
    """Augments `images` by `kinds`: "none", or "translation" and "cutout" joined by "+"."""
    for kind in () if kinds == "none" else kinds.split("+"):
        images = _KINDS[kind](images, generator)
    return images


def translate(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shifts each image by up to an eighth of its size (rounded), vertically and horizontally."""
    height, width = images.shape[2:]
    rows = _shifted(len(images), height, generator).view(-1, 1, height, 1).to(images.device)
    columns = _shifted(len(images), width, generator).view(-1, 1, 1, width).to(images.device)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    moved = images.gather(2, rows.clamp(0, height - 1).expand_as(images))
    moved = moved.gather(3, columns.clamp(0, width - 1).expand_as(images))
    return moved * inside


def _shifted(count: int, size: int, generator: torch.Generator) -> Tensor:
    """The source index of each pixel along one axis: `(count, size)`, some outside [0, size)."""
    furthest = max(1, round(size / 8))
    moves = torch.randint(-furthest, furthest + 1, (count, 1), generator=generator)
    return torch.arange(size) + moves


def cut_out(images: Tensor, generator: torch.Generator) -> Tensor:
    """Sets a square of half the image's size to 0, at a random position, possibly over the edge."""
    height, width = images.shape[2:]
    hidden = _span(len(images), height, generator).view(-1, 1, height, 1)
    hidden = hidden & _span(len(images), width, generator).view(-1, 1, 1, width)
    return images * (~hidden).to(images.device)


def _span(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Which pixels along one axis the square covers, at a random centre: bool `(count, size)`."""
    centres = torch.randint(0, size + 1, (count, 1), generator=generator)
    distance = torch.arange(size) - centres
    return (distance >= -(size // 4)) & (distance < size // 4)


_KINDS = {"translation": translate, "cutout": cut_out}
