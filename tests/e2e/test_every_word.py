"""In a language made up, every visited state of the page says what the catalogue has, and no other
word: whatever is in plain letters was written into the code, and would be so in any language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import playing
from tests.e2e.conftest import Visits
from tests.e2e.driving import (
    choose_data,
    close_sheets,
    end_all_runs,
    open_form,
    start,
    wait_for_state,
)
from tests.support_data import pictures, write

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçđéƒĝĥíĵķļɱñöþɋŕŝţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŜŢÛṼŴẊÝŽ",
)
KEPT = re.compile(r"(\{[^{}]*\}|<[^>]*>)")  # holes and markup
# Plain letters outside of what the catalogue said, wherever somebody sees or hears them. Names stay
# as they are, of files, classes and formats, and formulas, and what other scripts say.
MISSED = """() => {
  const NAMES = `.gm-formula, .gm-formulas, option:not([data-say]), .js-plotly-plot, textarea,
    [data-way-name], .gm-card-about b, #train-film, [data-part="generator-name"], figcaption b,
    .gm-long-names, [data-part="classes"], [data-part="class"], .gm-class-address, script, style,
    i[data-mark], .tab-wrapper > .hide, footer`;
  const missed = new Set();
  function look(element, text, where) {
    let rest = "";
    let depth = 0;
    for (const piece of text.split(/(\\[!!!|!!!\\])/)) {
      if (piece === "[!!!") depth++;
      else if (piece === "!!!]") depth--;
      else if (depth === 0) rest += piece + " ";
    }
    if (/[A-Za-z]{2,}/.test(rest)) missed.add(`${where}: ${rest.trim().slice(0, 80)}`);
  }
  const body = document.querySelector(".gradio-container");
  for (const element of body.querySelectorAll("*")) {
    if (element.closest(NAMES)) continue;
    for (const name of ["title", "aria-label", "alt", "placeholder", "aria-valuetext"]) {
      const text = element.getAttribute(name);
      if (text) look(element, text, `${name} of ${element.id || element.className}`);
    }
    if (!element.checkVisibility()) continue;
    for (const node of element.childNodes) {
      if (node.nodeType === 3 && node.data.trim()) {
        look(element, node.data, element.id || element.dataset.part || element.className);
      }
    }
  }
  look(document.body, document.title.replace("ganmodel", ""), "title");
  return [...missed];
}"""


def made_up(entry: Any) -> Any:
    """An entry in the language made up: other letters, longer, and marked at both ends."""
    if isinstance(entry, dict):
        return {key: one if key == "by" else made_up(one) for key, one in entry.items()}
    pieces = [p if KEPT.fullmatch(p) else p.translate(LETTERS) for p in KEPT.split(entry)]
    return f"[!!! {''.join(pieces)} !!!]" if entry.strip(" ,;") else entry


@pytest.fixture
def page(visitor: Visits, served: Any) -> Iterator[Any]:
    """A visitor whose page has the language made up."""

    def entries(text: str) -> str:
        words = {id: made_up(entry) for id, entry in json.loads(text).items()}
        return json.dumps(words).replace("<", "\\u003c")

    def within(text: str) -> str:
        at = text.index(">", text.index('id="ganmodel-words"')) + 1
        end = text.index("</script>", at)
        return text[:at] + entries(text[at:end]) + text[end:]

    yield visitor(changed={served.url: within, "**/errors.json": entries})
    end_all_runs(served)


def test_every_state_speaks_the_language_of_the_catalogue(page: Any, tmp_path: Path) -> None:
    missed: dict[str, list[str]] = {}

    def look(state: str) -> None:
        if found := page.evaluate(MISSED):
            missed[state] = found

    before_a_run(page, look)
    own_pictures(page, look, tmp_path)
    a_run(page, look)
    the_playground(page, look)
    assert missed == {}


def before_a_run(page: Any, look: Any) -> None:
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.wait_for_function("document.querySelector('[data-part=start-time]').textContent !== ''")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    look("first visit, all unfolded")
    page.locator('[data-part="game-pair"] button').first.click()
    look("game")
    open_form(page)
    look("settings")
    page.fill("#train-seed input", "many")
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('[data-part=sheet-refusal]').textContent !== ''")
    look("a setting that is no number")
    page.fill("#train-seed input", "0")
    close_sheets(page)
    page.evaluate("ganmodel.follow('shipped/lesson-d-wins')")
    page.wait_for_selector('#train-verdict[data-tone="wrong"]')
    look("lesson")


def own_pictures(page: Any, look: Any, folder: Path) -> None:
    archive = write(folder / "mine.zip", pictures(20))
    page.evaluate("document.querySelector('#train-own').click()")
    look("own pictures, 1")
    page.set_input_files("#own-drop input", archive)
    page.wait_for_selector('#own-sheet [data-panel="2"] [data-part="own-cells"] button')
    look("own pictures, 2")
    page.click('[data-part="own-go-on"]')
    page.wait_for_function("document.querySelector('[data-part=own-forecast]').textContent !== ''")
    look("own pictures, 3")
    close_sheets(page)


def a_run(page: Any, look: Any) -> None:
    open_form(page)
    choose_data(page, "mnist")
    start(page)
    look("getting ready")
    wait_for_state(page, "running")
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.locator(".gm-cells button").first.click()
    page.wait_for_function("document.querySelector('[data-part=sheet-opinion]').textContent !== ''")
    look("a picture, closer")
    close_sheets(page)
    page.click("#train-knobs")
    look("knobs")
    page.click("#train-knobs")
    page.click("#train-pause")
    wait_for_state(page, "paused")
    page.click("#train-step")
    page.click('[data-step="both/1"]')
    page.wait_for_selector('[data-part="report"] li >> nth=1')
    look("steps by hand")
    page.click("#train-stop")
    wait_for_state(page, "stopped")
    look("stopped")
    page.click("#runs-open")
    page.wait_for_selector('[data-part="cards"] .gm-card')
    page.locator('[data-part="cards"] summary').first.click()
    look("list of runs")
    boxes = page.locator("#runs-drawer .gm-card input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.click('[data-part="drawer-compare"]')
    page.wait_for_selector('[data-part="differing"] tr')
    look("two runs beside each other")
    close_sheets(page)


def the_playground(page: Any, look: Any) -> None:
    page.click('#page-tabs > .tab-wrapper [data-tab-id="playground"]')
    page.wait_for_selector(f"{playing.CANVAS}[data-frame]")
    page.evaluate("ganmodel.explore('shipped:mnist-quick')")  # which has a training time
    page.wait_for_selector("#way-time")
    for way in ("drawing", "ab", "sliders", "map", "found", "time"):
        page.click(f"#way-{way}")
        look(f"Playground, {way}")
    page.wait_for_selector('[data-part="table-cells"] button')
    page.click('[data-part="favourite"]')
    page.evaluate(
        "for (const one of document.querySelectorAll('.gm-play details')) one.open = true"
    )
    page.dispatch_event('[data-copy="link"]', "click")
    look("Playground, all unfolded")
    page.click('[data-part="choose-generator"]')
    look("Playground, generators")
