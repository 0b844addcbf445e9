"""The speed that the page expects of a run before it starts, against that of a real trainer.

Each preset is started as the page starts it, in a folder where the presets before it lie: the first
is a guess, the others are set right by what came. With --beside, another trainer is at work all the
time, started first and alone. `throughput_forecast.py` measures the estimate by itself, over more
settings.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

import torch

from ganmodel.config import make_config
from ganmodel.runs import Launcher, Run, create_run, data_shape, expected_throughput

RECIPES = ("quick", "article", "few")
ENDLESS = 50_000_000
READY_SECONDS = 180.0  # for libraries, data and the first row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of training each (default 10)")
    parser.add_argument("--beside", action="store_true", help="while another run trains")
    options = parser.parse_args()
    torch.set_num_threads(1)  # as the page has it
    with tempfile.TemporaryDirectory() as folder:
        runs, launcher = Path(folder), Launcher()
        other = _start(launcher, runs, "quick", width=16) if options.beside else None
        if other is not None:
            _train(other, options.seconds)
        print("| recipe | told as | expected | came | came / expected | threads |")
        print("|---|---|---|---|---|---|")
        for recipe in RECIPES:
            config = make_config(recipe, dataset="mnist", images=ENDLESS)
            pace = expected_throughput(config, *data_shape(config), runs)
            run = _start(launcher, runs, recipe)
            came = _train(run, options.seconds)
            _stop(launcher, run)
            told = "measured" if pace.measured else "set right" if pace.compared else "a guess"
            expected = pace.images_per_second
            print(
                f"| {recipe} | {told} | {expected:,.0f} | {came:,.0f} | {came / expected:.2f} "
                f"| {run.status().get('threads')} |",
                flush=True,
            )
        if other is not None:
            _stop(launcher, other)


def _start(launcher: Launcher, runs: Path, recipe: str, **chosen: int) -> Run:
    config = make_config(recipe, dataset="mnist", images=ENDLESS, evaluate_every=0, **chosen)
    run = create_run(runs, config)
    launcher.start(run)
    return run


def _train(run: Run, seconds: float) -> float:
    """Waits until it has trained for so long; the median speed of its rows."""
    deadline = time.monotonic() + READY_SECONDS + 10 * seconds
    while (run.status().get("seconds") or 0.0) < seconds:
        if time.monotonic() > deadline or run.status().get("state") == "failed":
            sys.exit(f"{run.name} did not train: {run.status()}")
        time.sleep(0.2)
    return statistics.median(row["images_per_second"] for row in run.rows()[0])


def _stop(launcher: Launcher, run: Run) -> None:
    run.ask("stop")
    deadline = time.monotonic() + 60
    while run.name not in [ended.name for ended in launcher.ended()]:
        if time.monotonic() > deadline:
            launcher.insist(run)
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
