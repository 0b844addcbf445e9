"""Whether the lesson of a collapse shows one, whatever the start number and the threads.

    OMP_NUM_THREADS=1 python benchmarks/collapse.py --grids runs/collapse
    OMP_NUM_THREADS=1 python benchmarks/collapse.py --film runs/lesson-collapse

Trains `lesson-collapse` as the page would, draws the same 64 noises after every few steps of D,
sets the knob `g_steps` back to 1 and goes on. Of each grid: its variety, as a share of real
pictures', and the class that a classifier names most often. A lesson holds where at least five
grids have a variety of at most 0.2 and one class in 90 of 100 pictures, at least three such digits
come one after the other, and afterwards nine classes or more are back, and a variety of at least
0.8. A classifier calls stripes a clear digit, too: look at the grids.

With `--film`: records the run that ships, in which the knob is set to 30 and back to 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.api.measuring import measuring
from ganmodel.config import RunConfig, make_config
from ganmodel.data import Data, load_data
from ganmodel.files import write_bytes
from ganmodel.images import from_bytes, grid, png
from ganmodel.metrics import Features
from ganmodel.recording import Recorder
from ganmodel.runs import create_run, shipped_start, start_weights
from ganmodel.training import Trainer, train
from ganmodel.training.rows import diversity
from ganmodel.weights import load_weights

MOST_VARIETY, LEAST_SHARE, LEAST_GRIDS, LEAST_DIGITS = 0.2, 0.9, 5, 3
# Of the film: images in all, and what the knob is set to at how many.
FILM_IMAGES, FILM_KNOB = 7_168, {256: 30, 2_304: 1}
CURED_CLASSES, CURED_VARIETY = 9, 0.8


class Watched:
    """One training of the lesson, and what each grid of it shows."""

    def __init__(self, config: RunConfig, start: Path, data: Data, features: Features) -> None:
        self.trainer = Trainer(config, data, start=load_weights(start).tensors)
        self.features = features
        self.reals = from_bytes(data.images[:2000])
        self.seen: list[dict[str, Any]] = []

    def go_on(self, steps: int, every: int, folder: Path | None) -> None:
        """Trains for that many steps of D, and looks after every few of them."""
        for step in range(1, steps + 1):
            self.trainer.step()
            if step % every == 0:
                self.look(folder)

    def look(self, folder: Path | None) -> None:
        drawn = self.trainer.samples()
        counts = self.features.classes(self.features.of(drawn)).bincount(minlength=10)
        self.seen.append(
            {
                "step": self.trainer.progress.d_steps,
                "variety": round(float(diversity(from_bytes(drawn), self.reals)), 3),
                "digit": int(counts.argmax()),
                "share": round(float(counts.max() / counts.sum()), 3),
                "classes": int((counts > 0).sum()),
            }
        )
        if folder is not None:
            step = self.trainer.progress.d_steps
            write_bytes(folder / f"{step:05}.png", png(grid(drawn)))


def collapsed(look: dict[str, Any]) -> bool:
    return look["variety"] <= MOST_VARIETY and look["share"] >= LEAST_SHARE


def summary(ill: list[dict[str, Any]], well: list[dict[str, Any]]) -> dict[str, Any]:
    alike = [look for look in ill if collapsed(look)]
    digits = [look["digit"] for look in alike]
    in_turn = [d for d, before in zip(digits, [None, *digits], strict=False) if d != before]
    cured = next(
        (
            look["step"] - ill[-1]["step"]
            for look in well
            if look["classes"] >= CURED_CLASSES and look["variety"] >= CURED_VARIETY
        ),
        None,
    )
    holds = len(alike) >= LEAST_GRIDS and len(set(in_turn)) >= LEAST_DIGITS and cured is not None
    return {
        "first": alike[0]["step"] if alike else None,
        "grids": f"{len(alike)} of {len(ill)}",
        "digits": " ".join(map(str, in_turn)),
        "cured after": cured,
        "classes at the end": well[-1]["classes"] if well else None,
        "variety at the end": well[-1]["variety"] if well else None,
        "holds": holds,
    }


def record_film(folder: Path, data: Data) -> None:
    """A run as the command line trains it, with a hand at the knob."""
    config = make_config("lesson-collapse", g_steps=1, images=FILM_IMAGES)
    run = create_run(folder.parent, config, name=folder.name)
    changes = dict(FILM_KNOB)
    with Recorder(run) as recorder:
        state = recorder.begin(data)

        def controls(images_seen: int) -> Any:
            if images_seen in changes:
                run.ask("set", values={"g_steps": changes.pop(images_seen)})
            return recorder.controls(images_seen)

        start = start_weights(config, *data.images.shape[1:3], len(data.classes))
        evaluate = measuring(data, config.dataset, None, recorder.evaluate)
        begun = {"state": state, "start": start.tensors, "evaluate": evaluate}
        recorder.record(train(config, data, controls=controls, **begun))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="*", default=list(range(10)))
    parser.add_argument("--threads", type=int, nargs="*", default=[1])
    parser.add_argument("--steps", type=int, default=80, help="of D, while G repeats itself")
    parser.add_argument("--cure", type=int, default=150, help="steps of D after the knob is set")
    parser.add_argument("--every", type=int, default=2, help="steps of D from grid to grid")
    parser.add_argument("--start", type=Path, help="other weights to start from")
    parser.add_argument("--set", default="{}", help="other settings, as JSON")
    parser.add_argument("--grids", type=Path, help="a folder for the grids")
    parser.add_argument("--film", type=Path, help="the folder of the run to record instead")
    options = parser.parse_args()
    data, features = load_data("mnist"), Features.named("mnist")
    torch.set_flush_denormal(True)
    if options.film:
        record_film(options.film, data)
        return
    for threads in options.threads:
        torch.set_num_threads(threads)
        for seed in options.seeds:
            config = make_config("lesson-collapse", seed=seed, **json.loads(options.set))
            folder = options.grids and options.grids / f"seed-{seed}-threads-{threads}"
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
            start = options.start or shipped_start(config.start_from)
            watched = Watched(config, start, data, features)
            watched.look(folder)
            begun = time.perf_counter()
            watched.go_on(options.steps, options.every, folder)
            seconds, ill = time.perf_counter() - begun, watched.seen
            watched.trainer.set_knobs({"g_steps": 1})
            watched.seen = []
            watched.go_on(options.cure, 10, folder)
            found = {"threads": threads, "seed": seed, **summary(ill, watched.seen)}
            print(json.dumps({**found, "seconds": round(seconds)}), flush=True)
            if folder:
                looks = "".join(f"{json.dumps(look)}\n" for look in [*ill, *watched.seen])
                write_bytes(folder / "looks.jsonl", looks.encode())


if __name__ == "__main__":
    main()
