"""How the tests of the Playground use it: reach it, move, and wait for its picture."""

from __future__ import annotations

from typing import Any

CANVAS = "#play-canvas canvas"
ALPHA = '#play-alpha input[type="range"]'
BEGIN = "#play&weights=shipped:mnist&stops=53,46"
PSI = '#play-psi input[type="range"]'
SLIDERS = {
    "ab": ALPHA,
    "sliders": "#play-z .gm-z:nth-child(2) input[type=range]",
    "found": ".gm-found:nth-child(2) input[type=range]",
}
SHOWN = "document.querySelector('[data-way][aria-selected=true]')?.dataset.way"
STATE = "(document.querySelector('.gm-play [data-part=message]')?.textContent ?? '')"


def opened(tab: Any) -> Any:
    """The Playground, from A to B."""
    tab.get_by_role("tab", name="Playground", exact=True).click()
    tab.wait_for_selector(f"{CANVAS}[data-frame]")
    way(tab, "ab")
    tab.wait_for_selector("#play-strip[data-key]")  # the frames of the way are here
    return tab


def pixels(page: Any) -> str:
    """The canvas as the browser shows it."""
    return page.evaluate(f"document.querySelector('{CANVAS}').toDataURL()")


def do_and_wait_for_picture(page: Any, action: Any) -> str:
    frame = int(page.get_attribute(CANVAS, "data-frame"))
    action()
    page.wait_for_function(
        "n => Number(document.querySelector('#play-canvas canvas').dataset.frame) > n", arg=frame
    )
    wait_for_idle(page)  # or it may have been the picture of something done before
    return pixels(page)


def wait_for_idle(page: Any) -> None:
    page.wait_for_selector(f"{CANVAS}:not([aria-busy=true])")


def wait_for_pixels(page: Any, wanted: str) -> None:
    page.wait_for_function(f"w => document.querySelector('{CANVAS}').toDataURL() === w", arg=wanted)


def move(page: Any, selector: str, value: float) -> str:
    """Moves a slider as a hand does: sets its value and tells it so."""
    script = """(slider, value) => {
        const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        native.set.call(slider, value);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    slider = page.locator(selector).first
    return do_and_wait_for_picture(page, lambda: slider.evaluate(script, value))


def way(page: Any, name: str) -> None:
    """Shows one of the ways to move."""
    page.click(f"#way-{name}")


def shown_way(page: Any) -> str:
    return page.evaluate(SHOWN)


def wait_for_rest(page: Any, text: str) -> None:
    """Until the address tells where one stands now."""
    page.wait_for_function("t => decodeURIComponent(location.hash).includes(t)", arg=text)


def begun(tab: Any) -> Any:
    """Brings a tab of the Playground to the one place that every test begins at."""
    tab.click("#way-ab")
    # Not as the page itself would write it, so that its own writing tells when it has arrived.
    tab.evaluate("address => { location.hash = address; }", f"{BEGIN}&psi=1.0")
    tab.wait_for_function("address => location.hash === address", arg=f"{BEGIN}&way=ab")
    tab.wait_for_function(
        "document.querySelector('#play-strip').dataset.key?.includes('stops=53,46\"')"
    )
    wait_for_idle(tab)
    return tab


def generator_of(page: Any) -> str | None:
    return page.get_attribute("#play-weights", "data-generator")


def choose_generator(page: Any, generator: str) -> None:
    page.click('[data-part="choose-generator"]')
    page.click(f'#play-weights [data-id="{generator}"]')


def strip(row: str) -> str:
    """The slider over one of the strips: of a path, or of the variety."""
    box = '[data-part="variety"]' if row == "psi" else f'[data-strip="{row}"]'
    return f"{box} input"


def press_picture(page: Any, row: str, index: int, count: int = 7) -> None:
    """Presses one of a strip's pictures, as a hand does."""
    slider = page.locator(strip(row))
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    # Beside its middle, so that only its own place can be what is gone to.
    x = box["x"] + box["width"] * (index + 0.3) / count
    page.mouse.click(x, box["y"] + box["height"] / 2)
