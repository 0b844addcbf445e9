"""What a browser kept from earlier editions, and addresses that they gave, in this one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from ganmodel.places import Place
from tests.e2e.driving import close_sheets, open_form, token_of, wait_for_text
from tests.e2e.playing import CANVAS
from tests.editions import EDITIONS, Edition

KEEP = "kept => { for (const [k, v] of Object.entries(kept)) localStorage.setItem(k, v); }"


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.folder.name)
def test_old_addresses_and_what_a_browser_remembers_lead_where_they_led(
    visitor: Any, served: Any, edition: Edition
) -> None:
    facts, visit = edition.facts, edition.facts["visit"]
    edition.unpack(served.runs)
    page = visitor(address=served.url + visit["link"])  # somebody else, by a link
    page.wait_for_function("name => ganmodel.run() === name", arg=facts["run"])
    wait_for_text(page, "settings", "read only")

    kept = {f"ganmodel.{name}": value for name, value in visit["remembered"].items()}
    page.evaluate(KEEP, kept | {"ganmodel.token": facts["token"]})
    page.goto(served.url)
    page.wait_for_function("document.body.dataset.run !== undefined")
    open_form(page)
    page.wait_for_selector('[data-part="own-result"]')  # the form remembers own pictures
    assert "greys.zip" in page.inner_text('[data-part="own-read"]')
    page.wait_for_function("document.querySelector('#set-lr_g input').value === '0.0003'")
    assert page.input_value("#train-preset select") == "wgan-gp"
    assert page.input_value("#train-seed input") == "7"
    page.fill("#train-seed input", "8")  # from now on it is remembered what edition it is of
    was = json.loads(visit["remembered"]["form"]).get("edition", 1)
    assert page.evaluate("JSON.parse(ganmodel.tab.get('form')).edition") == was
    assert page.evaluate("ganmodel.isDark()")
    close_sheets(page)

    page.get_by_role("tab", name="Playground", exact=True).click()
    page.wait_for_selector(f"{CANVAS}[data-frame]")
    assert page.is_visible('[data-panel="sliders"]')
    page.wait_for_function("location.hash.startsWith('#play')")
    remembered = page.evaluate("location.hash")
    assert fields_of(remembered) == fields_of(visit["address"])
    for text, z in facts["places"].items():
        # An escaped colon, which the page itself never writes, so that its own writing tells when
        # it has arrived.
        address = f"#play&weights=run%3A{facts['run']}&moment=32&{text}"
        assert arrived(page, address) == pytest.approx(z, abs=1e-4)

    page.goto(served.url + visit["class_link"])
    page.wait_for_function("document.body.dataset.run !== undefined")
    assert f"?host={token_of(page)}" == visit["class_link"]
    assert "host=" not in page.url


def arrived(page: Any, address: str) -> list[float]:
    """The noise that the page stands at, once it has followed an address."""
    page.evaluate("address => { location.hash = address; }", address)
    page.wait_for_function("was => location.hash !== was", arg=address)
    _, _, place = fields_of(page.evaluate("location.hash"))
    return Place.parse(place).z(4)[0].tolist()


def fields_of(address: str) -> tuple[str, str, str]:
    weights, moment, *place = unquote(address.removeprefix("#play&")).split("&")
    return weights, moment, "&".join(sorted(part for part in place if not part.startswith("way=")))
