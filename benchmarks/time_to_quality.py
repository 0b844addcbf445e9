"""How good the pictures are after so many seconds of training: the presets article and quick.

Quick is there twice: as it comes, by class, and plain, without classes, as the article's is. All
train on the full MNIST from several seeds, in turn, so that a slow minute of the machine meets each
of them. The distance is the Fréchet distance of 10,000 samples of averaged G, in units of R, the
real test images' own; evaluations do not count as time. Prints a table, and writes the first 64
samples at every mark where --grids names a folder.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
from pathlib import Path
from typing import Any

from scoring import Subject, keep_grid, share_error, watched_run

from ganmodel.config import RunConfig, make_config
from ganmodel.snapshots import Draw, StopTraining

RECIPES: dict[str, dict[str, Any]] = {
    "article": {"preset": "article"},
    "quick": {"preset": "quick"},
    "plain": {"preset": "quick", "conditional": False},
}
ENDLESS = 1_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", default="15,30,60,120,300", help="seconds of training at which "
                        "to measure (default 15,30,60,120,300)")  # fmt: skip
    parser.add_argument("--seeds", type=int, default=3, help="runs of each recipe (default 3)")
    parser.add_argument("--recipes", default=",".join(RECIPES), help="which of them, in this order")
    parser.add_argument("--grids", type=Path, help="a folder for the pictures")
    options = parser.parse_args()
    marks = [float(mark) for mark in options.marks.split(",")]
    subject = Subject("mnist")
    print(subject.describe(), flush=True)
    found: dict[tuple[str, float], list[tuple[float, float, int]]] = {}
    for seed in range(options.seeds):
        for name in options.recipes.split(","):
            config = make_config(**RECIPES[name], seed=seed, images=ENDLESS, evaluate_every=1024)
            for mark, outcome in _run(name, config, subject, marks, options.grids).items():
                found.setdefault((name, mark), []).append(outcome)
    print(f"\n{'recipe':10}{'seconds':>8}{'images':>11}{'distance / R':>26}{'worst class':>14}")
    for (name, mark), outcomes in found.items():
        ratios, errors, images = zip(*outcomes, strict=True)
        shown = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        print(
            f"{name:10}{mark:>8.0f}{statistics.median(images):>11,.0f}{shown:>26}"
            f"{max(errors):>11.1f} pp"
        )


def _run(
    name: str, config: RunConfig, subject: Subject, marks: list[float], grids: Path | None
) -> dict[float, tuple[float, float, int]]:
    """One run: mark -> distance in R, the worst class's error in points, images seen."""
    left, found = sorted(marks), {}

    def due(images: int, seconds: float) -> bool:
        return bool(left) and seconds >= left[0]

    def report(result: dict[str, Any], images: int, seconds: float, draw: Draw) -> None:
        mark = left.pop(0)
        found[mark] = (result["fd_over_r"], share_error(result, subject.reference), images)
        print(
            f"{name} seed {config.seed}: {seconds:.0f} s, {images:,} images, "
            f"{result['fd_over_r']:.1f} R, worst class {found[mark][1]:.1f} pp",
            flush=True,
        )
        if grids:
            keep_grid(draw, grids / f"{name}-{config.seed}-{mark:.0f}.png")
        if not left:
            raise StopTraining  # out of the evaluation, and so out of the training

    with contextlib.suppress(StopTraining):
        watched_run(config, subject, due, report)
    return found


if __name__ == "__main__":
    main()
