"""Every row of the table of routes, through the page's real gate and door, in this process.

What a row does is tested with its room; here is what holds for all of them. A new row needs its
question in `ASKS`, or in `WITHOUT_IDS` the reason why it can reach nobody's things.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from ganmodel.hosting import TOKEN_HEADER, Addressed, Gate, Limits
from ganmodel.hosting import gate as gate_module
from ganmodel.ui.http import offers, static
from ganmodel.ui.http.door import Door
from ganmodel.ui.http.doors import doors
from ganmodel.ui.http.published import endpoint, publish
from ganmodel.ui.http.route import PREFIX, Body, Route
from ganmodel.ui.http.sending import sends
from ganmodel.ui.http.server import whole
from ganmodel.ui.http.visitors import Who, owner_of
from ganmodel.ui.page import Parts, build_page
from ganmodel.ui.routes import ROUTES
from ganmodel.ui.theme import theme
from tests.asking import Direct, run_beside
from tests.support import MINE, OTHER

TABLE = {route.name: route for route in ROUTES}
RUN, UPLOAD = "mine", "0123456789abcdef"
NO_RUN, NO_UPLOAD = "nobodys", "fedcba9876543210"
HOST = (b"host", b"localhost:7860")
every_row = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
with_values = pytest.mark.parametrize(
    "route", [one for one in ROUTES if one.body is Body.VALUES], ids=lambda route: route.name
)


def of(run: str, **more: Any) -> dict[str, Any]:
    return {"run": run, **more}


def at(run: str, **more: Any) -> dict[str, Any]:
    return {"generator": f"run:{run}", "place": "stops=1,2", **more}


# By row, a question about somebody's run and upload that is answered to their owner.
ASKS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "start": lambda run, upload: {"settings": {"preset": "quick", "dataset": f"upload:{upload}"}},
    "examine": lambda run, upload: {"upload": upload, "size": 28},
    "contact_sheet": lambda run, upload: {"upload": upload, "size": 28},
    "leave_out": lambda run, upload: {"upload": upload, "size": 28, "back": [3]},
    "forget": lambda run, upload: {"upload": upload},
    "watch": lambda run, upload: of(run),
    "moment": lambda run, upload: of(run, images=64),
    "overlay": lambda run, upload: of(run),
    "picture": lambda run, upload: of(run, kind="samples", images=64),
    "sheet": lambda run, upload: of(run, images=64, index=10**6),
    "film": lambda run, upload: of(run, form="gif"),
    "pause": lambda run, upload: of(run),
    "resume": lambda run, upload: of(run),
    "stop": lambda run, upload: of(run),
    "set": lambda run, upload: of(run, values={"lr_g": 1e-4}),
    "step": lambda run, upload: of(run, who="d", times=1),
    "longer": lambda run, upload: of(run, images=1000),
    "again": lambda run, upload: of(run, changes={}),
    "rename": lambda run, upload: of(run, title="Other"),
    "delete": lambda run, upload: of(run),
    "undo": lambda run, upload: of(run),
    "link": lambda run, upload: of(run),
    "reproduce": lambda run, upload: of(run),
    "compare": lambda run, upload: {"runs": [run, run]},
    "download": lambda run, upload: of(run, what="weights"),
    "generator": lambda run, upload: at(run),
    "keep_moment": lambda run, upload: at(run),
    "draw": lambda run, upload: at(run),
    "directions": lambda run, upload: at(run, how="layer"),
    "opinion": lambda run, upload: at(run),
    "frames": lambda run, upload: at(run, count=4),
    "strips": lambda run, upload: at(run, rows=["slerp", "psi"]),
    "map": lambda run, upload: at(run, third=3, u=0, v=0, span=1, side=4),
    "moments": lambda run, upload: at(run),
    "keep": lambda run, upload: at(run, form="png"),
    "search": lambda run, upload: at(run, drawing=[0] * 784),
}
WITHOUT_IDS = {
    "describe": "it answers from the settings that it is asked about, and from no run's",
    "upload": "an upload lies in a folder of its visitor's: see `test_an_uploads_name_is_ones_own`",
    "runs": "it lists the visitor's own",
    "game": "what comes with ganmodel",
    "generators": "a run that is not theirs is left out: see `test_no_list_names_anothers_run`",
    "recall": "a picture names its weights by their sha256: see `test_a_picture_of_anothers_run`",
    "list_weights": "what comes with ganmodel",
    "sample": "by what comes with ganmodel",
    "walk": "by what comes with ganmodel",
    "find": "by what comes with ganmodel",
}


# --- a page ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> gr.Blocks:
    """Gradio's part of the page, which knows no runs."""
    return build_page(Parts.of(tmp_path_factory.mktemp("no") / "runs").door())


