"""Pictures of the page in every state, to look at: wide and narrow, light and dark.

    python benchmarks/screenshots.py /tmp/pictures                 # all states, sizes and themes
    python benchmarks/screenshots.py /tmp/pictures --states first running --sizes phone

Runs train for a while, so that the pictures show the page at work. Nothing is judged here.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from browser import chromium, start_training, visit
from PIL import Image
from playwright.sync_api import Browser, Page
from serving import ROOT, serve

SIZES = {
    "desktop": (1440, 900),
    "laptop": (1280, 720),
    "tablet": (820, 1180),
    "phone": (390, 844),
}
THEMES = ("light", "dark")
IMAGES = 20_000  # seen by a run before it is shown at work
RUN_IS = "state => document.body.dataset.run === state"
SEEN = "n => Number(document.querySelector('[data-part=samples]').dataset.images) >= n"
WAYS = ("drawing", "ab", "sliders", "map", "found", "time")


@dataclass
class Camera:
    """Takes the pictures that are wanted into a folder."""

    folder: Path
    states: list[str]
    sizes: list[str]
    themes: list[str]

    def shoot(self, page: Page, state: str) -> None:
        """The page as it is, at each size and in each theme; then back to how it was."""
        if self.states and state not in self.states:
            return
        for size in self.sizes:
            width, height = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            for theme in self.themes:
                page.evaluate(
                    "dark => ganmodel.isDark() === dark || ganmodel.toggleTheme()", theme == "dark"
                )
                page.evaluate("document.activeElement.blur()")
                page.wait_for_timeout(700)  # what is drawn anew in another theme or size
                path = self.folder / f"{state}-{size}-{theme}.png"
                page.screenshot(path=path)
                print(path, flush=True)
        page.evaluate("ganmodel.isDark() && ganmodel.toggleTheme()")
        page.set_viewport_size({"width": 1440, "height": 900})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--states", nargs="+", default=[], help="only these")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES)
    parser.add_argument("--themes", nargs="+", default=list(THEMES), choices=THEMES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(options.folder, options.states, options.sizes, options.themes)
    with chromium() as browser:
        shoot_own_page(camera, browser)
        shoot_hosted(camera, browser)
        shoot_class(camera, browser)


# --- one's own page -------------------------------------------------------------------------------


def shoot_own_page(camera: Camera, browser: Browser) -> None:
    with serve() as served, visit(browser, served.url) as page:
        shoot_before(camera, page)
        shoot_pictures(camera, page)
        shoot_run(camera, page)
        shoot_playground(camera, page)
        page.context.set_offline(True)
        page.get_by_role("tab", name="Train").click()
        page.wait_for_selector(".gm-message.gm-complaint")
        camera.shoot(page, "offline")
        page.context.set_offline(False)


def shoot_before(camera: Camera, page: Page) -> None:
    """Nothing has been trained yet."""
    camera.shoot(page, "first")
    page.locator('[data-part="game-pair"] button').first.click()
    camera.shoot(page, "game")
    page.click("#train-settings")
    camera.shoot(page, "settings")
    page.keyboard.press("Escape")
    page.locator("#train-curves").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#train-more').open = true")
    page.evaluate("scrollTo(0, 9999)")
    camera.shoot(page, "below")
    page.evaluate("document.querySelector('#train-more').open = false")
    page.evaluate("scrollTo(0, 0)")
    page.click("#runs-open")
    page.wait_for_selector('[data-part="film-cards"] .gm-card')
    camera.shoot(page, "drawer")
    page.keyboard.press("Escape")
    page.evaluate("ganmodel.follow('shipped/lesson-d-wins')")
    page.wait_for_selector('[data-part="headline"] >> text=D wins')
    camera.shoot(page, "lesson")


def shoot_pictures(camera: Camera, page: Page) -> None:
    """One's own pictures, in three steps."""
    with pictures(40) as paths:
        page.evaluate("document.querySelector('#train-own').click()")
        camera.shoot(page, "pictures-1")
        page.set_input_files("#own-drop input", [str(path) for path in paths])
        page.wait_for_selector('#own-sheet [data-panel="2"] [data-part="own-cells"] button')
        camera.shoot(page, "pictures-2")
        page.click('[data-part="own-go-on"]')
        page.wait_for_selector('#own-sheet [data-panel="3"]')
        camera.shoot(page, "pictures-3")
        page.evaluate("document.querySelectorAll('dialog[open]').forEach((one) => one.close())")
        page.evaluate("ganmodel.set('form', '{}')")
        page.evaluate("sessionStorage.clear()")
        page.reload()
        page.wait_for_selector('[data-part="samples"][data-images]')


@contextlib.contextmanager
def pictures(count: int) -> Iterator[list[Path]]:
    """Coloured pictures of two shapes, two of them alike."""
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for k in range(count):
            high, wide = (60, 90) if k % 2 else (90, 60)
            y, x = np.mgrid[:high, :wide] / 90
            slope, tint = chance.random(3), chance.random(3)
            waves = np.sin(9 * slope * (x + y)[..., None])
            pixels = 200 * tint + 55 * waves
            paths.append(Path(folder, f"{k:02}.png"))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(paths[-1])
        paths[-1].write_bytes(paths[0].read_bytes())
        yield paths


