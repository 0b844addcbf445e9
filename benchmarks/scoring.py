"""What the benchmarks of quality share: a run that is measured now and then, by one thing or two.

Not a command; `time_to_quality`, `stability` and `stacked_mnist` use it. Evaluations are left out
of every time that is reported, and never change what is trained.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.config import RunConfig
from ganmodel.data import Data, load_data
from ganmodel.files import write_bytes
from ganmodel.images import grid, png
from ganmodel.metrics import QUICK, Effort, Features, Reference, evaluate
from ganmodel.snapshots import Draw
from ganmodel.training import train
from ganmodel.words import worded

SAMPLES = 10_000


class Subject:
    """A data set to train on, and the real pictures to measure against."""

    def __init__(self, dataset: str) -> None:
        self.data: Data = load_data(dataset)
        test = load_data(dataset, train=False).images
        features = Features.for_data(dataset, *self.data.images.shape[1:3])
        self.reference = Reference(features, self.data.images, test=test, labels=self.data.labels)

    def describe(self) -> str:
        features = self.reference.features
        return f"R = {self.reference.unit:.3f}, features {features.name} " + (features.sha256[:16])


def watched_run(
    config: RunConfig,
    subject: Subject,
    due: Callable[[int, float], bool],
    report: Callable[[dict[str, Any], int, float, Draw], None],
    *,
    samples: int = SAMPLES,
    effort: Effort = QUICK,
) -> list[str]:
    """Trains, and evaluates averaged G whenever `due(images, seconds)`.

    `report` gets the evaluation with the images seen, the seconds trained, and the draw. Set
    `evaluate_every` in `config` to how often `due` is to be asked. Returns what `train` said of
    going back; raises what it raises.
    """
    torch.set_flush_denormal(True)  # as the trainer's process does
    begun, measuring, seen, said = time.perf_counter(), 0.0, -1, []

    def look(draw: Draw, early: bool) -> dict[str, Any]:
        nonlocal measuring
        if seen < 0:  # of untrained networks
            return {}
        now = time.perf_counter()
        seconds = now - begun - measuring
        if due(seen_now(), seconds):
            result = evaluate(draw, subject.reference, samples=samples, effort=effort)
            report(result, seen_now(), seconds, draw)
            measuring += time.perf_counter() - now
        return {}

    def controls(images_seen: int) -> None:
        nonlocal seen
        seen = images_seen

    def seen_now() -> int:  # controls are asked before the step that is being evaluated
        return seen + config.batch_size * config.n_critic

    for snapshot in train(config, subject.data, controls=controls, evaluate=look):
        if snapshot.rolled_back:
            said.append(worded(snapshot.rolled_back))
    return said


def keep_grid(draw: Draw, path: Path) -> None:
    """The first 64 pictures, unpicked, as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, png(grid(draw(64)[0])))


def share_error(result: dict[str, Any], reference: Reference) -> float:
    """The class whose share is furthest from the real one, in percentage points."""
    found = torch.tensor(result["histogram"], dtype=torch.float64)
    return float((found - reference.class_shares).abs().max() * 100)