@pytest.fixture
def parts(finished: Path, data_dir: Path) -> Parts:
    """A page on whose machine no trainer's turn ever comes."""
    return Parts.of(finished, data_dir, Limits(trainers=0, turn_seconds=60.0))


def gated(door: Door, blocks: gr.Blocks) -> ASGIApp:
    """The door's routes behind the page's gate."""
    gate = Middleware(Gate, **doors(blocks, door.table))
    return Starlette(routes=door.routes(), middleware=[Middleware(Addressed), gate])


@pytest.fixture
def app(parts: Parts, blocks: gr.Blocks) -> ASGIApp:
    return gated(parts.door(), blocks)


@pytest.fixture
def owner(app: ASGIApp) -> Iterator[Direct]:
    """The owner of the run and of an upload of sixteen pictures."""
    with TestClient(app, base_url="http://localhost:7860") as client:
        made = Direct("", MINE, client=client)
        for number in range(16):
            picture = io.BytesIO()
            Image.new("L", (28, 28), 10 * number).save(picture, "PNG")
            assert made.upload(UPLOAD, f"{number}.png", picture.getvalue()).status == 200
        yield made


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- whose they are -------------------------------------------------------------------------------


def test_every_row_says_whose_things_it_may_reach() -> None:
    assert TABLE.keys() == ASKS.keys() | WITHOUT_IDS.keys()
    assert not ASKS.keys() & WITHOUT_IDS.keys()
    assert len(TABLE) == len(ROUTES)
    assert all(TABLE[name].who is not Who.ANYONE for name in ASKS)


@pytest.mark.parametrize("name", ASKS)
def test_anothers_run_or_upload_is_answered_as_one_that_does_not_exist_and_stays_as_it_is(
    owner: Direct, parts: Parts, name: str
) -> None:
    ask, stranger = ASKS[name], dataclasses.replace(owner, token=OTHER)
    if name == "undo":
        assert owner.ask("delete", run=RUN).status == 200
    before = files_in(parts.control.runs)
    refused = stranger.ask(name, **ask(RUN, UPLOAD))
    absent = stranger.ask(name, **ask(NO_RUN, NO_UPLOAD))
    assert (refused.status, refused.body) == (absent.status, absent.body)
    assert files_in(parts.control.runs) == before
    if name == "forget":
        assert refused.json() == {}
        assert owner.ask(name, **ask(RUN, UPLOAD)).status == 200
        assert files_in(parts.control.runs) != before
        return
    code = refused.json()["error"]["code"]
    assert code in ("no-such-run", "no-such-upload", "no-generator", "gone")
    own = owner.ask(name, **ask(RUN, UPLOAD)).body.splitlines()[-1]
    assert code.encode() not in own  # the question itself is right


@pytest.mark.parametrize(
    "name", [name for name in ASKS if "key" in TABLE[name].request.model_fields]
)
def test_a_wrong_key_is_answered_as_one_of_a_run_that_does_not_exist(
    owner: Direct, name: str
) -> None:
    made = owner.ask("link", run=RUN)
    assert made.status == 200
    stranger = dataclasses.replace(owner, token=OTHER)
    for key in ("", "0" * 32, "../owner"):
        refused = stranger.ask(name, **ASKS[name](RUN, UPLOAD), key=key)
        absent = stranger.ask(name, **ASKS[name](NO_RUN, NO_UPLOAD), key=key)
        assert refused.json()["error"]["code"] == "no-such-link"
        assert (refused.status, refused.body) == (absent.status, absent.body)
    opened = stranger.ask(name, **ASKS[name](RUN, UPLOAD), key=made.json()["key"])
    assert b"no-such" not in opened.body


def test_an_uploads_name_is_ones_own(owner: Direct) -> None:
    stranger = dataclasses.replace(owner, token=OTHER)
    assert stranger.upload(UPLOAD, "more.png", b"nothing").status == 200
    assert owner.ask("examine", upload=UPLOAD, size=28).json()["count"] == 16
    stranger.ask("forget", upload=UPLOAD)
    assert owner.ask("examine", upload=UPLOAD, size=28).json()["count"] == 16


