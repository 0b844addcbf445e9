"""The speed that the page expects of each preset on this machine, against the speed it has.

Runs `train()` in this process on MNIST; the presets take turns, so that a slow minute of the
machine meets all of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from throughput import ENDLESS, training_rate

from ganmodel.config import PRESETS, make_config
from ganmodel.data import load_data
from ganmodel.runs import expected_throughput
from ganmodel.runs.throughput import matrix_rate
from ganmodel.training import train

# Beside the presets: what is small or large in another way than they are.
OTHERS = {
    "batches of 16": {"batch_size": 16},
    "batches of 512": {"batch_size": 512},
    "width 8": {"width": 8},
    "width 64": {"width": 64},
    "r3gan, width 64": {"objective": "r3gan", "width": 64},
    "wgan, 5 steps of D": {"objective": "wgan", "n_critic": 5, "batch_size": 64},
}
PRECISIONS = ("float32", "bf16")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of a measurement (default 3)")
    parser.add_argument("--repeats", type=int, default=3, help="measurements each (default 3)")
    options = parser.parse_args()
    if min(options.seconds, options.repeats) <= 0:
        parser.error("seconds and repeats must be above 0")

    torch.set_flush_denormal(True)  # as the trainer's process does
    data = load_data("mnist")
    chosen = {name: {"preset": name} for name, recipe in PRESETS.items() if not recipe.lesson}
    chosen |= OTHERS
    configs = {
        (name, precision): make_config(**{**settings, "precision": precision, "images": ENDLESS})
        for name, settings in chosen.items()
        for precision in PRECISIONS
    }
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the page has it
    with tempfile.TemporaryDirectory() as empty:
        expected = {
            key: expected_throughput(
                config, 1, 28, len(data.classes), Path(empty)
            ).images_per_second
            for key, config in configs.items()
        }
    torch.set_num_threads(threads)
    rates = {key: training_rate(train(config, data)) for key, config in configs.items()}
    found: dict[tuple[str, str], list[float]] = {key: [] for key in configs}
    for rate in rates.values():
        rate(options.seconds / 3)
    for _ in range(options.repeats):
        for key, rate in rates.items():
            found[key].append(rate(options.seconds))

    print(
        f"{torch.get_num_threads()} threads, torch {torch.__version__}; one thread multiplies at "
        + ", ".join(f"{matrix_rate(name) / 1e9:.0f} GFLOP/s in {name}" for name in PRECISIONS)
        + f"; median (lowest to highest) of {options.repeats} × {options.seconds:g} s"
    )
    print(f"{'recipe':30}{'expected':>10}{'trained, images/s':>26}{'trained/expected':>18}")
    for key, speeds in found.items():
        median = statistics.median(speeds)
        spread = f"{median:,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})"
        name = ", ".join(key)
        print(f"{name:30}{expected[key]:>10,.0f}{spread:>26}{median / expected[key]:>18.2f}")


if __name__ == "__main__":
    main()
