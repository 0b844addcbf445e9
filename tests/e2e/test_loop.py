"""The loop on every screen: one drawing, which stays where it is from before Start to the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.driving import (
    end_all_runs,
    start,
    wait_for_state,
    wait_for_text,
)

SCREENS = {
    "small phone": (320, 640),
    "phone": (390, 844),
    "tablet": (768, 1024),
    "between": (1220, 700),
    "small laptop": (1280, 1000),
    "desktop": (1440, 900),
}
PHONES = ("small phone", "phone")
# Where what is too wide would be cut off.
CUT_OFF = """() => [...document.querySelectorAll(".gm-train > *, .gm-train > * > *")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML)"""
# What the tab key reaches of what is on the screen; a group of which arrows choose is one.
PRESSED = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")].filter((one) => {
  const box = one.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const isThere = seen && one.contains(seen) && box.width > 0 && one.checkVisibility();
  return isThere && one.tabIndex >= 0 && !one.disabled;
}).map((one) => one.id || one.dataset.part || one.textContent.trim() || one.outerHTML)"""
# On a phone, the bar is what stands at the screen's lower edge.
BOXES = """() => [".gm-grid", "#train-d", "#train-bar", ".gm-launch", "#train-status"]
  .map((name) => document.querySelector(name))
  .filter((one, k) => {
    const { position, clipPath } = getComputedStyle(one);
    return k < 3 || (position === "fixed" && clipPath === "none" && one.offsetHeight > 0);
  })
  .map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y + scrollY, width, height];
  })"""
# What moves, counted as a layout shift is (the part of the screen times the way in screens), also
# right after a press; what only moves behind a phone's bar is not seen.
SHIFTS = """() => {
  window.shifted = 0;
  window.sources = [];
  const bar = document.querySelector(".gm-launch");
  const edge = getComputedStyle(bar).position === "fixed" ? bar.getBoundingClientRect().y : 1e9;
  const isBehind = (box) => box.height === 0 || box.y >= edge;
  const score = ({ previousRect: was, currentRect: is }) => isBehind(was) && isBehind(is) ? 0 :
    (Math.max(was.width * was.height, is.width * is.height) / (innerWidth * innerHeight)) *
    (Math.max(Math.abs(was.x - is.x), Math.abs(was.y - is.y)) / Math.max(innerWidth, innerHeight));
  new PerformanceObserver((list) => {
    for (const source of list.getEntries().flatMap((one) => one.sources)) {
      window.shifted += score(source);
      const moved = source.node?.outerHTML?.slice(0, 90) ?? "";
      window.sources.push(score(source).toFixed(4), moved);
    }
  }).observe({ type: "layout-shift" });
}"""


def stand(page: Any, before: list[list[float]]) -> None:
    for now, was in zip(page.evaluate(BOXES), before, strict=True):
        assert now == pytest.approx(was, abs=1)


@pytest.fixture
def first_visit(visitor: Any, served: Any) -> Iterator[Any]:
    yield visitor
    end_all_runs(served)


def test_start_is_on_the_first_screen_beside_few_things_to_press_and_nothing_is_wider(
    visitor: Any,
) -> None:
    page = visitor()
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.wait_for_selector('[data-part="game-pair"] button', state="attached")
    wait_for_text(page, "start-time", "about")
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("new Promise(requestAnimationFrame)")
        box = page.locator("#train-start").bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width, screen
        assert 0 < box["y"] < box["y"] + box["height"] <= height, screen
        assert box["height"] >= (44 if screen in PHONES else 36)
        assert page.evaluate(CUT_OFF) == [], screen
        assert page.evaluate("document.documentElement.scrollWidth") <= width, screen
        offered = page.evaluate(PRESSED)
        assert len(offered) <= (7 if screen in PHONES else 12), offered


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_grid_d_and_bar_stay_where_they_are_from_before_start_to_the_end(
    first_visit: Any, screen: str
) -> None:
    page = first_visit(*SCREENS[screen])
    page.wait_for_selector('[data-part="samples"][data-images]')
    wait_for_text(page, "start-time", "about")
    page.wait_for_selector('[data-part="game-pair"] button', state="attached")
    page.evaluate(SHIFTS)
    before = page.evaluate(BOXES)
    assert page.title() == "ganmodel"
    start(page, 3_000)
    assert page.evaluate("scrollY") == 0
    stand(page, before)
    wait_for_state(page, "running")
    page.wait_for_function("/^[0-9]+ % · mnist/.test(document.title)")
    wait_for_text(page, "picks-shown", "of 100")
    stand(page, before)
    wait_for_state(page, "finished")
    stand(page, before)
    assert page.evaluate("window.shifted") < 0.02, "\n".join(page.evaluate("window.sources"))
    the_end_is_told_and_leads_on(page)


def the_end_is_told_and_leads_on(page: Any) -> None:
    """In the tab's title and by the bar's buttons, of the run of the test above."""
    page.wait_for_function("document.title.startsWith('Ended · mnist')")
    offered = page.locator("#train-controls button:visible").all_inner_texts()
    assert offered == ["Play with it", "Train another", "Train longer", "Compare"]
    page.click("#train-compare")
    page.wait_for_selector("#runs-drawer .gm-card")
