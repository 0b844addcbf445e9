"""The sheet of one's own pictures as a hobbyist uses it: three steps, by mouse, keys and thumb."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.data import load_data
from ganmodel.images import grid
from ganmodel.runs import place_of
from tests.e2e.driving import (
    close_sheets,
    end_all_runs,
    newest_run,
    open_own_sheet,
    wait_for_text,
)
from tests.support import wait_until

SHAPES = [(60, 30), (30, 60), (40, 40), (90, 30)]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Forty pictures of many shapes, two of them copies of others, and a broken one."""
    paths = [tmp_path / f"{number:02}.png" for number in range(40)]
    rng = np.random.default_rng(0)
    for path, number in zip(paths, range(38), strict=False):
        width, height = SHAPES[number % len(SHAPES)]
        Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(path)
    for copy, original in zip(paths[38:], paths, strict=False):
        copy.write_bytes(original.read_bytes())
    paths.append(tmp_path / "broken.png")
    paths[-1].write_bytes(b"no picture")
    return paths


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """One visitor's tab for all tests, each of which finds it without pictures."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    yield tab
    tab.evaluate(
        "document.querySelector('#own-sheet').open || document.querySelector('#train-own').click()"
    )
    tab.evaluate("document.querySelector('[data-part=own-remove]').click()")
    close_sheets(tab)
    assert visits.trouble == []
    end_all_runs(served)


def bring(page: Any, *files: Path) -> None:
    open_own_sheet(page)
    page.wait_for_selector("#own-sheet")
    page.set_input_files("#own-drop input", [str(path) for path in files])
    page.wait_for_selector(".gm-own-group[data-address]")


def pressed(page: Any) -> list[int]:
    script = "all => all.map(one => Number(one.dataset.index))"
    return page.eval_on_selector_all('.gm-own-cells [aria-pressed="true"]', script)


def is_sideways(page: Any) -> bool:
    return page.evaluate(
        "[document.documentElement, document.querySelector('#own-sheet')]"
        ".some(one => one.scrollWidth > one.clientWidth)"
    )


def test_the_whole_way_can_be_gone_by_keys(page: Any, files: list[Path]) -> None:
    """The first test, since a run of one's own has other buttons than Settings."""
    page.focus("#train-settings")
    page.keyboard.press("Enter")
    page.focus("#train-own")
    page.keyboard.press("Enter")
    page.wait_for_selector("#own-sheet")
    with page.expect_file_chooser() as chooser:
        page.focus('[data-part="own-choose"]')
        page.keyboard.press("Enter")
    chooser.value.set_files([str(path) for path in files])
    page.wait_for_selector(".gm-own-group[data-address]")
    page.focus('.gm-own-cells [tabindex="0"]')
    for key in ("ArrowRight", "ArrowRight", "Space", "ArrowDown", "Space", "End", "Space", "Home"):
        page.keyboard.press(key)
    columns = page.evaluate(
        "getComputedStyle(document.querySelector('.gm-own-cells')).gridTemplateColumns"
    )
    assert pressed(page) == [2, 2 + len(columns.split()), 39]
    assert page.locator('.gm-own-cells [tabindex="0"]').count() == 1
    page.focus('[name="own-fit"]:checked')
    page.keyboard.press("ArrowRight")
    wait_for_text(page, "own-read", "padded")
    assert page.evaluate("document.activeElement.value") == "pad"
    page.focus('[data-part="own-go-on"]')
    page.keyboard.press("Enter")
    wait_for_text(page, "own-forecast", "37 is very few")
    focused = "document.activeElement.closest('#own-sheet') !== null"
    assert page.evaluate(focused)


