"""The small pair: 4×4 convolutions that learn digits within a minute on two cores."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from ganmodel.networks import dcgan
from ganmodel.networks.pair import Architecture
from ganmodel.networks.spec import NetworkSpec


def generator(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense, 3×3 convolution, then a 4×4 transposed one for each stage; at 28 pixels from 7×7·2w.

    There w (×2), C (×2), where w is the width. The 3×3 convolution coordinates neighbouring parts
    of a stroke before they are upsampled; without it the distance to real pictures was about 1.5
    times as large after the same number of images.
    """
    widths, side = spec.widths(spec.width)[::-1], spec.side
    first = widths[0]
    layers: list[nn.Module] = [
        nn.Linear(inputs, first * side * side, bias=False),
        nn.Unflatten(1, (first, side, side)),
        nn.BatchNorm2d(first),
        nn.LeakyReLU(0.2),
        *dcgan.hidden(nn.Conv2d(first, first, 3, padding=1, bias=False)),
    ]
    for wide, narrow in pairwise(widths):
        up = nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=False)
        layers += dcgan.hidden(up)
    last = nn.ConvTranspose2d(widths[-1], spec.channels, 4, stride=2, padding=1)
    return nn.Sequential(*layers, last, nn.Tanh())


def discriminator(spec: NetworkSpec) -> nn.Sequential:
    """4×4 convolutions, each halving the size, at 28 pixels to w and 2w; dense 4w, dense 1.

    The hidden dense layer is cheap and essential: without it the logit is a sum over positions, and
    D cannot detect that well-drawn parts do not form a digit together.
    """
    widths, hidden = spec.widths(spec.width), 4 * spec.width
    layers: list[nn.Module] = [
        nn.Conv2d(spec.channels, widths[0], 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
    ]
    for narrow, wide in pairwise(widths):
        layers += [
            nn.Conv2d(narrow, wide, 4, stride=2, padding=1),
            *dcgan.norm(spec, nn.BatchNorm2d(wide)),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(
        *layers,
        nn.Flatten(),
        nn.Linear(widths[-1] * spec.side**2, hidden),
        *dcgan.norm(spec, nn.BatchNorm1d(hidden)),
        nn.LeakyReLU(0.2),
        nn.Linear(hidden, 1),
    )


ARCHITECTURE = Architecture(generator, discriminator, dcgan.initialise)
