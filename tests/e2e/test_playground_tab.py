"""Every way to move in the Playground, as a person uses it: by mouse, keys and touch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.playing import (
    ALPHA,
    CANVAS,
    PSI,
    SLIDERS,
    do_and_wait_for_picture,
    generator_of,
    move,
    pixels,
    press_picture,
    strip,
    wait_for_idle,
    wait_for_pixels,
    wait_for_rest,
    way,
)
from tests.support import wait_until


@pytest.fixture
def page(playground: Any) -> Any:
    return playground


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
    assert generator_of(page) == "shipped:mnist"


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


def test_a_picture_of_a_strip_takes_the_slider_there_and_onto_its_path(page: Any) -> None:
    curved = do_and_wait_for_picture(page, lambda: press_picture(page, "slerp", 3))
    assert float(page.input_value(ALPHA)) == 0.5
    assert float(page.input_value(strip("slerp"))) == 0.5
    straight = do_and_wait_for_picture(page, lambda: press_picture(page, "lerp", 3))
    assert page.is_checked("#play-path input[value=lerp]")
    assert straight != curved
    wait_for_rest(page, "path=lerp&at=0.5")


def test_sliding_in_a_strip_moves_along_it(page: Any) -> None:
    seen = {pixels(page)} | {move(page, strip("slerp"), share) for share in (0.2, 0.4, 0.6, 0.8)}
    assert len(seen) == 5
    assert float(page.input_value(ALPHA)) == 0.8


def test_two_strips_show_that_curved_keeps_the_length_of_z_and_straight_dips(page: Any) -> None:
    """Of start numbers whose noise is about as long."""
    curved, straight = lengths(page, "slerp"), lengths(page, "lerp")
    assert max(curved) < 1.05 * min(curved)
    assert straight[0] == curved[0]
    assert straight[-1] == curved[-1]
    assert straight[3] < 0.8 * curved[3]
    move(page, PSI, 0.5)
    page.wait_for_function(f"was => {CAPTION} !== was", arg=f"{curved[0]:.1f}")
    assert lengths(page, "slerp")[0] == pytest.approx(curved[0] / 2, abs=0.06)


CAPTION = "document.querySelector('[data-strip=slerp] .gm-strip-captions span').textContent"


def lengths(page: Any, path: str) -> list[float]:
    """The numbers under a strip, once they are there."""
    captions = page.locator(f'[data-strip="{path}"] .gm-strip-captions span')
    page.wait_for_function(f"{CAPTION} !== ''")
    return [float(text) for text in captions.all_inner_texts()]


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
        "Math.abs(document.querySelector('.gm-found input').valueAsNumber - 2.5) < 0.04"
    )
    assert page.inner_text(".gm-found:first-child output") == "+2.5"
    page.click("label:has([name=found-how][value=activation])")
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
    way(page, "ab")
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
    page.keyboard.press("ArrowLeft")
    page.focus(strip("lerp"))
    page.keyboard.press("End")
    assert page.input_value(ALPHA) == "1"
    assert page.is_checked("#play-path input[value=lerp]")


def test_variety_is_kept_apart_from_the_point(page: Any) -> None:
    before = pixels(page)
    move(page, PSI, 0.2)
    page.wait_for_function(f"b => document.querySelector('{CANVAS}').toDataURL() !== b", arg=before)
    wait_for_rest(page, "psi=0.2")
    move(page, PSI, 1)
    wait_for_pixels(page, before)


def test_a_picture_of_the_strip_of_varieties_leads_to_its_own(page: Any) -> None:
    full = pixels(page)
    press_picture(page, "psi", 2)
    wait_for_rest(page, "psi=0.5")
    assert page.input_value("#play-psi .gm-number") == "0.5"
    assert pixels(page) != full
    press_picture(page, "psi", 4)
    wait_for_pixels(page, full)


def test_a_wrong_start_number_gets_a_sentence_and_keeps_the_picture(page: Any) -> None:
    before, number = pixels(page), page.input_value("#play-seed-a input")
    page.fill("#play-seed-a input", "-3")
    page.wait_for_selector("text=must be a whole number from 0")
    page.press("#play-seed-a input", "Tab")
    assert page.input_value("#play-seed-a input") == number
    assert pixels(page) == before
