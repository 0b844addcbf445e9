"""The article's pair: 5×5 convolutions, each stage with half the channels of the one before."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from ganmodel.networks import dcgan
from ganmodel.networks.pair import Architecture
from ganmodel.networks.spec import NetworkSpec

WIDTH = 64  # channels of the largest map; the setting `width` is not asked


def generator(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense without bias, then 5×5 transposed convolutions; at 28 pixels from 7×7·256.

    There 128, 64 (×2), C (×2). The article names BatchNorm and LeakyReLU after the dense layer
    only; here they follow the hidden convolutions too, which would otherwise have no nonlinearity
    between them.
    """
    widths, side = spec.widths(WIDTH)[::-1], spec.side
    first = 2 * widths[0]
    layers: list[nn.Module] = [
        nn.Linear(inputs, first * side * side, bias=False),
        nn.Unflatten(1, (first, side, side)),
        nn.BatchNorm2d(first),
        nn.LeakyReLU(0.2),
        *dcgan.hidden(nn.ConvTranspose2d(first, widths[0], 5, padding=2, bias=False)),
    ]
    twice = {"kernel_size": 5, "stride": 2, "padding": 2, "output_padding": 1}
    for wide, narrow in pairwise(widths):
        layers += dcgan.hidden(nn.ConvTranspose2d(wide, narrow, bias=False, **twice))
    last = nn.ConvTranspose2d(widths[-1], spec.channels, **twice)
    return nn.Sequential(*layers, last, nn.Tanh())


def discriminator(spec: NetworkSpec) -> nn.Sequential:
    """5×5 convolutions, each halving the size, at 28 pixels to 64 and 128; then one dense unit."""
    widths = spec.widths(WIDTH)
    layers: list[nn.Module] = [
        nn.Conv2d(spec.channels, widths[0], 5, stride=2, padding=2),
        nn.LeakyReLU(0.2),
    ]
    for narrow, wide in pairwise(widths):
        layers += [
            nn.Conv2d(narrow, wide, 5, stride=2, padding=2),
            *dcgan.norm(spec, nn.BatchNorm2d(wide)),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * spec.side**2, 1))


ARCHITECTURE = Architecture(generator, discriminator, dcgan.initialise)
