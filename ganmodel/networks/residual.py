"""The residual pair: deeper, without normalisation, for objectives that penalise D's slope."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from ganmodel.networks.pair import Architecture
from ganmodel.networks.spec import NetworkSpec

SLOPE = 0.2  # of LeakyReLU below 0


class ResidualBlock(nn.Module):
    """`x + f(x)` on `(N, C, H, W)`: 1×1, 3×3 and 1×1 convolutions through half the channels.

    Half the channels cost a quarter of the 3×3 convolution's operations; grouped convolution as in
    R3GAN was slower on a CPU. The last convolution starts at zero, so that a deep pair without
    normalisation starts as a shallow one (Zhang et al. 2019, Fixup; Huang et al. 2024, section 3).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // 2
        self.layers = nn.Sequential(
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(channels, inner, 1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(inner, inner, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(inner, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def generator(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense and a block; in each stage 1×1 to half the channels, ×2, a block; then 4×4 to C (×2).

    The last stage is that 4×4 transposed convolution alone. At 28 pixels from 7×7·2w, w the width.
    """
    widths, side = spec.widths(spec.width)[::-1], spec.side
    first = widths[0]
    layers: list[nn.Module] = [
        nn.Linear(inputs, first * side * side),
        nn.Unflatten(1, (first, side, side)),
        ResidualBlock(first),
    ]
    for wide, narrow in pairwise(widths):
        layers += [
            nn.Conv2d(wide, narrow, 1),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            ResidualBlock(narrow),
        ]
    last = nn.ConvTranspose2d(widths[-1], spec.channels, 4, stride=2, padding=1)
    return nn.Sequential(*layers, nn.LeakyReLU(SLOPE), last, nn.Tanh())


def discriminator(spec: NetworkSpec) -> nn.Sequential:
    """G mirrored: 4×4 to w (½) and a block; ½, 1×1 to 2w, a block; dense 4w, dense 1."""
    widths, hidden = spec.widths(spec.width), 4 * spec.width
    layers: list[nn.Module] = [
        nn.Conv2d(spec.channels, widths[0], 4, stride=2, padding=1),
        ResidualBlock(widths[0]),
    ]
    for narrow, wide in pairwise(widths):
        layers += [nn.AvgPool2d(2), nn.Conv2d(narrow, wide, 1), ResidualBlock(wide)]
    return nn.Sequential(
        *layers,
        nn.LeakyReLU(SLOPE),
        nn.Flatten(),
        nn.Linear(widths[-1] * spec.side**2, hidden),
        nn.LeakyReLU(SLOPE),
        nn.Linear(hidden, 1),
    )


def initialise(module: nn.Module, edition: int) -> None:
    """Keeps the variance of what flows through (He et al. 2015); a block's last layer starts at 0.

    Until edition 3 transposed convolutions began with torch's count of inputs, which for them is
    the count of outputs: at width 32 the first pictures of one channel were mostly black and white.
    """
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        if isinstance(module, nn.ConvTranspose2d) and edition >= 4:
            # An output is reached by one in stride² of the kernel's weights, from each channel.
            inputs = module.weight[:, 0].numel() / math.prod(module.stride)
            deviation = nn.init.calculate_gain("leaky_relu", SLOPE) / math.sqrt(inputs)
            nn.init.normal_(module.weight, 0.0, deviation)
        else:
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, ResidualBlock):  # apply() visits it after its layers
        nn.init.zeros_(module.layers[-1].weight)


ARCHITECTURE = Architecture(generator, discriminator, initialise, channels_last=True)
