"""Watching a run as a person does: the film, time, one picture closer, more curves, longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ganmodel.data import load_data
from ganmodel.files import write_json
from tests.e2e.driving import (
    end_all_runs,
    follow,
    grid_of,
    made_run,
    newest_run,
    open_measurements,
    slide,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)
from tests.e2e.playing import generator_of
from tests.support import tiny_data, wait_until

SHAPES = "document.querySelector('[data-part=picks]').layout.shapes.length"


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """One visitor's tab for all tests; each makes a run of its own and follows it."""
    yield tab
    tab.get_by_role("tab", name="Train", exact=True).click()
    if tab.is_checked('input[value="raw"]'):
        open_measurements(tab)
        tab.click('label:has(input[value="averaged"])')
    assert visits.trouble == []
    end_all_runs(served)


def wait_for_grid(page: Any, images: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('[data-part=samples]').dataset.images === String(n)",
        arg=images,
    )


# --- the best state -----------------------------------------------------------------------------


def test_the_best_state_is_named_and_a_run_that_gains_no_more_can_be_ended_there(
    page: Any, served: Any
) -> None:
    """A run of the visitor's that trains, whose evaluations are put beside it."""
    start(page, save_every=4096, log_every=1024)
    page.wait_for_function("document.body.dataset.run === 'running'")
    page.wait_for_function("document.activeElement.id === 'train-pause'")  # Start is gone
    open_measurements(page)
    run = newest_run(served)
    moments = wait_until(lambda: [m for m in run.moments("weights") if m > 0][:3])
    for moment, distance in ((moments[0], 7.0), (10**6, 8.0), (2 * 10**6, 9.0)):
        found = {"fd": 1.0, "fd_over_r": distance, "fd_over_r_error": 0.1}
        write_json(run.path("quality", f"{moment:09}.json"), found)
    wait_for_text(page, "best", f"Best: 7× at {moments[0]:,} images")
    assert page.inner_text('[data-part="best-since"]') == "Not better since."
    assert not page.is_visible('[data-part="best-end"]')
    for moment in range(3 * 10**6, 3 * 10**6 + 4):
        write_json(run.path("quality", f"{moment:09}.json"), found)
    wait_for_text(page, "best-since", f"Hardly anything has improved since {moments[0]:,} images")
    page.click('[data-part="best"]')
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'false'")
    page.click('[data-part="best-end"]')
    wait_for_state(page, "stopped")
    assert not page.is_visible('[data-part="best-end"]')


# --- time ---------------------------------------------------------------------------------------


def test_a_run_is_measured_for_some_seconds_before_it_says_how_fast_it_is(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "begun")
    status = {**run.status(), "state": "running", "images_seen": 256, "images_per_second": 700.0}
    with FileLock(run.path("lock"), is_singleton=False):  # as by its trainer
        write_json(run.path("status.json"), {**status, "seconds": 2.0})
        follow(page, run)
        wait_for_text(page, "speed", "measuring")
        assert page.inner_text('[data-part="left"]') == ""
        write_json(run.path("status.json"), {**status, "seconds": 3.5})
        wait_for_text(page, "speed", "700 images/s")
        assert page.inner_text('[data-part="left"]') != ""


def test_dragging_back_shows_that_moment_in_grid_numbers_verdict_and_curves(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "past")
    follow(page, run)
    moments = list(run.moments("samples"))
    newest = grid_of(page)
    wait_for_points(page, len(run.rows()[0]))
    shapes = page.evaluate(SHAPES)
    slide(page, 2)
    wait_for_grid(page, moments[2])
    assert grid_of(page) != newest
    assert f"after {moments[2]:,} real pictures" in page.inner_text('[data-part="moment"]')
    page.wait_for_function(f"{SHAPES} === {shapes + 1}")
    wait_for_text(page, "verdict-when", f"at {moments[2]:,} images")
    row = next(row for row in run.rows()[0] if row["images"] == moments[2])
    assert f"{100 * row['d_real']:.0f} %" in page.text_content('[data-part="facts"]')
    page.click('[data-part="live"]')
    wait_for_grid(page, moments[-1])
    page.wait_for_function(f"{SHAPES} === {shapes}")


