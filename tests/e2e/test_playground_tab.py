"""Every way to move in the Playground, as a person uses it: by mouse, keys and touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.playing import (
    ALPHA,
    CANVAS,
    begun,
    do_and_wait_for_picture,
    move,
    opened,
    pixels,
    wait_for_idle,
    wait_for_pixels,
    wait_for_rest,
    way,
)
from tests.support import wait_until


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return opened(visits())


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One tab for all tests, since opening it takes longer than most."""
    yield begun(tab)
    assert visits.trouble == []


COUNT_INK = """canvas => {
    const { width, height } = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return data.filter((v, i) => i % 4 === 0 && v > 128).length;
}"""


# The picture halfway, where it is there before the hand's event is over, and nothing was asked for.
DRAWN_AT_ONCE = """([slider, canvas]) => {
    [slider, canvas] = [slider, canvas].map((selector) => document.querySelector(selector));
    const before = canvas.dataset.frame;
    slider.value = 0.5;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const drawn = canvas.dataset.frame !== before && canvas.ariaBusy !== "true";
    return drawn ? canvas.toDataURL() : null;
}"""


# --- A to B -------------------------------------------------------------------------------------


def test_the_shipped_generator_draws_a_digit_not_a_blank(page: Any) -> None:
    inked = page.locator(CANVAS).evaluate(COUNT_INK)
    assert 30 < inked < 400  # strokes on black: neither an empty picture nor noise
    assert page.input_value("#play-weights select") == "shipped:mnist"


def test_dragging_from_a_to_b_with_the_mouse_changes_the_picture(page: Any) -> None:
    at_a = pixels(page)
    box = page.locator(ALPHA).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, y)
    page.mouse.down()
    seen = {at_a}
    for step in range(1, 11):
        x = box["x"] + 8 + (box["width"] - 16) * step / 10
        seen.add(do_and_wait_for_picture(page, lambda x=x: page.mouse.move(x, y)))
    page.mouse.up()
    assert len(seen) >= 9
    assert float(page.input_value(ALPHA)) > 0.95


def test_both_ends_are_the_pictures_of_their_start_numbers(page: Any) -> None:
    at_b = move(page, ALPHA, 1)
    at_a = move(page, ALPHA, 0)
    b = page.input_value("#play-seed-b input")
    assert at_a != at_b
    page.fill("#play-seed-a input", b)
    wait_for_pixels(page, at_b)


def test_along_the_way_no_question_is_asked_and_the_pictures_are_the_servers_own(page: Any) -> None:
    """Frames fetched ahead follow the hand; those between two frames are asked for."""

    def moved_without_asking() -> str | None:
        """From elsewhere, at rest: the frames may be on their way yet."""
        move(page, ALPHA, 0.25)
        wait_for_rest(page, "at=0.25")
        wait_for_idle(page)
        return page.evaluate(DRAWN_AT_ONCE, [ALPHA, CANVAS])

    ahead = wait_until(moved_without_asking, what="the frames ahead")
    wait_for_rest(page, "at=0.5")
    wait_for_idle(page)  # the exact picture, asked for at rest, has come
    assert pixels(page) == ahead


def test_the_number_under_the_hand_is_shown_and_can_be_typed(page: Any) -> None:
    slid = move(page, ALPHA, 0.25)
    number = '#play-alpha [data-part="alpha"]'
    assert page.input_value(number) == "0.25"
    page.fill(number, "0.8")
    assert float(page.input_value(ALPHA)) == 0.8
    page.fill(number, "0.25")
    wait_for_pixels(page, slid)


def test_three_paths_agree_at_a_and_differ_between(page: Any) -> None:
    at_a = pixels(page)
    curved = move(page, ALPHA, 0.5)
    straight = page.locator("#play-path input[value=lerp]")
    assert do_and_wait_for_picture(page, straight.check) != curved
    page.check("#play-path input[value=loop]")
    wait_for_rest(page, "path=loop&at=0.125")  # still halfway from A to B
    assert move(page, ALPHA, 1) == at_a  # a loop ends where it began


def test_stops_are_added_reached_and_removed(page: Any) -> None:
    page.click('[data-part="add"]')
    page.wait_for_selector("#play-stop-2")
    page.fill("#play-stop-2", "21")
    wait_for_rest(page, "stops=53,46,21&at=1")
    at_c = pixels(page)
    page.click('[aria-label="Remove stop B"]')
    wait_for_rest(page, "stops=53,21&at=1")
    wait_for_pixels(page, at_c)


def test_playing_moves_along_the_way_until_it_is_paused(page: Any) -> None:
    page.click('[data-part="play-way"]')
    page.wait_for_function(f"Number(document.querySelector('{ALPHA}').value) > 0.1")
    page.click('[data-part="play-way"]')
    stopped = page.input_value(ALPHA)
    page.evaluate("() => new Promise((seen) => "
                  "requestAnimationFrame(() => requestAnimationFrame(seen)))")  # fmt: skip
    assert page.input_value(ALPHA) == stopped


