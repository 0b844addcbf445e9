"""Links whose question mark or hash sign was escaped on the way."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ganmodel.ui.http.mended_links import MendedLinks


@pytest.fixture
def client() -> Iterator[TestClient]:
    route = Route("/{path:path}", lambda request: PlainTextResponse(request.url.path))
    app = Starlette(routes=[route], middleware=[Middleware(MendedLinks)])
    with TestClient(app, follow_redirects=False) as made:
        yield made


@pytest.mark.parametrize(
    "link", ["?run=20260101-a&key=0123abcd", "?host=ab", "#play&weights=shipped:mnist&stops=53,46"]
)
@pytest.mark.parametrize("under", ["/", "/demo/"])
def test_a_link_that_came_as_a_path_leads_to_where_it_was_meant(
    client: TestClient, link: str, under: str
) -> None:
    answer = client.get(under + quote(link, safe=""))
    assert answer.status_code == 307
    assert str(answer.url.join(answer.headers["location"])) == f"http://testserver{under}{link}"


@pytest.mark.parametrize("path", ["/", "/?run=a&key=b", "/assets/%3Fx=1", "/%3Ffoo", "/run=a"])
def test_other_paths_are_left_alone(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_nobody_is_led_to_another_site(client: TestClient) -> None:
    for host in ("//evil.example", "/\\evil.example", "https://evil.example"):
        answer = client.get(f"/{quote(host, safe='')}/{quote('?run=a', safe='')}")
        if answer.status_code == 307:
            assert answer.url.join(answer.headers["location"]).host == "testserver"
