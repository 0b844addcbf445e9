"""Whether each lesson fails, when one sees it, and whether the coach's own cure makes it well.

Trains every lesson as the page would, notes the first verdict that names its failure, then starts
the verdict's cure from where it says and looks at that run's last verdict and distance.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from ganmodel.config import PRESETS, make_config
from ganmodel.health import Verdict
from ganmodel.judging import verdict_of
from ganmodel.runs import LIVE_STATES, Launcher, Run, create_run, fork_moments, fork_run
from ganmodel.words import worded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="where MNIST lies unpacked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ganmodel-lessons-") as folder:
        launcher, runs = Launcher(options.data_dir), Path(folder)
        for preset in (name for name, recipe in PRESETS.items() if recipe.lesson):
            run = create_run(runs, make_config(preset), name=preset)
            launcher.start(run)
            seconds = wait_for_end(run)
            images, passed, verdict = first_failure(run)
            print(f"{preset}: {worded(verdict.balance.headline)}, seen after {images:,} images and "
                  f"{passed:.0f} s of training; the whole run took {seconds:.0f} s")  # fmt: skip
            print(f"  {told(last(run))}")
            cure = next(cure for cure in last(run).balance.cures if cure.kind == "again")
            moment = max(m for m in fork_moments(run) if m <= cure.before)
            again = fork_run(runs, run, moment, cure.changes)
            launcher.start(again, resume=moment > 0)
            wait_for_end(again)
            how, now = worded(cure.explanation), worded(last(again).headline)
            print(f"  cured from {moment:,} images ({how}): {now}. {told(last(again))}")


def wait_for_end(run: Run) -> float:
    """Seconds until the run has ended."""
    started = time.perf_counter()
    while run.state() in LIVE_STATES:
        time.sleep(0.2)
    return time.perf_counter() - started


def verdict_at(run: Run, count: int) -> Verdict:
    return verdict_of(run, run.rows()[0][:count], run.config())


def told(verdict: Verdict) -> str:
    return worded([verdict.balance.sentence, verdict.pictures.sentence])


def last(run: Run) -> Verdict:
    return verdict_at(run, len(run.rows()[0]))


def first_failure(run: Run) -> tuple[int, float, Verdict]:
    """The first verdict that stays to the end: images, seconds of training, and itself."""
    rows, _ = run.rows()
    kind, count = last(run).balance.kind, len(rows)
    while count > 1 and verdict_at(run, count - 1).balance.kind == kind:
        count -= 1
    return rows[count - 1]["images"], rows[count - 1]["seconds"], verdict_at(run, count)


if __name__ == "__main__":
    main()
