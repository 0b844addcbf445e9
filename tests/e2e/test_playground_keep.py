"""The Playground beyond moving: training time, my drawing, opinions, keeping and sharing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.driving import follow, made_run, wait_for_text
from tests.e2e.playing import (
    ALPHA,
    CANVAS,
    PSI,
    STATE,
    begun,
    choose_generator,
    generator_of,
    move,
    opened,
    pixels,
    wait_for_pixels,
    wait_for_rest,
    way,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return opened(visits())


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One tab for all tests, since opening it takes longer than most."""
    yield begun(tab)
    assert visits.trouble == []


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


# --- keep and share ---------------------------------------------------------------------------


def keep(page: Any, form: str) -> Path:
    page.click("#play-save summary")
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


def test_smooth_is_for_the_eye_alone_what_is_saved_has_gs_own_pixels(page: Any) -> None:
    sharp = [keep(page, form).read_bytes() for form in ("png", "strip")]
    page.check("[name=play-pixels][value=smooth]", force=True)
    shown = "getComputedStyle(document.querySelector('#play-canvas canvas')).imageRendering"
    assert page.evaluate(shown) == "auto"
    assert [keep(page, form).read_bytes() for form in ("png", "strip")] == sharp
    page.check("[name=play-pixels][value=sharp]", force=True)
    assert page.evaluate(shown) == "pixelated"


@pytest.mark.parametrize(
    ("form", "begins"), [("gif", b"GIF8"), ("mp4", b"\0\0\0"), ("strip", b"\x89PNG")]
)
def test_the_way_can_be_kept(page: Any, form: str, begins: bytes) -> None:
    assert keep(page, form).read_bytes().startswith(begins)


def test_a_film_can_be_cancelled(page: Any) -> None:
    page.route("**/ganmodel-keep", lambda route: None)  # a line on which nothing arrives
    page.click("#play-save summary")
    page.click('[data-keep="gif"]')
    page.click('[data-part="keep-cancel"]')
    wait_for_text(page, "keeping", "Cancelled")
    page.unroute("**/ganmodel-keep")


def test_the_address_leads_another_visitor_to_the_same_picture(page: Any, visitor: Any) -> None:
    move(page, PSI, 0.7)
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    other = visitor(address=page.url)
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)
    other.reload()  # and there it is again
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)


def test_a_link_counts_though_the_move_before_it_is_written_into_the_address_meanwhile(
    page: Any,
) -> None:
    """The browser tells of a new address a moment later."""
    script = "link => { const was = location.hash; location.hash = link; "
    script += "history.replaceState(null, '', was); }"
    page.evaluate(script, "#play&weights=shipped:mnist&stops=7,8")
    wait_for_rest(page, "stops=7,8")


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


GONE = "#play&weights=shipped:mnist&moment=7&stops=1,2"
SAID_GONE = f"{STATE}.includes('after 7 images is not there any more')"


def test_a_link_to_a_moment_that_is_gone_says_so_and_the_place_stays(page: Any) -> None:
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    page.evaluate("hash => { location.hash = hash; }", GONE)
    page.wait_for_function(SAID_GONE)
    page.wait_for_function(f"{STATE}.includes('where you were before')")
    assert page.is_hidden('[data-part="to-newest"]')
    assert pixels(page) == here
    later = move(page, ALPHA, 0.6)  # from the place before
    wait_for_rest(page, "shipped:mnist&stops=53,46&at=0.6")
    assert later != here


def test_on_a_fresh_page_such_a_link_shows_no_picture_and_offers_the_newest_moment(
    visitor: Any, served: Any
) -> None:
    page = visitor(address=served.url + GONE)
    page.wait_for_function(SAID_GONE)
    assert "where you were" not in page.inner_text('.gm-play [data-part="message"]')
    page.wait_for_selector('[data-part="to-newest"]')
    assert page.get_attribute(CANVAS, "data-frame") is None
    assert not page.evaluate(f"""() => {{
        const canvas = document.querySelector('{CANVAS}');
        const {{ width, height }} = canvas;
        return canvas.getContext('2d').getImageData(0, 0, width, height).data.some(Boolean);
    }}""")
    way(page, "ab")
    page.locator(ALPHA).first.fill("0.5")  # leads nowhere, since nothing is there
    page.click("#play-save summary")
    page.click('[data-keep="png"]')
    wait_for_text(page, "keeping", "choose one from the list")
    assert page.url.endswith(GONE)
    page.click('[data-part="to-newest"]')
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_rest(page, "weights=shipped:mnist&stops=1,2")
    assert page.is_hidden('[data-part="to-newest"]')


def test_a_link_to_a_moment_of_a_run_leads_there_until_its_weights_are_gone(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "play-gone")
    moment = next(iter(run.moments("weights")))
    link = f"#play&weights=run:{run.name}&moment={moment}&stops=1,2"
    page.evaluate("hash => { location.hash = hash; }", link)
    page.wait_for_selector(f'{CANVAS}[data-moment="{moment}"]')
    wait_for_rest(page, f"moment={moment}&stops=1,2")
    here = pixels(begun(page))
    run.moments("weights")[moment].unlink()
    page.evaluate("hash => { location.hash = hash; }", link)
    page.wait_for_function(f"{STATE}.includes('after {moment} images is not there any more')")
    assert pixels(page) == here


