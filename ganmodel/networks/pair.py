"""`Generator` and `Discriminator`, put together from the layers of one architecture.

What they take and give is said in the package; layers stand in a file for each architecture.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ganmodel.config import EDITION, NETWORKS, Pair
from ganmodel.networks.spec import SMALL, NetworkSpec

CLASS_VOLUME = 0.05  # initial standard deviation of G's class embedding; that of z is 1


@dataclass(frozen=True)
class Architecture:
    """The layers of a pair, and how their weights begin."""

    # From the length of G's input, which is z and, where G learns classes, as long a class vector.
    # The first layer is linear, so that the Playground finds directions in its weights.
    generator: Callable[[NetworkSpec, int], nn.Sequential]
    # The last layer is linear, from the image's features to its logit.
    discriminator: Callable[[NetworkSpec], nn.Sequential]
    # Called with each module, after those within it, and the edition of a run's settings.
    initialise: Callable[[nn.Module, int], None]
    channels_last: bool = False  # whether small pictures gain by it in bf16, as larger ones do


_FOREIGN: dict[str, Architecture] = {}  # registered from outside


def register_architecture(pair: Pair, architecture: Architecture) -> None:
    """Adds a pair from outside to those that settings can name.

    Raises:
        ValueError: there is one of that name.
    """
    if pair.name in NETWORKS:
        raise ValueError(f"There is a pair of the name {pair.name!r} already.")
    NETWORKS[pair.name], _FOREIGN[pair.name] = pair, architecture


def architecture_of(network: str) -> Architecture:
    """The architecture of that name, one of `config.NETWORKS`."""
    if network in _FOREIGN:
        return _FOREIGN[network]
    return importlib.import_module(f"ganmodel.networks.{network}").ARCHITECTURE


def gains_channels_last(spec: NetworkSpec) -> bool:
    """Whether these networks are trained faster so in bf16."""
    return spec.size > SMALL or architecture_of(spec.network).channels_last


class Generator(nn.Module):
    """`z (N, z_dim)` to images `(N, C, S, S)` in [-1, 1]; a conditional one takes labels too.

    Its first weights are those of `edition`; whoever loads others need not care.

    Labels are class indices `(N,)`, or float class weights `(N, classes)` for a blend: the mean of
    the classes' vectors by these weights.
    """

    def __init__(self, spec: NetworkSpec, edition: int = EDITION) -> None:
        super().__init__()
        self.spec = spec
        architecture = architecture_of(spec.network)
        self.layers = architecture.generator(spec, spec.z_dim * (2 if spec.classes else 1))
        self.apply(lambda module: architecture.initialise(module, edition))
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

    def __init__(self, spec: NetworkSpec, edition: int = EDITION) -> None:
        super().__init__()
        self.spec = spec
        architecture = architecture_of(spec.network)
        self.layers = architecture.discriminator(spec)
        self.apply(lambda module: architecture.initialise(module, edition))
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


def build_pair(
    spec: NetworkSpec, seed: int, edition: int = EDITION
) -> tuple[Generator, Discriminator]:
    """A pair with the initial weights of `seed` in an edition of settings.

    The global random state is unchanged.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(spec, edition), Discriminator(spec, edition)


def _given(labels: Tensor | None) -> Tensor:
    if labels is None:
        raise ValueError("This pair is conditional: give the labels too, class indices (N,).")
    return labels