@pytest.mark.parametrize(("form", "begins"), [("gif", b"GIF8"), ("mp4", b"\x00\x00\x00")])
def test_the_film_can_be_saved(page: Any, served: Any, form: str, begins: bytes) -> None:
    follow(page, made_run(served, page, f"film-{form}"))
    open_measurements(page)
    with page.expect_download() as download:
        page.click(f'[data-film="{form}"]')
    assert download.value.suggested_filename == f"mnist-quick.{form}"
    assert Path(download.value.path()).read_bytes().startswith(begins)


# --- one picture, raw G, more curves --------------------------------------------------------------


def test_a_tapped_sample_is_enlarged_and_can_be_used_in_the_playground(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "tapped", sample_count=16)
    follow(page, run)
    page.click(".gm-cells button:nth-child(12)")
    wait_for_text(page, "sheet-of", "start number 11")
    wait_for_text(page, "sheet-opinion", "of the real pictures")
    wait_for_text(page, "sheet-distance", "closest real picture")
    page.click('[data-part="sheet-use"]')
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.wait_for_function("document.querySelector('#play-seed-a input').value === '11'")
    assert generator_of(page) == f"run:{run.name}"


def test_the_samples_can_be_reached_by_keyboard(page: Any, served: Any) -> None:
    """Of a run by class: a column is a class, and the loop says that one goes in."""
    data = tiny_data(classes=10)
    follow(page, made_run(served, page, "keys", conditional=True, sample_count=29, data=data))
    wait_for_text(page, "loop-words", "Noise and a class go into G")
    assert page.locator(".gm-cells button").count() == 20
    assert "asked for: 3" in page.get_attribute(".gm-cells button:nth-child(14)", "aria-label")
    page.focus(".gm-cells button:first-child")
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    wait_for_text(page, "sheet-of", "start number 11")
    wait_for_text(page, "sheet-of", "asked for: 1")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('#train-sheet').open")


def test_raw_g_is_another_grid_of_the_same_moment(page: Any, served: Any) -> None:
    run = made_run(served, page, "raw", ema_half_life=4096)
    follow(page, run)
    averaged = grid_of(page)
    open_measurements(page)
    page.click('label:has(input[value="raw"])')
    page.wait_for_function(
        "was => document.querySelector('[data-part=samples]').toDataURL() !== was", arg=averaged
    )
    newest = max(run.moments("samples_raw"))
    assert run.moments("samples_raw")[newest].read_bytes() != (
        run.moments("samples")[newest].read_bytes()
    )


def test_more_curves_open_on_request_and_can_be_smoothed(page: Any, served: Any) -> None:
    follow(page, made_run(served, page, "curves"))
    assert page.locator('[data-part="gradients"] .js-line').count() == 0
    page.click('[data-part="more-charts"]')
    page.click("#chart-gradients")
    page.wait_for_selector('[data-part="gradients"] .js-line')
    data = "document.querySelector('[data-part=gradients]').data[0].y"
    plain = page.evaluate(data)
    page.click('[data-part="smooth"]')
    page.wait_for_function(f"was => JSON.stringify({data}) !== JSON.stringify(was)", arg=plain)
    page.click('[data-part="log"]')
    page.wait_for_function(
        "document.querySelector('[data-part=gradients]').layout.yaxis.type === 'log'"
    )


# --- steering -------------------------------------------------------------------------------------


def test_a_finished_run_can_go_on_for_longer(page: Any, served: Any, data_dir: Path) -> None:
    run = made_run(served, page, "longer", data=load_data("mnist", data_dir))
    follow(page, run)
    page.click("#train-longer")
    wait_for_text(page, "images", "of 768")
    wait_for_state(page, "finished")
    assert run.status()["images_seen"] == 768
