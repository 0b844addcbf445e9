"""The page in WebKit and in Firefox: its modules, a run, a slider, a phone's width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.driving import end_all_runs
from tests.e2e.other_browsers import RIGHT, Driven, Firefox, firefox, wait_for, webkit

GRID = "document.querySelector('[data-part=samples]')"
CANVAS = "document.querySelector('#play-canvas canvas')"
ALPHA = '#play-alpha input[type="range"]'


@pytest.fixture(params=[webkit, firefox])
def browser(request: pytest.FixtureRequest, served: Any) -> Iterator[Driven]:
    try:
        with request.param() as driven:
            yield driven
            if isinstance(driven, Firefox):
                assert driven.trouble == []
    except LookupError as missing:
        pytest.skip(str(missing))
    finally:
        end_all_runs(served)


def test_a_run_a_slider_and_a_phones_width_work_in_other_browsers(
    browser: Driven, served: Any
) -> None:
    browser.go(served.url)
    wait_for(browser, "document.querySelector('#page-tabs #train-start')")  # Gradio has come
    wait_for(browser, f"{GRID}.dataset.images")
    browser.click("#train-start")
    wait_for(browser, "document.body.dataset.run === 'running'")
    wait_for(browser, f"{GRID}.dataset.images > 0")
    browser.click("#train-stop")
    wait_for(browser, "document.body.dataset.run === 'stopped'")

    browser.click("#page-tabs [data-tab-id=playground]")
    wait_for(browser, f"{CANVAS}?.dataset.frame")
    browser.click("#way-ab")
    wait_for(browser, "document.querySelector('#play-strip')?.dataset.key")
    before = browser.js(f"{CANVAS}.toDataURL()")
    for _ in range(20):
        browser.press(ALPHA, RIGHT)
    wait_for(browser, f"{CANVAS}.toDataURL() !== '{before}'")
    assert browser.js(f"document.querySelector('{ALPHA}').valueAsNumber") == pytest.approx(0.1)

    browser.resize(390, 844)  # WebKit's window gets no narrower than 447
    wait_for(browser, "innerWidth <= 500")
    loop = "document.querySelector('#train-loop')"  # laid out by other rules on a phone
    wait_for(browser, f"getComputedStyle({loop}).display === 'contents'")
    for tab in ("playground", "train"):
        browser.click(f"#page-tabs [data-tab-id={tab}]")
        assert browser.js("document.documentElement.scrollWidth <= innerWidth"), tab
