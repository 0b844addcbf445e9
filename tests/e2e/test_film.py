"""The first visit, before any run: the film, by itself and by hand, and the game beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.ui.shared.bundled_runs import BUNDLED, FIRST
from tests.e2e.driving import SLIDER, see_curves, slide, wait_for_points, wait_for_text
from tests.e2e.playing import generator_of
from tests.support import wait_until

BLANK = """() => {
  const { width, height } = document.querySelector("[data-part=samples]");
  const drawn = document.querySelector("[data-part=samples]").getContext("2d");
  return !drawn.getImageData(0, 0, width, height).data.some(Boolean);
}"""


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One visitor's tab, which shows the film, for all tests."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    yield tab
    assert visits.trouble == []


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


FRAMES_ASKED_IN_A_WHILE = """async () => {
    const before = window.framesAsked;
    await new Promise((done) => setTimeout(done, 600));
    return window.framesAsked - before;
}"""


def test_a_page_asks_for_no_more_frames_once_it_has_loaded(page: Any) -> None:
    """They would keep a phone awake: a clock of Gradio's ticks 60 times a second for ever."""
    wait_until(lambda: page.evaluate(FRAMES_ASKED_IN_A_WHILE) < 18, what="a page at rest")


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


# --- the film by hand, and the game ------------------------------------------------------------


def test_a_remembered_film_that_is_gone_is_told_and_the_first_one_shown(page: Any) -> None:
    page.evaluate("sessionStorage.setItem('ganmodel.shown', '[\"shipped/of-before\", null]')")
    page.reload()
    wait_for_text(page, "message", "does not come with ganmodel any more")
    page.wait_for_function(
        "name => document.querySelector('#train-film').value === name", arg=f"{BUNDLED}{FIRST}"
    )
    page.wait_for_selector('[data-part="samples"][data-images]')
    assert page.evaluate("JSON.parse(sessionStorage.getItem('ganmodel.shown'))") == [None, None]


def test_a_first_visitor_sees_the_film_of_a_run_and_can_play_it(page: Any) -> None:
    page.wait_for_selector('[data-part="samples"][data-images]')
    wait_for_points(page, 50)
    page.click("#train-more summary")
    page.click(".gm-explained")
    wait_for_text(page, "distance-help", "2,500 drawn pictures lie from the real ones")
    wait_for_text(page, "distance-help", "in the eyes of a small digit reader; 1× is")
    page.click(".gm-explained")
    assert not page.is_visible("#train-distance-help")
    page.wait_for_selector('[data-part="reals"][data-shown]')
    last = int(page.get_attribute('[data-part="samples"]', "data-images"))
    page.click('[data-part="play"]')
    page.wait_for_function(
        "n => Number(document.querySelector('[data-part=samples]').dataset.images) < n / 2",
        arg=last,
    )
    slide(
        page, int(page.evaluate(f"document.querySelector('{SLIDER}').max")) - 6
    )  # to its last scene
    page.click('[data-part="play"]')
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'true'")
    wait_for_moment(page, str(last))
    page.select_option("#train-film", label="Lesson: D wins")
    page.wait_for_selector('[data-part="headline"] >> text=D wins')
    # Coach and numbers tell one distance, in one way.
    said = page.inner_text('[data-part="pictures-evidence"]')
    shown, times, _ = page.inner_text(".gm-explained").partition("×")
    assert said.startswith(f"{shown}{times} from real pictures")
    assert page.locator("#train-controls button:visible").count() == 0
    page.select_option("#train-film", label="MNIST by class, learned well")
    page.wait_for_selector("#train-game")
    wait_for_moment(page, str(last))
    a_picture_is_taken_to_the_playground_as_it_was_then(page)


def a_picture_is_taken_to_the_playground_as_it_was_then(page: Any) -> None:
    """From the film of the test above."""
    slide(page, 20)
    page.wait_for_function(
        "Number(document.querySelector('[data-part=samples]').dataset.images) < 1e5"
    )
    then = int(page.get_attribute('[data-part="samples"]', "data-images"))
    page.locator('[data-part="cells"] button').nth(5).click()
    page.click('[data-part="sheet-use"]')
    page.wait_for_selector("#play-canvas canvas[data-moment]")
    assert generator_of(page) == f"shipped:{FIRST}"
    assert page.input_value("#play-seed-a input") == "5"
    moment = int(page.get_attribute("#play-canvas canvas", "data-moment"))
    assert then / 2 < moment < then * 2
    assert f"after {moment:,} images" in page.inner_text('#play-time [data-part="time-shown"]')


def test_five_rounds_of_the_game_come_in_one_request_and_tell_what_d_said(
    page: Any, served: Any
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("about:blank")
    page.goto(served.url)
    pair = page.locator('[data-part="game-pair"] button')
    for number in range(1, 6):
        wait_for_text(page, "game-question", f"{number} of 5: after")
        pair.first.click()
        wait_for_text(page, "game-said", "D, as it was then")
        said, first = page.inner_text('[data-part="game-said"]'), pair.first
        assert said.startswith("Right" if first.get_attribute("data-is") == "drawn" else "No")
        assert {one.get_attribute("data-is") for one in pair.all()} == {"drawn", "real"}
        if number < 5:
            page.click('[data-part="game-next"]')
    assert "You found" in said
    page.click('[data-part="game-next"]')
    wait_for_text(page, "game-question", "1 of 5: after")
    assert sum("ganmodel-game" in url for url in asked) == 1
