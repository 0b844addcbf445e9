"""Properties of the CPU, as reported by torch, on which the bits of a training depend.

`training` chooses the device.
"""

from __future__ import annotations

import platform

import torch

# Instructions that multiply in bf16. Without one of them bf16 is emulated with float32, which is
# slower than float32 itself. Equivalents on other processors have not been measured.
BF16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16")
LEAST_WIDTH = 8  # bf16 gives 1.1 times the speed at width 4, 1.4 at 8, 1.6 at 16


def gains_by_bf16(width: int) -> bool:
    """Whether this processor trains networks of this width clearly faster in bf16.

    Depends on the machine only, not on its load, so that equal commands give equal bits.
    """
    known = torch.cpu.get_capabilities()
    return width >= LEAST_WIDTH and any(known.get(name) for name in BF16_INSTRUCTIONS)


def processor_name() -> str:
    """The processor's name and instruction set: "AMD EPYC, AVX512"."""
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.machine()
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}"
