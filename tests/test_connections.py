"""A page's connections: half-sent requests, unread answers, and more than it may have."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from ganmodel.hosting import may_open
from ganmodel.listening import listen
from ganmodel.ui.http import connections
from ganmodel.ui.http.connections import Bounds
from ganmodel.ui.http.server import Server
from tests.asking import gated, page_of, run_beside
from tests.patient import PATIENCE

resource = pytest.importorskip("resource", reason="this system counts no open files")

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = 64 * 2**20  # more than the system takes for a connection that nobody reads
NEVER = 10 * PATIENCE


class Small:
    """An application that answers at once, never, or with far more than fits a connection."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)  # a request that is never answered
        self.ended = threading.Event()  # one that is answered late or at length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        try:
            if scope["path"] == "/never":
                self.began.release()
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
            many = LARGE // 2**16 if scope["path"] == "/large" else 0
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(many):
                body = {"type": "http.response.body", "body": bytes(2**16), "more_body": True}
                await send(body)
            await send({"type": "http.response.body", "body": b"here"})
        finally:
            if scope["path"] != "/":
                self.ended.set()


@contextlib.contextmanager
def served(**bounds: Any) -> Iterator[tuple[int, Small]]:
    """A server's port, and its application."""
    app, place = Small(), listen(None, 0)
    patient = {"head_seconds": NEVER, "unread_seconds": NEVER, "look_seconds": 0.02}
    server = Server(app, place, Bounds(**(patient | bounds)))
    server.start()
    try:
        yield place.port, app
    finally:
        server.end()


@contextlib.contextmanager
def connected(port: int, sends: bytes = b"", count: int = 1) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", port), PATIENCE)
            found.append(stack.enter_context(one))
            one.sendall(sends)
        yield found


def answer(connection: socket.socket) -> bytes:
    """What comes until the other side ends it, or until an answer is whole."""
    told = bytearray()
    with contextlib.suppress(ConnectionError):
        while not told.endswith(b"here\r\n0\r\n\r\n") and (more := connection.recv(2**16)):
            told += more
    return bytes(told)


@pytest.mark.parametrize("sent", [b"", HALF, WHOLE + HALF])
def test_a_request_that_is_never_whole_is_ended(sent: bytes) -> None:
    with served(head_seconds=0.05) as (port, _), connected(port, sent) as [one]:
        if sent.startswith(WHOLE):
            assert b"here" in answer(one)
        assert answer(one) == b""


def test_a_request_that_comes_byte_by_byte_is_ended_all_the_same() -> None:
    with served(head_seconds=0.05) as (port, _), connected(port, HALF) as [one]:
        one.settimeout(0.01)
        told: bytes | None = None
        with contextlib.suppress(ConnectionError):
            while told is None:
                one.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    told = one.recv(1)
        assert not told


def test_a_body_that_goes_on_after_its_answer_is_ended() -> None:
    sent = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\nx"
    with served(head_seconds=0.05) as (port, _), connected(port, sent) as [one]:
        assert b"here" in answer(one)
        assert answer(one) == b""


def test_one_that_is_in_progress_may_take_long() -> None:
    with served(head_seconds=0.05) as (port, app), connected(port, WHOLE) as [other]:
        sent = WHOLE.replace(b"/ ", b"/never ", 1)
        with connected(port, sent):
            assert b"here" in answer(other)
            assert answer(other) == b""  # it waited longer than a request may
            assert not app.ended.is_set()
        assert app.ended.wait(PATIENCE)


def test_an_answer_that_nobody_reads_is_ended() -> None:
    sent = WHOLE.replace(b"/ ", b"/large ", 1)
    with served(unread_seconds=0.1) as (port, app), connected(port, sent) as [one]:
        assert app.ended.wait(PATIENCE)
        assert 0 < len(answer(one)) < LARGE
    with served() as (port, _), connected(port, sent) as [one]:
        assert len(answer(one)) > LARGE


class Full:
    """The transport of a connection whose buffer is full."""

    def __init__(self, socket: socket.socket) -> None:
        self._socket = socket
        self.left = 1_000

    def get_write_buffer_size(self) -> int:
        return self.left

    def get_extra_info(self, _: str) -> socket.socket:
        return self._socket


