"""The drawer of runs as a person uses it: open, rename, compare, share, download, delete, undo."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.runs import Run
from tests.e2e.driving import close_sheets, follow, made_run, module, wait_for_text
from tests.e2e.playing import generator_of


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any) -> Iterator[Any]:
    """One tab for all tests, in each of which it belongs to a new visitor."""
    tab.evaluate("token => ganmodel.set('token', token)", secrets.token_hex(32))
    yield tab
    close_sheets(tab)
    assert visits.trouble == []


@pytest.fixture
def two(page: Any, served: Any, request: Any) -> tuple[Run, Run]:
    stem = request.node.name.replace("test_", "")[:30].replace("[", "-")
    first = made_run(served, page, f"{stem}-a")
    return first, made_run(served, page, f"{stem}-b", lr_d=5e-4)


def open_drawer(page: Any, count: int) -> None:
    page.click("#runs-open")
    page.wait_for_function(
        "n => document.querySelectorAll('[data-part=cards] > .gm-card').length === n", arg=count
    )


def menu(page: Any, run: Run, item: str) -> None:
    page.click(f'.gm-card[data-run="{run.name}"] summary')
    page.click(f'.gm-card[data-run="{run.name}"] .gm-menu button:has-text("{item}")')


def test_a_card_opens_its_run_and_the_focus_comes_back(page: Any, two: tuple[Run, Run]) -> None:
    open_drawer(page, 2)
    page.click(f'.gm-card[data-run="{two[0].name}"] button:has-text("Open")')
    page.wait_for_function("name => ganmodel.run() === name", arg=two[0].name)
    assert not page.is_visible("#runs-drawer")
    open_drawer(page, 2)
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.id === 'runs-open'")


def test_a_recorded_lesson_is_opened_and_compared_with_an_own_run(
    page: Any, two: tuple[Run, Run]
) -> None:
    open_drawer(page, 2)
    lesson = '[data-part="film-cards"] .gm-card[data-run="shipped/lesson-collapse"]'
    assert page.locator(f"{lesson} summary").count() == 0
    for card in (lesson, f'.gm-card[data-run="{two[0].name}"]'):
        page.check(f"{card} input")
    page.click('[data-part="drawer-compare"]')
    drawn = "[...document.querySelectorAll('.gm-compared-grids img')].filter(i => i.naturalWidth)"
    page.wait_for_function(f"{drawn}.length === 2")
    assert "G repeats itself" in page.inner_text('[data-part="compared-grids"]')
    page.click('[data-part="drawer-back"]')
    page.uncheck(f"{lesson} input")
    page.click(f'{lesson} button:has-text("Open")')
    page.wait_for_selector('[data-part="headline"] >> text=Balanced')  # as it is cured


def test_a_run_is_renamed_in_place_and_a_bad_name_is_told(page: Any, two: tuple[Run, Run]) -> None:
    open_drawer(page, 2)
    menu(page, two[0], "Rename")
    page.fill(".gm-rename input", "my <b>first</b> digits")
    page.click(".gm-rename button")
    wait_for_text(page, "drawer-said", "called “my <b>first</b> digits” now")
    page.wait_for_selector('.gm-card b:has-text("my <b>first</b> digits")')
    assert two[0].title() == "my <b>first</b> digits"


def test_two_ticked_runs_lie_over_each_other_and_only_differences_are_listed(
    page: Any, two: tuple[Run, Run]
) -> None:
    open_drawer(page, 2)
    assert not page.is_visible('[data-part="drawer-compare"]')
    for run in two:
        page.check(f'.gm-card[data-run="{run.name}"] input[type="checkbox"]')
    page.click('[data-part="drawer-compare"]')
    page.wait_for_selector('[data-part="drawer-compared"]')  # visible: not the one before
    page.wait_for_function(
        "document.querySelector('[data-part=\"compared-losses\"]').data?.length === 4"
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.gm-compared-grids img')].every(i => i.naturalWidth > 0)"
    )
    rows = page.locator('[data-part="differing"] tr')
    assert rows.count() == 2
    assert "D's rate" in rows.nth(1).inner_text()
    page.click('[data-part="drawer-back"]')
    assert page.is_visible(".gm-card")


def test_a_deleted_run_is_brought_back_by_undo(page: Any, two: tuple[Run, Run]) -> None:
    open_drawer(page, 2)
    menu(page, two[1], "Delete")
    page.wait_for_function("document.querySelectorAll('[data-part=cards] > .gm-card').length === 1")
    assert not two[1].folder.exists()
    page.click('[data-part="drawer-undo"]')
    page.wait_for_function("document.querySelectorAll('[data-part=cards] > .gm-card').length === 2")
    assert two[1].rows()[0]


def test_everything_is_downloaded_as_a_zip(page: Any, two: tuple[Run, Run]) -> None:
    open_drawer(page, 2)
    with page.expect_download() as download:
        menu(page, two[0], "Download everything")
    packed = zipfile.ZipFile(download.value.path())
    assert f"{two[0].name}/metrics.jsonl" in packed.namelist()
    assert packed.testzip() is None
    with page.expect_download() as download:
        menu(page, two[0], "Download weights")
    assert download.value.suggested_filename.endswith(".safetensors")


def test_reproduce_fills_the_form_with_the_runs_settings(page: Any, two: tuple[Run, Run]) -> None:
    open_drawer(page, 2)
    menu(page, two[1], "Reproduce")
    page.wait_for_function("document.querySelector('#set-lr_d input').value === '0.0005'")
    assert page.input_value("#train-length-number") == "512"
    assert "changed" in page.inner_text('[data-part="changed"]')


def test_a_link_opens_the_run_for_reading_and_not_for_steering(
    page: Any, visitor: Any, two: tuple[Run, Run]
) -> None:
    open_drawer(page, 2)
    copied_link(page, two[0])
    wait_for_text(page, "drawer-said", "Only this machine can follow it")
    others = module(page, "shared/address.js")
    others.evaluate("it => it.setAddressForOthers('https://demo.example/gan/')")  # as by a tunnel
    elsewhere = copied_link(page, two[0])
    assert elsewhere.startswith("https://demo.example/gan/?run=")
    assert "Only this machine" not in page.inner_text('[data-part="drawer-said"]')
    others.evaluate("it => it.setAddressForOthers('')")
    address = copied_link(page, two[0])
    other = visitor(address=address)
    other.wait_for_function("name => ganmodel.run() === name", arg=two[0].name)
    wait_for_text(other, "settings", "read only")
    other.wait_for_selector('[data-part="samples"][data-images]')
    assert other.locator("#train-controls button:visible").count() == 0
    assert not other.is_visible("#train-steps")
    where_many_share_a_page_it_opens_the_playground_first(page, other, two[0])


def copied_link(page: Any, run: Run) -> str:
    page.evaluate("delete document.querySelector('#runs-drawer').dataset.link")
    menu(page, run, "Copy a link")
    page.wait_for_function("document.querySelector('#runs-drawer').dataset.link")
    return page.evaluate("document.querySelector('#runs-drawer').dataset.link")


def where_many_share_a_page_it_opens_the_playground_first(page: Any, other: Any, run: Run) -> None:
    """On the pages of the test above, of which one makes the link as on a hosted page."""
    told = module(page, "shared/contract.js")
    told.evaluate("({ contract }) => { contract.mode = 'hosted'; }")
    other.goto(copied_link(page, run))
    other.wait_for_selector("#play-canvas canvas[data-frame]")
    assert generator_of(other) == f"run:{run.name}"
    told.evaluate("({ contract }) => { contract.mode = ''; }")


def test_a_link_that_opens_nothing_says_so_and_the_page_goes_on(visitor: Any, served: Any) -> None:
    other = visitor(address=f"{served.url}?run=gone&key={'0' * 32}")
    wait_for_text(other, "message", "This link opens nothing")
    other.wait_for_selector('[data-part="samples"][data-images]')


def test_on_a_phone_the_drawer_fills_the_screen_and_nothing_is_wider(
    page: Any, served: Any
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    follow(page, made_run(served, page, "phone-run"))
    open_drawer(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#runs-drawer").bounding_box()
    assert box["width"] <= 390
