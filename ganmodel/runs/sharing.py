"""How trainers on one machine share its cores: by the number of threads, fixed at a run's start.

A run's bits depend on its threads, so a resume keeps them. Their effect on speed is in
`throughput`.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from ganmodel.runs.checked import LIVE_STATES
from ganmodel.runs.folder import Run, list_runs

THREADS = "OMP_NUM_THREADS"


def cores() -> int:
    """The threads of a trainer that is alone on this machine."""
    named = os.environ.get(THREADS, "")
    if named.isdecimal():
        return max(1, int(named))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def living(runs: Path) -> list[Run]:
    """The runs below a folder that have a trainer now, whoever started it."""
    found = (run for run in list_runs(runs) if run.status().get("state") in LIVE_STATES)
    return [run for run in found if run.is_alive()]


def threads_beside(others: int) -> int:
    """How many threads a trainer gets that starts beside so many others."""
    return max(1, cores() // (others + 1))


def share_of_cores(threads: int, others: Collection[Run]) -> float:
    """The share of its speed that a trainer has beside others: 1 while each thread has a core.

    Trainers get equal parts of the cores, however many threads they have, since waiting threads
    sleep. A paused trainer takes none.
    """
    busy = sum(run.status()["state"] != "paused" for run in others)
    return min(1.0, cores() / ((busy + 1) * threads))
