"""Which share of a run's time its evaluations take, before 100,000 images and after.

Each preset trains as `ganmodel train` does, in this process, and the run's own clock is read. Where
`--images` is less than 100,000, the share before is one of a shorter time, which is larger, since
evaluations come thickest at first; the last one of a run is a whole one, from which the share after
follows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.api.measuring import measuring
from ganmodel.config import make_config
from ganmodel.data import load_data
from ganmodel.files import write_bytes
from ganmodel.images import png
from ganmodel.recording import Recorder
from ganmodel.runs import create_run
from ganmodel.schedule import EARLY_UNTIL
from ganmodel.snapshots import Draw
from ganmodel.training import train

RECIPES: dict[str, dict[str, Any]] = {
    "quick": {},
    "own pictures": {"preset": "few", "image_size": 28},
    "article": {"preset": "article"},
}
OWN = 200  # pictures, MNIST's first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--images", type=int, default=EARLY_UNTIL, help=f"of a run (default {EARLY_UNTIL})"
    )
    parser.add_argument("--recipes", default=",".join(RECIPES), help="which of them")
    options = parser.parse_args()
    torch.set_flush_denormal(True)  # as the trainer's process does
    print(f"{'recipe':14}{'images':>9}{'training':>10}{'before':>9}{'a whole one':>13}{'after':>8}")
    for name in options.recipes.split(","):
        with tempfile.TemporaryDirectory() as folder:
            _measure(name, options.images, Path(folder))


def _measure(name: str, images: int, folder: Path) -> None:
    chosen = RECIPES[name]
    if name == "own pictures":
        chosen = {**chosen, "dataset": str(_own_pictures(folder / "own"))}
    config = make_config(**chosen, images=images)
    data = load_data(config.dataset, size=config.image_size)
    each: list[float] = []  # seconds of an evaluation
    with Recorder(create_run(folder / "runs", config)) as recorder:
        state = recorder.begin(data)
        measure = measuring(data, config.dataset, None, recorder.evaluate)

        def evaluate(draw: Draw, early: bool) -> dict[str, Any]:
            before = recorder.status["evaluation_seconds"]
            result = measure(draw, early)
            each.append(recorder.status["evaluation_seconds"] - before)
            return result

        recorder.record(
            train(config, data, state=state, controls=recorder.controls, evaluate=evaluate)
        )
        trained = recorder.status["seconds"]
    before = sum(each) / (sum(each) + trained)
    between = trained * config.evaluate_every / images
    print(
        f"{name:14}{images:>9,}{trained:>8.0f} s{before:>9.1%}{each[-1]:>11.2f} s"
        f"{each[-1] / (each[-1] + between):>8.1%}   "
        + ", ".join(f"{seconds:.2f}" for seconds in each),
        flush=True,
    )


def _own_pictures(folder: Path) -> Path:
    folder.mkdir()
    for index, image in enumerate(load_data("mnist").images[:OWN]):
        write_bytes(folder / f"{index:03}.png", png(image.permute(1, 2, 0).numpy()))
    return folder


if __name__ == "__main__":
    main()