def test_forty_pictures_are_dropped_looked_through_padded_and_trained_on(
    page: Any, served: Any, files: list[Path]
) -> None:
    bring(page, *files)
    assert "broken.png" in page.inner_text('[data-part="own-notes"]')
    assert page.inner_text('[data-part="own-stay"]') == "40 of 40 stay"
    assert page.locator(".gm-own-copy").count() == 2
    for index in (5, 9):
        page.click(f'.gm-own-cells [data-index="{index}"]')
    page.click('[data-part="own-copies"]')
    assert pressed(page) == [5, 9, 38, 39]
    page.click('.gm-own-cells [data-index="5"]')
    wait_for_text(page, "own-stay", "37 of 40 stay")
    name = page.get_attribute('.gm-own-cells [data-index="38"]', "aria-label")
    assert name == "picture 39 of 40, left out, a duplicate"

    examples = page.eval_on_selector_all(".gm-own-fits img", "all => all.map(one => one.src)")
    assert len({*examples}) == 3
    page.click('label:has([name="own-fit"][value="pad"])')
    wait_for_text(page, "own-read", "37, 28 × 28, padded")
    page.click('[data-part="own-go-on"]')
    wait_for_text(page, "own-forecast", "37 is very few: many copies are likely.")
    assert page.is_checked('[data-part="own-few-recipe"]')
    page.click('[data-part="own-start"]')
    page.wait_for_selector("#own-sheet", state="hidden")
    page.wait_for_function("document.body.dataset.run === 'running'")

    run = newest_run(served)
    config = run.config()
    assert (config.preset, config.fit) == ("few", "pad")
    data = load_data(place_of(run), size=28, fit="pad")
    assert len(data.images) == 37
    wait_until(lambda: run.path("reals.png").exists(), what="the real pictures")
    shown = np.asarray(Image.open(run.path("reals.png")))
    assert np.array_equal(shown[:28], grid(data.images[:8], 8).numpy()[:28])


def test_nothing_is_lost_by_closing_and_too_few_are_refused_where_they_are_pressed(
    page: Any, files: list[Path]
) -> None:
    bring(page, *files[:17])
    page.click('.gm-own-cells [data-index="2"]')
    wait_for_text(page, "own-stay", "16 of 17 stay")
    page.keyboard.press("Escape")
    page.wait_for_selector("#own-sheet", state="hidden")
    assert page.evaluate("document.activeElement.id") == "train-own"
    page.click('[data-part="own-open"]')
    page.wait_for_selector('.gm-own-cells [data-index="2"][aria-pressed="true"]')
    page.click('.gm-own-cells [data-index="7"]')
    wait_for_text(page, "own-look-said", "At least 16 pictures have to stay")
    assert pressed(page) == [2]
    page.click('[data-part="own-back"]')
    wait_for_text(page, "own-stay", "17 of 17 stay")


def test_every_step_fits_a_phone(page: Any, files: list[Path]) -> None:
    open_own_sheet(page)
    page.wait_for_selector("#own-sheet")
    page.set_input_files("#own-drop input", [str(path) for path in files])
    page.wait_for_selector(".gm-own-group[data-address]")
    page.click('.gm-own-cells [data-index="1"]')
    page.click('[data-part="own-go-on"]')
    wait_for_text(page, "own-forecast", "very few")
    for width, height in ((390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for step in (1, 2, 3):
            page.click(f'[data-to="{step}"]')
            page.wait_for_selector(f'[data-panel="{step}"]')
            assert not is_sideways(page), (width, step)
            strong = "#own-sheet button.gm-strong:visible"
            assert page.locator(strong).count() == 1, step


def test_more_pictures_come_while_one_scrolls(page: Any, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as packed:
        for number in range(230):
            buffer = io.BytesIO()
            Image.new("RGB", (28, 28), (number, 255 - number, 0)).save(buffer, "PNG")
            packed.writestr(f"{number:03}.png", buffer.getvalue())
    bring(page, many)
    page.locator('[data-part="own-show-more"]').scroll_into_view_if_needed()
    page.wait_for_selector('.gm-own-cells [data-index="229"]')
    page.wait_for_function("document.querySelectorAll('.gm-own-group[data-address]').length === 2")
    assert not page.is_visible('[data-part="own-show-more"]')
