"""The Train tab as a person uses it: start, watch, reload, pause, stop, and what can go wrong."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.runs import list_runs
from tests.e2e.driving import (
    LONG,
    end_all_runs,
    grid_of,
    newest_run,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)
from tests.support import wait_until


@pytest.fixture
def page(visitor: Any, served: Any) -> Iterator[Any]:
    """A new visitor's page; the runs it leaves behind are stopped, so the next may start."""
    yield visitor()
    end_all_runs(served)


def test_a_short_run_shows_its_curves_and_a_grid_that_changes_and_ends_in_the_playground(page: Any):
    start(page, 10_000)
    page.wait_for_function("document.body.dataset.run === 'running'", timeout=60_000)
    page.wait_for_selector("#train-samples img[data-images]")
    first = grid_of(page)
    wait_for_points(page, 5)
    assert page.locator('[data-part="losses"] .scatterlayer .js-line').count() == 2
    wait_for_state(page, "finished")
    assert grid_of(page) != first
    assert page.get_attribute('[data-part="reals"]', "src").startswith("blob:")
    assert "Finished" in page.inner_text('[data-part="message"]')
    assert page.inner_text('[data-part="percent"]') == "100 %"

    page.click("#train-open")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    assert page.input_value("#play-weights select").startswith("run:")
    page.wait_for_function(
        "Number(document.querySelector('#play-canvas canvas').dataset.moment) > 9999"
    )


def test_pause_holds_the_run_exactly_where_it_is_and_resume_goes_on(page: Any, served: Any):
    start(page, LONG)
    wait_for_points(page, 2)
    page.click("#train-pause")
    wait_for_state(page, "paused")
    run = newest_run(served)
    rows = len(run.rows()[0])
    seen = run.status()["images_seen"]
    page.wait_for_timeout(1000)  # long enough for two rows if it did not hold
    assert len(run.rows()[0]) == rows
    page.click("#train-resume")
    wait_for_state(page, "running")
    wait_until(lambda: run.status()["images_seen"] > seen, 30, "the next row")


def test_stop_ends_the_run_with_its_weights_and_resume_goes_on_from_there(page: Any, served: Any):
    start(page, LONG)
    wait_for_points(page, 1)
    page.click("#train-stop")
    wait_for_state(page, "stopped")
    run = newest_run(served)
    stopped_at = run.status()["images_seen"]
    assert max(run.moments("weights")) == max(run.moments("checkpoints")) == stopped_at
    page.click("#train-resume")
    wait_for_state(page, "running")
    wait_until(lambda: run.status()["images_seen"] > stopped_at, 30, "the next row")


def test_start_pressed_twice_starts_one_run_and_says_why_not_two(page: Any, served: Any):
    before = len(list_runs(served.runs))
    start(page, LONG)
    wait_for_state(page, "running")
    start(page, LONG)
    wait_for_text(page, "refusal", "training already")
    assert len(list_runs(served.runs)) == before + 1


def test_another_visitor_neither_sees_nor_controls_the_run(page: Any, visitor: Any, served: Any):
    start(page, LONG)
    wait_for_points(page, 1)
    run = newest_run(served)
    other = visitor()
    other.wait_for_function("document.body.dataset.run === 'none'")
    other.evaluate("name => ganmodel.follow(name)", run.name)
    wait_for_text(other, "message", "no such run")
    other.click("#train-start")
    wait_for_text(other, "refusal", "another visitor")
    generators = other.evaluate(
        "[...document.querySelectorAll('#play-weights option')].map(o => o.value)"
    )
    assert not any(run.name in value for value in generators)
    assert run.state() == "running"


def test_a_zoom_survives_the_updates_that_follow_and_the_numbers_go_on(page: Any):
    start(page, LONG)
    wait_for_points(page, 4)
    page.wait_for_function(
        "/:[0-9]{2} left/.test(document.querySelector('[data-part=left]').textContent)"
    )
    assert "of 2,000,000 images" in page.inner_text('[data-part="images"]')
    assert "images/s" in page.inner_text('[data-part="speed"]')
    assert page.inner_text('[data-part="percent"]').endswith("%")
    box = page.locator('[data-part="beliefs"] .nsewdrag').bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    page.mouse.up()
    chosen = "document.querySelector('[data-part=beliefs]').layout.xaxis.range.map(Math.round)"
    page.wait_for_function(
        "document.querySelector('[data-part=beliefs]').layout.xaxis.autorange === false"
    )
    zoomed = page.evaluate(chosen)
    points = page.evaluate("document.querySelector('[data-part=beliefs]').data[0].x.length")
    wait_for_points(page, points + 3)
    assert page.evaluate(chosen) == zoomed


def test_a_killed_trainer_is_shown_as_died_within_five_seconds_and_can_be_resumed(
    page: Any, served: Any
):
    start(page, LONG)
    wait_for_points(page, 2)
    run = newest_run(served)
    os.kill(run.status()["pid"], signal.SIGKILL)
    wait_for_state(page, "died", timeout=5_000)
    assert "SIGKILL" in page.inner_text('[data-part="message"]')
    page.click("#train-open")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    assert page.input_value("#play-weights select") == f"run:{run.name}"
    page.get_by_role("tab", name="Train").click()
    page.click("#train-resume")
    wait_for_state(page, "running")


def test_a_wrong_start_number_gets_a_sentence_and_starts_nothing(page: Any, served: Any):
    before = len(list_runs(served.runs))
    start(page, 10_000, seed=-5)
    wait_for_text(page, "refusal", "start number (seed) must be a whole number from 0")
    assert len(list_runs(served.runs)) == before


def test_a_data_set_that_cannot_be_had_is_shown_with_the_reason_and_what_to_do(
    page: Any, served: Any
):
    page.select_option("#train-dataset select", "kmnist")
    page.wait_for_selector("#train-dataset-note >> text=downloaded first")
    page.click("#train-start")
    page.wait_for_selector('[data-part="message"] >> text=could not be downloaded', timeout=60_000)
    message = page.inner_text('[data-part="message"]')
    assert "no connection" in message
    assert "--data-dir" in message
    assert list_runs(served.runs)[0].state() == "failed"


def test_every_control_of_the_form_carries_an_explanation(page: Any):
    page.click("#train-all summary")
    for name in ("preset", "dataset", "objective", "length", "seed"):
        lines = [line for line in page.inner_text(f"#train-{name}").splitlines() if line.strip()]
        assert len(lines) >= 2, f"train-{name} has no explanation: {lines}"
    assert "L_G = −E log D(G(z))" in page.inner_text("#train-form")
    assert "L_G = E log(1 − D(G(z)))" in page.text_content(".gm-formulas")


def test_on_a_phone_nothing_is_wider_than_the_screen(visitor: Any):
    tab = visitor(390, 844)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_role("tab", name="Playground").click()
    tab.wait_for_selector("#play-canvas canvas[data-frame]")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
