"""The coach as a person meets it: each lesson fails visibly, a cure is one tap, and it is cured."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.config import PRESETS
from ganmodel.runs import Run, origin_of
from ganmodel.sampling import SHIPPED
from ganmodel.ui.http.visitors import owner_of
from ganmodel.words import worded
from tests.e2e.driving import (
    end_all_runs,
    newest_run,
    see_curves,
    token_of,
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
    assert page.locator(".gm-which").get_attribute("hidden") is not None  # raw G it is
    wait_for_text(page, "cures", "This recipe fails on purpose.")
    assert worded(PRESETS["lesson-diverge"].cure) in page.inner_text('[data-part="cures"]')


def test_a_cure_starts_again_and_lies_over_the_run_it_came_from(page: Any, served: Any) -> None:
    """From the run that was recorded for the film, as a visitor's own."""
    first = Run(served.runs / "0-lesson")
    shutil.copytree(SHIPPED / "runs" / "lesson-d-wins", first.folder)
    first.path("owner").write_text(owner_of(token_of(page)))
    page.evaluate("name => ganmodel.follow(name)", first.name)
    wait_for_text(page, "headline", "D wins")
    wait_for_text(page, "cures", "This recipe fails on purpose.")
    page.click('.gm-cure button:has-text("Start over")')
    page.wait_for_function("name => ganmodel.run() !== name", arg=first.name)
    wait_for_state(page, "running")
    again = newest_run(served)
    assert origin_of(again)["run"] == first.name
    assert again.config().n_critic == 1
    see_curves(page)
    page.wait_for_function(
        "[...document.querySelectorAll('.gm-plot')]"
        ".some((plot) => plot.data?.some((line) => line.line.dash === 'dot'))"
    )
    wait_for_text(page, "settings", "tried again from 0 images")
