"""Who may ask a page, and in which words: its own scripts and programs, never another site."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from ganmodel.cli import main
from ganmodel.errors import KnownError
from ganmodel.hosting import Limits, Names, names_at
from ganmodel.hosting.bodies import MOST_DEPTH, MOST_NAMES
from ganmodel.listening import REFUSED_PORTS, TakenError, WrongPlaceError, listen
from ganmodel.ui.http.first_answer import HERE as HERE_TAG
from ganmodel.ui.http.first_answer import FirstAnswer, Lines
from tests.asking import TOKEN_HEADER, gated, run_beside
from tests.patient import PATIENCE

DRAW = "/ganmodel-draw"
HERE = "localhost:7860"
EVIL = "http://evil.example"


def asked(client: TestClient, method: str = "POST", path: str = DRAW, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"{}" if method == "POST" else None
    return client.request(method, path, content=body, headers=named).status_code


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL}, {"origin": "null"}, {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1:7860"}, {"origin": "chrome-extension://abcdef"},
        {"origin": EVIL, "content_type": "text/plain"}, {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},  # another program's page on this machine
        {"sec_fetch_site": "cross-site", "origin": f"http://{HERE}"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},  # a form that is posted
        {"host": "evil.example"}, {"host": "evil.example:7860", "origin": f"{EVIL}:7860"},
        {"host": "localhost.evil.example"}, {"host": "127.0.0.1.evil.example"},
        {"host": "203.0.113.5"}, {"host": "localhost:99999"}, {"host": "[::1"}, {"host": "a b"},
        {"host": "evil.example", "x_forwarded_host": HERE},
        {"host": "evil.example", "sec_fetch_site": "same-origin"},
    ],
    ids=str,
)  # fmt: skip
def test_no_other_site_asks_through_a_visitors_browser(headers: dict[str, str]) -> None:
    assert asked(gated(), **headers) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"content_type": "text/plain"}, {"host": "127.0.0.1:7860"}, {"host": "[::1]:7860"},
        {"host": "LOCALHOST"}, {"origin": f"http://{HERE}"},
        {"host": "localhost", "origin": "http://localhost"},
        {"sec_fetch_site": "same-origin", "origin": f"http://{HERE}"},
        # Through proxies: one that keeps Host is known by the name given below; one that does not
        # says it in a header; and a browser that says "same-origin" has compared for itself.
        {"host": "127.0.0.1:7860", "origin": "https://a.example", "x_forwarded_host": "a.example"},
        {"host": "127.0.0.1", "origin": "https://a.example", "sec_fetch_site": "same-origin"},
    ],
    ids=str,
)  # fmt: skip
def test_the_page_and_programs_go_on_asking(headers: dict[str, str]) -> None:
    assert asked(gated(), **headers) == 200


def test_links_and_frames_of_other_sites_lead_to_the_page_and_nowhere_behind_it() -> None:
    client = gated()
    site = {"sec_fetch_site": "cross-site"}
    assert asked(client, "GET", "/", **site, sec_fetch_mode="navigate") == 200
    frame = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}
    assert asked(client, "GET", "/", **site, **frame) == 200
    assert asked(client, "GET", "/config", **site, sec_fetch_mode="no-cors") == 403


def test_more_names_are_allowed_by_hand_and_all_where_other_machines_reach_the_page() -> None:
    given = gated(names=Names(given=["Demo.example"]))
    assert asked(given, host="demo.example", origin="https://demo.example") == 200
    assert asked(given, host="127.0.0.1", origin="http://demo.example") == 200  # no trace of Host
    assert asked(given, host="evil.example") == 403
    everywhere = gated(names=Names(("*",)))
    assert asked(everywhere, host="any.example", origin="https://any.example") == 200
    assert asked(everywhere, host="any.example", origin=EVIL) == 403
    at_home = gated(names=Names(addresses=True))
    assert asked(at_home, host="192.168.1.5:7860", origin="http://192.168.1.5:7860") == 200
    assert asked(at_home, host="evil.example") == 403


def test_no_answer_lets_another_site_read_it_and_no_preflight_is_answered() -> None:
    client = gated()
    ask = {"origin": EVIL, "access-control-request-method": "POST"}
    for got in (
        client.options(DRAW, headers=ask),
        client.post(DRAW, content=b"{}", headers={"origin": EVIL}),
    ):
        assert got.status_code in (403, 404)
        assert not [name for name in got.headers if name.startswith("access-control")]
    own = {"origin": f"http://{HERE}", "x-gradio-server": EVIL, "x-forwarded-host": "[::1, a b"}
    seen = client.post(DRAW, content=b"{}", headers=own).json()["headers"]
    assert not {*own} & {*seen}  # what Gradio would go by


def test_a_refusal_is_a_sentence_for_programs_and_for_people() -> None:
    client = gated()
    told = client.get("/", headers={"host": "demo.example"}).json()["error"]
    assert told == {"code": "unknown-name", "values": {"name": "demo.example"}}
    assert "--allow-host" in str(KnownError(told["code"], **told["values"]))
    page = client.get("/", headers={"host": "<b>.example", "accept": "text/html"})
    assert page.headers["content-type"].startswith("text/plain")
    assert page.text.startswith("This page does not go by the name")


# --- what can be understood ----------------------------------------------------------------------

PICTURE = {"path": "http://192.0.2.1/x", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize("value", [PICTURE, [PICTURE], [[[PICTURE]]], {}, []], ids=str)
def test_arguments_of_programs_have_no_parts(value: Any) -> None:
    """Gradio would fetch what an object among them names, from wherever it is."""
    client = gated()
    for path, more in (
        ("/gradio_api/call/sample", {}),
        ("/gradio_api/queue/join", {"fn_index": 0, "session_hash": "x"}),
    ):
        got = client.post(path, json={"data": [value], **more})
        assert got.status_code == 400
        assert "text, a number, true, false or null" in got.json()["error"]
        for plain in ("mnist", 1, 0.5, True, None):
            assert client.post(path, json={"data": [plain], **more}).status_code == 200
    aside = {"data": [1], "fn_index": 0, "session_hash": "x", "event_data": PICTURE}
    assert client.post("/gradio_api/queue/join", json=aside).status_code == 400


ODD: dict[str, Callable[[], bytes]] = {
    "a name twice": lambda: b'{"token": "%s", "token": "%s"}' % (b"a" * 64, b"b" * 64),
    "a name twice, escaped": lambda: b'{"token": 1, "tok\\u0065n": 2}',
    "twice further inside": lambda: b'{"data": {"a": [{"x": 1, "x": 1}]}}',
    "too many names": lambda: json.dumps(dict.fromkeys(range(MOST_NAMES + 1), 1)).encode(),
    "too deep": lambda: b'{"a":' + b"[" * MOST_DEPTH + b"]" * MOST_DEPTH + b"}",
    "half a letter": lambda: b'{"place": "\\ud800"}',
    "half a letter as a name": lambda: b'{"\\uDFFF": 1}',
    "half a letter in bytes": lambda: b'{"place": "\xed\xa0\x80"}',
    "UTF-16": lambda: json.dumps({}).encode("utf-16"),
    "a number of 5,000 digits": lambda: b'{"a": ' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("odd", ODD)
def test_a_call_that_means_nothing_or_two_things_is_refused_before_anything_reads_it(
    odd: str,
) -> None:
    got = gated().post("/gradio_api/queue/join", content=ODD[odd]())
    assert got.status_code == 400
    assert ("Half of a letter" if '"half' in f'"{odd}' and "bytes" not in odd else "reload") in (
        got.json()["error"]
    )


def test_whole_letters_go_through_as_they_came() -> None:
    body = json.dumps({"data": ["Дракон 🐉 é \ud83d\udc09"]}).encode()
    assert gated().post("/gradio_api/call/sample", content=body).json()["body"] == body.decode()


@pytest.mark.parametrize(
    "path",
    ["/static/" + "a" * 5000, "/assets/%00", "/static/", "/assets/%ED%A0%80", "/static/x%0Ay",
     "/gradio_api/heartbeat/" + "a/" * 900, "/assets/x y", "/gradio_api/call/sample/" + "e" * 900],
    ids=range(8),
)  # fmt: skip
def test_an_address_that_no_file_can_have_is_not_there(path: str) -> None:
    assert gated().get(path).status_code == 404


def test_what_nobody_asked_for_is_not_answered_half() -> None:
    client = gated()
    for path in ("/gradio_api/call/sample/{}", "/gradio_api/queue/data?session_hash={}"):
        assert client.get(path.format("known")).status_code == 200
        assert client.get(path.format("e" * 32)).status_code == 404
    assert client.get("/gradio_api/queue/data").status_code == 404


# --- how often -----------------------------------------------------------------------------------


def test_a_visitor_is_counted_by_their_token_whatever_they_ask() -> None:
    client = gated(limits=Limits(calls_each=0.001))
    paths = (DRAW, "/ganmodel-describe", "/ganmodel-film", "/gradio_api/call/sample")
    codes = [client.post(path, json={"data": [1]}).status_code for path in paths]
    assert codes[0] == 200
    assert codes[-1] == 429
    other = {TOKEN_HEADER: "b" * 64}
    assert client.post(DRAW, headers=other).status_code == 200


def test_an_address_is_counted_for_what_is_read_too_but_not_for_the_pages_files() -> None:
    client = gated(limits=Limits(calls_of_address=0.001))
    assert [client.get("/assets/x.js").status_code for _ in range(5)] == [200] * 5
    assert [client.get("/config").status_code for _ in range(5)][-1] == 429


def test_wrong_passwords_are_counted_and_the_right_one_has_to_wait_then_too() -> None:
    client = gated(login="eva:correct horse")
    assert client.get("/").status_code == 401  # a browser's first try without any is not one
    assert client.get("/", auth=("eva", "correct horse")).status_code == 200
    codes = [client.get("/", auth=("eva", f"guess {k}")).status_code for k in range(12)]
    assert codes[:10] == [401] * 10
    assert codes[-1] == 429
    got = client.get("/", auth=("eva", "correct horse"))
    assert got.status_code == 429  # or whoever guesses would only have to guess faster
    assert got.json()["error"]["code"] == "too-many-passwords"
    assert int(got.headers["retry-after"]) >= 1


# --- where it listens ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "address"),
    [("::1", "http://[::1]:{}/"), ("[::1]", "http://[::1]:{}/"), ("::", "http://[::1]:{}/"),
     ("[::]", "http://[::1]:{}/"), ("0.0.0.0", "http://127.0.0.1:{}/"),
     ("localhost", "http://localhost:{}/"), (None, "http://127.0.0.1:{}/")],
)  # fmt: skip
def test_every_spelling_of_an_address_is_served_and_printed_as_browsers_take_it(
    host: str | None, address: str
) -> None:
    place = listen(host, 0)
    try:
        assert place.address == address.format(place.port)
        assert place.is_open == (host in ("::", "[::]", "0.0.0.0"))
        name = "::1" if place.host in ("::", "::1") else "127.0.0.1"
        socket.create_connection((name, place.port), timeout=PATIENCE).close()
        assert names_at(place, [], any_name=False).knows("localhost")
        assert names_at(place, [], any_name=True).knows("demo.example")
        assert names_at(place, [], any_name=False).knows("203.0.113.5") == place.is_open
        assert names_at(place, ["a.example"], any_name=False).knows("a.example")
        assert not names_at(place, ["a.example"], any_name=False).knows("demo.example")
        assert names_at(place, [], any_name=False).knows(place.host)
        with pytest.raises(TakenError, match=f"Port {place.port} is used by another program"):
            listen(host, place.port)
    finally:
        place.close()


def test_answers_are_sent_at_once_and_never_wait_for_an_acknowledgement() -> None:
    """Nagle's algorithm would hold the second part of every answer back, for some 40 ms."""
    place = listen(None, 0)

    async def sent_at_once() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def heard(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            sock = writer.get_extra_info("socket")
            told.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(heard, sock=place.sockets[0]):
            await asyncio.open_connection("127.0.0.1", place.port)
            return await told

    assert run_beside(sent_at_once())


@pytest.mark.parametrize(
    ("flags", "environment", "said"),
    [
        (["--host", "http://127.0.0.1"], {}, "no name or address to listen on"),
        (["--host", "999.1.1.1"], {}, "no machine goes by"),
        (["--host", "no.such.host.invalid"], {}, "no machine goes by"),
        (["--host", "203.0.113.77"], {}, "not an address of this machine"),
        ([], {"GRADIO_SERVER_NAME": "x y"}, "no name or address to listen on"),
        (["--port", "6667"], {}, "browsers refuse to open port 6667"),
        ([], {"GRADIO_SERVER_PORT": "abc"}, "GRADIO_SERVER_PORT must be a number"),
        (["--classroom"], {"GRADIO_SERVER_PORT": '"7860"'}, "GRADIO_SERVER_PORT must be a number"),
        ([], {"GRADIO_SERVER_PORT": "99999"}, "from 0 to 65,535"),
        ([], {"GRADIO_ROOT_PATH": "demo"}, "GRADIO_ROOT_PATH must begin with /"),
        (["--root-path", "//evil.example"], {}, "--root-path must begin with /"),
        (["--runs", ""], {}, "--runs must name a folder"),
        ([], {"GANMODEL_HOSTED": "maybe"}, "GANMODEL_HOSTED must be yes or no"),
        (["--allow-host", "http://a.example"], {}, "--allow-host must be a name"),
        (["--allow-host", "a.example:80"], {}, "--allow-host must be a name"),
    ],
    ids=str,
)
def test_what_cannot_be_served_is_told_in_a_sentence_before_anything_is_built(
    flags: list[str],
    environment: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["app", *flags]) == 2
    told = capsys.readouterr().err
    assert said.lower() in told.lower()
    assert len(told.splitlines()) == 1


def test_a_port_in_use_is_a_failure_not_a_misspelling(capsys: pytest.CaptureFixture[str]) -> None:
    place = listen(None, 0)
    try:
        assert main(["app", "--port", str(place.port)]) == 1
        assert f"Port {place.port} is used by another program" in capsys.readouterr().err
    finally:
        place.close()


def test_a_runs_folder_that_cannot_be_is_told_before_the_page_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "runs", tmp_path / ("x" * 300)):
        assert main(["app", "--port", "0", "--runs", str(folder)]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_browsers_own_list_of_ports_leaves_the_usual_ones_open() -> None:
    assert {6000, 6667, 10080} <= REFUSED_PORTS
    assert not {80, 443, 7860, 8000, 8080, 8888} & REFUSED_PORTS
    with pytest.raises(WrongPlaceError):
        listen(None, 6667)


def test_the_first_answer_looks_for_the_rest_where_the_browser_found_it_whatever_a_proxy_says() -> (
    None
):
    """Gradio's page as it really is: its own address for itself is nowhere left in the way."""
    with gr.Blocks() as page:
        gr.HTML()
    app = FastAPI(middleware=[Middleware(FirstAnswer, Lines())])
    app = gr.mount_gradio_app(app, page, path="", ssr_mode=False, mcp_server=False)
    client = TestClient(app)
    plain = client.get("/", headers={"accept-encoding": "identity"})
    for accepted, chosen in (("gzip", "gzip"), ("gzip, deflate, br", "br")):
        packed = client.get("/", headers={"accept-encoding": accepted})
        assert packed.headers["content-encoding"] == chosen
        assert packed.text == plain.text
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
    html = plain.text
    assert html.index("window.gradio_config = {") < html.index(HERE_TAG.decode())
    assert html.index(HERE_TAG.decode()) < html.index('type="module"')
    assert 'const root = "' not in html  # a script of Gradio's that comes later
    assert client.get("/config").json()["root"] == "http://testserver"
