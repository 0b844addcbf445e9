"""Whether every objective's own defaults stay sound: no NaN, and no collapse after the best moment.

Trains `quick` from five seeds and every other objective's defaults from two, 400,000 images each,
without classes, and measures the Fréchet distance every 32,768 images. Reported are the best and
the last distance in units of R, their ratio, the speed, and whether training ever had to go back.
With --jobs 2, two runs at a time, each with one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

from scoring import Subject, watched_run

from ganmodel.config import make_config
from ganmodel.objectives import OBJECTIVES
from ganmodel.snapshots import Draw, TrainingFailedError

DEFAULT = "non-saturating"  # the objective of `quick`
EVERY = 32_768


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=400_000, help="of each run")
    parser.add_argument("--objectives", default=",".join(OBJECTIVES), help="which of them")
    parser.add_argument("--seeds", type=int, help="runs of each (default: 5 of quick, else 2)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, one thread each if 2")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # objective/seed: a run of its own process
    options = parser.parse_args()
    if options.one:
        objective, seed = options.one.rsplit("/", 1)
        print(json.dumps(run(objective, int(seed), options.images)))
        return
    wanted = [
        f"{objective}/{seed}"
        for objective in options.objectives.split(",")
        for seed in range(options.seeds or (5 if objective == DEFAULT else 2))
    ]
    threads = {"OMP_NUM_THREADS": "1"} if options.jobs > 1 else {}
    print(f"{'run':20}{'best':>9}{'last':>9}{'last/best':>11}{'images/s':>10}  remarks", flush=True)
    living: list[tuple[str, subprocess.Popen[str]]] = []
    while wanted or living:
        while wanted and len(living) < options.jobs:
            name = wanted.pop(0)
            command = [sys.executable, __file__, "--one", name, "--images", str(options.images)]
            child = subprocess.Popen(
                command, stdout=subprocess.PIPE, text=True, env={**os.environ, **threads}
            )
            living.append((name, child))
        name, child = living.pop(0)
        out, _ = child.communicate()
        _show(name, json.loads(out) if child.returncode == 0 else {"remarks": "crashed"})


def _show(name: str, found: dict[str, Any]) -> None:
    if "last" not in found:
        print(f"{name:20}{found['remarks']}", flush=True)
        return
    ratio = found["last"] / found["best"]
    print(
        f"{name:20}{found['best']:>9.1f}{found['last']:>9.1f}{ratio:>11.2f}{found['speed']:>10,.0f}"
        f"  {found['remarks']}",
        flush=True,
    )


def run(objective: str, seed: int, images: int) -> dict[str, Any]:
    """One run's best and last distance in units of R, its speed, and what went wrong."""
    subject = Subject("mnist")
    chosen = {"objective": objective, "conditional": False}  # as every entry of LOG.md has it
    config = make_config(**chosen, seed=seed, images=images, evaluate_every=EVERY)
    distances: list[float] = []
    seconds = time.perf_counter()

    def report(result: dict[str, Any], images: int, passed: float, draw: Draw) -> None:
        nonlocal seconds
        distances.append(result["fd_over_r"])
        seconds = passed

    try:
        said = watched_run(config, subject, lambda images, seconds: True, report)
    except TrainingFailedError as error:
        return {"remarks": str(error)}
    return {
        "best": min(distances),
        "last": distances[-1],
        "speed": images / seconds,
        "remarks": " ".join(said),
    }


if __name__ == "__main__":
    main()
