"""Training speed of both presets, in float32 and bf16, and its share of the matrix rate.

Runs `train()` in this process on MNIST. A row of the table is the median of several measurements,
which take turns, so that a slow minute of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.config import PRESETS, RunConfig, make_config
from ganmodel.data import Data, load_data
from ganmodel.snapshots import Snapshot
from ganmodel.training import Trainer, train

ENDLESS = 1_000_000_000  # images; no measurement gets there
PRECISIONS = {"float32": torch.float32, "bf16": torch.bfloat16}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of a measurement (default 10)")
    parser.add_argument("--repeats", type=int, default=5, help="measurements each (default 5)")
    parser.add_argument("--warm-up", type=float, default=5, help="seconds before (default 5)")
    parser.add_argument("--matrix", type=int, default=2048, help="rows and columns (default 2048)")
    options = parser.parse_args()
    if min(options.seconds, options.repeats, options.matrix) <= 0 or options.warm_up < 0:
        parser.error("seconds, repeats and matrix must be above 0, warm-up not below 0")

    torch.set_flush_denormal(True)  # as the trainer's process does
    data = load_data("mnist")
    configs = {
        (preset, precision): make_config(
            preset, precision=precision, images=ENDLESS, conditional=False
        )
        for preset in PRESETS
        for precision in PRECISIONS
    }
    gflop = {preset: gflop_per_image(configs[preset, "float32"], data) for preset in PRESETS}

    measure: dict[tuple[str, str], Callable[[float], float]] = {
        ("matrix", precision): matrix_rate(options.matrix, dtype)
        for precision, dtype in PRECISIONS.items()
    }
    measure |= {key: training_rate(train(config, data)) for key, config in configs.items()}
    for rate in measure.values():
        rate(options.warm_up)
    rates: dict[tuple[str, str], list[float]] = {key: [] for key in measure}
    for _ in range(options.repeats):
        for key, rate in measure.items():
            rates[key].append(rate(options.seconds))

    print(
        f"{torch.get_num_threads()} threads, torch {torch.__version__}; median (lowest to highest)"
        f" of {options.repeats} × {options.seconds:g} s"
    )
    matrix = {precision: statistics.median(rates["matrix", precision]) for precision in PRECISIONS}
    for precision in PRECISIONS:
        found = rates["matrix", precision]
        print(
            f"{precision} matrices {options.matrix} × {options.matrix}: {matrix[precision]:.0f} "
            f"GFLOP/s ({min(found):.0f} to {max(found):.0f})"
        )
    print(
        f"\n{'recipe':20}{'images/s':>24}{'GFLOP/image':>13}{'GFLOP/s':>10}{'of matrix rate':>16}"
    )
    for preset, precision in configs:
        found = rates[preset, precision]
        median = statistics.median(found)
        spread = f"{median:,.0f} ({min(found):,.0f} to {max(found):,.0f})"
        speed = median * gflop[preset]
        share = f"{speed / matrix[precision]:.0%}"
        name = f"{preset}, {precision}"
        print(f"{name:20}{spread:>24}{gflop[preset]:>13.4f}{speed:>10.1f}{share:>16}")


def gflop_per_image(config: RunConfig, data: Data) -> float:
    """GFLOP (a multiplication and an addition are two) that one real image costs in training.

    Counts the matrix multiplications and convolutions of real steps, forwards and backwards, over
    one whole interval of the R1 penalty, so that its share is exact.
    """
    trainer = Trainer(config, data)
    trainer.step(measure=False)  # the optimizers' first step is unlike the others
    steps = config.r1_every if config.r1_gamma > 0 else 1
    before = trainer.images_seen
    with _FlopCounter() as counter:
        for _ in range(steps):
            trainer.step(measure=False)
    return counter.flops / (trainer.images_seen - before) / 1e9


class _FlopCounter(TorchDispatchMode):
    """Counts with torch's own formulas, like its FlopCounterMode.

    That one also follows modules by hooks, which refuse the gradient that the R1 penalty takes.
    """

    flops = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if formula := flop_registry.get(func.overloadpacket):
            self.flops += formula(*args, **kwargs, out_val=result)
        return result


def training_rate(snapshots: Iterator[Snapshot]) -> Callable[[float], float]:
    """A function that trains on for so many seconds and returns images per second.

    What the training loop does beside its steps (rows, grids, copies for checkpoints) counts too;
    writing them to files does not.
    """
    newest = next(snapshots).images_seen

    def rate(seconds: float) -> float:
        nonlocal newest
        before, start = newest, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds or newest == before:
            newest = next(snapshots).images_seen
        return (newest - before) / spent

    return rate


def matrix_rate(size: int, dtype: torch.dtype) -> Callable[[float], float]:
    """A function that multiplies matrices for so many seconds and returns GFLOP/s."""
    stream = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, size, size, generator=stream).to(dtype)
    product = torch.empty(size, size, dtype=dtype)

    def rate(seconds: float) -> float:
        count, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds or not count:
            torch.mm(a, b, out=product)
            count += 1
        return count * 2 * size**3 / spent / 1e9

    return rate


if __name__ == "__main__":
    main()