def shoot_run(camera: Camera, page: Page) -> None:
    """From Start to the end, and what can be done on the way."""
    start_training(page)
    page.wait_for_function(RUN_IS, arg="waiting")
    camera.shoot(page, "preparing")
    page.wait_for_function(SEEN, arg=IMAGES)
    page.wait_for_function(RUN_IS, arg="running")
    camera.shoot(page, "running")
    page.locator("#train-curves").scroll_into_view_if_needed()
    page.click("#chart-losses")
    camera.shoot(page, "curves")
    page.evaluate("scrollTo(0, 0)")
    page.locator(".gm-cells button").nth(3).click()
    page.wait_for_selector(".gm-sheet-closest:not([hidden])")
    camera.shoot(page, "closer")
    page.keyboard.press("Escape")
    page.click("#train-knobs")
    camera.shoot(page, "knobs")
    page.click("#train-knobs")
    page.click("#train-pause")
    page.wait_for_function(RUN_IS, arg="paused")
    camera.shoot(page, "paused")
    page.click("#train-step")
    page.click('[data-step="g/10"]')
    page.wait_for_selector('[data-part="report"] li >> nth=1')
    camera.shoot(page, "steps")
    page.click("#train-step")
    page.evaluate("document.querySelector('[name=train-which]').click()")
    page.click("#train-stop")
    page.wait_for_function(RUN_IS, arg="stopped")
    camera.shoot(page, "ended")
    shoot_failed(camera, page)


def shoot_failed(camera: Camera, page: Page) -> None:
    """Data that is not here and cannot be had; and a lesson's cure, tried."""
    page.click("#train-another")
    page.click('label:has([name="train-dataset-choice"][value="kmnist"])')
    page.click('[data-part="sheet-start"]')
    page.wait_for_function(RUN_IS, arg="failed")
    camera.shoot(page, "failed")
    page.click("#train-another")
    page.click('label:has([name="train-dataset-choice"][value="mnist"])')
    page.select_option("#train-preset select", "lesson-d-wins")
    page.click('[data-part="sheet-start"]')
    page.wait_for_selector(".gm-cure button")
    camera.shoot(page, "cure-offered")
    page.click(".gm-cure button")
    page.wait_for_function(SEEN, arg=4_000)
    page.locator("#train-curves").scroll_into_view_if_needed()
    camera.shoot(page, "cure-tried")
    page.evaluate("scrollTo(0, 0)")
    page.click("#train-stop")
    page.wait_for_function(RUN_IS, arg="stopped")


def shoot_playground(camera: Camera, page: Page) -> None:
    page.get_by_role("tab", name="Playground").click()
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.evaluate("ganmodel.explore('shipped:mnist-quick')")  # which has a training time
    page.wait_for_selector("#way-time")
    for way in WAYS:
        page.click(f"#way-{way}")
        page.wait_for_timeout(1500)
        camera.shoot(page, f"play-{way}")


# --- with others --------------------------------------------------------------------------------


def shoot_hosted(camera: Camera, browser: Browser) -> None:
    """One visitor trains; another waits in the queue, and reads the first one's run by its link."""
    with serve(ROOT, "--hosted") as served, visit(browser, served.url) as first:
        start_training(first, 300_000)
        first.wait_for_function(SEEN, arg=5_000)
        with visit(browser, served.url) as page:
            page.wait_for_function(
                "document.querySelector('#train-start').textContent.includes('before')"
            )
            camera.shoot(page, "busy")
            start_training(page)
            page.wait_for_selector(".gm-waits:not([hidden])")
            camera.shoot(page, "queued")
        link = first.evaluate(LINK)
        with visit(browser, link) as page:
            page.get_by_role("tab", name="Train").click()
            page.wait_for_selector('.gm-train[data-stage="reading"]')
            camera.shoot(page, "reading")


LINK = """async () => {
  document.querySelector("#runs-open").click();
  for (;;) {
    const more = document.querySelector(".gm-card .gm-menu");
    if (more) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const drawer = document.querySelector("#runs-drawer");
  const items = [...document.querySelectorAll(".gm-menu button")];
  items.find((one) => one.textContent.includes("link")).click();
  while (!drawer.dataset.link) await new Promise((done) => setTimeout(done, 50));
  return drawer.dataset.link;
}"""


def shoot_class(camera: Camera, browser: Browser) -> None:
    """The host's run, as a pupil sees it."""
    with serve(ROOT, "--classroom") as served:
        key = (served.runs / ".host-key").read_text("ascii").strip()
        with visit(browser, f"{served.url}?host={key}") as host:
            start_training(host, 300_000)
            host.wait_for_function(SEEN, arg=5_000)
            with visit(browser, served.url) as pupil:
                pupil.wait_for_function(RUN_IS, arg="running")
                camera.shoot(pupil, "class")


if __name__ == "__main__":
    main()
