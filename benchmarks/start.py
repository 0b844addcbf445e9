"""How long a person waits: from the page's process to its first answer, from a click to pictures.

Each repeat is a new process, or a new visitor's run in headless Chromium, some seconds after the
one before was stopped, by when a trainer waits for it. The first grid shows what G draws
before any training; the first trained one is reported beside it. With --against, runs of another
checkout's page alternate with those of this one.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import psutil
from browser import chromium, start_training, stop_training, visit
from figures import at_least
from playwright.sync_api import Page
from serving import ROOT, serve

AIM = 1.2  # seconds from a click to the first grid, from the third start on
FIRST_STARTS = 2  # whose times are left out: files are read for the first time
PAUSE = 10  # seconds between two runs

# Notes, in the page's own time, the click on Start and every grid that is drawn after it.
WATCH = """() => {
  const start = document.querySelector("#train-start");
  const picture = document.querySelector('#train-samples [data-part="samples"]');
  window.benchmark = { clicked: null, first: null, trained: null };
  document.addEventListener("click", ({ target }) => {
    if (start.contains(target)) benchmark.clicked = performance.now();
  }, true);
  new MutationObserver(() => {
    if (benchmark.clicked === null || ganmodel.run() === "") return;   // the film before the run
    benchmark.first ??= performance.now();
    if (Number(picture.dataset.images) > 0) benchmark.trained ??= performance.now();
  }).observe(picture, { attributeFilter: ["data-images"] });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=at_least(1), default=5, help="of each (default 5)")
    parser.add_argument("--pages", action="store_true", help="time the page's process as well")
    parser.add_argument("--hosted", action="store_true", help="a page that many share")
    parser.add_argument(
        "--cold", action="store_true", help="without a trainer that waits, as where memory is short"
    )
    parser.add_argument("--against", type=Path, help="another checkout, to compare with")
    options = parser.parse_args()
    roots = {"this": ROOT} | ({"other": options.against.resolve()} if options.against else {})
    if options.pages:
        for name, root in roots.items():
            report(f"{name}: process to first answer",
                   [process_to_answer(root) for _ in range(options.repeats)])  # fmt: skip
    flags = ["--hosted"] if options.hosted else []
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(chromium())
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for name, root in roots.items():
            served = stack.enter_context(serve(root, *flags))
            for _ in range(FIRST_STARTS + options.repeats):
                with visit(browser, served.url) as page:
                    found[name].append(click_to_grids(page, served.pid if options.cold else None))
        for name, times in found.items():
            for what, k in (("first grid", 0), ("first trained grid", 1)):
                kept = [one[k] for one in times[FIRST_STARTS:]]
                report(f"{name}: click to {what}", kept, AIM if k == 0 else None)


def process_to_answer(root: Path) -> float:
    """Seconds until a page that was just started answers; it is ended again."""
    with serve(root) as served:
        return served.seconds


def click_to_grids(page: Page, server: int | None = None) -> tuple[float, float]:
    """Seconds from the click on Start to the first grid on the page, and to the first trained one.

    The run is stopped again. `server`: the page's process, whose waiting trainer is ended before.
    """
    page.wait_for_timeout(1000 * PAUSE)
    page.evaluate(WATCH)
    if server is not None:
        end_waiting(server)
    start_training(page)
    page.wait_for_function("benchmark.trained !== null")
    times = page.evaluate("benchmark")
    stop_training(page)
    return (times["first"] - times["clicked"]) / 1000, (times["trained"] - times["clicked"]) / 1000


def end_waiting(server: int) -> None:
    """Ends the trainer that waits, and gives its threads the time to end: until then it would take
    an order, its last."""
    for child in psutil.Process(server).children():
        if "--wait" in child.cmdline():
            child.kill()
            time.sleep(0.2)


def report(what: str, seconds: Sequence[float], aim: float | None = None) -> None:
    middle = statistics.median(seconds)
    line = f"{what:32} min {min(seconds):.2f} s  median {middle:.2f} s  max {max(seconds):.2f} s"
    print(f"{line}  (aim {aim:g} s)" if aim else line, flush=True)


if __name__ == "__main__":
    main()