def test_no_list_names_anothers_run(owner: Direct) -> None:
    stranger = dataclasses.replace(owner, token=OTHER)
    assert stranger.ask("runs").json()["count"] == 0
    listed = stranger.ask("generators").body.decode()
    assert "shipped:" in listed
    assert f"run:{RUN}" not in listed
    assert f"run:{RUN}" in owner.ask("generators").body.decode()
    for key in (None, "0" * 32):
        refused = stranger.ask("generators", run=RUN, key=key)
        absent = stranger.ask("generators", run=NO_RUN, key=key)
        assert (refused.status, refused.body) == (absent.status, absent.body)
        assert f"run:{RUN}" not in refused.body.decode()


def test_a_picture_of_anothers_run(owner: Direct, parts: Parts) -> None:
    address = owner.ask("keep", **at(RUN, form="png")).body.splitlines()[-1]
    picture = b"".join(parts.offers.take(json.loads(address)["address"][-32:]).pieces)
    for token, code in ((MINE, None), (OTHER, "other-weights")):
        found = owner.post("ganmodel-recall", picture, **{TOKEN_HEADER: token}).json()
        assert found.get("error", {}).get("code") == code


# --- who asks, and how much, before a body is read ------------------------------------------------


async def never() -> dict[str, Any]:
    pytest.fail("the body was read")


