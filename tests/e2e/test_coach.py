"""The coach as a person meets it: each lesson fails visibly, a cure is one tap, and it is cured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import PRESETS
from ganmodel.data import load_data
from ganmodel.runs import origin_of
from tests.e2e.driving import (
    SLIDER,
    end_all_runs,
    follow,
    made_run,
    newest_run,
    slide,
    start,
    wait_for_state,
    wait_for_text,
)


@pytest.fixture
def page(visitor: Any, served: Any) -> Iterator[Any]:
    """A new visitor's page; the runs it leaves behind are stopped, so the next may start."""
    yield visitor()
    end_all_runs(served)


def test_a_lesson_fails_visibly_and_names_its_cure(page: Any) -> None:
    """As a film; the run of another is cured below."""
    page.select_option("#train-film", "shipped/lesson-diverge")
    wait_for_text(page, "headline", "Diverging")
    assert not page.is_visible(".gm-which")  # raw G it is
    wait_for_text(page, "cures", "This recipe fails on purpose.")
    assert PRESETS["lesson-diverge"].cure in page.inner_text('[data-part="cures"]')


def test_a_cure_starts_again_and_lies_over_the_run_it_came_from(page: Any, served: Any) -> None:
    start(page, 60_000, preset="lesson-d-wins")
    wait_for_text(page, "headline", "D wins", timeout=90_000)
    wait_for_text(page, "cures", "This recipe fails on purpose.")
    first = newest_run(served)
    page.click('.gm-cure button:has-text("Start over")')
    page.wait_for_function("name => ganmodel.run() !== name", arg=first.name)
    wait_for_state(page, "running")
    again = newest_run(served)
    assert origin_of(again)["run"] == first.name
    assert again.config().n_critic == 1
    assert first.state() == "stopped"
    page.wait_for_function(
        "document.querySelector('[data-part=beliefs]').data.some(t => t.line.dash === 'dot')",
        timeout=60_000,
    )
    wait_for_text(page, "settings", "tried again from 0 images")


def test_trying_again_from_an_earlier_moment_takes_other_knobs(
    page: Any, served: Any, data_dir: Path
) -> None:
    first = made_run(served, page, "earlier", data=load_data("mnist", data_dir))
    follow(page, first)
    slide(page, page.evaluate(f"Number(document.querySelector('{SLIDER}').max)") - 1)
    page.click('[data-part="again-here"]')
    page.fill("#train-panel input[name=lr_d]", "0.001")
    page.click('[data-part="apply"]')
    page.wait_for_function("name => ganmodel.run() !== name", arg=first.name)
    wait_for_state(page, "finished", timeout=60_000)
    again = newest_run(served)
    assert origin_of(again) | {"run": first.name, "moment": 384} == origin_of(again)
    assert again.config().lr_d == 0.001
