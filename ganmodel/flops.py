"""Floating-point operations of training, counted from the networks' layers.

How fast a machine computes them is measured elsewhere.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganmodel.config import RunConfig
from ganmodel.networks import NetworkSpec
from ganmodel.skeleton import skeleton


@dataclass(frozen=True)
class Operations:
    """Floating-point operations of training for each real image shown to D.

    `exact` are those for penalties, which are never computed in bf16; `steps` are the optimizers'
    steps of D and G.
    """

    usual: float
    exact: float
    steps: float


def step_operations(config: RunConfig, channels: int, size: int, classes: int) -> float:
    """Floating-point operations of one training step, which nothing interrupts.

    `channels`, `size` and `classes` are the pictures', as `NetworkSpec.of` takes them.
    """
    work = operations(config, NetworkSpec.of(config, channels, size, classes))
    return (work.usual + work.exact) * config.batch_size * config.n_critic


def operations(config: RunConfig, spec: NetworkSpec) -> Operations:
    """What training costs for each real image, as sums of passes through G and D.

    A backward pass costs two forward passes, or one where only the gradient in the images is
    needed. The first layer needs no gradient in its input; its share is small and counted anyway.
    """
    g, d = _passes(spec)
    # D learns from a real and a fake, each forward and backward; G draws the fake.
    usual = g + 2 * 3 * d
    # G's steps, for n_critic images: D forward and backward to the fake, then backward through G.
    # The first reuses the fake that D has seen, each other draws one.
    g_steps = config.g_steps / config.n_critic
    usual += g_steps * (2 * d + 3 * g) - g / config.n_critic
    if config.objective == "r3gan":  # whose G compares with reals, through D
        usual += g_steps * d
    exact = 0.0
    if config.r1_gamma > 0 or config.r2_gamma > 0:
        # The gradient in the images costs a backward pass, and differentiating it two more; the
        # passes that it starts from are exact, too, in those steps.
        usual -= 2 * 3 * d / config.r1_every
        exact += 2 * 6 * d / config.r1_every
    if config.objective == "wgan-gp":  # the same on one interpolated image
        exact += 6 * d
    return Operations(usual, exact, steps=(1 + g_steps) / config.batch_size)


@functools.lru_cache(maxsize=64)
def _passes(spec: NetworkSpec) -> tuple[float, float]:
    """Floating-point operations of one picture through G and through D, forward."""
    G, D = skeleton(spec)
    z, images = torch.zeros(1, spec.z_dim), torch.zeros(1, spec.channels, spec.size, spec.size)
    labels = torch.zeros(1, dtype=torch.long) if spec.classes else None
    return _counted(G, z, labels), _counted(D, images, labels)


def _counted(network: nn.Module, given: Tensor, labels: Tensor | None) -> float:
    """Multiplications and additions of one forward pass, in linear and convolutional layers.

    Counted by hooks: torch's own counters act on every thread at once, or import its compiler,
    which takes over a second and 160 MB; so do some layers on the meta device.
    """
    total = 0.0

    def count(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal total
        # Each weight is used once at each position of the output, or, in a transposed convolution,
        # of the input.
        places = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
        total += 2 * layer.weight.numel() * places[0, 0].numel()

    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            layer.register_forward_hook(count)
    with torch.no_grad():
        network.to_empty(device="cpu").eval()(given, labels)
    return total
