"""How fast the Playground's picture follows the slider from A to B, in headless Chromium.

Single moves give the latency, three seconds of dragging the rate of updates; both on a page that
is otherwise at rest, and again while a run trains beside it. Times are taken inside the page.
"""

from __future__ import annotations

import argparse
from typing import Any

from browser import (
    at_least,
    chromium,
    percentile,
    serve,
    start_training,
    stop_training,
    visit,
)
from playwright.sync_api import Page

AIM_MS, AIM_UPDATES = 33, 50
LONGEST_RUN = 2_000_000  # images; must not end by itself while it is measured

# What both modes use: one `input` event as from a hand, and the picture's own news of it.
HAND = """
  const slider = document.querySelector("#play-alpha input");
  const canvas = document.querySelector("#play-canvas canvas");
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const move = (value) => {
    setValue.call(slider, value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
"""

# Milliseconds from each move to the drawn canvas, and to the frame after it.
SINGLE_MOVES = (
    "async (count) => {"
    + HAND
    + """
  const times = { drawn: [], frame: [] };
  for (let i = 0; i < count; i++) {
    const value = ((i * 0.381966) % 1).toFixed(2);   // far from the last, and never twice in a row
    let drawn, watch;
    const done = new Promise((resolve, reject) => {
      watch = setTimeout(() => reject(new Error("no picture within 10 s")), 10000);
      const note = () => { drawn = performance.now(); resolve(); };
      canvas.addEventListener("drawn", note, { once: true });
    });
    const moved = performance.now();
    move(value);
    await done;
    clearTimeout(watch);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const frame = performance.now();
    times.drawn.push(drawn - moved);
    times.frame.push(frame - moved);
    await pause(20 + 20 * Math.random());            // so that moves meet every phase of a frame
  }
  return times;
}"""
)

# To and fro for a while: moves made, canvases drawn, and frames that had a new one to show.
DRAGGING = (
    "async ({ seconds, rate }) => {"
    + HAND
    + """
  let moves = 0, updates = 0, frames = 0, fresh = false, dragging = true;
  const count = () => { updates += 1; fresh = true; };
  const look = () => {
    if (!dragging) return;
    if (fresh) { frames += 1; fresh = false; }
    requestAnimationFrame(look);
  };
  canvas.addEventListener("drawn", count);
  requestAnimationFrame(look);
  const start = performance.now(), step = 1000 / rate;
  for (let due = start; due < start + 1000 * seconds; due += step) {
    await pause(Math.max(0, due - performance.now()));
    due = Math.max(due, performance.now() - step);   // a hand does not make up for missed moves
    const turn = ((performance.now() - start) / 1000) % 2;   // A to B in a second, and back
    move((turn < 1 ? turn : 2 - turn).toFixed(3));
    moves += 1;
  }
  const spent = (performance.now() - start) / 1000;
  dragging = false;
  canvas.removeEventListener("drawn", count);
  return { moves: moves / spent, updates: updates / spent, frames: frames / spent };
}"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=at_least(1), default=200, help="single moves (default 200)")
    parser.add_argument("--seconds", type=at_least(1), default=3, help="of dragging (default 3)")
    parser.add_argument("--rate", type=at_least(1), default=120, help="moves/s (default 120)")
    options = parser.parse_args()

    with serve() as served, chromium() as browser, visit(browser, served.url) as page:
        open_playground(page)
        report("nothing else to do", measure(page, options))

        open_tab(page, "Train")
        start_training(page, LONGEST_RUN)
        page.wait_for_function(
            "document.querySelector('[data-part=beliefs]').data?.[0].x.length > 0"
        )
        open_playground(page)
        report("a run training beside it", measure(page, options))

        open_tab(page, "Train")
        stop_training(page)
    print(f"Aim at rest: p95 at most {AIM_MS} ms, {AIM_UPDATES} updates a second.")


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).click()


def open_playground(page: Page) -> None:
    """Opens the tab and waits until its picture is drawn and its first work is done."""
    open_tab(page, "Playground")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.wait_for_timeout(1000)


def measure(page: Page, options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of each single move, and what happened in a second of dragging.

    A few moves come first, because the very first ones also warm up caches and the compiler.
    """
    page.evaluate(SINGLE_MOVES, 10)
    single = page.evaluate(SINGLE_MOVES, options.moves)
    return single | page.evaluate(DRAGGING, {"seconds": options.seconds, "rate": options.rate})


def report(situation: str, times: dict[str, Any]) -> None:
    print(f"With {situation}:")
    for name, words in (("drawn", "move to drawn canvas"), ("frame", "move to next frame")):
        p50, p95 = (percentile(times[name], percent) for percent in (50, 95))
        print(f"  {words:22}p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   of {len(times[name])} moves")
    print(
        f"  {'dragging':22}{times['updates']:.0f} updates/s, {times['frames']:.0f} frames/s with a"
        f" new picture, from {times['moves']:.0f} moves/s",
        flush=True,
    )


if __name__ == "__main__":
    main()
