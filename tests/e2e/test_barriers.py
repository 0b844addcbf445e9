"""No barrier for anybody: how axe-core looks for them, which `test_every_state` does in all states;
large letters; a person's own few colours."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import FLAGS, system_browser
from tests.e2e.driving import open_measurements, see_curves, wait_for_text
from tests.patient import PATIENCE

GRAVE = ("moderate", "serious", "critical")
AT_ONCE = "*, *::before, *::after { transition: none !important; }"


def barriers(page: Any, within: str = "html", *, both: bool = True) -> list[str]:
    """What axe finds on a light desktop and, with `both`, on a dark phone too."""
    found = _barriers(page, within)
    if both:
        page.evaluate("document.body.classList.add('dark')")
        page.set_viewport_size({"width": 390, "height": 844})
        found += _barriers(page, within)
        page.evaluate("document.body.classList.remove('dark')")
        page.set_viewport_size({"width": 1440, "height": 900})
    return found


def _barriers(page: Any, within: str) -> list[str]:
    found = Axe().run(page, context=within).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in found
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def test_letters_twice_as_large_cost_nothing_of_a_phones_page(browser: Any, served: Any) -> None:
    """As chosen in the browser's settings, which only a browser of its own has."""
    kind = browser.browser_type
    arguments = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    large = kind.launch(executable_path=system_browser(), args=arguments, timeout=PATIENCE * 1000)
    page = large.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(served.url)
    page.wait_for_selector('[data-part="samples"][data-images]')
    wait_for_text(page, "start-time", "about")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    for seen in ("#train-start", "#train-settings", "#train-d", "#page-tabs [role=tab] >> nth=1"):
        box = page.locator(seen).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390, seen
    page.get_by_role("tab", name="Playground").click()
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    large.close()


def test_in_a_persons_own_few_colours_what_is_chosen_and_every_curve_can_be_told(
    visitor: Any,
) -> None:
    page = visitor(forced_colors="active", color_scheme="dark")
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.wait_for_selector("#page-tabs [role=tab]")
    edges = """all => all.map((one) => {
        const { borderBottomColor, outlineColor, outlineStyle } = getComputedStyle(one);
        return [borderBottomColor, outlineStyle === "none" ? "" : outlineColor].join();
    })"""
    for chosen, others in (
        ("#page-tabs [role=tab][aria-selected=true]", "#page-tabs [role=tab][aria-selected=false]"),
        ("#chart-picks", "#chart-losses"),
    ):
        ours, theirs = (page.eval_on_selector_all(one, edges) for one in (chosen, others))
        assert ours[0] not in theirs
    page.click("#chart-losses")
    see_curves(page)
    page.wait_for_selector('[data-part="losses"] .js-line >> nth=1', state="attached")
    dashes = page.evaluate(
        "document.querySelector('[data-part=losses]').data.map(({ line }) => line.dash)"
    )
    assert len({*dashes}) == 2
    open_measurements(page)
    bar = page.locator('[data-part="classes"] i').first
    drawn = "one => getComputedStyle(one.firstElementChild).backgroundColor"
    assert bar.evaluate(drawn) != bar.evaluate("one => getComputedStyle(one).backgroundColor")
