"""A run's expected speed on this machine, beside the trainers that are there already.

Measured where an earlier run here had the same costs; else estimated from the operations of a step
(`flops`) and from how fast this machine multiplies matrices, then corrected by the speed of earlier
runs with other costs. `benchmarks/throughput_forecast.py` says how well.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ganmodel.config import ConfigError, RunConfig
from ganmodel.data import DATASETS
from ganmodel.flops import Operations, operations
from ganmodel.networks import NetworkSpec
from ganmodel.processor import gains_by_bf16
from ganmodel.runs.folder import Run, RunError, list_runs
from ganmodel.runs.sharing import cores, living, share_of_cores, threads_beside

# What the time for one image depends on, besides the pictures' shape and the penalties.
COSTS = (
    "network", "width", "z_dim", "norm_d", "conditional", "objective", "batch_size", "n_critic",
    "g_steps", "optimizer", "augment", "precision",
)  # fmt: skip
LOOKED_AT = 50  # of the newest runs
LEAST_SECONDS = 2.0  # of training, for a speed to be believed
# The fastest of so many of the newest runs counts: beside other work a run may take ten times as
# long, but none is faster than the machine.
ALIKE, COMPARED = 3, 5
# The share of the matrix rate that training reaches, in float32 and bf16 alike: fitted to 14
# settings in benchmarks/LOG.md, and for small networks to five trainings since.
EFFICIENCY = {"small": 0.43, "article": 0.79, "residual": 0.39}
THREADS_GAIN = 0.8  # the speed grows with this power of the threads: two are 1.7 times as fast
# What one step of an optimizer costs besides, however small the batch, in operations of one thread.
STEP_OPERATIONS = 0.68e9
DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}
RATE_SECONDS = 0.1  # of multiplying, for each of them
RATE_SIZE = 512  # rows and columns


@dataclass(frozen=True)
class Throughput:
    images_per_second: float
    measured: bool  # in an earlier run here; else estimated
    compared: bool = False  # an estimate corrected by earlier runs here
    beside: int = 0  # trainers that use the same cores


def expected_throughput(
    config: RunConfig,
    channels: int,
    size: int,
    classes: int,
    runs: Path,
    at_once: int | None = None,
) -> Throughput:
    """How many real images a second a run with these settings would show to D here.

    Args:
        channels, size, classes: of the pictures, as `NetworkSpec.of` takes them.
        runs: where earlier runs of this machine lie, and those that train.
        at_once: how many trainers there may be at most; None: any number.

    Raises:
        RunError: not known on an accelerator that no run has used yet.
    """
    others = living(runs)
    if at_once is not None:  # the others will have ended when this one begins
        others = others[: max(0, at_once - 1)]
    threads = threads_beside(len(others))
    share = share_of_cores(threads, others)
    measured = _measured(config, runs, threads)
    if measured is not None:
        return Throughput(measured * share, True, beside=len(others))
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        raise RunError("speed-unknown")
    estimated = _estimated(config, NetworkSpec.of(config, channels, size, classes), threads)
    ratio = _ratio(runs)
    speed = estimated * (ratio or 1.0) * share
    return Throughput(speed, False, compared=ratio is not None, beside=len(others))


def _estimated(config: RunConfig, spec: NetworkSpec, threads: int) -> float:
    work = operations(config, spec)
    chosen = config.precision
    if chosen == "auto":
        chosen = "bf16" if gains_by_bf16(config.width) else "float32"
    return 1 / _seconds(work, config.network, chosen, threads)


def _seconds(work: Operations, network: str, precision: str, threads: int) -> float:
    """Seconds for one image; an optimizer's step has parts that only one thread can do."""
    usual, exact = matrix_rate(precision), matrix_rate("float32")
    share = EFFICIENCY[network] * threads**THREADS_GAIN
    return (work.usual / usual + work.exact / exact) / share + work.steps * STEP_OPERATIONS / exact


# --- measured ----------------------------------------------------------------------------------


def _signature(config: RunConfig) -> tuple[object, ...]:
    known = DATASETS.get(config.dataset)
    # The channels of pictures of one's own are in no config; they cost little.
    shape = (known.channels, known.size) if known else ("own", config.image_size)
    penalised = config.r1_gamma > 0 or config.r2_gamma > 0
    every = config.r1_every if penalised else 0
    return (*shape, every, *(getattr(config, name) for name in COSTS))


def _measured(config: RunConfig, runs: Path, threads: int) -> float | None:
    """The speed of earlier runs with the same costs, scaled to `threads`; None without any."""
    wanted = _signature(config)
    found = [
        speed * (threads / _threads_of(run)) ** THREADS_GAIN
        for run, speed in _believed(runs)
        if _costs(run) == wanted
    ]
    return max(found[:ALIKE], default=None)


def _ratio(runs: Path) -> float | None:
    """Measured by estimated speed of earlier runs, whatever their costs; None without any."""
    found: list[float] = []
    for run, speed in itertools.islice(_believed(runs), COMPARED):
        config = run.config()
        spec = NetworkSpec.of(config, *data_shape(config))
        found.append(speed / _estimated(config, spec, _threads_of(run)))
    return max(found, default=None)


def _believed(runs: Path) -> Iterator[tuple[Run, float]]:
    """The newest runs whose costs and speed are known, with that speed."""
    for run in list_runs(runs)[:LOOKED_AT]:
        if _costs(run) is not None and (speed := _speed(run)) is not None:
            yield run, speed


def _threads_of(run: Run) -> int:
    return run.status().get("threads") or cores()


def _costs(run: Run) -> tuple[object, ...] | None:
    """A run's signature; None where it cannot be read, or a knob changed it."""
    try:
        own = run.config()
        changed = dataclasses.replace(own, **run.status().get("knobs", {}))
    except (RunError, ConfigError, TypeError):
        return None
    signature = _signature(own)
    return signature if _signature(changed) == signature else None


def _speed(run: Run) -> float | None:
    """The median over its rows, which excludes pauses and a machine's few slow phases."""
    rows, _ = run.rows()
    speeds = [speed for row in rows if (speed := _positive(row.get("images_per_second")))]
    if not speeds or _positive(rows[-1].get("seconds")) < LEAST_SECONDS:
        return None
    return statistics.median(speeds)


def _positive(value: Any) -> float:
    return max(0.0, value) if isinstance(value, int | float) else 0.0


# --- estimated ---------------------------------------------------------------------------------


def data_shape(config: RunConfig) -> tuple[int, int, int]:
    """Channels, size and classes of a run's pictures, as `NetworkSpec.of` takes them.

    Own pictures are not read for this: they count as coloured, with ten classes.
    """
    known = DATASETS.get(config.dataset)
    if known is None:
        return 3, config.image_size, 10 if config.conditional else 0
    return known.channels, known.size, len(known.classes) if config.conditional else 0


_once = threading.Lock()


def matrix_rate(precision: str = "float32") -> float:
    """FLOP/s of one thread on this machine, measured once (0.1 s)."""
    with _once:
        return _matrix_rate(precision)


@functools.cache
def _matrix_rate(precision: str) -> float:
    """That of the fastest of many products, so that other work on the same core does not count.

    Where torch has several threads, it is their rate divided by their number.
    """
    a, b = torch.ones(2, RATE_SIZE, RATE_SIZE, dtype=DTYPES[precision])
    fastest, end = float("inf"), time.perf_counter() + RATE_SECONDS
    while (before := time.perf_counter()) < end:
        torch.mm(a, b)
        fastest = min(fastest, time.perf_counter() - before)
    return 2 * RATE_SIZE**3 / fastest / torch.get_num_threads()
