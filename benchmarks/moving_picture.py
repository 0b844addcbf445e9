"""The README's moving picture: a run of `quick` on the Train tab, from Start on, sped up.

    python benchmarks/moving_picture.py docs/run.webp

Nothing is judged here; look at it before it is shipped.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from browser import chromium, start_training, visit
from figures import at_least
from PIL import Image
from playwright.sync_api import Page
from serving import serve

SCREEN = {"width": 1280, "height": 720}
SEEN = "Number(document.querySelector('[data-part=samples]').dataset.images)"
PICTURES = 26
SHOWN = 300  # milliseconds each
RESTS = 2500  # at the end
GROWTH = 1.28  # from a picture to the next: most happens at the beginning


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="where the picture goes, a .webp")
    parser.add_argument("--images", type=at_least(1), default=200_000, help="of the run")
    parser.add_argument("--width", type=at_least(100), default=820, help="of the picture, pixels")
    options = parser.parse_args()
    with chromium() as browser, serve() as served, visit(browser, served.url) as page:
        page.set_viewport_size(SCREEN)
        page.wait_for_function(f"{SEEN} > 10000")  # of the film that plays by itself
        frames = [taken(page, options.width)]
        start_training(page, options.images)
        page.wait_for_function("document.body.dataset.run === 'running'")
        page.evaluate("document.activeElement.blur()")
        wanted = options.images / GROWTH**PICTURES
        for _ in range(PICTURES):
            page.wait_for_function(f"n => {SEEN} >= n", arg=wanted)
            frames.append(taken(page, options.width))
            wanted *= GROWTH
        page.wait_for_function("document.body.dataset.run === 'finished'")
        frames.append(taken(page, options.width))
    durations = [RESTS // 2] + [SHOWN] * (len(frames) - 2) + [RESTS]
    frames[0].save(
        options.file, save_all=True, append_images=frames[1:], duration=durations, loop=0,
        quality=60, method=6,
    )  # fmt: skip
    print(f"{len(frames)} pictures, {options.file.stat().st_size / 1000:.0f} kB: {options.file}")


def taken(page: Page, width: int) -> Image.Image:
    """The screen as it is, made small."""
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    height = round(whole.height * width / whole.width)
    return whole.resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
