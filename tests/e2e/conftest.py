"""A served page and a real browser for the tests in this folder; skipped where there is no browser.

Every page of a test is watched: an error on its console, or a request to anywhere but this machine,
fails the test.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright import sync_api as playwright_api

from tests.asking import ServedPage, page_of
from tests.e2e import playing
from tests.patient import PATIENCE

SYSTEM_BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # A window of newer Chromiums loads two pages for its address bar, which cost half as much as
    # ours. This replaces Playwright's own list, of which the rest is what matters here.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,"
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
# What a page asks for every second, or less often, it asks for three times as often, so that tests
# wait less. What it takes back after ten seconds, such as an offer to undo, it never does, so that
# a slow test still finds it. Whatever is quicker keeps its time.
IMPATIENT = """
const timeFor = (ms) => ms >= 10000 ? 2 ** 31 - 1 : ms >= 1000 ? ms / 3 : ms;
for (const name of ["setTimeout", "setInterval"]) {
  const own = window[name];
  window[name] = (f, ms, ...more) => own(f, timeFor(ms), ...more);
}
"""
# Counts the frames that are asked for.
COUNTING = """
const ask = window.requestAnimationFrame;
window.framesAsked = 0;
window.requestAnimationFrame = (draw) => (window.framesAsked++, ask.call(window, draw));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


def system_browser() -> str | None:
    """The path of the system's Chromium; None where Playwright's own has to do."""
    return next((path for path in SYSTEM_BROWSERS if os.path.exists(path)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright_api.Browser]:
    with playwright_api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=system_browser(), args=list(FLAGS), timeout=PATIENCE * 1000
            )
        except playwright_api.Error as error:
            pytest.skip(f"no Chromium on this machine: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[ServedPage]:
    """app.py as a process of its own, as a person starts it; one for all tests of a process.

    Starting it takes longer than most tests, and every test is a new visitor, who sees nothing of
    what others left there.
    """
    with page_of(tmp_path_factory.mktemp("page") / "runs", data_dir=data_dir) as page:
        yield page


class Visits:
    """Opens the page for new visitors, each with a browser profile of its own, and watches them."""

    def __init__(self, browser: playwright_api.Browser, served: ServedPage) -> None:
        self._browser, self._served = browser, served
        self._contexts: list[playwright_api.BrowserContext] = []
        self.trouble: list[str] = []

    def __call__(
        self,
        width: int = 1440,
        height: int = 900,
        address: str | None = None,
        changed: Mapping[str, Callable[[str], str]] | None = None,
        **options: Any,
    ) -> playwright_api.Page:
        """A new visitor's tab, once its scripts run; at a link, if one is given.

        `changed`: what to make of the text of an answer, by its address.
        """
        # Without the film that plays by itself: what is shown stays until somebody moves.
        options = {"reduced_motion": "reduce", **options}
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script(IMPATIENT + COUNTING)
        self._contexts.append(context)
        context.on("page", self._watch)
        for asked, change in (changed or {}).items():
            context.route(asked, functools.partial(_changed, change))
        page = context.new_page()
        page.goto(address or self._served.url)
        page.wait_for_selector("#train-start", state="attached")  # a link may open elsewhere
        page.wait_for_function("document.body.dataset.run !== undefined")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _watch(self, page: playwright_api.Page) -> None:
        page.on("pageerror", lambda error: self.trouble.append(f"script error: {error}"))
        page.on("console", self._hear)
        page.on("request", self._follow)

    def _hear(self, message: playwright_api.ConsoleMessage) -> None:
        if message.type == "error" and not self._is_refusal(message):
            self.trouble.append(f"console: {message.text}")

    def _is_refusal(self, message: playwright_api.ConsoleMessage) -> bool:
        """Whether a route refused what it was asked, which the page then says."""
        refused = re.search(r"responded with a status of 4\d\d", message.text)
        asked = message.location["url"].startswith(f"{self._served.url}ganmodel-")
        return bool(refused) and asked and "ganmodel-static" not in message.location["url"]

    def _follow(self, request: playwright_api.Request) -> None:
        if not request.url.startswith((self._served.url, "data:", "blob:")):
            self.trouble.append(f"left this machine: {request.url}")


def _changed(change: Callable[[str], str], route: playwright_api.Route) -> None:
    answer = route.fetch()
    kept = {
        k: v for k, v in answer.headers.items() if k not in ("content-encoding", "content-length")
    }
    route.fulfill(status=answer.status, headers=kept, body=change(answer.text()))


@pytest.fixture
def visitor(browser: playwright_api.Browser, served: ServedPage) -> Iterator[Visits]:
    """Opens the page as a new visitor and returns the tab."""
    visits = Visits(browser, served)
    yield visits
    visits.close()
    assert visits.trouble == []


@pytest.fixture(scope="module")
def visits(browser: playwright_api.Browser, served: ServedPage) -> Iterator[Visits]:
    """The same for tests that share one tab; each looks at `trouble` itself."""
    shared = Visits(browser, served)
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def playground_tab(visits: Visits) -> playwright_api.Page:
    return playing.opened(visits())


@pytest.fixture
def playground(
    playground_tab: playwright_api.Page, visits: Visits
) -> Iterator[playwright_api.Page]:
    """One tab for all tests of a file, since opening it takes longer than most of them."""
    yield playing.begun(playground_tab)
    assert visits.trouble == []
