"""Counts the floating-point operations of training from the networks' layers.

The speed of a machine is measured elsewhere.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganmodel.config import RunConfig
from ganmodel.networks import NetworkSpec
from ganmodel.objectives import OBJECTIVES
from ganmodel.skeleton import skeleton


@dataclass(frozen=True)
class Operations:
    """Floating-point operations of training for each real image shown to D.

    `exact` are operations for second derivatives, which are never computed in bf16, `usual` all
    others.
    `steps` is the number of optimizer steps, of D and G together, for each real image.
    """

    usual: float
    exact: float
    steps: float


def step_operations(config: RunConfig, channels: int, size: int, classes: int) -> float:
    """Floating-point operations of one training step, the unit that cannot be interrupted.

    `channels`, `size` and `classes` describe the data, as for `NetworkSpec.of`.
    """
    work = operations(config, NetworkSpec.of(config, channels, size, classes))
    return (work.usual + work.exact) * config.batch_size * config.n_critic


def operations(config: RunConfig, spec: NetworkSpec) -> Operations:
    """The operations for each real image, as a sum of passes through G and D.

    A backward pass costs as much as two forward passes, or one if only the gradient with respect to
    the images is needed. The first layer needs no gradient of its input; that share is small and
    counted anyway.
    """
    g, d = _passes(spec)
    objective = OBJECTIVES[config.objective]
    # D's step: a real and a fake, each forward and backward through D; G generates the fake.
    usual = g + 2 * 3 * d
    # G's steps, one set for n_critic images: D forward, backward to the fake, then through G. The
    # first reuses the fake of D's step, each further one generates its own.
    g_steps = config.g_steps / config.n_critic
    usual += g_steps * (2 * d + 3 * g) - g / config.n_critic
    if objective.relativistic:  # G's loss needs D's logits of reals, too
        usual += g_steps * d
    exact = 0.0
    if config.r1_gamma > 0 or config.r2_gamma > 0:
        if config.slope_by == "difference":  # the passes of as many images again
            usual += 2 * 3 * d / config.r1_every
        else:
            # The gradient with respect to the images costs a backward pass, and differentiating it
            # two more; in those steps, the passes of D's loss are exact, too.
            usual -= 2 * 3 * d / config.r1_every
            exact += 2 * 6 * d / config.r1_every
    if objective.interpolates:  # the same for one interpolated image
        exact += 6 * d
    return Operations(usual, exact, steps=(1 + g_steps) / config.batch_size)


@functools.lru_cache(maxsize=64)
def _passes(spec: NetworkSpec) -> tuple[float, float]:
    """Floating-point operations of a forward pass of one picture through G and through D."""
    G, D = skeleton(spec)
    z, images = torch.zeros(1, spec.z_dim), torch.zeros(1, spec.channels, spec.size, spec.size)
    labels = torch.zeros(1, dtype=torch.long) if spec.classes else None
    return _counted(G, z, labels), _counted(D, images, labels)


def _counted(network: nn.Module, given: Tensor, labels: Tensor | None) -> float:
    """Multiplications and additions of one forward pass, in linear and convolutional layers.

    Counted by hooks, since torch's own counters act on all threads at once, or import its compiler,
    which takes over a second and 160 MB. Runs on the CPU, since on the meta device some layers
    import the compiler, too.
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