def asked(
    app: ASGIApp, route: Route, receive: Receive = never, token: str | None = MINE, **headers: str
) -> tuple[int, dict[str, Any]]:
    """The status and the body of what the application answers to a request of these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        named[TOKEN_HEADER] = token
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": route.address,
        "raw_path": route.address.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [HOST, *((name.encode(), value.encode()) for name, value in named.items())],
        "client": ("192.0.2.1", 5),
        "server": ("localhost", 7860),
    }
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    run_beside(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body) if body else {}


@pytest.fixture(scope="module")
def idle(blocks: gr.Blocks, tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """A page without any run."""
    return gated(Parts.of(tmp_path_factory.mktemp("idle") / "runs").door(), blocks)


@every_row
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "http://localhost:7860"},
    ],
    ids=str,
)
def test_another_site_is_refused_before_the_body_is_read(
    idle: ASGIApp, route: Route, headers: dict[str, str]
) -> None:
    status, told = asked(idle, route, content_length="2", **headers)
    assert (status, told["error"]["code"]) == (403, "from-elsewhere")


@every_row
def test_too_large_a_body_is_refused_before_it_is_read(idle: ASGIApp, route: Route) -> None:
    status, told = asked(idle, route, content_length=str(route.largest + 1))
    assert status == 413
    assert told["error"] == {"code": "too-large", "values": {"most": route.largest}}


@every_row
@pytest.mark.parametrize("declared", [{}, {"content_length": "2"}], ids=["none", "too little"])
def test_a_body_that_grows_too_large_is_not_read_to_its_end(
    parts: Parts, blocks: gr.Blocks, route: Route, declared: dict[str, str]
) -> None:
    most = route.largest
    if route.body is Body.STREAM:  # a file goes to the disk as it comes, within its visitor's quota
        most, limits = 1000, Limits(upload_bytes=1000)
        parts = Parts.of(parts.control.runs, limits=limits)
        declared = declared | {"x_ganmodel_upload": UPLOAD, "x_ganmodel_name": "a.png"}
    chunk, chunks = bytes(most // 4 + 1), []

    async def receive() -> dict[str, Any]:
        chunks.append(1)
        return {"type": "http.request", "body": chunk, "more_body": True}

    status, told = asked(gated(parts.door(), blocks), route, receive, **declared)
    code = "too-much" if route.body is Body.STREAM else "too-large"
    assert (status, told["error"]["code"]) == (400 if code == "too-much" else 413, code)
    assert len(chunks) <= 4


@every_row
@pytest.mark.parametrize("token", [None, "", "a" * 31, "A" * 64, "g" * 64])
def test_a_row_for_visitors_needs_a_token_before_the_body_is_read(
    idle: ASGIApp, route: Route, token: str | None
) -> None:
    if route.who is not Who.ANYONE:
        status, told = asked(idle, route, token=token)
        assert (status, told["error"]["code"]) == (401, "no-token")
        return

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"[]", "more_body": False}

    status, told = asked(idle, route, receive, token=token)
    assert (status, told["error"]["code"]) == (400, "bad-call")  # it was read


# --- values ---------------------------------------------------------------------------------------


@with_values
def test_a_value_of_an_unknown_name_or_of_another_kind_is_a_bad_call(
    idle: ASGIApp, route: Route
) -> None:
    wrong = [{"unheard": 1}, *({name: [[]]} for name in route.request.model_fields)]
    good = ASKS.get(route.name, lambda run, upload: {})(RUN, UPLOAD)
    with TestClient(idle, base_url="http://localhost:7860") as client:
        visitor = Direct("", MINE, client=client)
        for values in wrong:
            answer = visitor.ask(route.name, **good | values)
            assert answer.status == 400
            assert answer.json()["error"]["code"] == "bad-call"


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if one.body is not Body.VALUES], ids=lambda route: route.name
)
def test_an_unknown_header_beside_a_file_is_a_bad_call(idle: ASGIApp, route: Route) -> None:
    status, told = asked(idle, route, x_ganmodel_unheard="1")
    assert (status, told["error"]["code"]) == (400, "bad-call")


# --- how often ------------------------------------------------------------------------------------


@every_row
def test_a_visitor_asks_at_the_rows_rate_and_no_other_is_held_up(
    blocks: gr.Blocks, monkeypatch: pytest.MonkeyPatch, route: Route
) -> None:
    monkeypatch.setattr(gate_module, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    monkeypatch.setattr(gate_module, "MOST_WAIT", 0.0)  # what would wait is refused

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    general = 2.0  # calls a second, of all kinds
    limits = Limits(calls_each=general if route.rate is None else 1000.0)
    app = Gate(answer, **doors(blocks, TABLE), limits=limits)
    most = route.rate.at_once if route.rate else round(general * 3)
    codes = [asked(app, route)[0] for _ in range(most + 3)]
    let_in = codes.index(429)
    assert let_in == most + (route.rate is None)
    assert set(codes[:let_in]) == {204}
    assert set(codes[let_in:]) == {429}
    assert asked(app, route, token=OTHER)[0] == 204
    if route.rate:  # and the visitor's other questions go on
        assert asked(app, TABLE["watch"])[0] == 204


# --- the application ------------------------------------------------------------------------------


def test_every_address_of_the_page_is_in_the_table(parts: Parts, blocks: gr.Blocks) -> None:
    known = doors(blocks, TABLE)
    files = {("GET", path) for path in static.paths()}
    rows = {("POST", route.address) for route in ROUTES}
    assert known["rules"].keys() == files | rows | {("GET", f"{offers.PREFIX}*")}
    routes = [*parts.door().routes(), sends(parts.offers)]
    app = whole(blocks, routes, Middleware(Gate, **known), "", "", theme())
    while not hasattr(app, "routes"):  # middleware around it
        app = app.app
    mounted = [route for outer in app.routes for route in getattr(outer, "routes", [outer])]
    own = {route.path for route in mounted if getattr(route, "path", "").startswith(PREFIX)}
    assert own == {route.address for route in ROUTES} | {offers.PREFIX + "{secret}"}
    assert known["api"].keys() == {route.name for route in ROUTES if route.published}


@pytest.mark.parametrize("name", ["watch", "generator"])
def test_a_row_is_published_for_programs_by_one_word(parts: Parts, name: str) -> None:
    route = dataclasses.replace(TABLE[name], published=True)
    values = ASKS[name](RUN, UPLOAD)
    with gr.Blocks() as page:
        publish(Door([route], vars(parts).values()))
    (endpoint,) = doors(page, {name: route})["api"].values()
    assert endpoint.rule.token
    app = gr.mount_gradio_app(FastAPI(), page, path="", ssr_mode=False, mcp_server=False)
    defaults = {key: field.default for key, field in route.request.model_fields.items()}
    with TestClient(app) as client:

        def called(token: str) -> str:
            given = [token, *(defaults | values).values()]
            path = f"/gradio_api/call/{name}"
            event = client.post(path, json={"data": given}).json()["event_id"]
            return client.get(f"{path}/{event}").text

        (own,) = json.loads(called(MINE).partition("event: complete\ndata: ")[2])
        direct = run_beside(
            Door([route], vars(parts).values()).answer(name, values, owner_of(MINE))
        )
        assert own == direct.model_dump(mode="json", exclude_unset=True, by_alias=True)
        refused = called(OTHER)
        assert "event: error" in refused
        assert "no such run" in refused or "no such generator" in refused


def test_values_with_parts_are_given_to_an_endpoint_as_json(parts: Parts) -> None:
    route = dataclasses.replace(TABLE["start"], published=True)
    start = endpoint(Door([route], vars(parts).values()), route)
    chosen = {"preset": "quick", "dataset": f"upload:{NO_UPLOAD}"}
    with pytest.raises(gr.Error, match="choose them again"):
        run_beside(start(MINE, json.dumps(chosen)))
    for broken in ("{", "[" * 9_999, chosen["dataset"], 7, None):
        with pytest.raises(gr.Error, match="does not understand"):
            run_beside(start(MINE, broken))
