"""How fast the Playground's picture follows the hand, and what else one waits for, in Chromium.

Single moves give the latency, three seconds of dragging the rate of updates; from A to B, where
pictures are fetched ahead, and with a single slider, where each is asked for; on a page that is
otherwise at rest, while a run trains beside it, and with the server 80 ms away. Times are taken
inside the page.
"""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from asking_pages import asking
from browser import chromium, start_training, stop_training, visit
from figures import at_least, percentile
from playwright.sync_api import Page
from serving import serve

AIMS = {
    "at rest": "p50 at most 10 ms, p95 at most 20 ms, 55 updates a second",
    "beside a training": "p95 at most 40 ms",
    "far away": "p95 at most 20 ms",
}
LONGEST_RUN = 2_000_000  # images; must not end by itself while it is measured
FAR_AWAY = 80  # milliseconds that every answer takes longer
ALONG, SINGLE = "#play-alpha input[type=range]", "#play-z input[type=range]"

# What both modes use: one `input` event as from a hand, and the picture's own news of it.
HAND = """
  const slider = document.querySelector(selector);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const canvas = document.querySelector("#play-canvas canvas");
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const move = (value) => {
    setValue.call(slider, low + (high - low) * value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
"""

# Milliseconds from each move to the drawn canvas, and to the frame after it.
SINGLE_MOVES = (
    "async ({ selector, count }) => {"
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
    "async ({ selector, seconds, rate }) => {"
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
        for name, slider in (("A to B", ALONG), ("a single slider", SINGLE)):
            report(f"{name}, nothing else to do", measure(page, slider, options), AIMS["at rest"])
        other_work(page, served.url)

        open_tab(page, "Train")
        start_training(page, LONGEST_RUN)
        page.evaluate("document.querySelector('#train-curves').scrollIntoView({ block: 'end' })")
        page.wait_for_function(
            "document.querySelector('[data-part=picks]').data?.[0]?.x.length > 0"
        )
        open_playground(page)
        for name, slider in (("A to B", ALONG), ("a single slider", SINGLE)):
            aim = AIMS["beside a training"]
            report(f"{name}, a run training beside it", measure(page, slider, options), aim)
        open_tab(page, "Train")
        stop_training(page)

        open_playground(page)
        switching(page)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": FAR_AWAY, "downloadThroughput": -1,
             "uploadThroughput": -1},
        )  # fmt: skip
        page.wait_for_timeout(1000)
        far = measure(page, ALONG, options)
        report(f"A to B, {FAR_AWAY} ms away, once fetched", far, AIMS["far away"])


def switching(page: Page) -> None:
    """Milliseconds from the choice of other weights to their picture, to and fro."""
    times = page.evaluate(
        """async (repeats) => {
          const choices = "#play-weights [data-id]:not(:disabled)", times = [];
          const canvas = document.querySelector("#play-canvas canvas");
          const ids = [...document.querySelectorAll(choices)].map((card) => card.dataset.id);
          for (let i = 0; i < repeats; i++) {
            const drawn = new Promise((r) => canvas.addEventListener("drawn", r, { once: true }));
            const chosen = performance.now();
            const id = CSS.escape(ids.at(i % 2 ? 0 : -1));
            document.querySelector(`#play-weights [data-id="${id}"]`).click();
            await drawn;
            times.push(performance.now() - chosen);
            await new Promise((resolve) => setTimeout(resolve, 1000));
          }
          return times;
        }""",
        6,
    )
    median, most = percentile(times, 50), max(times)
    print(f"  switching weights: median {median:.0f} ms, most {most:.0f} ms (aim 300 ms)")


def other_work(page: Page, url: str) -> None:
    """What else a person waits for, in milliseconds from the request to the whole answer, and to
    the file where that is at an address of its own."""
    asked = asking(url)
    for name, (question, more, aim) in WAITS.items():
        values = {"generator": "shipped:mnist", "place": "stops=53,46,8", **more}
        request = asked.request(question, secrets.token_hex(32), **values)
        times = page.evaluate(
            """async ([path, headers, body, repeats]) => {
              const times = [];
              for (let i = 0; i < repeats; i++) {
                const began = performance.now();
                const answer = await fetch(path, { method: "POST", headers, body });
                const content = await answer.blob();
                if (!answer.ok) throw new Error(await content.text());
                if (content.type.includes("ndjson")) {
                  const address = /"address":"([^"]+)"/.exec(await content.text())?.[1];
                  if (address) await (await fetch(address)).blob();
                }
                times.push(performance.now() - began);
              }
              return times;
            }""",
            [request.path, request.headers, request.body.decode(), 5],
        )
        print(f"  {name:34}median {percentile(times, 50):6.0f} ms (aim {aim:,} ms)", flush=True)


WAITS: dict[str, tuple[str, dict[str, Any], int]] = {
    "64 samples as a grid": ("keep", {"form": "grid", "seed": 0, "rows": 8, "columns": 8}, 60),
    "the way in 201 frames": ("frames", {"count": 201}, 300),
    "a walk of 120 frames as GIF": ("keep", {"form": "gif", "count": 120, "speed": 24}, 3_000),
    "a walk of 120 frames as MP4": ("keep", {"form": "mp4", "count": 120, "speed": 24}, 4_000),
    "finding a drawing": (
        "search", {"drawing": [255 * (12 < i % 28 < 16) for i in range(784)]}, 10_000,
    ),
}  # fmt: skip


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).click()


def open_playground(page: Page) -> None:
    """Opens the tab and waits until its picture is drawn and its first work is done."""
    open_tab(page, "Playground")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.click("#way-sliders")
    page.wait_for_selector("#play-z input")
    page.click("#way-ab")
    page.wait_for_selector("#play-strip[data-key]")
    page.wait_for_timeout(1000)


def measure(page: Page, selector: str, options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of each single move, and what happened in a second of dragging.

    A few moves come first, because the very first ones also warm up caches and the compiler.
    """
    page.click("#way-ab" if selector == ALONG else "#way-sliders")
    page.evaluate(SINGLE_MOVES, {"selector": selector, "count": 10})
    page.evaluate("document.querySelector('[data-part=reset]').click()")
    page.wait_for_timeout(1500)  # the frames of the way are fetched again
    single = page.evaluate(SINGLE_MOVES, {"selector": selector, "count": options.moves})
    drag = {"selector": selector, "seconds": options.seconds, "rate": options.rate}
    return single | page.evaluate(DRAGGING, drag)


def report(situation: str, times: dict[str, Any], aim: str) -> None:
    print(f"{situation} (aim: {aim})")
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
