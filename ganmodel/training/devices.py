"""Where training computes, and whether bf16 is worth it there.

bf16 keeps float32's range with 8 bits of precision: fast where a processor has instructions for it,
slower than float32 where it has not, which only trying tells.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor

from ganmodel.networks import Discriminator, Generator, NetworkSpec, build_pair

LEAST_GAIN = 1.15  # below, the noise of the measurement could decide
LEAST_COSINE = 0.98  # between the gradients of bf16 and of float32; measured here: above 0.999
PROBE_BATCH = 64
PROBE_ROUNDS = 4


class DeviceError(ValueError):
    """A device cannot be used; the message is one sentence for the person who asked for it."""


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name ("cpu", "cuda", "cuda:1", "mps"); "auto" takes the fastest here.

    Raises:
        DeviceError: no such device on this machine.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, ImportError):  # torch knows names it was not built for
        raise DeviceError(
            f"There is no device {name!r:.40} here: choose auto, cpu, or a cuda or mps device "
            "that this machine has."
        ) from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise DeviceError(f"ganmodel trains on cpu, cuda or mps, not on {name!r:.40}.")
    return device


def bf16_is_better(spec: NetworkSpec, device: torch.device) -> bool:
    """Tries a few steps of this pair both ways: whether bf16 is clearly faster here, and right.

    Takes about a second on two cores. The global random state is left alone.
    """
    G, D = (network.to(device) for network in build_pair(spec, seed=0))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        z = torch.randn(PROBE_BATCH, spec.z_dim).to(device)
        labels = torch.arange(PROBE_BATCH, device=device) % spec.classes if spec.classes else None
    seconds: dict[bool, float] = {False: math.inf, True: math.inf}
    gradients: dict[bool, Tensor] = {}
    try:
        for _ in range(PROBE_ROUNDS):
            for bf16 in (False, True):
                before = time.perf_counter()
                gradients[bf16] = _gradients(G, D, z, labels, bf16)
                seconds[bf16] = min(seconds[bf16], time.perf_counter() - before)
    except RuntimeError:  # an operation that this device does not have in bf16
        return False
    cosine = torch.nn.functional.cosine_similarity(gradients[False], gradients[True], dim=0)
    right = bool(cosine >= LEAST_COSINE)  # False for NaN
    return right and seconds[False] >= LEAST_GAIN * seconds[True]


def _gradients(
    G: Generator, D: Discriminator, z: Tensor, labels: Tensor | None, bf16: bool
) -> Tensor:
    """G's and D's gradients of a sum of D's verdicts, flat, on the processor."""
    with torch.autocast(z.device.type, torch.bfloat16, enabled=bf16):
        verdicts = D(G(z, labels).float(), labels).float()
    parameters = [*G.parameters(), *D.parameters()]
    found = torch.autograd.grad(torch.nn.functional.softplus(verdicts).mean(), parameters)
    return torch.cat([gradient.flatten() for gradient in found]).float().cpu()
