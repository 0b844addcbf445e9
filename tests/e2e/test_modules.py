"""Unit tests of the page's modules, in the browser that will run them: `tests/js/*.test.js`.

Each is a page of its own that imports the test file, which imports the module; nothing is served
but files of the checkout, and what Python tells scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from ganmodel.ui.contract import as_html, contract, said

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "tests" / "js"
ADDRESS = "http://modules.invalid/"  # never asked: every request is answered by `_answer`
CLAIM = re.compile(r'^ {2}(?:async )?"([^"\n]+)"\s*[:(]', re.MULTILINE)
CLAIMS = [
    pytest.param(path.name, claim, id=f"{path.name.removesuffix('.test.js')}: {claim}")
    for path in sorted(JS.glob("*.test.js"))
    for claim in CLAIM.findall(path.read_text("utf-8"))
]
HEAD = as_html(contract(), "ganmodel-contract") + as_html(said(), "ganmodel-words")


def _answer(route: Route) -> None:
    name = route.request.url.removeprefix(ADDRESS).split("?")[0]
    if name == "":
        route.fulfill(body=f"<!doctype html><title>modules</title>{HEAD}", content_type="text/html")
        return
    path = (ROOT / name).resolve()
    allowed = path.suffix == ".js" and (ROOT in path.parents) and path.is_file()
    if not allowed:
        route.fulfill(status=404)
        return
    route.fulfill(body=path.read_text("utf-8"), content_type="text/javascript")


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """A page for each test file, whose claims share it."""
    context = browser.new_context()
    context.route("**/*", _answer)
    opened: dict[str, Page] = {}

    def page_for(name: str) -> Page:
        if name not in opened:
            opened[name] = context.new_page()
            opened[name].goto(ADDRESS)
        return opened[name]

    yield page_for
    context.close()


@pytest.mark.parametrize(("file", "claim"), CLAIMS)
def test_a_claim_about_a_module_holds(pages: Callable[[str], Page], file: str, claim: str) -> None:
    call = "async ([file, claim]) => (await import(`/tests/js/${file}`)).tests[claim]()"
    pages(file).evaluate(call, [file, claim])


def test_every_module_can_be_imported_without_a_page(pages: Callable[[str], Page]) -> None:
    """A module that touches the page when it is imported could be tested, and shared, by nobody."""
    page = pages("")
    for path in sorted((ROOT / "ganmodel" / "ui").rglob("*.js")):
        if path.name != "start.js":
            page.evaluate("path => import(path)", f"/{path.relative_to(ROOT).as_posix()}")
