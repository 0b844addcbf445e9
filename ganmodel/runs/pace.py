"""How fast a run will be on this machine, before it starts.

Measured where an earlier run here had the same costs; else estimated from the operations of a step
and from how fast this machine multiplies matrices.
"""

from __future__ import annotations

import functools
import os
import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from ganmodel.config import RunConfig
from ganmodel.networks import Discriminator, Generator, NetworkSpec
from ganmodel.runs.folder import RunError, list_runs

# What the time for one image depends on, besides the pictures' shape.
COSTS = (
    "network", "width", "z_dim", "batch_size", "n_critic", "objective", "norm_d", "r1_every",
    "augment", "precision", "conditional", "optimizer", "image_size",
)  # fmt: skip
# Of the matrix rate that training reaches; benchmarks/pace.py measures it.
EFFICIENCY = {"small": 0.5, "article": 1.1, "residual": 0.45}
LEAST_SECONDS = 2.0  # of training, for a speed to be believed
LAST_ROWS = 30


@dataclass(frozen=True)
class Pace:
    images_per_second: float
    measured: bool  # in an earlier run here; else estimated


def expected_pace(config: RunConfig, channels: int, size: int, classes: int, runs: Path) -> Pace:
    """How many real images a second a run with these settings would show to D here."""
    measured = _measured(config, runs)
    if measured is not None:
        return Pace(measured, True)
    spec = NetworkSpec.of(config, channels, size, classes)
    per_second = EFFICIENCY[config.network] * matrix_rate() / operations(config, spec)
    return Pace(per_second, False)


def _signature(config: RunConfig) -> tuple[object, ...]:
    penalties = (config.r1_gamma > 0, config.r2_gamma > 0)
    own = config.dataset if "/" not in config.dataset else "own"
    return (own, *penalties, *(getattr(config, name) for name in COSTS))


def _measured(config: RunConfig, runs: Path) -> float | None:
    """The usual speed of the newest run with the same costs; None where there is none."""
    wanted = _signature(config)
    for run in list_runs(runs)[:50]:
        try:
            if _signature(run.config()) != wanted:
                continue
        except RunError:
            continue
        rows, _ = run.rows()
        speeds = [row["images_per_second"] for row in rows[-LAST_ROWS:]]
        known = [speed for speed in speeds if speed]
        if known and rows[-1].get("seconds", 0) > LEAST_SECONDS:
            return statistics.median(known)
    return None


@functools.lru_cache(maxsize=64)
def _passes(spec: NetworkSpec) -> tuple[float, float]:
    """Floating-point operations of one picture through G and through D, forward."""
    with torch.device("meta"):
        G, D = Generator(spec), Discriminator(spec)
        z, images = torch.empty(2, spec.z_dim), torch.empty(2, spec.channels, spec.size, spec.size)
        labels = torch.zeros(2, dtype=torch.long) if spec.classes else None
    counts = []
    for network, given in ((G, z), (D, images)):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network.eval()(given, labels)
        counts.append(counter.get_total_flops() / 2)
    return counts[0], counts[1]


def operations(config: RunConfig, spec: NetworkSpec) -> float:
    """Floating-point operations of training for each real image shown to D.

    A pass back costs about two forward. D's step: G forward, D both ways on a real and a fake; G's
    step, shared by `n_critic` images: D both ways and G back. A penalty goes through D twice more.
    """
    g, d = _passes(spec)
    each = g + 3 * 2 * d + (2 * g + 3 * d) / config.n_critic
    if config.r1_gamma > 0 or config.r2_gamma > 0:
        each += 2 * 3 * 2 * d / config.r1_every
    if config.objective == "wgan-gp":
        each += 3 * 3 * d
    return each


_once = threading.Lock()


def matrix_rate() -> float:
    """Floating-point operations a second of this machine in float32, measured once (0.2 s)."""
    with _once:
        return _matrix_rate()


@functools.cache
def _matrix_rate() -> float:
    """On one thread, times the threads that a trainer would use: the page itself keeps to one."""
    a = torch.randn(512, 512)
    rounds, before = 0, time.perf_counter()
    while (passed := time.perf_counter() - before) < 0.2:
        torch.mm(a, a)
        rounds += 1
    one = rounds * 2 * 512**3 / passed / torch.get_num_threads()
    named = os.environ.get("OMP_NUM_THREADS", "")
    return one * (int(named) if named.isdecimal() else os.cpu_count() or 1)
