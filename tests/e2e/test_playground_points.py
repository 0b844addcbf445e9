"""Further ways to a point of the Playground: training time, a tapped sample, a class, a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.driving import follow, made_run, wait_for_text
from tests.e2e.playing import move, pixels, wait_for_pixels, wait_for_rest, way


@pytest.fixture
def page(playground: Any) -> Any:
    return playground


# --- training time, a run ---------------------------------------------------------------------


def test_training_time_is_slid_and_crossed_with_the_way(page: Any, served: Any) -> None:
    run = made_run(served, page, "play-time")
    follow_in_playground(page, run)
    newest = pixels(page)
    moments = list(run.moments("weights"))
    way(page, "time")
    first = move(page, "#play-time input", 0)
    assert first != newest
    assert f"after {moments[0]:,} images" in page.inner_text("#play-time")
    assert f"after {moments[0]:,} real images" in page.inner_text("#play-weights")
    page.wait_for_selector('[data-part="table-cells"] button')
    page.click('[data-part="table-cells"] button:last-child')
    wait_for_rest(page, "at=1")
    page.wait_for_function(
        "n => document.querySelector('#play-canvas canvas').dataset.moment === String(n)",
        arg=moments[-1],
    )


def follow_in_playground(page: Any, run: Any) -> None:
    page.evaluate("id => ganmodel.explore(id)", f"run:{run.name}")
    page.wait_for_function(
        "n => document.querySelector('#play-canvas canvas').dataset.moment === String(n)",
        arg=max(run.moments("weights")),
    )
    page.wait_for_selector("#way-time")


def test_a_tapped_sample_of_the_train_tab_becomes_a(page: Any, served: Any) -> None:
    run = made_run(served, page, "play-tapped", sample_count=16)
    page.get_by_role("tab", name="Train", exact=True).click()
    follow(page, run)
    page.click(".gm-cells button:nth-child(6)")
    page.click('[data-part="sheet-use"]')
    page.wait_for_function("document.querySelector('#play-seed-a input').value === '5'")


def test_a_class_is_picked_and_blended(page: Any, served: Any) -> None:
    run = made_run(served, page, "play-classes", conditional=True)
    follow_in_playground(page, run)
    first = pixels(page)
    page.check('[name=play-class][value="3"]', force=True)
    wait_for_rest(page, "class=3")
    third = pixels(page)
    assert third != first
    page.select_option('[data-part="other"]', "0")
    wait_for_rest(page, "class=3,0,0.5")
    assert pixels(page) != third
    move(page, '[data-part="blend"]', 0)
    wait_for_pixels(page, third)


# --- my drawing, the model's opinions ---------------------------------------------------------


def draw_a_one(page: Any) -> None:
    box = page.locator("#play-pad").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 95, box["y"] + 160, steps=8)
    page.mouse.up()


INK = """() => {
    const pad = document.querySelector("#play-pad"), { width, height } = pad;
    const { data } = pad.getContext("2d").getImageData(0, 0, width, height);
    return data.filter((value, i) => i % 4 === 0 && value > 127).length;
}"""


def test_the_pad_has_white_under_a_picture_and_ink_from_the_hand_that_draws(
    page: Any, tmp_path: Path
) -> None:
    way(page, "drawing")
    seven = Image.new("RGBA", (280, 280))
    seven.paste("black", (60, 60, 220, 90))
    seven.save(tmp_path / "seven.png")
    page.set_input_files('[data-part="drop"]', str(tmp_path / "seven.png"))
    page.wait_for_function(f"({INK})() === {160 * 30}")
    page.click('[data-part="clear"]')
    box = page.locator("#play-pad").bounding_box()
    page.mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    page.keyboard.press("Escape")
    assert page.evaluate(INK) == 0
    touch = page.context.new_cdp_session(page)

    def rest_and_draw(*order: int) -> int:
        """Ink of a line by finger 1 while a palm, 2, rests; they come down in this order."""
        points = {1: (20, 100), 2: (180, 180)}
        down: list[dict[str, float]] = []
        for finger in order:
            x, y = points[finger]
            down.append({"x": box["x"] + x, "y": box["y"] + y, "id": finger})
            send("touchStart", down)
        for _ in range(8):
            for finger in down:
                finger["y"] -= 8 if finger["id"] == 1 else 0
            send("touchMove", down)
        send("touchEnd", [])
        ink = page.evaluate(INK)
        page.click('[data-part="clear"]')
        return ink

    def send(kind: str, down: list[dict[str, float]]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": down})

    alone = rest_and_draw(1)
    assert alone > 0
    assert rest_and_draw(1, 2) == rest_and_draw(2, 1) == alone


def test_a_drawing_is_found_and_becomes_the_last_stop(page: Any) -> None:
    way(page, "drawing")
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "nothing on the drawing yet")
    draw_a_one(page)
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "It is the last stop")
    wait_for_rest(page, "stops=53,46,~")
    wait_for_text(page, "d-says", "D would pick it over a real one")
    page.click("#play-ask summary")
    wait_for_text(page, "believed", "takes it for 1")
    assert page.locator('[data-part="closest"] canvas').count() == 3


CANCEL_AT_FIRST_NEWS = """() => {
    const [find, cancel, said] = ["find", "find-cancel", "find-said"]
        .map((name) => document.querySelector(`[data-part=${name}]`));
    const news = new MutationObserver(() => { news.disconnect(); cancel.click(); });
    news.observe(said, { childList: true, characterData: true, subtree: true });
    find.click();
}"""


def test_a_search_can_be_cancelled_and_all_stays_as_it_was(page: Any) -> None:
    way(page, "drawing")
    draw_a_one(page)
    before, address = pixels(page), page.url
    page.evaluate(CANCEL_AT_FIRST_NEWS)
    wait_for_text(page, "find-said", "Cancelled")
    assert (pixels(page), page.url) == (before, address)


def test_a_photograph_on_a_digit_generator_gets_a_sentence(page: Any, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.effect_noise((640, 480), 200).convert("RGB").save(photo)
    page.set_input_files('[data-part="recipe-file"]', str(photo))
    wait_for_text(page, "find-said", "has no recipe")
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "draws nothing like it")
