"""What pictures of any kind look like, in numbers: features that nobody had to train.

A small network with fixed random weights, whose units tell light from dark and edges of one
direction from edges of another, and how much of which colour lies where. Which data is measured
with it, and what of its values is compared, is decided elsewhere.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, conv2d, max_pool2d, relu

NAME = "appearance"
SUMMARY = (
    "values of a small network with fixed random weights, never trained, that sees colour, "
    "contrast, sharpness, shapes and where they are: good for comparing runs on the same data "
    "with each other, comparable with nothing else"
)

_EDITION = 1  # raised when the same weights would come to give other values
_SEED = 2017  # any number does, as long as it never changes
_SIDE = 32  # pixels a side that the network looks at; larger pictures are seen from afar and near
# Brings distances between data sets into the range of a classifier's.
_SCALE = 8.0
# Colours get about a fifth of the whole variance: a cast, or colours that fade, stand out, and
# shapes, which are harder to see, are not drowned.
_COLOURS = 0.6


class Appearance(nn.Module):
    """Images `(N, C, H, W)` in [-1, 1] to `(N, 64)`; 16 more where C is 3.

    How much of each of 16 random mixtures of 24 random edges and areas lies in each quarter of
    the picture. No response is squared or made absolute, and every unit has a bias, so that a
    negative, a cast and a change of light are other pictures; quarters, not the whole, so that a
    picture that is shifted, mirrored or rearranged is one, too. Of colour pictures also how much
    red, green, blue and yellow there is in each quarter.

    What is larger than 32 pixels is brought to that size, and 64 more values come from four
    windows at full resolution, one in the middle of each quarter: they know how sharp it is.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(_SEED)
        edges = torch.randn(24, channels, 5, 5, generator=generator)
        edges -= 0.7 * edges.mean((2, 3), keepdim=True)  # without it, flat areas would drown edges
        self.register_buffer("edges", _unit_norm(edges))
        self.register_buffer("edges_bias", 0.1 * torch.randn(24, generator=generator))
        self.register_buffer("mixtures", _unit_norm(torch.randn(16, 24, 3, 3, generator=generator)))
        self.register_buffer("mixtures_bias", 0.1 * torch.randn(16, generator=generator))

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[2:]
        whole, parts = images, []
        if max(height, width) > _SIDE:
            whole = adaptive_avg_pool2d(images, (min(height, _SIDE), min(width, _SIDE)))
            near = [self._mixed(window).mean((2, 3)) for window in _windows(images)]
            parts.append(torch.cat(near, 1))
        parts.append(adaptive_avg_pool2d(self._mixed(whole), 2).flatten(1))
        if images.shape[1] == 3:
            parts.append(_COLOURS * adaptive_avg_pool2d(_colours(whole), 2).flatten(1))
        return _SCALE * torch.cat(parts, 1)

    def fingerprint(self) -> str:
        """sha256 of all that decides the values."""
        digest = hashlib.sha256(f"{NAME} {_EDITION}".encode())
        for tensor in self.state_dict().values():
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _mixed(self, images: Tensor) -> Tensor:
        found = max_pool2d(relu(conv2d(images, self.edges, self.edges_bias, padding=2)), 2)
        # About the mean of a response: mixtures of what is above and below it can be either.
        return relu(conv2d(found - 1, self.mixtures, self.mixtures_bias, padding=1))


def _unit_norm(filters: Tensor) -> Tensor:
    return filters / filters.square().sum((1, 2, 3), keepdim=True).sqrt()


def _colours(images: Tensor) -> Tensor:
    """`(N, 3, H, W)` to how red, yellow or blue, and green each pixel is, `(N, 4, H, W)`, 0 up."""
    red, green, blue = images.split(1, 1)
    opponents = torch.cat([red - green, blue - (red + green) / 2], 1) / 2
    return torch.cat([relu(opponents), relu(-opponents)], 1)


def _windows(images: Tensor) -> list[Tensor]:
    """Four cut-outs of at most 32 pixels a side, one around the middle of each quarter."""
    rows, columns = (_spans(side) for side in images.shape[2:])
    return [images[..., row, column] for row in rows for column in columns]


def _spans(side: int) -> list[slice]:
    last = max(0, side - _SIDE)  # where a window can begin at most
    starts = [min(max(0, middle - _SIDE // 2), last) for middle in (side // 4, 3 * side // 4)]
    return [slice(start, start + _SIDE) for start in starts]
