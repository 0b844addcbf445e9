"""How fast a trainer's two threads are, alone and beside other work, by how they wait.

Every training is a process of its own, since torch reads GOMP_SPINCOUNT as it is loaded; they take
turns, so that a slow minute of the machine meets them all. `--busy` is how many processes only
count meanwhile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # works uninstalled, too

USUAL = 300_000  # libgomp's own, where there is a core for every thread
COUNTING = "while True: pass"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, nargs="*", default=[USUAL, 30_000, 3_000, 0])
    parser.add_argument("--busy", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0, help="of training each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--train", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        print(train(options.seconds))
        return
    print("| busy processes | " + " | ".join(f"{looks:,} looks" for looks in options.looks) + " |")
    print("|---" * (len(options.looks) + 1) + "|")
    for busy in options.busy:
        others = [subprocess.Popen([sys.executable, "-c", COUNTING]) for _ in range(busy)]
        try:
            speeds = {looks: [] for looks in options.looks}
            for _ in range(options.rounds):
                for looks, found in speeds.items():
                    found.append(trained(looks, options))
        finally:
            for other in others:
                other.kill()
        told = (f"{statistics.median(found):,.0f}" for found in speeds.values())
        print(f"| {busy} | {' | '.join(told)} |", flush=True)


def trained(looks: int, options: argparse.Namespace) -> float:
    """Images a second, in a process of its own."""
    environment = os.environ | {
        "GOMP_SPINCOUNT": str(looks),
        "OMP_NUM_THREADS": str(options.threads),
    }
    command = [sys.executable, __file__, "--train", "--seconds", str(options.seconds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def train(seconds: float) -> float:
    from ganmodel.config import make_config
    from ganmodel.data import load_data
    from ganmodel.training import Trainer

    trainer = Trainer(make_config("quick"), load_data("mnist"))
    for _ in range(3):
        trainer.step()
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        trainer.step()
        steps += 1
    return steps * trainer.config.batch_size / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
