"""The Playground as a person uses it: every way to move, by mouse, keys and touch; keep, share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.driving import follow, made_run, wait_for_text

CANVAS = "#play-canvas canvas"
ALPHA = '#play-alpha input[type="range"]'
BEGIN = "#play&weights=shipped:mnist&stops=53,46"
STATE = "document.querySelector('.gm-play [data-part=message]').textContent"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return opened(visits())


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One tab for all tests, since opening it takes longer than most; each begins at one place."""
    tab.click("#way-ab")
    # Not as the page itself would write it, so that its own writing tells when it has arrived.
    tab.evaluate("address => { location.hash = address; }", f"{BEGIN}&psi=1.0")
    tab.wait_for_function("address => location.hash === address", arg=BEGIN)
    tab.wait_for_function(
        "document.querySelector('#play-strip').dataset.key.includes('stops=53,46\"')"
    )
    yield tab
    assert visits.trouble == []


def opened(tab: Any) -> Any:
    tab.get_by_role("tab", name="Playground", exact=True).click()
    tab.wait_for_selector(f"{CANVAS}[data-frame]")
    tab.wait_for_selector("#play-strip[data-key]")  # the frames of the way are here
    return tab


def pixels(page: Any) -> str:
    """The canvas as the browser shows it."""
    return page.evaluate(f"document.querySelector('{CANVAS}').toDataURL()")


def do_and_wait_for_picture(page: Any, action: Any) -> str:
    frame = int(page.get_attribute(CANVAS, "data-frame"))
    action()
    page.wait_for_function(
        "n => Number(document.querySelector('#play-canvas canvas').dataset.frame) > n", arg=frame
    )
    return pixels(page)


def wait_for_pixels(page: Any, wanted: str) -> None:
    page.wait_for_function(f"w => document.querySelector('{CANVAS}').toDataURL() === w", arg=wanted)


