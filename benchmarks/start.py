"""How long a person waits: from the page's process to its first answer, from a click to pictures.

Each repeat is a new process, or a new visitor in headless Chromium. The first grid shows what G
draws before any training; the first trained one is reported beside it.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

from browser import chromium, start_training, stop_training, visit
from figures import at_least
from playwright.sync_api import Browser
from serving import serve

AIM = 5.0  # seconds, for both, with two idle cores

# Notes, in the page's own time, the click on Start and every grid that is drawn after it.
WATCH = """() => {
  const start = document.querySelector("#train-start");
  const picture = document.querySelector('#train-samples [data-part="samples"]');
  window.benchmark = { clicked: null, first: null, trained: null };
  start.addEventListener("click", () => { benchmark.clicked ??= performance.now(); }, true);
  picture.addEventListener("load", () => {
    if (benchmark.clicked === null || ganmodel.run() === "") return;   // the film before the run
    benchmark.first ??= performance.now();
    if (Number(picture.dataset.images) > 0) benchmark.trained ??= performance.now();
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=at_least(1), default=5, help="of each (default 5)")
    options = parser.parse_args()

    answers = [process_to_answer() for _ in range(options.repeats)]
    report("process start to first answer", answers, AIM)
    with serve() as served, chromium() as browser:
        clicks = [click_to_grids(browser, served.url) for _ in range(options.repeats)]
    report("click to first grid", [first for first, _ in clicks], AIM)
    report("click to first trained grid", [trained for _, trained in clicks])


def process_to_answer() -> float:
    """Seconds until a page that was just started answers; it is ended again."""
    with serve() as served:
        return served.seconds


def click_to_grids(browser: Browser, url: str) -> tuple[float, float]:
    """Seconds from the click on Start to the first grid on the page, and to the first trained one.

    The run is stopped again.
    """
    with visit(browser, url) as page:
        page.evaluate(WATCH)
        start_training(page)
        page.wait_for_function("benchmark.trained !== null")
        times = page.evaluate("benchmark")
        stop_training(page)
    return tuple((times[name] - times["clicked"]) / 1000 for name in ("first", "trained"))


def report(what: str, seconds: Sequence[float], aim: float | None = None) -> None:
    middle = statistics.median(seconds)
    line = f"{what:29} min {min(seconds):.2f} s  median {middle:.2f} s  max {max(seconds):.2f} s"
    print(f"{line}  (aim {aim:g} s)" if aim else line, flush=True)


if __name__ == "__main__":
    main()
