"""The page before its scripts, and Gradio's, have come: it is seen, pressed, and stays in place."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.driving import end_all_runs, wait_for_state
from tests.e2e.test_barriers import barriers
from tests.e2e.test_loop import BOXES, SCREENS, SHIFTS, stand

OURS = "**/train/main.js"
GRADIOS = "**/assets/index-*.js"
WHOLE = "!document.querySelector('.gm-first')"


class Held:
    """Scripts that do not arrive until they are let go."""

    def __init__(self, page: Any, scripts: str) -> None:
        self._page, self._scripts, self._requests = page, scripts, []
        page.route(scripts, lambda request: self._requests.append(request))

    def let_go(self) -> None:
        for request in self._requests:
            request.continue_()
        self._page.unroute(self._scripts)


@pytest.fixture
def fresh(browser: Any, served: Any) -> Iterator[Any]:
    """A new visitor's tab that has opened no page yet."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()
    end_all_runs(served)


def test_start_and_its_words_stand_in_the_first_answer(served: Any) -> None:
    with urllib.request.urlopen(served.url) as answer:
        html = answer.read().decode()
    assert html.index('id="train-start"') < html.index("<gradio-app")
    assert "Train your own" in html
    assert "og:title" in html
    assert "huggingface" not in html
    assert "githubusercontent" not in html


def test_start_pressed_before_the_page_lives_is_done_once_it_does(fresh: Any, served: Any) -> None:
    ours = Held(fresh, OURS)
    fresh.goto(served.url, wait_until="commit")
    fresh.click("#train-start")
    assert fresh.get_attribute("#train-start", "aria-busy") == "true"
    ours.let_go()
    wait_for_state(fresh, "running")
    assert fresh.get_attribute("#train-start", "aria-busy") is None


def test_a_tab_pressed_before_gradio_has_come_opens_once_it_has(fresh: Any, served: Any) -> None:
    gradios = Held(fresh, GRADIOS)
    fresh.goto(served.url, wait_until="commit")
    fresh.wait_for_function("document.body?.dataset.run !== undefined")  # the Train tab lives
    fresh.get_by_role("tab", name="Playground").click()
    gradios.let_go()
    fresh.wait_for_selector("#play-canvas canvas[data-frame]")
    fresh.go_back()
    fresh.wait_for_selector(".gm-train", state="visible")


def test_the_first_answer_is_no_barrier_while_gradio_is_awaited(fresh: Any, served: Any) -> None:
    gradios = Held(fresh, GRADIOS)
    fresh.goto(served.url, wait_until="commit")
    fresh.wait_for_selector('[data-part="samples"][data-images]')
    assert barriers(fresh) == []
    gradios.let_go()
    fresh.wait_for_function(WHOLE)


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_nothing_moves_when_gradios_page_comes(fresh: Any, served: Any, screen: str) -> None:
    width, height = SCREENS[screen]
    fresh.set_viewport_size({"width": width, "height": height})
    gradios = Held(fresh, GRADIOS)
    fresh.goto(served.url, wait_until="commit")
    fresh.wait_for_selector('[data-part="samples"][data-images]')
    fresh.wait_for_selector('[data-part="game-pair"] button', state="attached")
    fresh.wait_for_function(
        "document.querySelector('[data-part=start-time]').textContent.includes('about')"
    )
    fresh.evaluate(SHIFTS)
    before, tabs = fresh.evaluate(BOXES), fresh.get_by_role("tab", name="Playground").bounding_box()
    fresh.focus("#train-start")
    gradios.let_go()
    fresh.wait_for_function(WHOLE)
    stand(fresh, before)
    assert fresh.get_by_role("tab", name="Playground").bounding_box() == pytest.approx(tabs, abs=1)
    assert fresh.evaluate("document.activeElement.id") == "train-start"
    assert fresh.evaluate("window.shifted") < 0.02, "\n".join(fresh.evaluate("window.sources"))


def test_gradios_page_waits_for_an_open_sheet(fresh: Any, served: Any) -> None:
    """Moved elsewhere in the page, a sheet would be closed by some browsers."""
    gradios = Held(fresh, GRADIOS)
    fresh.goto(served.url, wait_until="commit")
    fresh.wait_for_function("document.body?.dataset.run !== undefined")
    fresh.click("#train-settings")
    fresh.fill("#train-seed input", "7")
    gradios.let_go()
    fresh.wait_for_selector("gradio-app .tab-wrapper", state="attached")
    assert fresh.is_visible("#train-form")
    fresh.keyboard.press("Escape")
    fresh.wait_for_function(WHOLE)
    assert fresh.input_value("#train-seed input") == "7"


def test_a_link_into_the_playground_shows_no_other_tab_first(fresh: Any, served: Any) -> None:
    gradios = Held(fresh, GRADIOS)
    fresh.goto(f"{served.url}#play&weights=shipped:mnist&stops=1,2", wait_until="commit")
    fresh.wait_for_selector(".gm-header")
    assert not fresh.is_visible(".gm-claim")
    gradios.let_go()
    fresh.wait_for_selector("#play-canvas canvas[data-frame]")


@pytest.mark.parametrize("chosen", ["dark", "light"])
def test_what_was_chosen_of_dark_and_light_is_there_at_once(
    browser: Any, served: Any, chosen: str
) -> None:
    """And stays when Gradio comes, which would take the system's; so does what is chosen then."""
    system = "light" if chosen == "dark" else "dark"
    context = browser.new_context(color_scheme=system)
    page = context.new_page()
    page.add_init_script(f"localStorage['ganmodel.theme'] ??= '{chosen}'")
    is_dark = "document.body.classList.contains('dark')"
    gradios = Held(page, GRADIOS)
    page.goto(served.url, wait_until="commit")
    page.wait_for_function("document.body?.dataset.run !== undefined")
    assert page.evaluate(is_dark) is (chosen == "dark")
    page.evaluate("ganmodel.toggleTheme()")
    assert page.evaluate(is_dark) is (chosen != "dark")
    gradios.let_go()
    page.wait_for_function(WHOLE)
    assert page.evaluate(is_dark) is (chosen != "dark")
    page.evaluate("ganmodel.toggleTheme()")
    page.reload()
    page.wait_for_function(WHOLE)
    assert page.evaluate(is_dark) is (chosen == "dark")
    context.close()
