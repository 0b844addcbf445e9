"""The speed of training with one set of settings against others, in turn in one process.

    python benchmarks/ab.py '{"preset": "r3gan", "edition": 3}' '{"preset": "r3gan"}'

Prints milliseconds of a step and images a second of each, medians of --repeats turns of --seconds,
and the ratio to the first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch

from ganmodel.config import make_config
from ganmodel.data import load_data
from ganmodel.training import Trainer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", nargs="+", help="JSON objects of settings, the first is A")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each turn (default 3)")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each (default 5)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)  # as the trainer's process does
    trainers = []
    for text in options.settings:
        config = make_config(**json.loads(text))
        trainer = Trainer(config, load_data(config.dataset, size=config.image_size))
        trainer.settle()
        trainers.append(trainer)
    for trainer in trainers:
        _milliseconds(trainer, options.seconds)
    found: list[list[float]] = [[] for _ in trainers]
    for _ in range(options.repeats):
        for times, trainer in zip(found, trainers, strict=True):
            times.append(_milliseconds(trainer, options.seconds))
    first = statistics.median(found[0])
    for text, times, trainer in zip(options.settings, found, trainers, strict=True):
        median = statistics.median(times)
        print(
            f"{text} ({trainer.progress.precision}): {median:.1f} ms a step "
            f"({min(times):.1f} to {max(times):.1f}), "
            f"{1000 * trainer.images_per_step / median:,.0f} images/s, {first / median:.2f} × A"
        )


def _milliseconds(trainer: Trainer, seconds: float) -> float:
    """Of one step, over so many seconds and whole intervals of the penalties."""
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds or steps % trainer.live_config.r1_every:
        trainer.step()
        steps += 1
    return 1000 * (time.perf_counter() - begun) / steps


if __name__ == "__main__":
    main()
