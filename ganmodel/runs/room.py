"""An upper estimate of the disk that a run will take, from its settings alone.

What is kept of it is decided in `schedule` and `artifacts`; how fast it will be, in `throughput`.
"""

from __future__ import annotations

import functools
import math

from ganmodel.config import RunConfig
from ganmodel.networks import NetworkSpec
from ganmodel.runs.throughput import data_shape
from ganmodel.schedule import KEPT_CHECKPOINTS
from ganmodel.skeleton import sizes

NUMBER = 4  # bytes of a weight
ROW = 600  # bytes of a row of the curves
OTHERS = 200_000  # status, log, settings, the grid of real pictures, heads of files


def expected_bytes(config: RunConfig) -> int:
    """About how many bytes a finished run's folder holds; rather too many than too few."""
    channels, size, classes = data_shape(config)
    count = _counted(NetworkSpec.of(config, channels, size, classes))
    # Weights are averaged G, G and D; a checkpoint has two more numbers for each weight of G and D:
    # Adam's moments.
    weights = NUMBER * (2 * count["G"] + count["D"])
    checkpoint = weights + NUMBER * 2 * (count["G"] + count["D"])
    saved = config.images / config.save_every
    checkpoints = min(saved + 1, KEPT_CHECKPOINTS + 2, _doublings(saved) + 3)
    rows = config.images / config.log_every
    moments = min(rows + 2, 2 * _doublings(rows) + 4)
    # As large as its pixels, since pictures of noise, as the first ones are, do not compress.
    grid = 1.1 * channels * size**2 * config.sample_count
    grids = 2 * (min(rows, 200) + rows / 16)  # of averaged G and of raw G
    return int(checkpoint * checkpoints + weights * moments + grid * grids + ROW * rows + OTHERS)


@functools.lru_cache(maxsize=64)
def _counted(spec: NetworkSpec) -> dict[str, int]:
    return sizes(spec)


def _doublings(count: float) -> float:
    return math.log2(max(1.0, count))
