"""How trainers on one machine share its cores: by threads, settled before a run's first step.

The threads are part of a run's bits, so nobody changes them later, and a resume keeps them. What
they do to the speed is in `throughput`.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from ganmodel.runs.checked import LIVE_STATES
from ganmodel.runs.folder import Run, list_runs

THREADS = "OMP_NUM_THREADS"


def cores() -> int:
    """As many threads as a trainer takes that is alone here; the page itself keeps to one."""
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
    """The part of its speed that is left to a trainer beside others: 1 while all have a core each.

    Each trainer gets its part of the cores, however many threads it has: those of one that has more
    than its part wait for each other, asleep. One that is paused takes none.
    """
    busy = sum(run.status()["state"] != "paused" for run in others)
    return min(1.0, cores() / ((busy + 1) * threads))