def test_a_picture_of_the_strip_takes_the_slider_there(page: Any) -> None:
    tile = page.locator("#play-strip button").nth(4)
    do_and_wait_for_picture(page, tile.click)
    assert float(page.input_value(ALPHA)) == 0.5
    assert tile.get_attribute("aria-pressed") == "true"


# --- one and the same point -------------------------------------------------------------------


def test_ten_thousand_quick_moves_end_at_the_last_one(page: Any) -> None:
    """A single slider asks the server each time: one question is on its way, the latest wins."""
    way(page, "sliders")
    slow = move(page, "#play-z input", 2.5)
    move(page, "#play-z input", -1)
    page.evaluate(
        """() => {
            const slider = document.querySelector("#play-z input");
            for (let i = 0; i <= 10000; i++) {
                slider.value = i === 10000 ? 2.5 : (i % 80) / 10 - 4;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }"""
    )
    wait_for_pixels(page, slow)


def test_changing_the_way_never_loses_the_picture(page: Any) -> None:
    way(page, "sliders")
    here = move(page, "#play-z input", 3)
    for name in ("map", "found", "drawing", "ab", "sliders"):
        way(page, name)
        assert pixels(page) == here
    assert float(page.input_value("#play-z input")) == 3


def test_a_single_slider_changes_the_picture_and_reset_brings_it_back(page: Any) -> None:
    way(page, "sliders")
    assert page.locator("#play-z input[type=range]").count() == 8
    before = pixels(page)
    assert move(page, "#play-z input", 3.5) != before
    page.get_by_role("button", name="Reset").click()
    wait_for_pixels(page, before)
    page.click('[data-part="all"]')
    assert page.locator("#play-z input[type=range]").count() == 64


def test_random_moves_the_visible_sliders(page: Any) -> None:
    way(page, "sliders")
    values = "[...document.querySelectorAll('#play-z input[type=range]')].map(i => i.value)"
    before, picture = page.evaluate(values), pixels(page)
    random = page.get_by_role("button", name="Random", exact=True)
    assert do_and_wait_for_picture(page, random.click) != picture
    moved = [a != b for a, b in zip(before, page.evaluate(values), strict=True)]
    assert sum(moved) >= 5  # each has a chance of under 1 % to land on its old step


def test_a_found_change_moves_the_point_and_shows_how_far(page: Any) -> None:
    way(page, "found")
    page.wait_for_selector(".gm-found")
    before = pixels(page)
    assert move(page, ".gm-found input", 2.5) != before
    page.wait_for_function(
        "Math.abs(document.querySelector('.gm-found input').valueAsNumber - 2.5) < 0.02"
    )
    page.select_option('[data-part="found-how"]', "activation")
    page.wait_for_function("document.querySelectorAll('.gm-found').length === 12")


def test_the_map_previews_chooses_pans_and_zooms(page: Any) -> None:
    way(page, "map")
    page.wait_for_selector("#play-map[data-drawn]")
    before = pixels(page)
    box = page.locator("#play-map").bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"]
    preview = do_and_wait_for_picture(page, lambda: page.mouse.move(x, y))
    assert preview != before
    page.mouse.move(box["x"] - 30, box["y"])  # away again: only a preview
    wait_for_pixels(page, before)
    page.mouse.click(x, y)
    wait_for_pixels(page, preview)
    wait_for_rest(page, "rest=")
    page.wait_for_selector('[data-mark="here"]:visible')
    drawn = int(page.get_attribute("#play-map", "data-drawn"))
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "n => Number(document.querySelector('#play-map').dataset.drawn) > n", arg=drawn
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 40, steps=4)
    page.mouse.up()
    wait_for_pixels(page, preview)  # panning chooses nothing
    page.get_by_role("button", name="Make this picture stop B").click()
    wait_for_rest(page, "stops=53,~")
    assert page.input_value(ALPHA) == "1"
    wait_for_pixels(page, preview)


