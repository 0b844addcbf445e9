"""Watching and steering a run as a person does: time, steps, one picture, reload, two tabs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganmodel.data import load_data
from ganmodel.runs import list_runs
from tests.e2e.driving import (
    LONG,
    SLIDER,
    end_all_runs,
    follow,
    grid_of,
    made_run,
    newest_run,
    slide,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)

SHAPES = "document.querySelector('[data-part=beliefs]').layout.shapes.length"


@pytest.fixture
def page(visitor: Any, served: Any) -> Iterator[Any]:
    """A new visitor's page; the runs it leaves behind are stopped, so the next may start."""
    yield visitor()
    end_all_runs(served)


def wait_for_grid(page: Any, images: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('[data-part=samples]').dataset.images === String(n)",
        arg=images,
    )


# --- before the first run -----------------------------------------------------------------------


def test_a_first_visitor_sees_the_film_of_a_run_and_can_play_it(page: Any) -> None:
    page.wait_for_selector('[data-part="samples"][data-images]')
    wait_for_points(page, 50)
    assert "Balanced" in page.inner_text("#train-verdict")
    assert page.get_attribute('[data-part="reals"]', "src").startswith("blob:")
    last = int(page.get_attribute('[data-part="samples"]', "data-images"))
    page.click('[data-part="play"]')
    page.wait_for_function(
        "n => Number(document.querySelector('[data-part=samples]').dataset.images) < n / 2",
        arg=last,
    )
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'true'")
    wait_for_grid(page, last)
    assert page.locator("#train-controls button:visible").count() == 0


# --- time ---------------------------------------------------------------------------------------


def test_dragging_back_shows_that_moment_in_grid_numbers_verdict_and_curves(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "past")
    follow(page, run)
    moments = list(run.moments("samples"))
    newest = grid_of(page)
    shapes = page.evaluate(SHAPES)
    slide(page, 2)
    wait_for_grid(page, moments[2])
    assert grid_of(page) != newest
    assert f"after {moments[2]:,} images" in page.inner_text('[data-part="moment"]')
    page.wait_for_function(f"{SHAPES} === {shapes + 1}")
    wait_for_text(page, "verdict-when", f"at {moments[2]:,} images")
    row = next(row for row in run.rows()[0] if row["images"] == moments[2])
    assert f"{100 * row['d_real']:.0f} %" in page.inner_text('[data-part="facts"]')
    page.click('[data-part="live"]')
    wait_for_grid(page, moments[-1])
    page.wait_for_function(f"{SHAPES} === {shapes}")


def test_while_live_the_slider_never_moves_under_the_hand_and_keys_move_it_too(page: Any) -> None:
    start(page, LONG)
    wait_for_state(page, "running")
    page.wait_for_function(f"Number(document.querySelector('{SLIDER}').max) >= 4")
    wait_for_points(page, 2)
    slide(page, 1, let_go=False)
    held = page.evaluate(f"[document.querySelector('{SLIDER}').value, "
                         f"document.querySelector('{SLIDER}').max]")  # fmt: skip
    points = page.evaluate("document.querySelector('[data-part=beliefs]').data[0].x.length")
    wait_for_points(page, points + 4)
    now = page.evaluate(f"[document.querySelector('{SLIDER}').value, "
                        f"document.querySelector('{SLIDER}').max]")  # fmt: skip
    assert now == held
    assert held[0] == "1"
    slide(page, int(held[1]))  # let go at the right end
    page.wait_for_function(f"Number(document.querySelector('{SLIDER}').max) > {held[1]}")
    page.wait_for_function(
        f"document.querySelector('{SLIDER}').value === document.querySelector('{SLIDER}').max"
    )
    arrows_move_through_time_and_space_pauses(page)


