"""What the benchmarks in a browser share: Chromium, a visitor's page, and its Train tab.

What is measured, and how, lives in the scripts; the page's process in `serving`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from serving import PATIENCE

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")  # without it, the one that Playwright installs
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # A window of newer Chromiums loads two pages for its address bar, which cost half as much as
    # ours. This replaces Playwright's own list, of which the rest is what matters here.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,"
    "ThirdPartyStoragePartitioning",
)  # fmt: skip

LENGTH = """text => {
  const field = document.querySelector("#train-length-number");
  field.value = text;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}"""


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
        page.wait_for_selector("#train-start", state="attached")  # a link may open elsewhere
        page.wait_for_selector('[data-part="samples"][data-images]', state="attached")
        yield page
    finally:
        context.close()


def start_training(page: Page, images: int | None = None) -> None:
    """Presses Start on the Train tab, after setting the length where one is named."""
    if images is not None:
        page.evaluate(LENGTH, str(images))  # its field may lie in a sheet that is closed
    page.click("#train-start")


def stop_training(page: Page) -> None:
    """Presses Stop on the Train tab and waits until the run has ended."""
    page.click("#train-stop")
    page.wait_for_function("document.body.dataset.run === 'stopped'")
