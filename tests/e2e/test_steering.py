"""Steering a run that trains: one run for all tests here, which each find it training."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.runs import list_runs, origin_of
from tests.e2e.driving import (
    LONG,
    SLIDER,
    close_sheets,
    end_all_runs,
    follow,
    made_run,
    newest_run,
    open_measurements,
    slide,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)
from tests.support import ask_and_wait, wait_until

SHAPES = "document.querySelector('[data-part=picks]').layout.shapes.length"

FOCUSED = "document.activeElement.id"


@pytest.fixture(scope="module")
def tab(visits: Any, served: Any) -> Iterator[Any]:
    """A visitor's tab with a run that would train for an hour."""
    page = visits()
    start(page, LONG, save_every=4096)
    wait_for_points(page, 2)
    yield page
    end_all_runs(served)


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """The tab, its run training, whatever the test before did to it: starting one takes seconds."""
    run = newest_run(served)
    tab.evaluate("name => ganmodel.follow(name)", run.name)
    tab.wait_for_function("name => ganmodel.run() === name", arg=run.name)
    if tab.is_visible("#train-resume"):
        tab.click("#train-resume")
    wait_for_state(tab, "running")
    wait_for_points(tab, 2)
    yield tab
    assert visits.trouble == []


def test_a_zoom_survives_the_updates_that_follow_and_the_numbers_go_on(page: Any):
    wait_for_points(page, 4)
    page.wait_for_function(
        "/:[0-9]{2} left/.test(document.querySelector('[data-part=left]').textContent)"
    )
    assert "of 20,000,000 images" in page.inner_text('[data-part="images"]')
    page.evaluate("document.querySelector('[data-part=roll]').click()")  # the form goes its own way
    assert "20,000,000 images · start number 0" in page.inner_text('[data-part="claim"]')
    assert "images/s" in page.inner_text('[data-part="speed"]')
    assert page.inner_text('[data-part="percent"]').endswith("%")
    page.locator('[data-part="picks"]').scroll_into_view_if_needed()
    box = page.locator('[data-part="picks"] .nsewdrag').bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    page.mouse.up()
    chosen = "document.querySelector('[data-part=picks]').layout.xaxis.range.map(Math.round)"
    page.wait_for_function(
        "document.querySelector('[data-part=picks]').layout.xaxis.autorange === false"
    )
    zoomed = page.evaluate(chosen)
    points = page.evaluate("document.querySelector('[data-part=picks]').data[0].x.length")
    wait_for_points(page, points + 3)
    assert page.evaluate(chosen) == zoomed


def test_start_pressed_again_starts_no_second_run_and_says_why_not(page: Any, served: Any):
    before = len(list_runs(served.runs))
    start(page, LONG)
    wait_for_text(page, "refusal", "training already")
    assert len(list_runs(served.runs)) == before
    close_sheets(page)


def test_another_visitor_neither_sees_nor_controls_the_run(page: Any, visitor: Any, served: Any):
    run = newest_run(served)
    other = visitor()
    other.wait_for_function("document.body.dataset.run === 'none'")
    other.evaluate("name => ganmodel.follow(name)", run.name)
    wait_for_text(other, "message", "no such run")
    generators = other.evaluate(
        "[...document.querySelectorAll('#play-weights [data-id]')].map(o => o.dataset.id)"
    )
    assert not any(run.name in value for value in generators)
    assert run.state() == "running"


def test_while_live_the_slider_never_moves_under_the_hand_and_keys_move_it_too(page: Any) -> None:
    page.wait_for_function(f"Number(document.querySelector('{SLIDER}').max) >= 4")
    slide(page, 1, let_go=False)
    held = page.evaluate(f"[document.querySelector('{SLIDER}').value, "
                         f"document.querySelector('{SLIDER}').max]")  # fmt: skip
    points = page.evaluate("document.querySelector('[data-part=picks]').data[0].x.length")
    wait_for_points(page, points + 4)
    now = page.evaluate(f"[document.querySelector('{SLIDER}').value, "
                        f"document.querySelector('{SLIDER}').max]")  # fmt: skip
    assert now == held
    assert held[0] == "1"
    slide(page, int(held[1]))  # let go at the right end
    page.wait_for_function(f"Number(document.querySelector('{SLIDER}').max) > {held[1]}")
    the_newest_moment_is_held_as_still(page)
    page.wait_for_function(
        f"document.querySelector('{SLIDER}').value === document.querySelector('{SLIDER}').max"
    )
    arrows_move_through_time_and_space_pauses(page)


def the_newest_moment_is_held_as_still(page: Any) -> None:
    """On the run that the test before has started."""
    box = page.locator(SLIDER).bounding_box()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    longest = page.evaluate(f"document.querySelector('{SLIDER}').max")
    points = page.evaluate("document.querySelector('[data-part=picks]').data[0].x.length")
    wait_for_points(page, points + 3)
    assert page.evaluate(f"document.querySelector('{SLIDER}').max") == longest
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'false'")
    assert page.locator(SLIDER).bounding_box()["width"] == box["width"]
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.mouse.up()  # at the right end, though that is not the newest moment any more
    page.wait_for_function("document.querySelector('[data-part=live]').ariaPressed === 'true'")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_function(f"Number(document.querySelector('{SLIDER}').max) > {longest}")


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
    page.wait_for_selector("#train-resume:enabled")  # until then a key would press nothing
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    wait_for_state(page, "running")


