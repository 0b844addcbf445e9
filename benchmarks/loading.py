"""What opening the page costs: bytes over the line, milliseconds, and work of the main thread.

Every visitor has a new profile of headless Chromium; on a second visit, its cache holds what the
first one left there. With --against, visits to another checkout's page alternate
with visits to this one's.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

from browser import chromium
from figures import at_least
from playwright.sync_api import Browser, BrowserContext
from serving import ROOT, serve

READY = '[data-part="samples"][data-images]'  # the first pictures are there
FIRST_BYTE = "performance.getEntriesByType('navigation')[0].responseStart"
SINCE_FIRST_BYTE = f"performance.now() - {FIRST_BYTE}"
FIRST_PAINT = f"performance.getEntriesByName('first-contentful-paint')[0].startTime - {FIRST_BYTE}"
UNITS = {
    "requests": "",
    "kB": "kB over the line",
    "paint_ms": "ms from the first byte until something is seen",
    "start_ms": "ms from the first byte until Start is there",
    "ready_ms": "ms until the first pictures are there",
    "task_ms": "ms of work on the main thread until then",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=at_least(1), default=9, help="of each (default 9)")
    parser.add_argument("--slowed", type=float, default=1, help="processor slowed so many times")
    parser.add_argument("--against", type=Path, help="another checkout, to compare with")
    options = parser.parse_args()
    roots = {"this": ROOT} | ({"other": options.against.resolve()} if options.against else {})
    figures: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(chromium())
        urls = {name: stack.enter_context(serve(root)).url for name, root in roots.items()}
        for url in urls.values():  # what a server does once is no visitor's cost
            visits(browser, url, options.slowed)
        for _ in range(options.repeats):
            for name, url in urls.items():
                for visit, found in zip(
                    ("first", "second"), visits(browser, url, options.slowed), strict=True
                ):
                    for what, value in found.items():
                        figures[visit, what][name].append(value)
    for (visit, what), found in figures.items():
        medians = {name: statistics.median(values) for name, values in found.items()}
        line = "   ".join(f"{name} {median:8.1f}" for name, median in medians.items())
        ratio = f"   ratio {medians['this'] / medians['other']:.3f}" if "other" in medians else ""
        print(f"{visit:6} visit  {line}{ratio}   {UNITS[what] or what}")


def visits(browser: Browser, url: str, slowed: float) -> list[dict[str, float]]:
    """The figures of two visits with one profile."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    try:
        return [visit(context, url, slowed) for _ in range(2)]
    finally:
        context.close()


def visit(context: BrowserContext, url: str, slowed: float) -> dict[str, float]:
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    sizes: list[float] = []
    devtools.send("Network.enable")
    devtools.send("Performance.enable")

    def note(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    devtools.on("Network.loadingFinished", note)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.goto(url, wait_until="commit")
    page.wait_for_selector("#train-start", state="visible")
    start = page.evaluate(SINCE_FIRST_BYTE)
    page.wait_for_selector(READY)
    ready = page.evaluate(SINCE_FIRST_BYTE)
    paint = page.evaluate(FIRST_PAINT)
    told = devtools.send("Performance.getMetrics")["metrics"]
    work = next(one["value"] for one in told if one["name"] == "TaskDuration")
    page.wait_for_load_state("networkidle")
    page.close()
    return {
        "requests": len(sizes),
        "paint_ms": paint,
        "kB": sum(sizes) / 1000,
        "start_ms": start,
        "ready_ms": ready,
        "task_ms": 1000 * work,
    }


if __name__ == "__main__":
    main()
