"""Generator and Discriminator, built from one `NetworkSpec`.

Shapes:  z (N, z_dim) ~ N(0, 1)    ->  G  ->  images (N, C, S, S) in [-1, 1]
         images (N, C, S, S)       ->  D  ->  logits (N, 1)
         labels (N,), class indices, go to both if the pair is conditional; G also accepts float
         class weights (N, classes) and generates a blend

C is the data's number of channels, 1 or 3, and S its size, 28 or 32. A pair is one G and one D.
There are three: `article`, the networks of the article that this project implements; `small`, at a
fraction of that cost; `residual`, deeper and without normalisation, for objectives whose gradient
penalties need D's unaltered gradient. Unless `norm_d` is "batch", D has no batch statistics: one
pass over reals and fakes together gives each image the same logit as alone, and gradient penalties
are well defined. `training` trains them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ganmodel.config import NETWORKS, NORMS, RunConfig
from ganmodel.words import Message, message, worded

SIZES = (28, 32)  # pixels, height and width
MOST_CLASSES = 1000  # of stacked-mnist
CLASS_VOLUME = 0.05  # initial standard deviation of G's class embedding; that of z is 1


class SpecError(ValueError):
    """No supported pair is like that; `why` fits into a sentence."""

    def __init__(self, why: Message) -> None:
        super().__init__(worded(why))
        self.why = why


@dataclass(frozen=True)
class NetworkSpec:
    """The architecture of a pair: all that is needed to build it and load its weights.

    `classes` is 0 for an unconditional pair. `norm_d` is "none", "batch" or "spectral".

    Raises:
        SpecError: a value that no supported pair has, such as from a foreign file.
    """

    network: str
    z_dim: int
    width: int
    channels: int
    size: int = 28
    norm_d: str = "none"
    classes: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "z_dim": range(2, 1025),
            "width": range(4, 257),
            "channels": (1, 3),
            "size": SIZES,
            "classes": (0, *range(2, MOST_CLASSES + 1)),
        }
        for name, names in (("network", NETWORKS), ("norm_d", NORMS)):
            value = getattr(self, name)
            if value not in names:
                shown = f"{value!r:.40}"
                raise SpecError(
                    message("reasons.spec-choice", name=name, value=shown, names=[*names])
                )
        if self.network == "residual" and self.norm_d != "none":
            raise SpecError(message("reasons.spec-residual-norm", norm_d=f"{self.norm_d!r}"))
        for name, values in allowed.items():
            value = getattr(self, name)
            if type(value) is not int or value not in values:
                shown = f"{value!r:.40}"
                raise SpecError(message("reasons.spec-number", name=name, value=shown))

    @classmethod
    def of(cls, config: RunConfig, channels: int, size: int = 28, classes: int = 0) -> NetworkSpec:
        """The spec of `config`'s pair for data with these channels, size and classes."""
        return cls(
            config.network,
            config.z_dim,
            config.width,
            channels,
            size,
            config.norm_d,
            classes if config.conditional else 0,
        )

    @classmethod
    def from_json(cls, values: Any) -> NetworkSpec:
        """The inverse of `to_json`; a `SpecError` says what is missing or wrong.

        Files written before `classes` and `norm_d` existed lack them.
        """
        names = set(cls.__dataclass_fields__)
        needed = names - {"norm_d", "classes"}
        if not isinstance(values, Mapping) or not needed <= set(values) <= names:
            raise SpecError(message("reasons.spec-incomplete", names=sorted(names)))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Generator(nn.Module):
    """`z (N, z_dim)` to images `(N, C, S, S)` in [-1, 1]; a conditional one takes labels too.

    Labels are class indices `(N,)`, or float class weights `(N, classes)` for a blend: the mean of
    the classes' vectors by these weights.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        inputs = spec.z_dim * (2 if spec.classes else 1)
        self.layers = _BUILD_G[spec.network](spec, inputs)
        self.apply(_INIT[spec.network])
        # A learned class embedding is concatenated with z (Mirza & Osindero 2014 use one-hot
        # labels).
        self.embed = nn.Embedding(spec.classes, spec.z_dim) if spec.classes else None
        if self.embed is not None:
            # Small at first: with the scale of z, G ignored z and generated nearly one picture for
            # each class (on Fashion-MNIST a recall of 0.2 instead of 0.6).
            nn.init.normal_(self.embed.weight, 0.0, CLASS_VOLUME)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.layers(self.inputs(z, labels))

    def inputs(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """The input of the layers: `z`, concatenated with the class embedding if conditional."""
        if self.embed is None:
            return z
        labels = _given(labels)
        blended = labels.is_floating_point()
        vectors = labels @ self.embed.weight if blended else self.embed(labels)
        return torch.cat([z, vectors], 1)


class Discriminator(nn.Module):
    """Images `(N, C, S, S)` in [-1, 1] to logits `(N, 1)`: the higher, the more real.

    A conditional one adds the inner product of the image's features with the class embedding
    (projection). Miyato & Koyama 2018, equation 3.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.layers = _BUILD_D[spec.network](spec)
        self.apply(_INIT[spec.network])
        self.embed = None
        if spec.classes:
            self.embed = nn.Embedding(spec.classes, self.layers[-1].in_features)
            nn.init.zeros_(self.embed.weight)  # at first the class does not affect the logit
        if spec.norm_d == "spectral":
            for module in self.layers.modules():
                if isinstance(module, nn.Linear | nn.Conv2d):
                    spectral_norm(module)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        features = self.layers[:-1](images)
        logits = self.layers[-1](features)
        if self.embed is not None:
            logits = logits + (self.embed(_given(labels)) * features).sum(1, keepdim=True)
        return logits


