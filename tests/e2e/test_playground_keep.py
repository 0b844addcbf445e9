"""What is kept of the Playground: pictures, films, code, favourites, the way back."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.driving import wait_for_text
from tests.e2e.playing import (
    ALPHA,
    CANVAS,
    PSI,
    STATE,
    choose_generator,
    generator_of,
    move,
    pixels,
    wait_for_pixels,
    wait_for_rest,
    way,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page(playground: Any) -> Any:
    return playground


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


def test_favourites_survive_lead_back_with_their_generator_and_are_taken_out(page: Any) -> None:
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
    page.click(KEPT)
    page.wait_for_selector(f"{KEPT}[aria-pressed=true]")
    page.click('[data-part="favourite-remove"]')
    assert page.locator(KEPT).count() == 0


def test_two_favourites_of_a_generator_make_a_strip_a_loop_and_a_film(page: Any) -> None:
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
