"""No barrier for anybody: axe-core on every view, light and dark, wide and narrow; large letters; a
person's own few colours."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import FLAGS, system_browser
from tests.e2e.driving import follow, made_run, open_measurements, see_curves, wait_for_text
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


def test_every_view_of_both_tabs_is_free_of_barriers(visitor: Any, served: Any) -> None:
    page = visitor()
    page.add_style_tag(content=AT_ONCE)  # or colours are looked at on their way to others
    page.wait_for_selector('[data-part="samples"][data-images]')
    page.click("#train-more summary")
    page.click('[data-part="more-charts"]')
    page.click("#chart-gradients")
    page.wait_for_selector('[data-part="gradients"] .js-line')
    assert barriers(page) == []
    page.click("#train-settings")
    page.click("#train-all summary")
    assert barriers(page, "#train-form") == []
    page.click("#train-form [data-close]")
    run = made_run(served, page, "axe")
    follow(page, run)
    page.click(".gm-cells button:nth-child(2)")
    page.wait_for_function("document.querySelector('#train-sheet').open")
    page.wait_for_function(
        "document.querySelector('[data-part=\"sheet-opinion\"]').textContent.length > 0"
    )
    assert barriers(page, "#train-sheet") == []
    page.click('[data-part="sheet-close"]')
    page.click("#runs-open")
    page.wait_for_selector(".gm-card")
    page.click(".gm-card summary")
    assert barriers(page, "#runs-drawer") == []
    page.click("#runs-drawer [data-close]")
    every_way_to_move_in_the_playground_is_free_of_them(page, run)


def every_way_to_move_in_the_playground_is_free_of_them(page: Any, run: Any) -> None:
    """On the page of the test above."""
    page.evaluate("id => ganmodel.explore(id)", f"run:{run.name}")
    page.wait_for_selector("#play-canvas canvas[data-frame]")
    page.click("#way-ab")
    page.wait_for_selector("#play-strip[data-key]")
    page.click('[data-part="add"]')
    page.click('[data-part="favourite"]')
    page.click("#play-ask summary")
    page.wait_for_selector("#play-ask[data-asked]", state="attached")
    shown = {
        "ab": "#play-path",
        "sliders": "#play-z input",
        "map": "#play-map[data-drawn]",
        "found": ".gm-found",
        "drawing": "#play-pad",
        "time": '[data-part="table-cells"] button',
    }
    for way, selector in shown.items():
        page.click(f"#way-{way}")
        page.wait_for_selector(selector)
        # Colours are the same in all; what is narrow differs in these.
        narrow = way in ("sliders", "found")
        assert barriers(page, f"#panel-{way}", both=narrow) == [], way
    page.click("#play-save summary")
    assert barriers(page) == []  # the whole tab, and what lies open in it
    page.click('[data-part="choose-generator"]')
    assert barriers(page, "#play-weights", both=False) == []


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
