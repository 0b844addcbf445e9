"""GAN inversion: finds the z at which a generator comes closest to a drawing.

A search among random z, then gradient steps on the best of them together (Zhu et al. 2016,
section 4.1, without its encoder). Nothing is learned: the generator stays as it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ganmodel.images import from_bytes
from ganmodel.sampling.samplers import Sampler

STARTS = 2048  # random z tried
AT_ONCE = 128  # of these in one forward pass
KEPT = 16  # of these optimised; the worst digit had 0.93 explained with 8, 0.95 with 16
STEPS = 250
YIELD_EVERY = 5  # steps
RATE = 0.15  # of the first step, in standard deviations of z
BLUR = 5  # pixels, so that strokes almost in the right place count, too
# The penalty on |z| for each squared unit of deviation from sqrt(z_dim), the norm of noise. In any
# dimension the norm of noise deviates by about 0.7; that of z found for real digits by less than
# 0.1, for the worst targets by 1.
PULL = 1 / 512
SEARCH_SHARE = 0.25  # of the whole work


@dataclass(frozen=True, eq=False)
class Found:
    """The closest z so far.

    `loss` is minimised: the mean squared difference over pixels in [0, 1], averaged over the plain
    and the blurred pictures, plus a penalty on the norm. `explained` is the share of the target's
    variance that the picture explains: 1 where they are equal, 0 where a plain area of its mean
    colour would be as close.
    """

    z: Tensor  # (z_dim,) float32
    picture: np.ndarray  # uint8 (S, S, C)
    loss: float  # never rises
    share_done: float  # 0 to 1, of the work or of the time, whichever is larger
    step: int  # 0 while searching
    done: bool  # the last one
    explained: float  # 0 to 1
    label: int | None  # the best class, where the generator has classes and none was given


def find(
    sampler: Sampler,
    target: Tensor,
    *,
    labels: Tensor | None = None,
    seconds: float = 8.0,
    seed: int = 0,
) -> Iterator[Found]:
    """The z whose picture comes closest to `target`, better and better; the last one is `done`.

    The same seed gives the same answers where the time does not run out: on one thread the shipped
    generator takes about 2 s. Closing the iterator ends the work.

    Args:
        target: uint8 `(C, S, S)`.
        labels: class weights `(classes,)`, for a conditional generator; without them every class
            is tried, each with its share of the random vectors.
        seconds: the time limit, give or take one pass.

    Raises:
        ValueError: a target of another type or shape, or labels that are no weights.
    """
    spec = sampler.spec
    shape = (spec.channels, spec.size, spec.size)
    if target.dtype != torch.uint8 or target.shape != shape:
        raise ValueError(
            f"The target must be uint8 {shape}, but it is "
            f"{str(target.dtype).removeprefix('torch.')} {tuple(target.shape)}."
        )
    rows = None if labels is None else labels.reshape(1, -1).expand(STARTS, -1)
    classes = sampler.labels_for(rows, STARTS)
    named = bool(spec.classes) and labels is None
    return _search(sampler, target, classes, named, seconds, seed)


def _search(
    sampler: Sampler, target: Tensor, classes: Tensor, named: bool, seconds: float, seed: int
) -> Iterator[Found]:
    began, goal, z_dim = time.monotonic(), from_bytes(target.unsqueeze(0)), sampler.spec.z_dim

    def passed() -> float:
        return (time.monotonic() - began) / max(seconds, 1e-9)

    def found(share: float, step: int, done: bool = False) -> Found:
        picture = sampler.draw(best_z[None], best_class[None])[0]
        share = min(1.0, max(share, passed()))
        label = int(best_class) if named else None
        explained = _explained(picture, target)
        return Found(best_z, picture, best, share, step, done, explained, label)

    # Random vectors, spread over the classes.
    z = torch.randn(STARTS, z_dim, generator=torch.Generator().manual_seed(seed))
    losses = torch.empty(0)
    while len(losses) < STARTS and (passed() < 1 or not len(losses)):
        part = slice(len(losses), len(losses) + AT_ONCE)
        with torch.no_grad():
            losses = torch.cat([losses, _losses(sampler, z[part], classes[part], goal)])
        best, lowest = float(losses.min()), int(losses.argmin())
        best_z, best_class = z[lowest].clone(), classes[lowest]
        yield found(SEARCH_SHARE * len(losses) / STARTS, 0)

    # The best of them, optimised together by Adam (Kingma & Ba 2015, algorithm 1); torch's own
    # takes a second to import.
    kept = losses.topk(min(KEPT, len(losses)), largest=False).indices
    z, classes = z[kept], classes[kept]
    mean, square, step = torch.zeros_like(z), torch.zeros_like(z), 0
    while step < STEPS and passed() < 1:
        step += 1
        with torch.enable_grad():
            z.requires_grad_()
            losses = _losses(sampler, z, classes, goal)
            (gradients,) = torch.autograd.grad(losses.sum(), z)
        z, losses = z.detach(), losses.detach()
        lowest = int(losses.argmin())
        if float(losses[lowest]) < best:
            best, best_z, best_class = float(losses[lowest]), z[lowest].clone(), classes[lowest]
        mean.lerp_(gradients, 1 - 0.9)
        square.lerp_(gradients.square(), 1 - 0.99)
        rate = RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
        z = z - rate * mean / (1 - 0.9**step) / ((square / (1 - 0.99**step)).sqrt() + 1e-8)
        if step % YIELD_EVERY == 0:
            yield found(SEARCH_SHARE + (1 - SEARCH_SHARE) * step / STEPS, step)
    yield found(1.0, step, done=True)


def _losses(sampler: Sampler, z: Tensor, classes: Tensor, goal: Tensor) -> Tensor:
    """The loss of each of `z (N, z_dim)`: `(N,)`. `goal` is `(1, C, S, S)`."""
    apart = (sampler.G(z, classes) - goal) / 2
    blurred = avg_pool2d(apart, BLUR, stride=1, padding=BLUR // 2)
    differences = (apart.square() + blurred.square()).flatten(1).mean(1) / 2
    return differences + PULL * (z.norm(dim=1) - math.sqrt(z.shape[1])).square()


def _explained(picture: np.ndarray, target: Tensor) -> float:
    wanted = target.permute(1, 2, 0).double().numpy()
    error = np.square(picture - wanted).mean()
    plain = np.square(wanted - wanted.mean((0, 1))).mean()
    # A plain target counts as explained where the difference is below one grey level.
    return float(np.clip(1 - error / max(plain, 1.0), 0, 1))
