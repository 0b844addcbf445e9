"""What the benchmarks of the page share: a served page, a Chromium, and percentiles.

Both context managers end what they started, trainings included. What is measured, and how, lives
in the scripts.
"""

from __future__ import annotations

import contextlib
import http.client
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

# The checkout whose page is measured; another one, to compare two with the same script.
ROOT = Path(os.environ.get("GANMODEL_CHECKOUT", Path(__file__).resolve().parents[1]))
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")  # without it, the one that Playwright installs
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 120.0  # seconds until something that never comes is called missing


@dataclass(frozen=True)
class Served:
    """A page that answers at `url`; `seconds` went by from its process's start to that."""

    url: str
    runs: Path
    seconds: float
    pid: int


@contextlib.contextmanager
def serve(root: Path = ROOT) -> Iterator[Served]:
    """A checkout's app.py as a process of its own, on a free port, with an empty runs folder."""
    with tempfile.TemporaryDirectory(prefix="ganmodel-benchmark-") as folder:
        runs, log, port = Path(folder, "runs"), Path(folder, "page.log"), _free_port()
        command = [sys.executable, "app.py", "--port", str(port), "--runs", str(runs)]
        with log.open("wb") as output:
            started = time.perf_counter()
            page = subprocess.Popen(
                [*command, "--host", "127.0.0.1"],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            while not _answers(port):
                if page.poll() is not None or time.perf_counter() - started > PATIENCE:
                    text = log.read_text("utf-8", "replace")[-2000:]
                    raise RuntimeError(f"The page does not answer. Its output ends with:\n{text}")
                time.sleep(0.01)
            seconds = time.perf_counter() - started
            yield Served(f"http://127.0.0.1:{port}/", runs, seconds, page.pid)
        finally:
            try:
                _end_trainings(runs)
            finally:
                _end(page)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's where there is one, else Playwright's own."""
    found = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def visit(browser: Browser, url: str) -> Iterator[Page]:
    """A new visitor's page, at rest: its scripts run and its first pictures are there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#train-start")
        page.wait_for_selector('#train-samples [data-part="reals"][src]')
        yield page
    finally:
        context.close()


def start_training(page: Page, images: int | None = None) -> None:
    """Presses Start on the Train tab, after setting the length where one is named."""
    if images is not None:
        page.fill("#train-length-number", str(images))
        page.press("#train-length-number", "Tab")
    page.click("#train-start")


def stop_training(page: Page) -> None:
    """Presses Stop on the Train tab and waits until the run has ended."""
    page.click("#train-stop")
    page.wait_for_function("document.body.dataset.run === 'stopped'")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least `percent` of 100 of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def at_least(low: int) -> Callable[[str], int]:
    """For argparse: a whole number from `low` up."""

    def whole_number(text: str) -> int:
        if (value := int(text)) < low:
            raise ValueError(text)
        return value

    whole_number.__name__ = f"whole number from {low}"
    return whole_number


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_trainings(runs: Path) -> None:
    """Ends what still trains below `runs`: trainers outlive their page, on purpose."""
    if not runs.exists():
        return
    sys.path.insert(0, str(ROOT))
    from ganmodel.runs import LIVE_STATES, list_runs  # late: no measurement should wait for torch

    for run in list_runs(runs):
        deadline = time.monotonic() + 30
        while run.state() in LIVE_STATES or run.is_alive():
            if time.monotonic() > deadline:
                # While the lock is held, the pid in the folder is the trainer's own.
                with contextlib.suppress(KeyError, ProcessLookupError):
                    os.kill(run.status()["pid"], signal.SIGKILL)
                break
            run.path("stop").touch()  # again and again: a trainer that just begins clears it
            time.sleep(0.1)
