"""The Train tab as a person uses it: start, watch, reload, pause, stop, and what can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ganmodel.runs import list_runs
from tests.e2e.driving import (
    end_all_runs,
    grid_of,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """One visitor's tab for all tests, each of which finds the form as new."""
    tab.get_by_role("tab", name="Train", exact=True).click()
    if tab.is_visible('[data-part="unfold"]'):
        tab.click('[data-part="unfold"]')
    tab.select_option("#train-dataset select", "mnist")
    tab.select_option("#train-preset select", "quick")
    if tab.is_visible('[data-part="back"]'):
        tab.click('[data-part="back"]')
    tab.fill("#train-seed input", "0")
    yield tab
    assert visits.trouble == []
    end_all_runs(served)


def test_a_short_run_shows_its_curves_and_a_grid_that_changes_and_ends_in_the_playground(page: Any):
    start(page, 6_000, evaluate_every=0)
    page.wait_for_function("document.body.dataset.run === 'running'", timeout=60_000)
    page.wait_for_selector("#train-samples img[data-images]")
    first = grid_of(page)
    wait_for_points(page, 4)
    assert page.locator('[data-part="losses"] .scatterlayer .js-line').count() == 2
    wait_for_state(page, "finished")
    assert grid_of(page) != first
    assert page.get_attribute('[data-part="reals"]', "src").startswith("blob:")
    assert "Finished" in page.inner_text('[data-part="message"]')
    assert page.inner_text('[data-part="percent"]') == "100 %"

    page.click("#train-open")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.wait_for_function(
        "document.querySelector('#play-weights select').value.startsWith('run:')"
    )
    page.wait_for_function(
        "Number(document.querySelector('#play-canvas canvas').dataset.moment) > 5999"
    )


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
    page.evaluate("document.querySelector('#train-all').open = true")
    for name in ("preset", "dataset", "objective", "length", "seed"):
        lines = [line for line in page.inner_text(f"#train-{name}").splitlines() if line.strip()]
        assert len(lines) >= 2, f"train-{name} has no explanation: {lines}"
    assert "L_G = −E log D(G(z))" in page.inner_text("#train-form")
    assert "L_G = E log(1 − D(G(z)))" in page.text_content(".gm-formulas")


# Adds to the remembered form what only another version can have chosen.
FROM_ANOTHER_VERSION = """
const kept = JSON.parse(localStorage.getItem("ganmodel.form"));
const odd = { momentum_g: 0.5, objective: "nonesuch", images: "many", width: 1e9, z_dim: null };
localStorage.setItem("ganmodel.form", JSON.stringify({ ...kept, ...odd }));
"""


def test_the_form_keeps_its_settings_over_a_reload_and_says_what_was_changed(page: Any) -> None:
    """What it cannot understand of a remembered form is dropped without a word."""
    page.evaluate("document.querySelector('#train-all').open = true")
    page.fill("#set-lr_g input", "0.001")
    page.fill("#train-seed input", "77")
    wait_for_text(page, "changed", "quick, changed")
    page.evaluate(f"() => {{ {FROM_ANOTHER_VERSION} }}")
    page.reload()
    page.wait_for_selector("#train-start")
    wait_for_text(page, "changed", "quick, changed")
    assert page.inner_text('[data-part="refusal"]') == ""
    assert page.input_value("#set-lr_g input") == "0.001"
    assert page.input_value("#train-seed input") == "77"
    page.click('[data-part="back"]')
    page.wait_for_function("document.querySelector('#set-lr_g input').value === '0.003'")


def test_a_typed_value_out_of_range_gets_a_sentence_and_starts_nothing(
    page: Any, served: Any
) -> None:
    before = len(list_runs(served.runs))
    page.evaluate("document.querySelector('#train-all').open = true")
    page.fill("#set-width input", "4000")
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    page.click("#train-start")
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    page.click('[data-part="back"]')  # the way back to the recipe is there while it is refused
    page.wait_for_function("document.querySelector('[data-part=\"refusal\"]').textContent === ''")
    assert len(list_runs(served.runs)) == before
