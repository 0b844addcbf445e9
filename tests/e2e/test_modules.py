"""Unit tests of the page's modules, in the browser that will run them: `tests/js/*.test.js`.

Each is a page of its own that imports the test file, which imports the module; nothing is served
but files of the checkout, what Python tells scripts, and a small door.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Route as Intercepted
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ganmodel.errors import KnownError
from ganmodel.ui.contract import as_html, contract, words
from ganmodel.ui.http import static
from ganmodel.ui.http.asks import Answer, Ask
from ganmodel.ui.http.door import Door
from ganmodel.ui.http.lanes import Lane
from ganmodel.ui.http.route import Route
from ganmodel.ui.http.visitors import Visitor, Who
from ganmodel.words import HOLE, Message, catalogue, filled, message, of_parts, worded

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "tests" / "js"
NO_SUCH_ROUTE = 404
ADDRESS = "http://modules.invalid/"  # never asked: every request is answered by `_answer`
CLAIM = re.compile(r'^ {2}(?:async )?"([^"\n]+)"\s*[:(]', re.MULTILINE)
CLAIMS = [
    pytest.param(path.name, claim, id=f"{path.name.removesuffix('.test.js')}: {claim}")
    for path in sorted(JS.glob("*.test.js"))
    for claim in CLAIM.findall(path.read_text("utf-8"))
]
HEAD = as_html(contract(), "ganmodel-contract") + as_html(words(), "ganmodel-words")


class About(Ask):
    run: str = ""


class Heard(Answer):
    run: str
    owner: str | None


class Small:
    """What the modules' tests ask: under names of the real table, since scripts know no others."""

    def describe(self, visitor: Visitor, ask: About) -> Heard:
        """What was asked, and by whom."""
        return Heard(run=ask.run, owner=visitor.owner)

    def watch(self, visitor: Visitor, ask: About) -> Heard:
        """An error."""
        raise KnownError("number-too-high", name="images", bound=20_000, value="30000")

    def film(self, visitor: Visitor, ask: About) -> Iterator[Heard]:
        """Two lines and an error."""
        yield Heard(run="first", owner=None)
        yield Heard(run="second", owner=None)
        raise KnownError("busy")


@functools.cache
def _door() -> TestClient:
    lane = Lane(at_once=4, each=4, waiting=0)
    table = [Route(one, Who.ANYONE, lane) for one in (Small.describe, Small.watch, Small.film)]
    return TestClient(Starlette(routes=Door(table, [Small()]).routes()))


def _answer(route: Intercepted) -> None:
    name = route.request.url.removeprefix(ADDRESS).split("?")[0]
    if name == static.address(static.ERRORS):
        route.fulfill(body=static.errors(), content_type="application/json")
        return
    if route.request.method == "POST":
        asked = route.request
        got = _door().post(f"/{name}", content=asked.post_data, headers=asked.headers)
        if got.status_code == NO_SUCH_ROUTE:
            route.abort()
        else:
            route.fulfill(status=got.status_code, body=got.content)
        return
    if name == "":
        route.fulfill(body=f"<!doctype html><meta charset=utf-8>{HEAD}", content_type="text/html")
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


WHEN = "2026-02-03T04:05:06+00:00"
SAMPLES: dict[str, object] = {
    "": ["a", "<b>"], ",": 1_234_567, "%": 0.12345, "f": 1234.5, "short": 0.1234, "times": 9,
    "date": WHEN,
}  # fmt: skip


def _message(id: str) -> Message:
    """An entry with a value for each hole, of a kind that its format takes."""
    entry = catalogue()[id]
    holes = HOLE.findall(entry if isinstance(entry, str) else entry["other"])
    values = {name: SAMPLES.get(form) or SAMPLES[form[-1:]] for name, form in holes}
    if isinstance(entry, dict):
        values[entry["by"]] = 2
    return message(id, **values)


def test_scripts_word_everything_as_python_does(pages: Callable[[str], Page]) -> None:
    told = [_message(id) for id in catalogue()]
    told += [message("train.by-hand", steps=steps) for steps in (0, 1, 2, 12_345)]
    told += [message("page.by-class", data=message("page.number", n=1_000))]
    told += [message("page.made-room", titles=["a", message("train.pause")]), ["a.", "", told[0]]]
    told += [{"id": "no.such-id"}, {"id": "train.of-images"}]
    numbers = [0, 7, 0.25, 0.36, 1234.5, 2.674, 1e-5, 123_456.0, 0.05, 9.949, 9.951, 1_234_567]
    forms = ["", ",", ".1f", ",.2f", ".0%", ".1%", "short", "times"]
    shown = pages("").evaluate(
        """async ([told, entries, numbers, forms]) => {
            const { filled, learn, worded } = await import("/ganmodel/ui/shared/words.js");
            learn(entries);
            const written = numbers.map((n) => forms.map((form) => filled(`{n:${form}}`, { n })));
            return [told.map(worded), written];
        }""",
        [told, of_parts("errors", "cli", "measures"), numbers, forms],
    )
    assert shown[0] == [worded(one) for one in told]
    assert shown[1] == [[filled(f"{{n:{form}}}", {"n": n}) for form in forms] for n in numbers]
