"""A served page and a real browser for the tests in this folder; skipped where there is no browser.

Every page of a test is watched: an error on its console, or a request to anywhere but this machine,
fails the test.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright import sync_api as playwright_api

from tests.support import wait_until

ROOT = Path(__file__).resolve().parents[2]
# A proxy where nobody listens: a machine without internet, wherever the tests run.
OFFLINE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "127.0.0.1,localhost",
}
SYSTEM_BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class Served:
    """A page that answers at `url`, with its runs below `runs`."""

    url: str
    runs: Path
    log: Path


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright_api.Browser]:
    found = next((path for path in SYSTEM_BROWSERS if os.path.exists(path)), None)
    with playwright_api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        except playwright_api.Error as error:
            pytest.skip(f"no Chromium on this machine: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[Served]:
    """app.py as a process of its own, as a person starts it; one for all tests of a process.

    Starting it takes longer than most tests, and every test is a new visitor, who sees nothing of
    what others left there.
    """
    folder = tmp_path_factory.mktemp("page")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "page.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--runs", str(folder / "runs")],
            env={
                **os.environ,
                **OFFLINE,
                "GANMODEL_DATA": str(data_dir),
                "GRADIO_SERVER_PORT": str(port),
            },
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    wait_until(lambda: _answers(url) or server.poll() is not None, 60, "the page")
    assert server.poll() is None, log.read_text()
    yield Served(url, folder / "runs", log)
    for run in (folder / "runs").glob("*"):  # trainers outlive the page on purpose
        (run / "stop").touch()
    server.terminate()
    server.wait(20)
    assert "Traceback" not in log.read_text()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def visitor(
    browser: playwright_api.Browser, served: Served
) -> Iterator[Callable[..., playwright_api.Page]]:
    """Opens the page as a new visitor (a browser profile of its own) and returns the tab."""
    contexts: list[playwright_api.BrowserContext] = []
    trouble: list[str] = []

    def watch(page: playwright_api.Page) -> None:
        page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                trouble.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                trouble.append(f"left this machine: {request.url}")
                if not request.url.startswith((served.url, "data:", "blob:"))
                else None
            ),
        )

    def open_page(width: int = 1440, height: int = 900) -> playwright_api.Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(30_000)
        contexts.append(context)
        context.on("page", watch)
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_selector("#train-start")
        page.wait_for_function("document.body.dataset.run !== undefined")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