def test_undo_and_redo_go_back_and_forth(page: Any) -> None:
    first = pixels(page)
    second = move(page, ALPHA, 0.6)
    wait_for_rest(page, "at=0.6")
    page.wait_for_selector('[data-part="undo"]:enabled')
    page.keyboard.press("Control+z")
    wait_for_pixels(page, first)
    page.click('[data-part="redo"]')
    wait_for_pixels(page, second)


def test_copied_python_and_the_copied_command_draw_the_picture(
    page: Any, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    move(page, ALPHA, 0.5)
    wait_for_rest(page, "at=0.5")
    shown = pixels_of(page)
    for what in ("python", "command"):
        page.click("#play-code summary")
        page.click(f'[data-copy="{what}"]')
        text = page.input_value('[data-part="copied"]')
        text = text.replace("weights/", f"{ROOT}/weights/").replace(
            "picture.png", f"{tmp_path}/{what}.png"
        )
        if what == "command":
            name, *arguments = shlex.split(text)
            assert name == "ganmodel"
            assert cli(*arguments).code == 0
        else:
            exec(text, {})
        drawn = list(Image.open(tmp_path / f"{what}.png").tobytes())
        assert max(abs(a - b) for a, b in zip(drawn, shown, strict=True)) <= 1
    choose_generator(page, "shipped:fashion-mnist")
    page.wait_for_selector('[data-part="copied"]', state="hidden")  # it led to another generator


# --- favourites -------------------------------------------------------------------------------

KEPT = '[data-part="favourites"] button'
DOT = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def favour(page: Any) -> None:
    """Makes where one stands a favourite, once it is known there."""
    count = page.locator(KEPT).count()
    page.click('[data-part="favourite"]')
    page.wait_for_function(
        "([selector, n]) => document.querySelectorAll(selector).length > n", arg=[KEPT, count]
    )


def forget_favourites(page: Any) -> None:
    page.evaluate("localStorage.removeItem('ganmodel.favourites')")


def test_favourites_survive_lead_back_with_their_generator_and_are_taken_out(
    visitor: Any,
) -> None:
    page = begun(opened(visitor()))
    first = move(page, ALPHA, 0.3)
    wait_for_rest(page, "at=0.3")
    favour(page)
    assert page.get_attribute('[data-part="favourite"]', "aria-pressed") == "true"
    choose_generator(page, "shipped:fashion-mnist")
    page.wait_for_function("location.hash.includes('fashion')")
    wait_for_rest(page, "at=0.3")
    favour(page)
    page.reload()
    page.wait_for_selector(f"{KEPT}:nth-child(2)")
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    page.click(f"{KEPT}:nth-child(1)")
    wait_for_pixels(page, first)
    assert generator_of(page) == "shipped:mnist"
    page.wait_for_selector(f"{KEPT}:nth-child(1)[aria-pressed=true]")
    page.click('[data-part="favourite-remove"]')
    assert page.locator(KEPT).count() == 1
    page.click('[data-part="favourite"]')  # and once more takes it out again
    assert page.locator(KEPT).count() == 2
    page.click('[data-part="favourite"]')
    assert page.locator(KEPT).count() == 1


def test_two_favourites_of_a_generator_make_a_strip_a_loop_and_a_film(visitor: Any) -> None:
    page = begun(opened(visitor()))
    wait_for_rest(page, "stops=53,46")
    favour(page)
    move(page, PSI, 0.6)
    far = move(page, ALPHA, 1)
    wait_for_rest(page, "at=1&psi=0.6")
    second = pixels_of(page)
    favour(page)
    choose_generator(page, "shipped:fashion-mnist")
    page.wait_for_function("location.hash.includes('fashion')")
    wait_for_rest(page, "at=1")
    favour(page)
    page.click('[data-favourites="gif"]')
    page.wait_for_function(f"{STATE}.includes('With the 1 of this generator')")
    page.click(f"{KEPT}:nth-child(2)")
    wait_for_pixels(page, far)
    for form, begins in (("strip", b"\x89PNG"), ("gif", b"GIF8")):
        with page.expect_download() as download:
            page.click(f'[data-favourites="{form}"]')
        assert Path(download.value.path()).read_bytes().startswith(begins)
    wait_for_text(page, "keeping", "With the 2 of this generator")
    page.click("#way-sliders")
    page.click('[data-favourites="loop"]')
    page.wait_for_selector("#panel-ab")
    page.wait_for_function(f"Number(document.querySelector('{ALPHA}').value) > 0.02")
    page.click('[data-part="play-way"]')
    wait_for_rest(page, "path=loop")
    assert page.locator(".gm-stop").count() == 2
    move(page, ALPHA, 0.25)  # the end of the first of its four legs
    assert max(abs(a - b) for a, b in zip(pixels_of(page), second, strict=True)) <= 1


def test_a_favourite_whose_generator_is_gone_says_so_and_can_be_taken_out(page: Any) -> None:
    forget_favourites(page)
    kept = [{"generator": "run:gone", "moment": 7, "text": "stops=1,2", "picture": DOT}, {"no": 1}]
    page.evaluate("kept => localStorage.setItem('ganmodel.favourites', kept)", json.dumps(kept))
    page.reload()
    page.wait_for_selector(KEPT)
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    before = pixels(page)
    page.click(KEPT)
    page.wait_for_function(f"{STATE} !== ''")
    assert pixels(page) == before
    page.click('[data-part="favourite-remove"]')
    assert page.locator(KEPT).count() == 0
