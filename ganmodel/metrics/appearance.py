"""Features of pictures of any kind, from a network with fixed random weights.

Its units respond to brightness, edges and colours; nothing is trained. Which data is measured with
it, and which of its values are compared, is decided elsewhere.
"""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, conv2d, max_pool2d, relu

NAME = "appearance"

_EDITION = 1  # raised when the same weights would give other values
_SEED = 2017  # any number does, as long as it never changes
_SIDE = 32  # pixels a side of the network's input; for larger pictures see `Appearance`
# Scales distances between data sets to the range that a classifier's features give.
_SCALE = 8.0
# Gives colours about a fifth of the total variance: enough to detect a cast or fading colours, and
# too little to mask differences of shape, which are harder to detect.
_COLOURS = 0.6


class Appearance(nn.Module):
    """Images `(N, C, H, W)` in [-1, 1] to `(N, 64)`; 16 more where C is 3.

    The 64 values are the mean responses of 16 random mixtures of 24 random filters (edges and
    areas) in each quarter of the picture. No response is squared or made absolute and every unit
    has a bias, so a negative, a cast or a change of brightness changes the values; means are taken
    over quarters, not over the whole picture, so a shift, a reflection or a rearrangement does,
    too. The 16 further values of colour pictures are the amounts of red, green, blue and yellow in
    each quarter.

    Pictures larger than 32 pixels are reduced to that size, and 64 more values come from four
    windows at full resolution, one in the middle of each quarter: they measure sharpness.
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
        """sha256 of everything that determines the values."""
        digest = hashlib.sha256(f"{NAME} {_EDITION}".encode())
        for tensor in self.state_dict().values():
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _mixed(self, images: Tensor) -> Tensor:
        found = max_pool2d(relu(conv2d(images, self.edges, self.edges_bias, padding=2)), 2)
        # 1 is about the mean response: mixtures respond to values above and below it.
        return relu(conv2d(found - 1, self.mixtures, self.mixtures_bias, padding=1))


def _unit_norm(filters: Tensor) -> Tensor:
    return filters / filters.square().sum((1, 2, 3), keepdim=True).sqrt()


def _colours(images: Tensor) -> Tensor:
    """Red, blue, green and yellow of each pixel, 0 or more: `(N, 3, H, W)` to `(N, 4, H, W)`."""
    red, green, blue = images.split(1, 1)
    opponents = torch.cat([red - green, blue - (red + green) / 2], 1) / 2
    return torch.cat([relu(opponents), relu(-opponents)], 1)


def _windows(images: Tensor) -> list[Tensor]:
    """Four cut-outs of at most 32 pixels a side, one around the middle of each quarter."""
    rows, columns = (_spans(side) for side in images.shape[2:])
    return [images[..., row, column] for row in rows for column in columns]


def _spans(side: int) -> list[slice]:
    last = max(0, side - _SIDE)  # where the last window can begin
    starts = [min(max(0, middle - _SIDE // 2), last) for middle in (side // 4, 3 * side // 4)]
    return [slice(start, start + _SIDE) for start in starts]