def test_knobs_are_set_in_a_run_and_steps_taken_by_hand_while_it_is_paused(
    page: Any, served: Any
) -> None:
    page.click("#train-knobs")
    page.fill("#train-panel input[name=lr_g]", "5")
    page.click('[data-part="apply"]')
    wait_for_text(page, "message", "must be a number from 0")
    page.fill("#train-panel input[name=lr_g]", "0.001")
    page.click('[data-part="apply"]')
    page.wait_for_function(f"{SHAPES} === 2")  # beside the line of a coin toss
    assert newest_run(served).status()["knobs"] == {"lr_g": 0.001}
    marks = "document.querySelector('[data-part=picks]').layout.annotations"
    assert "0.001" in page.evaluate(f"{marks}[0].hovertext")
    steps_by_hand_say_what_changed(page, served)


def steps_by_hand_say_what_changed(page: Any, served: Any) -> None:
    """On the run that the test before has started."""
    assert not page.is_visible("#train-steps")
    page.click("#train-step")  # pauses
    wait_for_state(page, "paused")
    seen = newest_run(served).status()["images_seen"]
    page.click('[data-step="d/10"]')
    wait_for_text(page, "report", "D alone learned for 10 steps")
    wait_for_text(page, "report", "G and its pictures, not at all")
    assert newest_run(served).status()["images_seen"] == seen + 10 * 128
    page.click('[data-step="g/1"]')
    wait_for_text(page, "report", "G alone learned for 1 step")
    wait_for_text(page, "by-hand", "11 steps by hand")
    assert page.is_checked('input[value="raw"]')  # averaged G has hardly moved
    row = newest_run(served).rows()[0][-1]
    open_measurements(page)
    wait_for_text(page, "facts", f"{100 * row['picks']:.0f} of 100")
    wait_for_text(page, "images", f"{row['images']:,} of")
    # At once, so that the steps are under way.
    page.evaluate("""["[data-step='both/100']", "#train-stop"]
        .forEach((press) => document.querySelector(press).click())""")
    wait_for_state(page, "stopped")
    page.click('label:has(input[value="averaged"])')
    page.click("#train-resume")
    wait_for_state(page, "running")


def test_trying_again_from_an_earlier_moment_stops_the_run_and_takes_other_knobs(
    page: Any, served: Any
) -> None:
    """The tests after this one find the new run."""
    first = newest_run(served)
    wait_until(lambda: len(first.moments("checkpoints")) > 2)
    newest = f"Number(document.querySelector('{SLIDER}').max)"
    page.wait_for_function(f"{newest} >= 4")
    slide(page, page.evaluate(newest) - 1)
    open_measurements(page)
    page.click('[data-part="again-here"]')
    page.fill("#train-panel input[name=lr_d]", "0.001")
    page.click('[data-part="apply"]')
    page.wait_for_function("name => ganmodel.run() !== name", arg=first.name)
    wait_for_state(page, "running")
    again = newest_run(served)
    assert first.state() == "stopped"
    origin = origin_of(again)
    assert origin["run"] == first.name
    assert 0 < origin["moment"] < first.status()["images_seen"]
    assert again.config().lr_d == 0.001
    wait_for_text(page, "settings", f"tried again from {origin['moment']:,} images")


def test_pause_holds_the_run_exactly_where_it_is_and_resume_goes_on(page: Any, served: Any):
    page.click("#train-pause")
    wait_for_state(page, "paused")
    run = newest_run(served)
    rows = len(run.rows()[0])
    seen = run.status()["images_seen"]
    for _ in range(2):  # it answers, and has trained no further
        assert ask_and_wait(run, "pause")["images_seen"] == seen
    assert len(run.rows()[0]) == rows
    page.wait_for_function(f"{FOCUSED} === 'train-resume'")  # where Pause was
    page.keyboard.press("Enter")
    wait_for_state(page, "running")
    page.wait_for_function(f"{FOCUSED} === 'train-pause'")
    wait_until(lambda: run.status()["images_seen"] > seen, what="the next row")


def test_stop_ends_the_run_with_its_weights_and_resume_goes_on_from_there(page: Any, served: Any):
    page.click("#train-stop")
    wait_for_state(page, "stopped")
    run = newest_run(served)
    page.wait_for_function(f"{FOCUSED} === 'train-resume'")
    stopped_at = run.status()["images_seen"]
    assert max(run.moments("weights")) == max(run.moments("checkpoints")) == stopped_at
    page.click("#train-resume")
    wait_for_state(page, "running")
    wait_until(lambda: run.status()["images_seen"] > stopped_at, what="the next row")


def test_a_killed_trainer_is_shown_as_died_within_five_looks_and_can_be_resumed(
    page: Any, served: Any
):
    """The page looks once a second."""
    run, asked = newest_run(served), []
    os.kill(run.status()["pid"], signal.SIGKILL)
    wait_until(lambda: not run.is_alive(), what="the trainer's end")
    page.on("request", lambda request: asked.append(request.post_data or ""))
    wait_for_state(page, "died")
    assert sum('"watch"' in question for question in asked) <= 5
    wait_for_text(page, "message", "SIGKILL")
    page.click("#train-open")
    page.wait_for_function(
        "id => document.querySelector('#play-weights').dataset.generator === id",
        arg=f"run:{run.name}",
    )
    page.get_by_role("tab", name="Train").click()
    page.click("#train-resume")
    wait_for_state(page, "running")


def test_two_tabs_and_a_reload_in_every_state_show_the_same_run_as_it_is(
    page: Any, served: Any
) -> None:
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
        first_x = page.evaluate("document.querySelector('[data-part=picks]').data[0].x[0]")
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
