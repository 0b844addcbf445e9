"""What this machine computes with, as far as the bits of a training depend on it.

Only what torch says of the processor; which device a training uses is decided in `training`.
"""

from __future__ import annotations

import platform

import torch

# Instructions that multiply in bf16. Without one of them bf16 is computed by way of float32, which
# takes longer than float32 itself; what other processors have was never measured.
BF16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
LEAST_WIDTH = 8  # of networks that gain by bf16: 1.1 times the speed at 4, 1.4 at 8, 1.6 at 16


def gains_by_bf16(width: int) -> bool:
    """Whether this processor trains networks of this width clearly faster in bf16.

    The same at every call on one machine, however busy it is: equal commands give equal bits.
    """
    known = torch.cpu.get_capabilities()
    return width >= LEAST_WIDTH and any(known.get(name) for name in BF16_INSTRUCTIONS)


def processor_name() -> str:
    """Its name and instructions: "AMD EPYC, AVX512"."""
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.machine()
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"
