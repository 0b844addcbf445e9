"""Generator and Discriminator, built from one description.

Shapes:  z (N, z_dim) ~ N(0, 1)  ->  G  ->  images (N, C, 28, 28) in [-1, 1]
         images (N, C, 28, 28)   ->  D  ->  logits (N, 1)

Two pairs: `article`, the networks of the article this project implements, and `small`, which does
a small part of that work for each image. C is the data's own number of channels. Neither D has
batch statistics, so one pass over reals and fakes together gives each image the logit it would have
alone, and gradient penalties are well defined. Training them is `training`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.config import NETWORKS, RunConfig

SIZE = 28  # pixels, height and width


@dataclass(frozen=True)
class NetworkSpec:
    """What must be known to build a pair: enough to load a weights file.

    Raises:
        ValueError: a value that no pair of ours has, such as in a file from elsewhere.
    """

    network: str
    z_dim: int
    width: int
    channels: int
    size: int = SIZE

    def __post_init__(self) -> None:
        allowed = {
            "z_dim": range(2, 1025),
            "width": range(4, 257),
            "channels": (1, 3),
            "size": (SIZE,),
        }
        if self.network not in NETWORKS:
            raise ValueError(f"the network is {self.network!r:.40}, not one of {NETWORKS}")
        for name, values in allowed.items():
            value = getattr(self, name)
            if type(value) is not int or value not in values:
                raise ValueError(f"{name} is {value!r:.40}, which none of our networks has")

    @classmethod
    def of(cls, config: RunConfig, channels: int) -> NetworkSpec:
        """The pair that `config` asks for, on data with this many channels."""
        return cls(config.network, config.z_dim, config.width, channels)

    @classmethod
    def from_json(cls, values: Any) -> NetworkSpec:
        """Undoes `to_json`; a `ValueError` says what is missing or wrong."""
        names = set(cls.__dataclass_fields__)
        if not isinstance(values, Mapping) or set(values) != names:
            raise ValueError(f"the description of the network must hold {sorted(names)}")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Generator(nn.Module):
    """`z (N, z_dim)` to images `(N, C, 28, 28)` in [-1, 1]."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.layers = _article_g(spec) if spec.network == "article" else _small_g(spec)
        self.apply(_init_dcgan)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class Discriminator(nn.Module):
    """Images `(N, C, 28, 28)` in [-1, 1] to logits `(N, 1)`: above 0 means "rather real"."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.layers = _article_d(spec) if spec.network == "article" else _small_d(spec)
        self.apply(_init_dcgan)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


def build_pair(spec: NetworkSpec, seed: int) -> tuple[Generator, Discriminator]:
    """A fresh pair; the same seed gives the same weights. The global random state is left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(spec), Discriminator(spec)


def _article_g(spec: NetworkSpec) -> nn.Sequential:
    """Dense 7·7·256 without bias, then 5×5 transposed convolutions: 128, 64 (×2), C (×2).

    The article names BatchNorm and LeakyReLU after the dense layer; they follow the hidden
    convolutions here too, without which these have no nonlinearity between them.
    """
    return nn.Sequential(
        nn.Linear(spec.z_dim, 256 * 7 * 7, bias=False),
        nn.Unflatten(1, (256, 7, 7)),
        nn.BatchNorm2d(256),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(256, 128, 5, stride=1, padding=2, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(128, 64, 5, stride=2, padding=2, output_padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(64, spec.channels, 5, stride=2, padding=2, output_padding=1),
        nn.Tanh(),
    )


def _article_d(spec: NetworkSpec) -> nn.Sequential:
    """5×5 convolutions 64 and 128, each halving the size, then one dense unit."""
    return nn.Sequential(
        nn.Conv2d(spec.channels, 64, 5, stride=2, padding=2),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 5, stride=2, padding=2),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(128 * 7 * 7, 1),
    )


def _small_g(spec: NetworkSpec) -> nn.Sequential:
    """Dense 7·7·2w, then 4×4 transposed convolutions w (×2) and C (×2); w is the width."""
    w = spec.width
    return nn.Sequential(
        nn.Linear(spec.z_dim, 2 * w * 7 * 7, bias=False),
        nn.Unflatten(1, (2 * w, 7, 7)),
        nn.BatchNorm2d(2 * w),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(w),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(w, spec.channels, 4, stride=2, padding=1),
        nn.Tanh(),
    )


def _small_d(spec: NetworkSpec) -> nn.Sequential:
    """4×4 convolutions w and 2w, each halving the size, then one dense unit; w is the width."""
    w = spec.width
    return nn.Sequential(
        nn.Conv2d(spec.channels, w, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(w, 2 * w, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * w * 7 * 7, 1),
    )


def _init_dcgan(module: nn.Module) -> None:
    """N(0, 0.02) for weights, N(1, 0.02) for BatchNorm's scale. Radford et al. 2016, section 4."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
