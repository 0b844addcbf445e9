"""A student with a phone: from the link to a favourite, as one goes through the page at first.

Who brings pictures of their own is in `test_own_sheet`, a teacher with a class in `test_class`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.driving import end_all_runs, wait_for_state, wait_for_text
from tests.e2e.playing import CANVAS, do_and_wait_for_picture, press_picture, shown_way


@pytest.fixture
def phone(visitor: Any, served: Any) -> Iterator[Any]:
    yield visitor(390, 844, has_touch=True, is_mobile=True)
    end_all_runs(served)


def test_a_student_on_a_phone_plays_the_game_trains_looks_closer_and_keeps_what_they_found(
    phone: Any,
) -> None:
    phone.locator("#train-turn").tap()
    phone.locator('[data-part="game-pair"] button').first.tap()
    wait_for_text(phone, "game-said", "D, as it was then")
    phone.locator('[data-part="game-close"]').tap()
    phone.wait_for_selector("#train-game", state="hidden")
    assert phone.evaluate("document.activeElement.id") == "train-turn"

    wait_for_text(phone, "start-time", "about")
    phone.evaluate("scrollTo(0, 0)")  # a tap by a test may have scrolled to what it is for
    phone.locator("#train-start").tap()
    wait_for_state(phone, "running")
    assert phone.evaluate("scrollY") == 0  # the pictures stay in view
    phone.wait_for_selector('[data-part="samples"][data-images]')
    phone.locator(".gm-cells button").nth(1).tap()
    wait_for_text(phone, "sheet-of", "asked for: 1")
    phone.locator('[data-part="sheet-close"]').tap()
    phone.locator("#train-stop").tap()
    wait_for_state(phone, "stopped")

    phone.locator("#train-open").tap()
    phone.wait_for_selector(f"{CANVAS}[data-frame]")
    assert shown_way(phone) == "ab"
    phone.wait_for_selector("#play-strip[data-key]")
    do_and_wait_for_picture(phone, lambda: press_picture(phone, "slerp", 5))
    phone.locator('[data-part="favourite"]').tap()
    phone.wait_for_selector('[data-part="favourites"] button')
    phone.reload()
    phone.wait_for_selector('[data-part="favourites"] button')
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