def arrows_move_through_time_and_space_pauses(page: Any) -> None:
    """On the run that the test before has started."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'false'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'true'")
    page.keyboard.press(" ")
    wait_for_state(page, "paused")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    wait_for_state(page, "running")


@pytest.mark.parametrize(("form", "begins"), [("gif", b"GIF8"), ("mp4", b"\x00\x00\x00")])
def test_the_film_can_be_saved(page: Any, served: Any, form: str, begins: bytes) -> None:
    follow(page, made_run(served, page, f"film-{form}"))
    with page.expect_download() as download:
        page.click(f'[data-film="{form}"]')
    assert download.value.suggested_filename == f"0-film-{form}.{form}"
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
    assert page.input_value("#play-weights select") == f"run:{run.name}"


def test_the_samples_can_be_reached_by_keyboard(page: Any, served: Any) -> None:
    follow(page, made_run(served, page, "keys"))
    page.focus(".gm-cells button:first-child")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for_text(page, "sheet-of", "start number 1")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('#train-sheet').open")


def test_raw_g_is_another_grid_of_the_same_moment(page: Any, served: Any) -> None:
    run = made_run(served, page, "raw", ema_half_life=4096)
    follow(page, run)
    averaged = grid_of(page)
    page.check('input[value="raw"]')
    page.wait_for_function(
        "was => document.querySelector('[data-part=samples]').src !== was", arg=averaged
    )
    newest = max(run.moments("samples_raw"))
    assert run.moments("samples_raw")[newest].read_bytes() != (
        run.moments("samples")[newest].read_bytes()
    )


def test_more_curves_open_on_request_and_can_be_smoothed(page: Any, served: Any) -> None:
    follow(page, made_run(served, page, "curves"))
    assert page.locator('[data-part="gradients"] .js-line').count() == 0
    page.click("#train-more summary")
    page.wait_for_selector('[data-part="gradients"] .js-line')
    data = "document.querySelector('[data-part=gradients]').data[0].y"
    plain = page.evaluate(data)
    page.check('[data-part="smooth"]')
    page.wait_for_function(f"was => JSON.stringify({data}) !== JSON.stringify(was)", arg=plain)
    page.check('[data-part="log"]')
    page.wait_for_function(
        "document.querySelector('[data-part=gradients]').layout.yaxis.type === 'log'"
    )


# --- steering -------------------------------------------------------------------------------------


def test_knobs_are_turned_in_a_run_and_steps_taken_by_hand_while_it_is_paused(
    page: Any, served: Any
) -> None:
    start(page, LONG)
    wait_for_points(page, 2)
    page.click("#train-knobs")
    page.fill("#train-panel input[name=lr_g]", "5")
    page.click('[data-part="apply"]')
    wait_for_text(page, "message", "must be a number from 0")
    page.fill("#train-panel input[name=lr_g]", "0.001")
    page.click('[data-part="apply"]')
    page.wait_for_function(f"{SHAPES} === 1")
    assert newest_run(served).status()["knobs"] == {"lr_g": 0.001}
    marks = "document.querySelector('[data-part=beliefs]').layout.annotations"
    assert "0.001" in page.evaluate(f"{marks}[0].hovertext")
    steps_by_hand_say_what_changed(page, served)


def steps_by_hand_say_what_changed(page: Any, served: Any) -> None:
    """On the run that the test before has started."""
    assert not page.is_visible("#train-steps")
    page.click("#train-pause")
    wait_for_state(page, "paused")
    seen = newest_run(served).status()["images_seen"]
    page.click('[data-step="d/10"]')
    wait_for_text(page, "report", "D alone learned for 10 steps")
    wait_for_text(page, "report", "G and its pictures, not at all")
    assert newest_run(served).status()["images_seen"] == seen + 10 * 128
    page.click('[data-step="g/1"]')
    wait_for_text(page, "report", "G alone learned for 1 step")
    page.click("#train-resume")
    wait_for_state(page, "running")


def test_a_finished_run_can_go_on_for_longer(page: Any, served: Any, data_dir: Path) -> None:
    run = made_run(served, page, "longer", data=load_data("mnist", data_dir))
    follow(page, run)
    page.click("#train-longer")
    wait_for_text(page, "images", "of 768")
    wait_for_state(page, "finished")
    assert run.status()["images_seen"] == 768


# --- reload and two tabs --------------------------------------------------------------------------


def test_two_tabs_and_a_reload_in_every_state_show_the_same_run_as_it_is(
    page: Any, served: Any
) -> None:
    start(page, LONG)
    wait_for_points(page, 2)
    name = page.evaluate("ganmodel.run()")
    pid = newest_run(served).status()["pid"]
    two_tabs_watch_the_same_run_and_one_steers_it_for_both(page)
    for press, state in ((None, "running"), ("pause", "paused"), ("stop", "stopped")):
        if press:
            page.click(f"#train-{press}")
        wait_for_state(page, state)
        page.reload()
        wait_for_state(page, state)
        wait_for_points(page, 2)
        assert page.evaluate("ganmodel.run()") == name
        first_x = page.evaluate("document.querySelector('[data-part=beliefs]').data[0].x[0]")
        assert first_x == newest_run(served).rows()[0][0]["images"]
        assert newest_run(served).status()["pid"] == pid
    finished = made_run(served, page, "finished")
    follow(page, finished)
    page.reload()
    wait_for_state(page, "finished")
    page.wait_for_function("ganmodel.run() === '0-finished'")


def two_tabs_watch_the_same_run_and_one_steers_it_for_both(page: Any) -> None:
    """On the run that the test before has started."""
    other = page.context.new_page()
    other.goto(page.url)
    wait_for_points(other, 1)
    other.click("#train-pause")
    wait_for_state(other, "paused")
    wait_for_state(page, "paused")
    page.click("#train-resume")
    wait_for_state(other, "running")
    other.close()


def test_the_form_keeps_its_settings_over_a_reload_and_says_what_was_changed(page: Any) -> None:
    page.click("#train-all summary")
    page.fill("#set-lr_g input", "0.001")
    page.fill("#train-seed input", "77")
    wait_for_text(page, "changed", "quick, changed")
    page.reload()
    page.wait_for_selector("#train-start")
    wait_for_text(page, "changed", "quick, changed")
    assert page.input_value("#set-lr_g input") == "0.001"
    assert page.input_value("#train-seed input") == "77"
    page.click('[data-part="back"]')
    page.wait_for_function("document.querySelector('#set-lr_g input').value === '0.003'")


def test_a_typed_value_out_of_range_gets_a_sentence_and_starts_nothing(
    page: Any, served: Any
) -> None:
    before = len(list_runs(served.runs))
    page.click("#train-all summary")
    page.fill("#set-width input", "4000")
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    page.click("#train-start")
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    assert len(list_runs(served.runs)) == before