def build_pair(spec: NetworkSpec, seed: int) -> tuple[Generator, Discriminator]:
    """A pair with initial weights, determined by `seed`; the global random state is unchanged."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(spec), Discriminator(spec)


def _given(labels: Tensor | None) -> Tensor:
    if labels is None:
        raise ValueError("This pair is conditional: give the labels too, class indices (N,).")
    return labels


# --- the article's pair ----------------------------------------------------------------------


def _article_g(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense S/4·S/4·256 without bias, then 5×5 transposed convolutions: 128, 64 (×2), C (×2).

    The article names BatchNorm and LeakyReLU after the dense layer only; here they follow the
    hidden convolutions too, which would otherwise have no nonlinearity between them.
    """
    side = spec.size // 4
    return nn.Sequential(
        nn.Linear(inputs, 256 * side * side, bias=False),
        nn.Unflatten(1, (256, side, side)),
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
        *_norm(spec, nn.BatchNorm2d(128)),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(128 * (spec.size // 4) ** 2, 1),
    )


# --- the small pair --------------------------------------------------------------------------


def _small_g(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense S/4·S/4·2w, 3×3 convolution 2w, then 4×4 transposed ones: w (×2), C (×2).

    w is the width. The 3×3 convolution coordinates neighbouring parts of a stroke before they are
    upsampled; without it the distance to real pictures was about 1.5 times as large after the same
    number of images.
    """
    w, side = spec.width, spec.size // 4
    return nn.Sequential(
        nn.Linear(inputs, 2 * w * side * side, bias=False),
        nn.Unflatten(1, (2 * w, side, side)),
        nn.BatchNorm2d(2 * w),
        nn.LeakyReLU(0.2),
        nn.Conv2d(2 * w, 2 * w, 3, padding=1, bias=False),
        nn.BatchNorm2d(2 * w),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(w),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(w, spec.channels, 4, stride=2, padding=1),
        nn.Tanh(),
    )


def _small_d(spec: NetworkSpec) -> nn.Sequential:
    """4×4 convolutions w and 2w, each halving the size, dense 4w, dense 1; w is the width.

    The hidden dense layer is cheap and essential: without it the logit is a sum over positions, and
    D cannot detect that well-drawn parts do not form a digit together.
    """
    w = spec.width
    return nn.Sequential(
        nn.Conv2d(spec.channels, w, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(w, 2 * w, 4, stride=2, padding=1),
        *_norm(spec, nn.BatchNorm2d(2 * w)),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * w * (spec.size // 4) ** 2, 4 * w),
        *_norm(spec, nn.BatchNorm1d(4 * w)),
        nn.LeakyReLU(0.2),
        nn.Linear(4 * w, 1),
    )


def _norm(spec: NetworkSpec, batch_norm: nn.Module) -> list[nn.Module]:
    """D's BatchNorm if `norm_d` is "batch", for each hidden layer but the first.

    Radford et al. 2016.
    """
    return [batch_norm] if spec.norm_d == "batch" else []


def _init_dcgan(module: nn.Module) -> None:
    """N(0, 0.02) for weights, N(1, 0.02) for BatchNorm's scale. Radford et al. 2016, section 4."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


# --- the residual pair -----------------------------------------------------------------------


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
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, inner, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(inner, inner, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(inner, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def _residual_g(spec: NetworkSpec, inputs: int) -> nn.Sequential:
    """Dense S/4·S/4·2w, a block, 1×1 to w (×2), a block, then 4×4 transposed convolution C (×2)."""
    w, side = spec.width, spec.size // 4
    return nn.Sequential(
        nn.Linear(inputs, 2 * w * side * side),
        nn.Unflatten(1, (2 * w, side, side)),
        ResidualBlock(2 * w),
        nn.Conv2d(2 * w, w, 1),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        ResidualBlock(w),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(w, spec.channels, 4, stride=2, padding=1),
        nn.Tanh(),
    )


def _residual_d(spec: NetworkSpec) -> nn.Sequential:
    """G mirrored: 4×4 convolution w (½), a block, ½ and 1×1 to 2w, a block, dense 4w, dense 1."""
    w = spec.width
    return nn.Sequential(
        nn.Conv2d(spec.channels, w, 4, stride=2, padding=1),
        ResidualBlock(w),
        nn.AvgPool2d(2),
        nn.Conv2d(w, 2 * w, 1),
        ResidualBlock(2 * w),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * w * (spec.size // 4) ** 2, 4 * w),
        nn.LeakyReLU(0.2),
        nn.Linear(4 * w, 1),
    )


def _init_residual(module: nn.Module) -> None:
    """Preserves the variance of activations (He et al. 2015); a block's last layer starts at 0."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(module.weight, a=0.2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, ResidualBlock):  # apply() visits it after its layers
        nn.init.zeros_(module.layers[-1].weight)


_BUILD_G: dict[str, Callable[[NetworkSpec, int], nn.Sequential]] = {
    "small": _small_g,
    "article": _article_g,
    "residual": _residual_g,
}
_BUILD_D: dict[str, Callable[[NetworkSpec], nn.Sequential]] = {
    "small": _small_d,
    "article": _article_d,
    "residual": _residual_d,
}
_INIT: dict[str, Callable[[nn.Module], None]] = {
    "small": _init_dcgan,
    "article": _init_dcgan,
    "residual": _init_residual,
}
