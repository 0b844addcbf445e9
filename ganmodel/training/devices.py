"""Where training computes, whether bf16 is worth it there, and whether its bits repeat.

bf16 has float32's range with 8 bits of precision: faster where a processor has instructions for it,
slower than float32 elsewhere. Nothing is decided by timing, so that one command gives the same bits
at every start.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganmodel.config import EDITION
from ganmodel.errors import KnownError
from ganmodel.networks import Discriminator, Generator, NetworkSpec, build_pair
from ganmodel.processor import gains_by_bf16, processor_name

LEAST_COSINE = 0.98  # between gradients in bf16 and in float32; usually above 0.999
PROBE_BATCH = 64


class DeviceError(KnownError, ValueError):
    """A device cannot be used; the message is one sentence for the person who asked for it."""


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name ("cpu", "cuda", "cuda:1", "mps"); "auto" is the fastest here.

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
        raise DeviceError("no-such-device", name=f"{name!r:.40}") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise DeviceError("no-such-kind-of-device", name=f"{name!r:.40}")
    return device


def repeats(device: torch.device) -> bool:
    """Whether equal steps give equal bits: accelerators sum in an order that varies."""
    return device.type == "cpu"


def device_name(device: torch.device) -> str:
    """The device's name as its maker gives it."""
    if device.type == "cpu":
        return processor_name()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "Apple GPU"


def bf16_is_better(spec: NetworkSpec, device: torch.device, edition: int = EDITION) -> bool:
    """Whether to train these networks in bf16: the processor is made for it, and gradients agree.

    Never on accelerators, where it was not measured. The global random state is left alone.
    """
    return device.type == "cpu" and gains_by_bf16(spec.width) and _is_right(spec, device, edition)


def _is_right(spec: NetworkSpec, device: torch.device, edition: int) -> bool:
    """Whether gradients of a step in bf16 have the direction of those in float32."""
    G, D = (network.to(device) for network in build_pair(spec, 0, edition))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        z = torch.randn(PROBE_BATCH, spec.z_dim).to(device)
        labels = torch.arange(PROBE_BATCH, device=device) % spec.classes if spec.classes else None
    try:
        exact, short = (_gradients(G, D, z, labels, bf16) for bf16 in (False, True))
    except RuntimeError:  # an operation that this device does not have in bf16
        return False
    cosine = torch.nn.functional.cosine_similarity(exact, short, dim=0)
    return bool(cosine >= LEAST_COSINE)  # False for NaN


def _gradients(
    G: Generator, D: Discriminator, z: Tensor, labels: Tensor | None, bf16: bool
) -> Tensor:
    """G's and D's gradients of a loss of D's logits, flat, on the processor."""
    with torch.autocast(z.device.type, torch.bfloat16, enabled=bf16):
        logits = D(G(z, labels).float(), labels).float()
    parameters = [*G.parameters(), *D.parameters()]
    found = torch.autograd.grad(torch.nn.functional.softplus(logits).mean(), parameters)
    return torch.cat([gradient.flatten() for gradient in found]).float().cpu()
