"""What watching a run costs: the page's process, the browser's main thread, the line, and memory.

A run with 5,000 rows is replayed: its rows and grids are appended at the pace of a quick training,
with the lock held as a trainer holds it. First nobody watches, then one page, then two. After that
an hour's worth of updates is replayed fast, and memory is looked at along the way.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browser import chromium
from figures import at_least, percentile
from filelock import FileLock
from playwright.sync_api import CDPSession, Page
from serving import serve

FILM = Path(__file__).resolve().parents[1] / "weights" / "runs" / "mnist-quick"
TOKEN = "0123456789abcdef" * 4
ROWS = 5_000  # there before anybody looks
UNIT = 1_024  # images from row to row
AIMS = {"one page": 3.0, "two pages": 5.0, "main thread": 30.0, "bytes": 20_000}


class Replay:
    """A run that grows as if it trained."""

    def __init__(self, runs: Path) -> None:
        self.folder = runs / "20260101-000000-mnist-quick"
        for kind in ("samples", "quality", "requests", "replies", "weights", "checkpoints"):
            (self.folder / kind).mkdir(parents=True)
        config = json.loads((FILM / "config.json").read_text())
        self._write("config.json", {**config, "images": 100_000_000})
        (self.folder / "owner").write_text(hashlib.sha256(TOKEN.encode()).hexdigest())
        shutil.copy(FILM / "reals.png", self.folder / "reals.png")
        lines = (FILM / "metrics.jsonl").read_text().splitlines()
        self._rows = [json.loads(line) for line in lines]
        # Of the later half: at so many rows no grid is noise any more.
        self._grids = sorted((FILM / "samples").iterdir())[30:]
        self._status = json.loads((FILM / "status.json").read_text())
        self.count = 0
        self.grow(ROWS)

    def _write(self, name: str, value: Any) -> None:
        draft = self.folder / (name + ".tmp")
        draft.write_text(json.dumps(value))
        os.replace(draft, self.folder / name)

    def grow(self, rows: int) -> None:
        """Appends rows, a grid for every sixteenth, and says so in status.json."""
        lines = []
        for _ in range(rows):
            self.count += 1
            row = {**self._rows[self.count % len(self._rows)], "images": self.count * UNIT}
            lines.append(json.dumps(row) + "\n")
            if self.count % 16 == 0:
                grid = self._grids[(self.count // 16) % len(self._grids)]
                shutil.copy(grid, self.folder / "samples" / f"{self.count * UNIT:09}.png")
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write("".join(lines))
        seen = self.count * UNIT
        self._write(
            "status.json", {**self._status, "state": "running", "pid": 1, "images_seen": seen}
        )

    @contextmanager
    def growing(self, rows_per_second: float) -> Iterator[None]:
        done = threading.Event()

        def go() -> None:
            while not done.wait(1 / rows_per_second):
                self.grow(1)

        thread = threading.Thread(target=go)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=at_least(5), default=30, help="of each look (default 30)")
    parser.add_argument(
        "--updates", type=at_least(100), default=5_000, help="in the fast replay (default 5,000)"
    )
    options = parser.parse_args()
    with serve() as served, chromium() as browser:
        replay, pid = Replay(served.runs), served.pid
        with FileLock(replay.folder / "lock"), replay.growing(2.4):
            idle = share_of_core(pid, options.seconds)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_init_script(f"localStorage.setItem('ganmodel.token', '{TOKEN}')")
            pages = [open_page(context, served.url)]
            one = share_of_core(pid, options.seconds) - idle
            cost_of_updates(pages[0], options.seconds)
            pages.append(open_page(context, served.url))
            two = share_of_core(pid, options.seconds) - idle
            print(f"the page's process, nobody watching: {idle:.1f} % of a core")
            for name, share in (("one page", one), ("two pages", two)):
                print(f"{name} watching adds {share:.1f} % of a core (aim {AIMS[name]:g} %)")
            context.close()
        with FileLock(replay.folder / "lock"):
            remember(browser, served.url, replay, pid, options.updates)


def open_page(context: Any, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector('[data-part="samples"][data-images]')
    # Curves are drawn where they are seen; the pictures above them are in view as well.
    page.evaluate("document.querySelector('#train-curves').scrollIntoView({ block: 'end' })")
    page.wait_for_function(
        "document.querySelector('[data-part=picks]')?.data?.at(-1)?.x.length > 100", timeout=60_000
    )
    page.wait_for_timeout(3000)
    return page


def share_of_core(pid: int, seconds: float) -> float:
    before, started = cpu_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - before) / (time.perf_counter() - started)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost_of_updates(page: Page, seconds: float) -> None:
    """Prints what an update costs the main thread and the line, grids included."""
    sizes: list[int] = []
    updates: list[float] = []

    def note(request: Any) -> None:
        if (
            "ganmodel-picture" in request.url
            or "ganmodel-watch" in request.url
            or "component_server" in request.url  # as an older page asks
        ):
            size = request.sizes()["responseBodySize"]
            if "ganmodel-picture" in request.url:
                sizes[-1:] = [(sizes[-1] if sizes else 0) + size]
            else:
                sizes.append(size)
                updates.append(time.perf_counter())

    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.on("requestfinished", note)
    before = busy_seconds(session)
    page.wait_for_timeout(1000 * seconds)
    spent, frames = (b - a for a, b in zip(before, busy_seconds(session), strict=True))
    page.remove_listener("requestfinished", note)
    each = 1000 * spent / max(1, len(updates))
    print(f"{len(updates)} updates in {seconds} s at {ROWS:,} rows and more")
    print(f"main thread: {each:.1f} ms an update (aim {AIMS['main thread']:g} ms)")
    print(f"all its tasks, drawn frames included: {1000 * frames / seconds:.0f} ms a second")
    middle, high = percentile(sizes, 50), percentile(sizes, 95)
    print(f"bytes on the line: median {middle:,.0f}, p95 {high:,.0f} (aim {AIMS['bytes']:,})")


def busy_seconds(session: CDPSession) -> tuple[float, float]:
    """Scripts, styles and layout of the main thread so far; and all of its tasks.

    The difference is mostly frames that are drawn whether or not there is news: Gradio asks for one
    after the other.
    """
    found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    work = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
    return sum(found[name] for name in work), found["TaskDuration"]


def remember(browser: Any, url: str, replay: Replay, pid: int, updates: int) -> None:
    """An hour's worth of updates, one right after the other; memory at every fifth of them."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(
        f"localStorage.setItem('ganmodel.token', '{TOKEN}');"
        "const later = window.setTimeout;"
        "window.setTimeout = (f, ms, ...more) => later(f, ms >= 500 ? 1 : ms, ...more);"
        "window.asked = 0;"
    )
    page = open_page(context, url)
    session = context.new_cdp_session(page)
    seen = 0

    def note(request: Any) -> None:
        nonlocal seen
        seen += "ganmodel-picture" not in request.url

    page.on("requestfinished", note)
    for fifth in range(6):
        while seen < fifth * updates / 5:
            replay.grow(1)
            page.wait_for_timeout(20)
        session.send("HeapProfiler.collectGarbage")
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
        rss = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        print(f"after {seen:,} updates: page {heap:.0f} MB, server {rss / 2**20:.0f} MB")
    context.close()


if __name__ == "__main__":
    main()
