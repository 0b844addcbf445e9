"""What a hosted page stands: many visitors, wrong calls, kills, hours. Loopback only, bounded.

    python benchmarks/load.py sliding   # 50 visitors, 10 moves a second each, a run training beside
    python benchmarks/load.py watching  # 100 pages that watch it, and what memory they leave
    python benchmarks/load.py fuzz      # 20,000 wrong calls over every route and address
    python benchmarks/load.py kills     # 30 SIGKILLs of page or trainer, and the run that comes out
    python benchmarks/load.py soak      # 15 minutes of all that visitors do
    GANMODEL_CHECKOUT=DIR python benchmarks/load.py sliding  # or watching: another checkout's page

The load comes from this process, on the same machine, so that it takes a part of what it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from benchmarks.asking_pages import asking
from benchmarks.figures import percentile
from benchmarks.fuzzing import fuzz
from benchmarks.serving import ROOT, serve
from benchmarks.visitors import memory_of, slide, training, watch
from ganmodel.runs import Run
from tests.asking import Asker, ServedPage, page_of
from tests.support import wait_until


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("sliding", "watching", "fuzz", "kills", "soak"))
    parser.add_argument("--visitors", type=int, help="sliding: 50, watching: 100")
    parser.add_argument("--seconds", type=float, help="sliding, watching: 60, soak: 900")
    parser.add_argument("--count", type=int, help="fuzz: 20,000 calls, kills: 30")
    parser.add_argument("--seed", type=int, default=0, help="of what is random here")
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        match options.what:
            case "sliding":
                sliding(options.visitors or 50, options.seconds or 60)
            case "watching":
                watching(options.visitors or 100, options.seconds or 60)
            case "fuzz":
                sys.exit(not fuzz(options.count or 20_000, options.seed))
            case "kills":
                kills(runs, options.count or 30)
            case "soak":
                soak(runs, options.seconds or 900)


# --- many visitors -------------------------------------------------------------------------------


def sliding(visitors: int, seconds: float) -> None:
    with serve(ROOT, "--hosted") as page:
        _, run = training(page)
        before = wait_until(lambda: run.status()["images_per_second"], 60)
        waits, errors = asyncio.run(slide(page, visitors, seconds))
        during = run.status()["images_per_second"]
    print(
        f"{visitors} visitors, 10 moves/s each, {seconds:.0f} s: {len(waits):,} answers, "
        f"{sum(errors.values())} errors {dict(errors)}; p50 {1000 * statistics.median(waits):.0f}, "
        f"p95 {1000 * percentile(waits, 95):.0f}, most {1000 * max(waits):.0f} ms; "
        f"the run {before} and then {during} images/s"
    )


def watching(visitors: int, seconds: float) -> None:
    with serve(ROOT, "--hosted") as page:
        token, run = training(page)
        key = asking(page.url).call("link", token, run=run.name)["key"]
        asyncio.run(watch(page, 5, 10, run.name, key))  # warm
        before = memory_of(page.pid)
        asyncio.run(watch(page, visitors, seconds, run.name, key))
        full = memory_of(page.pid)
        time.sleep(30)
        after = memory_of(page.pid)
    print(
        f"{visitors} pages watching for {seconds:.0f} s: {before:.0f} MB before, {full:.0f} at the "
        f"end ({(full - before) / visitors:.2f} a page), {after:.0f} half a minute after they left "
        f"({100 * (after / before - 1):+.1f} %)"
    )


# --- kills ---------------------------------------------------------------------------------------


def kills(runs: Path, count: int) -> None:
    """The same run twice: once left alone, once killed again and again; then bit for bit."""
    token, done = secrets.token_hex(32), Counter[str]()
    # Small, so that it saves every second or two: one that is killed every few seconds would never
    # leave its beginning. In one precision, since each run tries by itself which is faster.
    settings = {"images": 600_000, "width": 16, "save_every": 8_192, "evaluate_every": 65_536}
    settings |= {"precision": "float32"}
    name, longest = "", 0.0
    with page_of(runs / "alone", "--hosted") as page:
        visitor = page.visitor(token=token)
        alone = Run(page.runs / visitor.start(**settings)["run"])
        wait_until(lambda: alone.state() == "finished", 1200)
    page_runs = runs / "killed"
    while not name or Run(page_runs / name).state() != "finished":
        with page_of(page_runs, "--hosted", ends_runs=False) as page:
            visitor = page.visitor(token=token)
            name = name or visitor.start(**settings)["run"]
            run = Run(page_runs / name)
            began = time.monotonic()
            wait_until(lambda: _goes_on(visitor, run), 60)  # noqa: B023
            longest = max(longest, time.monotonic() - began)
            while sum(done.values()) < count and run.state() != "finished":
                time.sleep(random.uniform(0.2, 6.0))
                if random.random() < 0.3:
                    done["page"] += 1
                    page.process.kill()
                    page.process.wait(10)
                    break
                with contextlib.suppress(ProcessLookupError, KeyError):
                    os.kill(run.status()["pid"], signal.SIGKILL)
                    done["trainer"] += 1
                wait_until(lambda: _goes_on(visitor, run), 60)  # noqa: B023
            else:
                wait_until(lambda: _goes_on(visitor, run) and run.state() == "finished", 1200)  # noqa: B023
    wanted, found = _bits_of(alone), _bits_of(run)
    other = sorted(key for key in wanted | found if wanted.get(key) != found.get(key))
    print(
        f"{dict(done)} kills; after a page's start the run went on within {longest:.1f} s; "
        f"the run that came out is {'ANOTHER one than' if other else 'bit for bit'} the one that "
        f"was left alone ({len(run.rows()[0])} rows, {len(run.moments('weights'))} weights)"
        + (f": {other}" if other else "")
    )


def _goes_on(visitor: Asker, run: Run) -> bool:
    time.sleep(0.2)
    state = visitor.call("watch", run=run.name).get("state")
    if state in ("died", "stopped", "failed"):
        visitor.call("resume", run=run.name)
    return state in ("running", "finished")


def _bits_of(run: Run) -> dict[str, str]:
    rows = [
        {k: v for k, v in row.items() if k not in ("seconds", "images_per_second")}
        for row in run.rows()[0]
    ]
    found = {"rows": hashlib.sha256(json.dumps(rows).encode()).hexdigest()}
    for kind in ("weights", "samples"):
        for moment, path in run.moments(kind).items():
            found[f"{kind} {moment}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


# --- hours ---------------------------------------------------------------------------------------


def soak(runs: Path, seconds: float) -> None:
    with page_of(runs, "--hosted") as page:
        end, taken = time.monotonic() + seconds, []
        visitors = [page.visitor() for _ in range(8)]
        training_visitor = page.visitor()
        while time.monotonic() < end:
            until = time.monotonic() + seconds / 30
            while time.monotonic() < until:
                _use(training_visitor, random.choice(visitors))
            taken.append(_measured(page))
            print(
                "memory {:.0f} MB, {} threads, {} files, disk {:.0f} MB".format(*taken[-1]),
                flush=True,
            )
    early, late = taken[len(taken) // 3], taken[-1]
    for what, a, b in zip(("memory, MB", "threads", "files", "disk, MB"), early, late, strict=True):
        print(f"{what}: {a:.0f} after a third, {b:.0f} at the end")


def _use(trainer: Asker, visitor: Asker) -> None:
    """What a visitor does in some seconds."""
    state = trainer.call("watch")
    if state.get("state") not in ("running", "waiting") or not state.get("own"):
        # Short, so that a third of the time leaves more runs than a visitor may keep.
        trainer.start(images=16_000, evaluate_every=8_192)
    for _ in range(10):
        place = f"stops={random.randint(0, 99)},{random.randint(0, 99)}&at={random.random():.3f}"
        name = random.choice(("shipped:mnist", "shipped:mnist-classes"))
        visitor.ask("draw", generator=name, place=place)
        time.sleep(0.05)
    visitor.ask("frames", generator=name, place=place, count=60)
    visitor.call("watch", run=random.choice(("shipped/mnist-quick", "shipped/lesson-d-wins", None)))
    visitor.call("opinion", generator="shipped:mnist", place=place)
    if random.random() < 0.1:
        film = {"form": "gif", "count": 40, "speed": 20.0}
        visitor.file("keep", generator=name, place=place, **film)
        visitor.get("")


def _measured(page: ServedPage) -> tuple[float, int, int, float]:
    process = Path(f"/proc/{page.process.pid}")
    disk = sum(path.stat().st_size for path in _files(page.runs)) / 1e6
    return (
        memory_of(page.process.pid),
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())),
        disk,
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                yield path


if __name__ == "__main__":
    main()
