"""Pictures of the page, for the README and to look at: both tabs, wide and phone, both themes.

A run trains for a while first, so that the pictures show the page at work. Nothing is judged here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from browser import chromium, start_training, stop_training, visit
from figures import at_least
from playwright.sync_api import Page
from serving import serve

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument(
        "--images", type=at_least(1), default=60_000, help="the run has seen (default 60,000)"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    with serve() as served, chromium() as browser, visit(browser, served.url) as page:
        shoot(page, options.folder, "before")
        start_training(page)
        page.wait_for_function(
            "n => ganmodel.run() !== '' && "
            "Number(document.querySelector('[data-part=samples]').dataset.images) >= n",
            arg=options.images,
        )
        shoot(page, options.folder, "train")
        page.click("#train-pause")
        page.wait_for_function("document.body.dataset.run === 'paused'")
        shoot(page, options.folder, "paused")
        page.get_by_role("tab", name="Playground").click()
        page.wait_for_selector("#play-canvas canvas[data-frame]")
        page.locator("#play-strip button").nth(4).click()
        shoot(page, options.folder, "playground")
        page.get_by_role("tab", name="Train").click()
        stop_training(page)
        shoot(page, options.folder, "stopped")


def shoot(page: Page, folder: Path, name: str) -> None:
    """The page as it is now, at both sizes and in both themes; then back to how it was."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.evaluate(
                "wanted => ganmodel.isDark() === (wanted === 'dark') || ganmodel.toggleTheme()",
                theme,
            )
            page.wait_for_timeout(800)  # the curves are drawn anew in the theme's colours
            path = folder / f"{name}-{size}-{theme}.png"
            page.screenshot(path=path, full_page=size == "phone")
            print(path, flush=True)
    page.evaluate("ganmodel.isDark() && ganmodel.toggleTheme()")
    page.set_viewport_size({"width": 1440, "height": 900})


if __name__ == "__main__":
    main()
