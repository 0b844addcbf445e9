"""Every state of the page, visited once in a language made up.

It says what the catalogue has and no other word: whatever is in plain letters was written into the
code, and would be so in any language. And it is no barrier to anybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
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
from tests.e2e.test_barriers import AT_ONCE, barriers
from tests.support_data import pictures, write

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçđéƒĝĥíĵķļɱñöþɋŕŝţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŜŢÛṼŴẊÝŽ",
)
WAYS = {  # and what is there once each can be used
    "drawing": "#play-pad",
    "ab": "#play-path",
    "sliders": "#play-z input",
    "map": "#play-map[data-drawn]",
    "found": ".gm-found",
    "time": '[data-part="table-cells"] button',
}
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


@dataclass
class Walk:
    """What was found in each state."""

    page: Any
    missed: dict[str, list[str]] = field(default_factory=dict)
    barriers: dict[str, list[str]] = field(default_factory=dict)

    def look(self, state: str, within: str | None = None, *, both: bool = False) -> None:
        """`within`: where barriers are looked for; `both`: on a dark phone, too."""
        if found := self.page.evaluate(MISSED):
            self.missed[state] = found
        if within and (found := barriers(self.page, within, both=both)):
            self.barriers[state] = found


@pytest.fixture(scope="module")
def walked(visits: Visits, served: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A visitor whose page has the language made up, through all states."""

    def entries(text: str) -> str:
        words = {id: made_up(entry) for id, entry in json.loads(text).items()}
        return json.dumps(words).replace("<", "\\u003c")

    def within(text: str) -> str:
        at = text.index(">", text.index('id="ganmodel-words"')) + 1
        end = text.index("</script>", at)
        return text[:at] + entries(text[at:end]) + text[end:]

    page = visits(changed={served.url: within, "**/errors.json": entries})
    page.add_style_tag(content=AT_ONCE)  # or colours are looked at on their way to others
    walk = Walk(page)
    before_a_run(page, walk.look)
    own_pictures(page, walk.look, tmp_path_factory.mktemp("mine"))
    a_run(page, walk.look)
    the_playground(page, walk.look)
    yield walk
    end_all_runs(served)
    assert visits.trouble == []


def test_every_state_speaks_the_language_of_the_catalogue(walked: Walk) -> None:
    assert walked.missed == {}


def test_no_state_is_a_barrier(walked: Walk) -> None:
    assert walked.barriers == {}


def before_a_run(page: Any, look: Any) -> None:
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.wait_for_function("document.querySelector('[data-part=start-time]').textContent !== ''")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    look("first visit, all unfolded", "html", both=True)
    page.locator('[data-part="game-pair"] button').first.click()
    look("game")
    open_form(page)
    page.evaluate("document.querySelector('#train-all').open = true")
    look("settings", "#train-form", both=True)
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
    look("own pictures, 1", "#own-sheet")
    page.set_input_files("#own-drop input", archive)
    page.wait_for_selector('#own-sheet [data-panel="2"] [data-part="own-cells"] button')
    look("own pictures, 2", "#own-sheet", both=True)
    page.click('[data-part="own-go-on"]')
    page.wait_for_function("document.querySelector('[data-part=own-forecast]').textContent !== ''")
    look("own pictures, 3", "#own-sheet")
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
    look("a picture, closer", "#train-sheet", both=True)
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
    look("stopped", "html")
    page.click("#runs-open")
    page.wait_for_selector('[data-part="cards"] .gm-card')
    page.locator('[data-part="cards"] summary').first.click()
    look("list of runs", "#runs-drawer", both=True)
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
    for way, shown in WAYS.items():
        page.click(f"#way-{way}")
        page.wait_for_selector(shown)
        # Colours are the same in all; what is narrow differs in these.
        look(f"Playground, {way}", f"#panel-{way}", both=way in ("sliders", "found"))
    page.click('[data-part="favourite"]')
    page.evaluate(
        "for (const one of document.querySelectorAll('.gm-play details')) one.open = true"
    )
    page.dispatch_event('[data-copy="link"]', "click")
    look("Playground, all unfolded", "html", both=True)
    page.click('[data-part="choose-generator"]')
    look("Playground, generators", "#play-weights")
