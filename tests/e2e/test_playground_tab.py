"""The Playground as a person uses it: drag A to B, single sliders, random, reset, the strip."""

from __future__ import annotations

from typing import Any

import pytest

CANVAS = "#play-canvas canvas"


@pytest.fixture
def page(visitor: Any) -> Any:
    tab = visitor()
    tab.get_by_role("tab", name="Playground").click()
    tab.wait_for_selector(f"{CANVAS}[data-frame]")
    return tab


def pixels(page: Any) -> str:
    """The canvas as the browser shows it, once no request is on its way any more."""
    return page.evaluate(f"document.querySelector('{CANVAS}').toDataURL()")


def do_and_wait_for_picture(page: Any, action: Any) -> str:
    frame = int(page.get_attribute(CANVAS, "data-frame"))
    action()
    page.wait_for_function(
        "n => Number(document.querySelector('#play-canvas canvas').dataset.frame) > n", arg=frame
    )
    return pixels(page)


def move(page: Any, selector: str, value: float) -> str:
    """Moves a slider as a hand does: sets its value and tells it so."""
    script = """(slider, value) => {
        const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        native.set.call(slider, value);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    slider = page.locator(selector).first
    return do_and_wait_for_picture(page, lambda: slider.evaluate(script, value))


COUNT_INK = """canvas => {
    const { width, height } = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return data.filter((v, i) => i % 4 === 0 && v > 128).length;
}"""


def test_the_shipped_generator_draws_a_digit_not_a_blank(page: Any):
    inked = page.locator(CANVAS).evaluate(COUNT_INK)
    assert 30 < inked < 400  # strokes on black: neither an empty picture nor noise
    assert page.input_value("#play-weights select") == "shipped:mnist"


def test_dragging_from_a_to_b_with_the_mouse_changes_the_picture(page: Any):
    at_a = pixels(page)
    box = page.locator("#play-alpha input").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, y)
    page.mouse.down()
    seen = {at_a}
    for step in range(1, 11):
        x = box["x"] + 8 + (box["width"] - 16) * step / 10
        seen.add(do_and_wait_for_picture(page, lambda x=x: page.mouse.move(x, y)))
    page.mouse.up()
    assert len(seen) >= 9
    assert float(page.input_value("#play-alpha input")) > 0.95


def test_both_ends_are_the_pictures_of_their_start_numbers(page: Any):
    at_b = move(page, "#play-alpha input", 1)
    at_a = move(page, "#play-alpha input", 0)
    b = page.input_value("#play-seed-b input")
    as_a = do_and_wait_for_picture(page, lambda: page.fill("#play-seed-a input", b))
    assert as_a == at_b != at_a


def test_a_single_slider_changes_the_picture_and_reset_brings_it_back(page: Any):
    assert page.locator("#play-z input[type=range]").count() >= 8
    before = pixels(page)
    assert move(page, "#play-z input", 3.5) != before
    reset = page.get_by_role("button", name="Reset")
    assert do_and_wait_for_picture(page, reset.click) == before


def test_random_moves_the_visible_sliders(page: Any):
    values = "[...document.querySelectorAll('#play-z input')].map(i => i.value)"
    before, picture = page.evaluate(values), pixels(page)
    random = page.get_by_role("button", name="Random", exact=True)
    assert do_and_wait_for_picture(page, random.click) != picture
    moved = [a != b for a, b in zip(before, page.evaluate(values), strict=True)]
    assert sum(moved) >= 5  # each has a chance of under 1 % to land on its old step


def test_the_straight_path_differs_from_the_curved_one_between_its_ends(page: Any):
    curved = move(page, "#play-alpha input", 0.5)
    straight = page.locator("#play-path input[value=lerp]")
    assert do_and_wait_for_picture(page, straight.check) != curved


def test_a_picture_of_the_strip_takes_the_slider_there(page: Any):
    tile = page.locator("#play-strip button").nth(4)
    do_and_wait_for_picture(page, tile.click)
    assert float(page.input_value("#play-alpha input")) == 0.5
    assert tile.get_attribute("aria-pressed") == "true"


def test_the_latest_value_wins_however_fast_the_slider_moves(page: Any):
    slow = move(page, "#play-alpha input", 0.73)
    move(page, "#play-alpha input", 0.1)
    page.evaluate(
        """() => {
            const slider = document.querySelector("#play-alpha input");
            for (let i = 0; i <= 500; i++) {
                slider.value = i === 500 ? 0.73 : i / 500;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }"""
    )
    page.wait_for_function(
        "wanted => document.querySelector('#play-canvas canvas').toDataURL() === wanted", arg=slow
    )


def test_a_wrong_start_number_gets_a_sentence_and_keeps_the_picture(page: Any):
    before, number = pixels(page), page.input_value("#play-seed-a input")
    page.fill("#play-seed-a input", "-3")
    page.wait_for_selector("text=must be a whole number from 0")
    page.press("#play-seed-a input", "Tab")
    assert page.input_value("#play-seed-a input") == number
    assert pixels(page) == before


def test_the_place_is_kept_over_a_reload(page: Any):
    at = move(page, "#play-alpha input", 0.4)
    page.reload()
    page.get_by_role("tab", name="Playground").click()
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    assert pixels(page) == at
