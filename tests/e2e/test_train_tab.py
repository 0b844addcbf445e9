"""The Train tab as a person uses it: start, watch, reload, pause, stop, and what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganmodel.runs import list_runs
from tests.e2e.driving import (
    choose_data,
    close_sheets,
    end_all_runs,
    grid_of,
    module,
    newest_run,
    open_form,
    start,
    wait_for_points,
    wait_for_state,
    wait_for_text,
)

WRITTEN = json.loads((Path(__file__).parents[1] / "data" / "numbers.json").read_text("utf-8"))
PLACE = "#play&weights=shipped:mnist&stops=53,46&at=0.25"
LINK = f"?run=a-b&key={'0123456789abcdef' * 2}"


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """One visitor's tab for all tests, each of which finds the form as new."""
    tab.get_by_role("tab", name="Train", exact=True).click()
    open_form(tab)
    choose_data(tab, "mnist")
    tab.select_option("#train-preset select", "quick")
    # The button may go between a look at it and a press by hand.
    tab.evaluate("document.querySelector('[data-part=back]').click()")
    tab.fill("#train-seed input", "0")
    yield tab
    close_sheets(tab)
    assert visits.trouble == []
    end_all_runs(served)


def test_a_short_run_shows_its_curves_and_a_grid_that_changes_and_ends_in_the_playground(
    page: Any, served: Any
):
    start(page, 6_000, evaluate_every=0)
    newest_run(served).ask("pause")  # its trainer has yet to begin, and stays where it is seen
    wait_for_state(page, "paused")
    page.wait_for_selector("#train-samples canvas[data-images]")
    first = grid_of(page)
    page.click("#train-resume")
    wait_for_points(page, 4)
    page.click("#chart-losses")
    page.wait_for_selector('[data-part="losses"] .scatterlayer .js-line >> nth=1', state="attached")
    wait_for_state(page, "finished")
    assert grid_of(page) != first
    page.wait_for_selector('[data-part="reals"][data-shown]')
    wait_for_text(page, "message", "Finished")
    assert page.inner_text('[data-part="percent"]') == "100 %"

    page.click("#train-open")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.wait_for_function(
        "document.querySelector('#play-weights').dataset.generator.startsWith('run:')"
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
    choose_data(page, "kmnist")
    page.wait_for_selector("#train-dataset-note >> text=downloaded first")
    page.click('[data-part="sheet-start"]')
    page.wait_for_selector('[data-part="message"] >> text=could not be downloaded')
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


def test_back_and_forward_move_between_the_tabs(page: Any) -> None:
    shown = "t => [...document.querySelectorAll('#page-tabs [role=tab][aria-selected=true]')]"
    shown += ".some((tab) => tab.textContent.trim() === t)"
    close_sheets(page)
    page.get_by_role("tab", name="Playground").click()
    page.wait_for_function("location.hash.startsWith('#play')")
    there = page.url
    page.go_back()
    page.wait_for_function(shown, arg="Train")
    assert "#play" not in page.url
    page.go_forward()
    page.wait_for_function(shown, arg="Playground")
    assert page.url == there


# Adds to the remembered form what only another version can have chosen.
FROM_ANOTHER_VERSION = """
const kept = JSON.parse(localStorage.getItem("ganmodel.form"));
const odd = { momentum_g: 0.5, objective: "nonesuch", images: "many", width: 1e9, z_dim: null };
localStorage.setItem("ganmodel.form", JSON.stringify({ ...kept, ...odd }));
"""


def test_the_form_keeps_its_settings_over_a_reload_and_says_what_was_changed(page: Any) -> None:
    """What it cannot understand of a remembered form is dropped without a word."""
    by_class = "#train-dataset input[type=checkbox]"
    page.wait_for_selector(f"{by_class}:checked")
    page.uncheck(by_class)
    page.evaluate("document.querySelector('#train-all').open = true")
    page.fill("#set-lr_g input", "0.001")
    page.fill("#train-seed input", "77")
    wait_for_text(page, "changed", "quick, changed")
    page.evaluate(f"() => {{ {FROM_ANOTHER_VERSION} }}")
    page.reload()
    page.wait_for_selector("#train-start", state="attached")
    open_form(page)
    wait_for_text(page, "changed", "quick, changed")
    assert page.inner_text('[data-part="refusal"]') == ""
    assert page.input_value("#set-lr_g input") == "0.001"
    assert page.input_value("#train-seed input") == "77"
    assert not page.is_checked(by_class)
    page.click('[data-part="back"]')
    page.wait_for_function("document.querySelector('#set-lr_g input').value === '0.003'")
    assert page.is_checked(by_class)


# Holds an answer back until a box has been ticked, or the tick taken out; whether that stayed.
TICKED_MEANWHILE = """async (selector) => {
    const own = window.fetch;
    let letGo;
    const held = new Promise((resolve) => { letGo = resolve; });
    const asked = new Promise((resolve) => {
        window.fetch = async (...request) => {
            const answer = await own(...request);
            if (!String(request[0]).includes("ganmodel-describe")) return answer;
            const told = await answer.json();
            answer.json = () => held.then(() => told);
            resolve();
            window.fetch = own;
            return answer;
        };
    });
    document.querySelector('[data-part="roll"]').click();
    await asked;
    const box = document.querySelector(selector), was = box.checked;
    box.click();
    letGo();
    await new Promise(requestAnimationFrame);
    return box.checked !== was;
}"""


def test_an_answer_to_an_older_choice_takes_back_nothing(page: Any) -> None:
    by_class = "#train-dataset input[type=checkbox]"
    page.wait_for_selector(f"{by_class}:checked")
    assert page.evaluate(TICKED_MEANWHILE, by_class)


def test_a_typed_value_out_of_range_gets_a_sentence_and_starts_nothing(
    page: Any, served: Any
) -> None:
    before = len(list_runs(served.runs))
    page.evaluate("document.querySelector('#train-all').open = true")
    page.fill("#set-width input", "4000")
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    page.click('[data-part="sheet-start"]')
    wait_for_text(page, "refusal", "must be a whole number from 4 to 256")
    page.click('[data-part="back"]')  # the way back to the recipe is there while it is refused
    page.wait_for_function("document.querySelector('[data-part=\"refusal\"]').textContent === ''")
    assert len(list_runs(served.runs)) == before


def test_numbers_are_read_as_the_command_line_reads_them(page: Any) -> None:
    numbers = module(page, "shared/numbers.js")
    read = "({ readNumber }, [texts, whole]) => texts.map((one) => readNumber(one, whole).value)"
    for kind in ("any", "whole"):
        texts = list(WRITTEN[kind])
        assert (
            dict(zip(texts, numbers.evaluate(read, [texts, kind == "whole"]), strict=True))
            == (WRITTEN[kind])
        )
    for whole in (True, False):
        assert set(numbers.evaluate(read, [WRITTEN["none"], whole])) == {None}
    for text, both in WRITTEN["ambiguous"].items():
        why = numbers.evaluate("({ readNumber }, text) => readNumber(text).why", text)
        assert all(one in why for one in both)


def test_a_number_is_typed_as_one_writes_it_and_turned_by_steps_that_fit(page: Any) -> None:
    page.evaluate("document.querySelector('#train-all').open = true")
    rate, length = "#set-lr_g-input", "#train-length-number"
    for field, typed, meant in ((rate, "4,5e-4", "0.00045"), (length, "300.000", "300000")):
        page.fill(field, typed)
        page.press(field, "Tab")
        assert page.input_value(field) == meant
    page.fill(rate, "1,234")
    page.press(rate, "Tab")
    wait_for_text(page, "refusal", "G's rate: “1,234” can be read as 1.234 or as 1234")
    for field, value, up, down in (
        (rate, "0.002", "0.0021", "0.0019"),
        (rate, "0.001", "0.0011", "0.00099"),
        (length, "60000", "61000", "59000"),
        ("#train-seed-number", "128", "129", "127"),
    ):
        for key, turned in (("ArrowUp", up), ("ArrowDown", down)):
            page.fill(field, value)
            page.press(field, key)
            assert page.input_value(field) == turned
    page.fill(rate, "0.002")
    page.hover(rate)
    top = page.evaluate("document.querySelector('#train-form').scrollTop")
    page.mouse.wheel(0, 120)
    page.wait_for_function("top => document.querySelector('#train-form').scrollTop > top", arg=top)
    assert page.input_value(rate) == "0.002"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_link_that_a_messenger_changed_is_read_as_it_was_sent(page: Any) -> None:
    changed = [
        (PLACE, PLACE + "."),
        (PLACE, PLACE.replace("&", "&amp;") + ")"),
        (PLACE, PLACE.replace("&", "%26").replace("=", "%3D")),
        (PLACE, PLACE + "%C2%BB"),
        (PLACE, PLACE + "&fbclid=x"),
        (LINK, LINK.replace("&", "&amp;") + "."),
        (LINK, LINK.replace("=", "%3D").replace("&", "%26")),
        ("?run=a%26b&key=c", "?run=a%26b&key=c"),
    ]
    mended = "({ mendedAddress }, ends) => ends.map((end) => mendedAddress('http://h/' + end))"
    address = module(page, "shared/address.js")
    ends = address.evaluate(mended, [arrived for _, arrived in changed])
    assert ends == ["http://h/" + sent for sent, _ in changed]


def test_each_tab_keeps_its_own_choices_and_a_stray_drop_keeps_the_page(
    page: Any, served: Any
) -> None:
    page.fill("#train-seed input", "5")
    other = page.context.new_page()
    other.goto(served.url)
    other.wait_for_selector("#train-start", state="attached")
    other.wait_for_function("document.querySelector('#train-seed input').value === '5'")
    open_form(other)
    other.fill("#train-seed input", "77")
    # As a version that knew more settings left it.
    other.evaluate(
        "ganmodel.set('form', JSON.stringify({ preset: 'turbo', momentum_g: 0.5, images: 50000 }))"
    )
    page.reload()
    page.wait_for_selector("#train-start", state="attached")
    page.wait_for_function("document.querySelector('#train-seed input').value === '5'")
    other.evaluate("sessionStorage.clear()")
    other.reload()
    other.wait_for_selector("#train-start", state="attached")
    other.wait_for_function("document.querySelector('#train-length-note').textContent !== ''")
    assert other.input_value("#train-preset select") == "quick"
    assert other.input_value("#train-length-number") == "50000"
    assert other.inner_text('[data-part="refusal"]') == ""
    drop = """where => ["dragover", "drop"].map((kind) => {
        const carried = new DataTransfer();
        carried.items.add(new File(["x"], "x.png"));
        const how = { bubbles: true, cancelable: true, dataTransfer: carried };
        const made = new DragEvent(kind, how);
        document.querySelector(where).dispatchEvent(made);
        return made.defaultPrevented;
    })"""
    assert [other.evaluate(drop, where) for where in ("h1", "#train-start")] == [[True, True]] * 2
    other.close()
