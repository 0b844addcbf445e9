"""Modes covered on Stacked-MNIST (1,000 of them) and KL, against images seen and hours of training.

PacGAN's protocol: 128,000 training triples, 26,000 samples, a classifier on each channel. Perfect
sampling reaches 1,000 modes and a KL of about 0.019. Runs until --hours are over; prints a line at
every measurement.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from scoring import Subject, keep_grid, watched_run

from ganmodel.config import make_config
from ganmodel.metrics.evaluate import STACKED_SAMPLES
from ganmodel.snapshots import Draw, StopTraining

ENDLESS = 1_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3.0, help="of training (default 3)")
    parser.add_argument("--every", type=int, default=100_000, help="images between measurements")
    parser.add_argument("--settings", default='{"width": 48}', help="a JSON object of settings")
    parser.add_argument("--grid", type=Path, help="a PNG of the newest 64 samples")
    options = parser.parse_args()
    config = make_config(
        **{
            "dataset": "stacked-mnist",
            "images": ENDLESS,
            "evaluate_every": options.every,
            **json.loads(options.settings),
        }
    )
    subject = Subject("stacked-mnist")
    print(subject.describe(), flush=True)

    def report(result: dict[str, Any], images: int, seconds: float, draw: Draw) -> None:
        print(
            f"{images:,} images, {seconds / 3600:.2f} h: {result['modes']} modes, "
            f"KL {result['modes_kl']:.3f}, {result['fd_over_r']:.1f} R",
            flush=True,
        )
        if options.grid:
            keep_grid(draw, options.grid)
        if seconds > options.hours * 3600:
            raise StopTraining

    try:
        watched_run(config, subject, lambda images, seconds: True, report, samples=STACKED_SAMPLES)
    except StopTraining:
        print("time is over")


if __name__ == "__main__":
    main()
