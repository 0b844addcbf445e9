"""Links into the Playground: to the same picture, to what is gone, to nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.driving import made_run, wait_for_text
from tests.e2e.playing import (
    ALPHA,
    CANVAS,
    PSI,
    STATE,
    begun,
    move,
    pixels,
    wait_for_pixels,
    wait_for_rest,
    way,
)


@pytest.fixture
def page(playground: Any) -> Any:
    return playground


def test_the_address_leads_another_visitor_to_the_same_picture(page: Any, visitor: Any) -> None:
    move(page, PSI, 0.7)
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    other = visitor(address=page.url)
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)
    other.reload()  # and there it is again
    other.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_pixels(other, here)


def test_a_link_counts_though_the_move_before_it_is_written_into_the_address_meanwhile(
    page: Any,
) -> None:
    """The browser tells of a new address a moment later."""
    script = "link => { const was = location.hash; location.hash = link; "
    script += "history.replaceState(null, '', was); }"
    page.evaluate(script, "#play&weights=shipped:mnist&stops=7,8")
    wait_for_rest(page, "stops=7,8")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("#play&weights=run:gone&stops=1,2", "not here (any more)"),
        ("#play&weights=shipped:mnist&stops=1,2&at=9", "can't be followed"),
        ("#play&weights=shipped:mnist&stops=1,~AAAA", "can't be followed"),
    ],
)
def test_a_link_that_leads_nowhere_says_so_and_the_place_stays(
    page: Any, address: str, sentence: str
) -> None:
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    page.evaluate("hash => { location.hash = hash; }", address)
    page.wait_for_function(f"{STATE}.includes({sentence!r})")
    wait_for_pixels(page, here)


GONE = "#play&weights=shipped:mnist&moment=7&stops=1,2"
SAID_GONE = f"{STATE}.includes('after 7 images is not there any more')"


def test_a_link_to_a_moment_that_is_gone_says_so_and_the_place_stays(page: Any) -> None:
    here = move(page, ALPHA, 0.4)
    wait_for_rest(page, "at=0.4")
    page.evaluate("hash => { location.hash = hash; }", GONE)
    page.wait_for_function(SAID_GONE)
    page.wait_for_function(f"{STATE}.includes('where you were before')")
    assert page.is_hidden('[data-part="to-newest"]')
    assert pixels(page) == here
    later = move(page, ALPHA, 0.6)  # from the place before
    wait_for_rest(page, "shipped:mnist&stops=53,46&at=0.6")
    assert later != here


def test_on_a_fresh_page_such_a_link_shows_no_picture_and_offers_the_newest_moment(
    visitor: Any, served: Any
) -> None:
    page = visitor(address=served.url + GONE)
    page.wait_for_function(SAID_GONE)
    assert "where you were" not in page.inner_text('.gm-play [data-part="message"]')
    page.wait_for_selector('[data-part="to-newest"]')
    assert page.get_attribute(CANVAS, "data-frame") is None
    assert not page.evaluate(f"""() => {{
        const canvas = document.querySelector('{CANVAS}');
        const {{ width, height }} = canvas;
        return canvas.getContext('2d').getImageData(0, 0, width, height).data.some(Boolean);
    }}""")
    way(page, "ab")
    page.locator(ALPHA).first.fill("0.5")  # leads nowhere, since nothing is there
    page.click("#play-save summary")
    page.click('[data-keep="png"]')
    wait_for_text(page, "keeping", "choose one from the list")
    assert page.url.endswith(GONE)
    page.click('[data-part="to-newest"]')
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    wait_for_rest(page, "weights=shipped:mnist&stops=1,2")
    assert page.is_hidden('[data-part="to-newest"]')


def test_a_link_to_a_moment_of_a_run_leads_there_until_its_weights_are_gone(
    page: Any, served: Any
) -> None:
    run = made_run(served, page, "play-gone")
    moment = next(iter(run.moments("weights")))
    link = f"#play&weights=run:{run.name}&moment={moment}&stops=1,2"
    page.evaluate("hash => { location.hash = hash; }", link)
    page.wait_for_selector(f'{CANVAS}[data-moment="{moment}"]')
    wait_for_rest(page, f"moment={moment}&stops=1,2")
    here = pixels(begun(page))
    run.moments("weights")[moment].unlink()
    page.evaluate("hash => { location.hash = hash; }", link)
    page.wait_for_function(f"{STATE}.includes('after {moment} images is not there any more')")
    assert pixels(page) == here