def move(page: Any, selector: str, value: float) -> str:
    """Moves a slider as a hand does: sets its value and tells it so."""
    script = """(slider, value) => {
        const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        native.set.call(slider, value);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    slider = page.locator(selector).first
    return do_and_wait_for_picture(page, lambda: slider.evaluate(script, value))


def way(page: Any, name: str) -> None:
    """Shows one of the ways to move."""
    if not page.is_visible(f"#way-{name}"):
        page.click('[data-part="more-ways"]')
    page.click(f"#way-{name}")


def wait_for_rest(page: Any, text: str) -> None:
    """Until the address tells where one stands now."""
    page.wait_for_function("t => decodeURIComponent(location.hash).includes(t)", arg=text)


COUNT_INK = """canvas => {
    const { width, height } = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return data.filter((v, i) => i % 4 === 0 && v > 128).length;
}"""


# --- A to B -----------------------------------------------------------------------------------


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
    page.wait_for_timeout(300)  # what was asked before comes first
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    ahead = move(page, ALPHA, 0.5)
    assert not any("at=0.5" in question for question in asked)
    wait_for_rest(page, "at=0.5")
    page.wait_for_timeout(300)  # the exact picture has come by now, too
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
    page.wait_for_timeout(200)
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


def test_variety_is_kept_apart_from_the_point(page: Any) -> None:
    before = pixels(page)
    safe = move(page, "#play-psi input", 0.2)
    assert safe != before
    wait_for_rest(page, "psi=0.2")
    move(page, "#play-psi input", 1)
    wait_for_pixels(page, before)


# --- training time, a run ---------------------------------------------------------------------


def test_training_time_is_slid_and_crossed_with_the_way(page: Any, served: Any) -> None:
    run = made_run(served, page, "play-time")
    follow_in_playground(page, run)
    newest = pixels(page)
    moments = list(run.moments("weights"))
    first = move(page, "#play-time input", 0)
    assert first != newest
    assert f"after {moments[0]:,} images" in page.inner_text("#play-time")
    way(page, "time")
    page.wait_for_selector('[data-part="table-cells"] button')
    page.click('[data-part="table-cells"] button:last-child')
    wait_for_rest(page, "at=1")
    page.wait_for_function(
        "n => document.querySelector('#play-canvas canvas').dataset.moment === String(n)",
        arg=moments[-1],
    )


def follow_in_playground(page: Any, run: Any) -> None:
    page.evaluate("id => ganmodel.openInPlayground(id)", f"run:{run.name}")
    page.wait_for_function(
        "n => document.querySelector('#play-canvas canvas').dataset.moment === String(n)",
        arg=max(run.moments("weights")),
    )
    page.wait_for_selector("#play-time")


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
    page.select_option('[data-part="class"]', "3")
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


def test_a_drawing_is_found_and_becomes_the_last_stop(page: Any) -> None:
    way(page, "drawing")
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "nothing on the drawing yet")
    draw_a_one(page)
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "It is the last stop")
    wait_for_rest(page, "stops=53,46,~")
    page.click("#play-ask summary")
    wait_for_text(page, "believed", "takes it for 1")
    wait_for_text(page, "d-says", "of the real pictures")
    assert page.locator('[data-part="closest"] canvas').count() == 3


def test_a_search_can_be_cancelled_and_all_stays_as_it_was(page: Any) -> None:
    way(page, "drawing")
    draw_a_one(page)
    before, address = pixels(page), page.url
    page.click('[data-part="find"]')
    page.click('[data-part="find-cancel"]')
    wait_for_text(page, "find-said", "Cancelled")
    assert (pixels(page), page.url) == (before, address)


def test_a_photograph_on_a_digit_generator_gets_a_sentence(page: Any, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.effect_noise((640, 480), 200).convert("RGB").save(photo)
    page.set_input_files('[data-part="recipe-file"]', str(photo))
    wait_for_text(page, "find-said", "has no recipe")
    page.click('[data-part="find"]')
    wait_for_text(page, "find-said", "draws nothing like it")


# --- keep and share ---------------------------------------------------------------------------


def keep(page: Any, form: str) -> Path:
    page.click("#play-keep summary")
    with page.expect_download() as download:
        page.click(f'[data-keep="{form}"]')
    return Path(download.value.path())


def test_a_kept_picture_dropped_back_in_leads_to_where_it_was_drawn(page: Any) -> None:
    way(page, "sliders")
    move(page, "#play-z input", 2.2)
    here = move(page, ALPHA, 0.3)
    wait_for_rest(page, "at=0.3")
    address = page.url
    kept = keep(page, "png")
    page.get_by_role("button", name="Reset").click()
    move(page, ALPHA, 0.9)
    page.set_input_files(
        '[data-part="recipe-file"]',
        files=[{"name": "a.png", "mimeType": "image/png", "buffer": kept.read_bytes()}],
    )
    page.wait_for_function(f"{STATE} === 'This is where the picture was drawn.'")
    wait_for_pixels(page, here)
    page.wait_for_function("was => location.href === was", arg=address)


DROP = """([selector, bytes]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([new Uint8Array(bytes)], "kept.png", { type: "image/png" }));
    const at = { bubbles: true, cancelable: true, dataTransfer: carried };
    document.querySelector(selector).dispatchEvent(new DragEvent("drop", at));
}"""


def test_a_kept_picture_dropped_on_the_stops_becomes_one(page: Any) -> None:
    move(page, ALPHA, 0.5)
    wait_for_rest(page, "at=0.5")
    here, kept = pixels_of(page), keep(page, "png")
    move(page, ALPHA, 0)
    page.evaluate(DROP, ["#play-stops", list(kept.read_bytes())])
    wait_for_rest(page, "stops=53,46,~")
    wait_for_rest(page, "at=1")
    # The point was told to five decimals, so that a grey level may be rounded the other way.
    assert max(abs(a - b) for a, b in zip(pixels_of(page), here, strict=True)) <= 1


def pixels_of(page: Any) -> list[int]:
    return page.locator(CANVAS).evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 === 0)]"
    )


def test_a_foreign_picture_gets_a_sentence_and_the_place_stays(page: Any, tmp_path: Path) -> None:
    before = pixels(page)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    page.set_input_files('[data-part="recipe-file"]', str(broken))
    page.wait_for_function(f"{STATE}.includes('no picture that can be read')")
    assert pixels(page) == before


@pytest.mark.parametrize(
    ("form", "begins"), [("gif", b"GIF8"), ("mp4", b"\0\0\0"), ("strip", b"\x89PNG")]
)
def test_the_way_can_be_kept(page: Any, form: str, begins: bytes) -> None:
    assert keep(page, form).read_bytes().startswith(begins)


def test_a_film_can_be_cancelled(page: Any) -> None:
    page.route("**/ganmodel-keep", lambda route: None)  # a line on which nothing arrives
    page.click("#play-keep summary")
    page.click('[data-keep="gif"]')
    page.click('[data-part="keep-cancel"]')
    wait_for_text(page, "keeping", "Cancelled")
    page.unroute("**/ganmodel-keep")


def test_the_address_leads_another_visitor_to_the_same_picture(page: Any, visitor: Any) -> None:
    move(page, "#play-psi input", 0.7)
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    other = visitor()
    other.goto(page.url)
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)
    other.reload()  # and there it is again
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("#play&weights=run:gone&stops=1,2", "not here (any more)"),
        ("#play&weights=shipped:mnist&stops=1,2&at=9", "can't be followed"),
        ("#play&weights=shipped:mnist&stops=1,~AAAA", "can't be followed"),
    ],
)
def test_a_link_that_leads_nowhere_says_so_and_the_place_stays(
    page: Any, address: str, sentence: str
) -> None:
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    page.evaluate("hash => { location.hash = hash; }", address)
    page.wait_for_function(f"{STATE}.includes({sentence!r})")
    wait_for_pixels(page, here)


def test_undo_and_redo_go_back_and_forth(page: Any) -> None:
    first = pixels(page)
    second = move(page, ALPHA, 0.6)
    wait_for_rest(page, "at=0.6")
    page.wait_for_selector('[data-part="undo"]:enabled')
    page.keyboard.press("Control+z")
    wait_for_pixels(page, first)
    page.click('[data-part="redo"]')
    wait_for_pixels(page, second)


def test_copied_python_and_the_copied_command_draw_the_picture(page: Any, tmp_path: Path) -> None:
    move(page, ALPHA, 0.5)
    wait_for_rest(page, "at=0.5")
    shown = pixels_of(page)
    for what in ("python", "command"):
        page.click("#play-keep summary")
        page.click(f'[data-copy="{what}"]')
        text = page.input_value('[data-part="copied"]')
        text = text.replace("weights/", f"{ROOT}/weights/").replace(
            "picture.png", f"{tmp_path}/{what}.png"
        )
        if what == "command":
            text = text.replace("ganmodel ", f"{sys.executable} -m ganmodel ", 1)
        run = [sys.executable, "-c", text] if what == "python" else ["sh", "-c", text]
        subprocess.run(run, check=True, cwd=ROOT, timeout=60)
        drawn = list(Image.open(tmp_path / f"{what}.png").tobytes())
        assert max(abs(a - b) for a, b in zip(drawn, shown, strict=True)) <= 1


def test_a_wrong_start_number_gets_a_sentence_and_keeps_the_picture(page: Any) -> None:
    before, number = pixels(page), page.input_value("#play-seed-a input")
    page.fill("#play-seed-a input", "-3")
    page.wait_for_selector("text=must be a whole number from 0")
    page.press("#play-seed-a input", "Tab")
    assert page.input_value("#play-seed-a input") == number
    assert pixels(page) == before


# --- on a phone -------------------------------------------------------------------------------


def test_on_a_phone_the_picture_stays_in_view_while_a_finger_moves_a_slider(
    browser: Any, served: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    phone = context.new_page()
    phone.goto(served.url)
    phone.wait_for_selector("#train-start")
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
    phone.locator("#way-map").tap()
    before = pixels(phone)
    phone.locator("#play-map").tap(position={"x": 250, "y": 250})
    phone.wait_for_function(
        f"was => document.querySelector('{CANVAS}').toDataURL() !== was", arg=before
    )
    context.close()
