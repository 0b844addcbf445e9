"""The door: what it sends, what it makes of trouble, and how work ends whose asker is gone."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from ganmodel.errors import KnownError
from ganmodel.hosting import TOKEN_HEADER
from ganmodel.ui.http import door as door_module
from ganmodel.ui.http.asks import Answer, Ask, File, Pending
from ganmodel.ui.http.door import NOBODY_LISTENS, Door
from ganmodel.ui.http.lanes import Lane
from ganmodel.ui.http.route import Route
from ganmodel.ui.http.visitors import Visitor, Who
from tests.asking import direct_to, run_beside
from tests.patient import PATIENCE
from tests.support import MINE, OTHER


class Question(Ask):
    wanted: int = 0


class Told(Answer):
    number: int
    more: str = ""


class Room:
    """A part of a page, whose functions tell what became of them."""

    def __init__(self) -> None:
        self.began, self.goes_on, self.ended = (threading.Event() for _ in range(3))

    def quick(self, visitor: Visitor, ask: Question) -> Told:
        return Told(number=ask.wanted)

    def file(self, visitor: Visitor, ask: Question) -> File:
        return File(b"\0\1", "image/png", {"x-more": "1"})

    def known(self, visitor: Visitor, ask: Question) -> Told:
        raise KnownError("no-picture", formats="/srv/of/somebody/a.png")

    def breaks(self, visitor: Visitor, ask: Question) -> Told:
        raise RuntimeError("a secret")

    def lines(self, visitor: Visitor, ask: Question) -> Iterator[Told]:
        """One line, and the next when it is told to; one after another visitor."""
        try:
            yield Told(number=1)
            while not self.goes_on.is_set():
                self.began.set()
                visitor.check()
                time.sleep(0.001)
            yield Told(number=2)
        finally:
            self.ended.set()

    def breaks_in_lines(self, visitor: Visitor, ask: Question) -> Iterator[Told]:
        yield Told(number=1)
        raise RuntimeError("a secret")

    def refused_in_lines(self, visitor: Visitor, ask: Question) -> Iterator[Told]:
        yield Told(number=1)
        raise KnownError("no-grid")

    def long(self, visitor: Visitor, ask: Question) -> Told:
        """Works until its asker is gone, or until it is told to end."""
        self.began.set()
        try:
            while not self.goes_on.is_set() and not ask.wanted:
                visitor.check()
                time.sleep(0.001)
        finally:
            self.ended.set()
        return Told(number=ask.wanted)

    def later(self, visitor: Visitor, ask: Question) -> Pending[Told]:
        def look() -> Told | None:
            self.began.set()
            return Told(number=5) if self.goes_on.is_set() else None

        return Pending(look, ask.wanted, KnownError("no-grid"), self.ended.set)


LANE = Lane(at_once=2, each=2, waiting=0)
TABLE = [
    Route(Room.quick, Who.ANYONE, LANE),
    Route(Room.file, Who.ANYONE, LANE),
    Route(Room.known, Who.ANYONE, LANE),
    Route(Room.breaks, Who.ANYONE, LANE),
    Route(Room.lines, Who.ANYONE, LANE),
    Route(Room.breaks_in_lines, Who.ANYONE, LANE),
    Route(Room.refused_in_lines, Who.ANYONE, LANE),
    Route(Room.long, Who.ANYONE, Lane(at_once=4, each=4, waiting=0), latest=True),
    Route(Room.later, Who.ANYONE, Lane(at_once=1, each=1, waiting=0)),
]


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def door(room: Room) -> Door:
    return Door(TABLE, [room])


class Request:
    """A request as a server passes it on; `hang_up` ends it, and `read` None reads no answer."""

    def __init__(self, door: Door, name: str, token: str = MINE, **values: Any) -> None:
        self._app = next(one.app for one in door.routes() if one.path == door.table[name].address)
        self._body = json.dumps(values).encode()
        self._token = token
        self._gone, self._told = asyncio.Event(), asyncio.Event()
        self.messages: list[dict[str, Any]] = []
        self.task = asyncio.create_task(self._asked())

    async def _asked(self) -> None:
        headers = [(TOKEN_HEADER.encode(), self._token.encode())]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        await self._app(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self._told.set()

    async def lines(self, count: int) -> list[Any]:
        """The first lines of the answer, once they are there."""
        while len(found := b"".join(self.bodies()).splitlines()) < count:
            self._told.clear()
            async with asyncio.timeout(PATIENCE):
                await self._told.wait()
        return [json.loads(line) for line in found]

    def bodies(self) -> list[bytes]:
        return [message.get("body", b"") for message in self.messages]

    def hang_up(self) -> None:
        self._gone.set()

    async def answered(self) -> tuple[int, Any]:
        """The status, and the value in the body."""
        await self.task
        body = b"".join(self.bodies())
        return self.messages[0]["status"], json.loads(body) if body else None


async def happened(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, PATIENCE)


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    run_beside(test())


# --- what is sent ---------------------------------------------------------------------------------


def test_an_answer_is_an_object_of_what_is_set_and_a_file_its_bytes(door: Door) -> None:
    with direct_to(door) as client:
        assert client.ask("quick", wanted=3).json() == {"number": 3}
        sent = client.ask("file")
    assert (sent.body, sent.headers["content-type"]) == (b"\0\1", "image/png")
    assert sent.headers["x-more"] == "1"


def test_an_error_is_its_code_and_values_without_a_place_on_this_machine(door: Door) -> None:
    with direct_to(door) as client:
        answer = client.ask("known")
    assert answer.status == 400
    assert answer.json() == {"error": {"code": "no-picture", "values": {"formats": "a.png"}}}


@pytest.mark.parametrize("name", ["breaks", "breaks_in_lines"])
def test_what_nobody_expected_is_told_without_its_words(
    door: Door, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with direct_to(door) as client:
        answer = client.ask(name)
    lines = answer.body.splitlines()
    assert json.loads(lines[-1]) == {"error": {"code": "unexpected", "values": {}}}
    assert answer.status == (200 if len(lines) == 2 else 500)  # the first line was sent already
    assert b"secret" not in answer.body
    assert f"{name} failed" in caplog.text


def test_lines_arrive_one_by_one_and_an_error_as_the_last(door: Door, room: Room) -> None:
    async def test() -> None:
        request = Request(door, "lines")
        assert await request.lines(1) == [{"number": 1}]
        assert not request.task.done()
        room.goes_on.set()
        assert await request.lines(2) == [{"number": 1}, {"number": 2}]
        await request.task
        refused = Request(door, "refused_in_lines")
        await refused.task
        assert (await refused.lines(2))[-1] == {"error": {"code": "no-grid", "values": {}}}

    in_loop(test)


def test_an_answer_that_comes_later_is_awaited_and_late_ones_are_dropped(
    door: Door, room: Room
) -> None:
    async def test() -> None:
        late = await Request(door, "later", wanted=0).answered()
        assert late == (400, {"error": {"code": "no-grid", "values": {}}})
        assert room.ended.is_set()
        room.ended.clear()
        room.goes_on.set()
        assert await Request(door, "later", wanted=1000).answered() == (200, {"number": 5})
        assert not room.ended.is_set()

    in_loop(test)


# --- whose asker is gone --------------------------------------------------------------------------


def test_an_answer_that_nobody_awaits_is_dropped_and_leaves_its_lane(
    door: Door, room: Room
) -> None:
    async def test() -> None:
        request = Request(door, "later", wanted=1000)
        await happened(room.began)
        request.hang_up()
        assert (await request.answered())[0] == NOBODY_LISTENS
        assert room.ended.is_set()
        room.goes_on.set()  # its lane has one place
        assert await Request(door, "later", wanted=1000).answered() == (200, {"number": 5})

    in_loop(test)


def test_a_threads_work_hears_that_its_asker_is_gone(door: Door, room: Room) -> None:
    async def test() -> None:
        request = Request(door, "long")
        await happened(room.began)
        request.hang_up()
        assert (await request.answered())[0] == NOBODY_LISTENS
        assert room.ended.is_set()

    in_loop(test)


def test_lines_end_once_nobody_reads_them(door: Door, room: Room) -> None:
    async def test() -> None:
        for _ in range(3):  # more than the lane has places
            room.began.clear()
            room.ended.clear()
            request = Request(door, "lines")
            await request.lines(1)
            await happened(room.began)
            request.hang_up()
            await request.task
            assert room.ended.is_set()
            assert len(request.bodies()) == 2  # the start, and one line

    in_loop(test)


def test_a_new_question_ends_ones_own_earlier_one_where_only_the_latest_counts(
    door: Door, room: Room
) -> None:
    async def test() -> None:
        first = Request(door, "long")
        await happened(room.began)
        room.began.clear()
        other = Request(door, "long", token=OTHER)
        await happened(room.began)
        assert await Request(door, "long", wanted=7).answered() == (200, {"number": 7})
        assert await first.answered() == (400, {"error": {"code": "asked-again", "values": {}}})
        assert not other.task.done()  # it is another visitor's
        room.goes_on.set()
        assert await other.answered() == (200, {"number": 0})
        assert await Request(door, "long", wanted=8).answered() == (200, {"number": 8})

    in_loop(test)


# --- bodies ---------------------------------------------------------------------------------------


def test_a_body_that_stalls_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "STALL_SECONDS", 0.01)

    async def test() -> None:
        messages = [{"type": "http.request", "body": b"{", "more_body": True}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else await asyncio.Event().wait()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        (route,) = (one for one in door.routes() if one.path == "/ganmodel-quick")
        await route.app(scope, receive, send)
        assert sent[0]["status"] == 408
        assert json.loads(sent[1]["body"])["error"]["code"] == "stalled"

    in_loop(test)


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"null", b"1", b"{", b"\xff", b'{"wanted": "1"}', b'{"wanted": 1.5}',
        b'{"wanted": true}', b'{"wanted": null}', b'{"other": 1}', b'{"wanted": NaN}',
        b'{"wanted": "\\ud800"}', b'{"\\udfff": 1}', "{}".encode("utf-16"),
        b'{"wanted": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_question_is_a_bad_call(door: Door, body: bytes) -> None:
    with direct_to(door) as client:
        answer = client.post("ganmodel-quick", body)
    assert answer.status == 400
    assert answer.json()["error"] == {"code": "bad-call", "values": {}}


def test_nothing_at_all_asks_for_what_is_usual(door: Door) -> None:
    with direct_to(door) as client:
        assert client.post("ganmodel-quick", b"").json() == {"number": 0}
