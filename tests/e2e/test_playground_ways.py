"""The ways of the Playground: which is open, Back and Forward, phones and narrow screens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.playing import (
    BEGIN,
    CANVAS,
    SHOWN,
    SLIDERS,
    move,
    opened,
    pixels,
    shown_way,
    wait_for_pixels,
    wait_for_rest,
    way,
)


@pytest.fixture
def page(playground: Any) -> Any:
    return playground


# --- ways, Back and Forward ---------------------------------------------------------------------


def test_back_leads_to_the_way_before_and_the_point_stays(page: Any) -> None:
    way(page, "sliders")
    way(page, "map")
    way(page, "sliders")
    here = move(page, "#play-z input", 2)
    wait_for_rest(page, "rest=")
    page.go_back()
    wait_for_way(page, "map")
    page.go_back()
    wait_for_way(page, "sliders")
    assert pixels(page) == here
    assert "rest=" in page.url
    page.go_back()
    wait_for_way(page, "ab")
    page.go_forward()
    wait_for_way(page, "sliders")
    assert pixels(page) == here
    page.reload()
    wait_for_way(page, "sliders")
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(page, here)
    page.go_back()
    wait_for_way(page, "ab")


def test_back_over_a_link_leads_to_the_place_before(page: Any) -> None:
    first = pixels(page)
    way(page, "map")
    page.evaluate("address => { location.hash = address; }", f"{BEGIN[:-5]}7,8&way=found")
    wait_for_way(page, "found")
    wait_for_rest(page, "stops=7,8")
    page.go_back()
    wait_for_way(page, "map")
    wait_for_pixels(page, first)


def test_with_a_mouse_the_pad_is_open_and_back_leads_through_the_ways_out_to_the_tab_before(
    visitor: Any,
) -> None:
    page = opened(visitor())
    page.go_back()
    wait_for_way(page, "drawing")
    page.go_back()
    page.wait_for_selector('.tab-wrapper [role=tab][aria-selected=true]:has-text("Train")')
    page.go_forward()
    page.wait_for_selector("#play-pad")
    page.go_forward()
    wait_for_way(page, "ab")


def wait_for_way(page: Any, name: str) -> None:
    page.wait_for_function(f"way => {SHOWN} === way", arg=name)
    page.wait_for_selector(f"#panel-{name}")


# --- on a phone -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def phone(visits: Any) -> Any:
    return visits(390, 844, has_touch=True, is_mobile=True)


def test_on_a_phone_the_strips_are_open_and_what_was_chosen_stays(phone: Any) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390  # on the Train tab
    phone.get_by_role("tab", name="Playground", exact=True).click()
    phone.wait_for_selector(f"{CANVAS}[data-frame]")
    assert shown_way(phone) == "ab"
    phone.locator("#way-map").tap()
    phone.reload()
    phone.wait_for_selector("#play-map[data-drawn]")


def test_on_a_phone_the_picture_stays_in_view_while_a_finger_moves_a_slider(phone: Any) -> None:
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
    phone.locator("#play-pad").tap()
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


def test_every_way_fits_a_narrow_screen(phone: Any, visits: Any) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    for name in ("ab", "sliders", "map", "found", "drawing"):
        phone.evaluate("id => document.querySelector(id).click()", f"#way-{name}")
        wait_for_way(phone, name)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert visits.trouble == []
