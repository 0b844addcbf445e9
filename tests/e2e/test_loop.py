"""The loop, in every state and on every screen: one drawing, which stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.driving import (
    end_all_runs,
    see_curves,
    slide,
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
  .filter((one, k) => k < 3 || getComputedStyle(one).position === "fixed" && one.offsetHeight > 0)
  .map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y + scrollY, width, height];
  })"""
SHIFTS = """() => {
  window.shifted = 0;
  window.sources = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.hadRecentInput) continue;
      window.shifted += one.value;
      const moved = one.sources.map(({ node }) => node?.outerHTML?.slice(0, 90) ?? "");
      window.sources.push(one.value.toFixed(4), ...moved);
    }
  }).observe({ type: "layout-shift" });
}"""

BLANK = """() => {
  const { width, height } = document.querySelector("[data-part=samples]");
  const drawn = document.querySelector("[data-part=samples]").getContext("2d");
  return !drawn.getImageData(0, 0, width, height).data.some(Boolean);
}"""


def stand(page: Any, before: list[list[float]]) -> None:
    for now, was in zip(page.evaluate(BOXES), before, strict=True):
        assert now == pytest.approx(was, abs=1)


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One visitor's tab, which shows the film, for all tests that begin no run."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    yield tab
    assert visits.trouble == []


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
    start(page, 3_000)
    assert page.evaluate("scrollY") == 0
    stand(page, before)
    wait_for_state(page, "running")
    wait_for_text(page, "picks-shown", "of 100")
    stand(page, before)
    wait_for_state(page, "finished")
    stand(page, before)
    assert page.evaluate("window.shifted") < 0.02, "\n".join(page.evaluate("window.sources"))


# --- honest motion --------------------------------------------------------------------------------


def test_the_film_plays_by_itself_where_motion_is_wanted_and_a_hand_stops_it(visitor: Any) -> None:
    page = visitor(reduced_motion="no-preference")
    moments = "Number(document.querySelector('[data-part=samples]').dataset.images)"
    page.wait_for_function(f"{moments} > 0 && {moments} < 10000")
    page.wait_for_function(f"{moments} > 10000")
    slide(page, 3)
    page.wait_for_function("location.hash.startsWith('#at=')")
    held = page.evaluate("location.hash").removeprefix("#at=")
    wait_for_moment(page, held)
    page.wait_for_selector('[data-part="play"][data-icon="play"]')
    page.evaluate("new Promise((done) => setTimeout(done, 700))")  # two of the film's pictures
    wait_for_moment(page, held)


def test_where_motion_is_not_wanted_the_film_stands_at_its_end(page: Any) -> None:
    page.wait_for_selector('[data-part="samples"][data-images="786432"]')
    assert page.get_attribute('[data-part="live"]', "aria-pressed") == "true"


def test_the_arrow_back_to_g_is_dashed_and_called_faded_where_nothing_reaches_it(
    page: Any,
) -> None:
    arrow = '.gm-wires path[data-wire="back"]'
    page.wait_for_selector(arrow, state="attached")
    assert not page.is_visible('[data-part="faded"]')
    assert page.evaluate(f"document.querySelector('{arrow}').style.strokeDasharray") == ""
    page.evaluate("ganmodel.follow('shipped/lesson-d-wins')")
    page.wait_for_selector('[data-part="faded"]')
    assert page.evaluate(f"document.querySelector('{arrow}').style.strokeDasharray") != ""
    page.evaluate("ganmodel.follow('shipped/mnist-quick')")


FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const { outlineStyle, boxShadow } = getComputedStyle(one);
  const { top, bottom } = one.getBoundingClientRect();
  const name = one.id || one.dataset.part || one.type || one.textContent.trim();
  const isTold = outlineStyle !== "none" || boxShadow !== "none";
  return { name, isTold, isSeen: bottom > 0 && top < innerHeight };
}"""


def test_the_tab_key_leads_through_the_whole_first_visit_and_shows_where_it_is(page: Any) -> None:
    page.reload()
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.wait_for_selector('[data-part="game-pair"] button')
    passed = []
    for _ in range(100):
        page.keyboard.press("Tab")
        if not (now := page.evaluate(FOCUSED)):
            break
        passed.append(now)
    names = [one["name"] for one in passed]
    for wanted in ("runs-open", "play", "range", "live", "train-start", "train-data",
                   "train-settings", "chart-picks", "more-charts", "train-film"):  # fmt: skip
        assert wanted in names
    assert any("Measurements" in name for name in names)
    assert all(one["isTold"] and one["isSeen"] for one in passed), passed


def test_on_a_phone_charts_let_a_scroll_through(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    see_curves(page)
    page.wait_for_selector('[data-part="picks"] .nsewdrag', state="attached")
    layers = """[...document.querySelectorAll(".gm-plot, .gm-plot *")]
        .filter((layer) => !getComputedStyle(layer).touchAction.startsWith("pan-y")).length"""
    assert page.evaluate(layers) == 0
    page.evaluate("scrollTo(0, 0)")


# --- what is remembered and announced ---------------------------------------------------------


def test_moments_make_history_survive_a_reload_and_open_by_their_address(
    page: Any, visitor: Any
) -> None:
    page.wait_for_selector('[data-part="samples"][data-images="786432"]')
    slide(page, 4)
    page.wait_for_function("location.hash.startsWith('#at=')")
    first = page.evaluate("location.hash").removeprefix("#at=")
    wait_for_moment(page, first)
    slide(page, 9)
    page.wait_for_function("was => location.hash !== `#at=${was}`", arg=first)
    page.go_back()
    wait_for_moment(page, first)
    page.reload()
    wait_for_moment(page, first)
    other = visitor(address=page.url)
    wait_for_moment(other, first)


def test_a_link_to_a_moment_that_is_gone_says_so_and_shows_no_other_picture(
    page: Any, served: Any
) -> None:
    page.goto("about:blank")
    page.goto(f"{served.url}#at=77777")
    wait_for_text(page, "message", "There are no pictures after 77,777 images")
    assert page.get_attribute('[data-part="samples"]', "data-images") is None
    assert page.evaluate(BLANK)
    page.click('[data-part="live"]')
    page.wait_for_selector('[data-part="samples"][data-images="786432"]')


def wait_for_moment(page: Any, images: str) -> None:
    page.wait_for_selector(f'[data-part="samples"][data-images="{images}"]')


def test_the_tabs_title_tells_how_far_a_run_is_and_that_it_has_ended(
    first_visit: Any, served: Any
) -> None:
    page = first_visit()
    assert page.title() == "ganmodel"
    start(page)
    page.wait_for_function("/^0 % · mnist/.test(document.title)")
    page.click("#train-stop")
    page.wait_for_function("document.title.startsWith('Ended · mnist')")
    offered = page.locator("#train-controls button:visible").all_inner_texts()
    assert offered[1:] == ["Play with it", "Train another", "Compare"]
    page.click("#train-compare")
    page.wait_for_selector("#runs-drawer .gm-card")
