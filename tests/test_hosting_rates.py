"""Rates of endpoints of Gradio's API, however they are called."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ganmodel.hosting import Endpoint, Gate, Rate, Rule, hosted


async def answer(request: Request) -> Response:
    return JSONResponse(await request.json())


@pytest.mark.parametrize(
    ("path", "more"),
    [("/gradio_api/call/walk", {}), ("/gradio_api/queue/join", {"fn_index": 1})],
)
def test_an_endpoint_has_its_rate_at_its_own_address_and_in_the_queue(
    path: str, more: dict[str, int]
) -> None:
    api = {
        "sample": Endpoint(1, Rule("sample", largest=1_000)),
        "walk": Endpoint(1, Rule("walk", largest=1_000, rate=Rate(at_once=2, a_minute=6))),
    }
    gate = Middleware(Gate, {}, api, limits=hosted())
    app = Starlette(routes=[Route("/{rest:path}", answer, methods=["POST"])], middleware=[gate])
    client = TestClient(app, base_url="http://localhost:7860")
    codes = [client.post(path, json={"data": ["x"], **more}).status_code for _ in range(5)]
    assert (codes[0], codes[-1]) == (200, 429)
    others = {"/gradio_api/queue/join": {"fn_index": 0}, "/gradio_api/call/sample": {}}
    for address, value in others.items():
        assert client.post(address, json={"data": ["x"], **value}).status_code == 200