def test_the_map_can_be_used_by_keyboard(page: Any) -> None:
    way(page, "map")
    page.wait_for_selector("#play-map[data-drawn]")
    before = pixels(page)
    page.focus("#play-map")
    for key in ("ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    assert do_and_wait_for_picture(page, lambda: page.keyboard.press("Enter")) != before


SLIDERS = {
    "ab": ALPHA,
    "sliders": "#play-z .gm-z:nth-child(2) input[type=range]",
    "found": ".gm-found:nth-child(2) input[type=range]",
}


@pytest.mark.parametrize("name", SLIDERS)
def test_every_slider_follows_the_mouse_and_the_arrow_keys(page: Any, name: str) -> None:
    way(page, name)
    slider = page.locator(SLIDERS[name])
    slider.scroll_into_view_if_needed()
    before = pixels(page)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    dragged = do_and_wait_for_picture(
        page, lambda: page.mouse.move(box["x"] + 0.9 * box["width"], y, steps=6)
    )
    page.mouse.up()
    assert dragged != before
    value = float(slider.input_value())
    slider.press("ArrowLeft")
    page.wait_for_function(
        "([s, was]) => document.querySelector(s).valueAsNumber < was", arg=[SLIDERS[name], value]
    )


def test_ways_are_changed_and_the_strip_is_walked_by_keys(page: Any) -> None:
    page.focus("#way-ab")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#play-z input")
    assert page.evaluate("document.activeElement.id") == "way-sliders"
    page.focus("#play-strip button:nth-child(9)")
    page.keyboard.press("Enter")
    assert page.input_value(ALPHA) == "1"


def test_variety_is_kept_apart_from_the_point(page: Any) -> None:
    before = pixels(page)
    move(page, "#play-psi input", 0.2)
    page.wait_for_function(f"b => document.querySelector('{CANVAS}').toDataURL() !== b", arg=before)
    wait_for_rest(page, "psi=0.2")
    move(page, "#play-psi input", 1)
    wait_for_pixels(page, before)


def test_a_wrong_start_number_gets_a_sentence_and_keeps_the_picture(page: Any) -> None:
    before, number = pixels(page), page.input_value("#play-seed-a input")
    page.fill("#play-seed-a input", "-3")
    page.wait_for_selector("text=must be a whole number from 0")
    page.press("#play-seed-a input", "Tab")
    assert page.input_value("#play-seed-a input") == number
    assert pixels(page) == before


# --- on a phone -------------------------------------------------------------------------------


def test_on_a_phone_the_picture_stays_in_view_while_a_finger_moves_a_slider(visitor: Any) -> None:
    phone = visitor(390, 844, has_touch=True, is_mobile=True)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390  # on the Train tab
    opened(phone)
    phone.locator("#way-sliders").tap()
    row = phone.locator("#play-z .gm-z").nth(6)
    row.scroll_into_view_if_needed()
    before = pixels(phone)
    box = row.locator("input[type=range]").bounding_box()
    phone.touchscreen.tap(box["x"] + 0.95 * box["width"], box["y"] + box["height"] / 2)
    phone.wait_for_function(
        f"was => document.querySelector('{CANVAS}').toDataURL() !== was", arg=before
    )
    picture = phone.locator(CANVAS).bounding_box()
    assert picture["y"] >= 0
    assert picture["y"] + picture["height"] <= box["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for way_to_move, board in (("map", "#play-map[data-drawn]"), ("drawing", "#play-pad")):
        phone.evaluate("id => document.querySelector(id).click()", f"#way-{way_to_move}")
        phone.wait_for_selector(board)
        phone.locator(board).scroll_into_view_if_needed()
    phone.locator("#play-pad").tap(position={"x": 100, "y": 100})
    ink = "document.querySelector('#play-pad').getContext('2d').getImageData(140, 140, 1, 1).data"
    assert phone.evaluate(f"{ink}[0]") == 255
    for way_to_move, slider in SLIDERS.items():
        phone.evaluate("id => document.querySelector(id).click()", f"#way-{way_to_move}")
        touched = phone.locator(slider)
        touched.evaluate("slider => slider.scrollIntoView({ block: 'end' })")  # below the picture
        before, box = pixels(phone), touched.bounding_box()
        phone.touchscreen.tap(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
        phone.wait_for_function(
            f"was => document.querySelector('{CANVAS}').toDataURL() !== was", arg=before
        )
    phone.locator("#way-map").tap()
    before = pixels(phone)
    phone.locator("#play-map").tap(position={"x": 250, "y": 250})
    phone.wait_for_function(
        f"was => document.querySelector('{CANVAS}').toDataURL() !== was", arg=before
    )
    two_fingers_zoom_the_map(phone)


def two_fingers_zoom_the_map(phone: Any) -> None:
    """On the phone of the test above; seen by how far A and B stand apart then."""
    marks = "[...document.querySelectorAll('#play-map [data-mark]')].slice(0, 2)"
    apart = f"(([a, b]) => parseFloat(b.style.left) - parseFloat(a.style.left))({marks})"
    before = phone.evaluate(apart)
    box = phone.locator("#play-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = phone.context.new_cdp_session(phone)
    for kind, reach in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80)):
        points = [{"x": x - reach, "y": y, "id": 0}, {"x": x + reach, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.wait_for_function(f"{apart} > 1.8 * {before}")