def test_an_answer_counts_as_read_as_long_as_anything_of_it_is() -> None:
    async def read() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            reader = socket.create_connection(listening.getsockname())
            writer, _ = listening.accept()
        with reader, writer:
            config, among = (
                uvicorn.Config(Small(), log_config=None),
                connections.Connections(Bounds()),
            )
            one = among.protocol(config=config, server_state=ServerState(), app_state={})
            one.transport = Full(writer)
            writer.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    writer.send(bytes(2**16))
            assert [one.unread_since(now) for now in (1.0, 2.0, 3.0)] == [1.0, 1.0, 1.0]
            one.transport.left = 999
            assert [one.unread_since(now) for now in (4.0, 5.0)] == [4.0, 4.0]
            if sys.platform == "linux":  # which tells what it holds itself
                held = one._unacknowledged()
                while one._unacknowledged() == held:
                    reader.recv(2**16)
                assert [one.unread_since(now) for now in (6.0, 7.0)] == [6.0, 6.0]
            one.transport.left = 0
            assert [one.unread_since(now) for now in (8.0, 9.0)] == [8.0, 9.0]

    run_beside(read())


def test_one_too_many_replaces_who_waits_longest() -> None:
    with contextlib.ExitStack() as stack:
        port, _ = stack.enter_context(served(most=4))
        halves = stack.enter_context(connected(port, HALF, count=3))
        for one in stack.enter_context(connected(port, WHOLE, count=2)):
            assert b"here" in answer(one)
        assert answer(halves[0]) == b""
        for half in halves[1:]:
            half.sendall(b"now\r\n\r\n")
            assert b"here" in answer(half)


def test_the_newest_is_refused_where_all_have_a_request_in_progress() -> None:
    never = WHOLE.replace(b"/ ", b"/never ", 1)
    with served(most=3) as (port, app), connected(port, never, count=3):
        for _ in range(3):
            assert app.began.acquire(timeout=PATIENCE)
        with connected(port) as [one]:
            assert answer(one) == b""
        assert not app.ended.is_set()


class Somewhere:
    """A connection from an address of our choice, which cannot be had on one machine."""

    def __init__(self, among: connections.Connections, address: str) -> None:
        self.client = (address, 1)
        self.loop = asyncio.get_running_loop()
        self.transport = self
        self.waits = True
        self.ended = False
        self._among = among
        among.add(self)  # type: ignore[arg-type]

    def abort(self) -> None:
        self.ended = True


def test_whoever_has_most_connections_replaces_their_own() -> None:
    async def flood() -> None:
        among = connections.Connections(Bounds(most=6))
        others = [Somewhere(among, f"192.0.2.{n}") for n in range(3)]
        flooding = [Somewhere(among, f"2001:db8::{n}") for n in range(50)]  # of one /64
        assert not any(other.ended for other in others)
        assert [one.ended for one in flooding] == [True] * 47 + [False] * 3
        assert len(among) == 6

    run_beside(flood())


def test_the_rest_of_the_files_are_kept_for_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = {"soft": 256, "hard": 256}

    def getrlimit(_: int) -> tuple[int, int]:
        return allowed["soft"], allowed["hard"]

    def setrlimit(_: int, limits: tuple[int, int]) -> None:
        allowed["soft"] = limits[0]

    monkeypatch.setattr(resource, "getrlimit", getrlimit)
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    assert connections.bounds().most == 256 - connections.RESERVED
    allowed["hard"] = 1_000_000
    assert connections.bounds().most == connections.MOST
    assert allowed["soft"] == connections.MOST + connections.RESERVED
    allowed |= {"soft": 64, "hard": 64}
    assert may_open(100) == 64
    assert connections.bounds().most == 16


def test_an_address_has_so_many_requests_in_progress_and_no_more() -> None:
    with gated(at_once=0) as client:
        refused = client.post("/ganmodel-draw", json={})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        assert client.get("/healthz").status_code == 200
    with gated(at_once=1) as client:
        assert all(client.post("/ganmodel-draw", json={}).status_code == 200 for _ in range(3))


@pytest.mark.slow
def test_a_page_that_may_open_few_files_answers_beside_hundreds_of_half_sent_requests(
    tmp_path: Path,
) -> None:
    with page_of(tmp_path / "runs", "--hosted", most_files=256) as page:
        port = int(page.url.rstrip("/").rpartition(":")[2])
        with connected(port, HALF, count=400):
            assert page.visitor().get("").status == 200
            assert page.visitor().call("runs")["runs"] == []
        assert "out of system resource" not in page.printed()
        log = (page.runs / ".logs" / "page.jsonl").read_text("utf-8")
        assert "asyncio" not in log
