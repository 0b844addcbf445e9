"""The one door: calls a route's function with a request, and sends what it returns or raises.

Whether a request may come in at all has been decided by the gate. Here its values are validated, a
place in the route's lane is awaited, and work ends whose asker is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar
from urllib.parse import unquote

import starlette.routing
from anyio import CancelScope, create_task_group
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ganmodel.errors import KnownError
from ganmodel.hosting import TOKEN_HEADER, calling_address
from ganmodel.ui.http.asks import LOOK_SECONDS, Ask, File, Incoming, Pending, Refusal
from ganmodel.ui.http.errors import status_of, understood
from ganmodel.ui.http.route import Body, Route
from ganmodel.ui.http.visitors import HungUpError, Visitor, owner_of

T = TypeVar("T")
log = logging.getLogger(__name__)

VALUE_HEADER = "x-ganmodel-"  # before the name of a value, where the body is a file
LINES = "application/x-ndjson"
STALL_SECONDS = 30.0  # without receiving a byte, after which a request is given up
WHOLE_SECONDS = 120.0  # until a body that is held in memory has come: a few megabytes at most
NOBODY_LISTENS = 499  # a status that nobody receives


class Door:
    """Answers the routes of one page.

    Args:
        table: the routes.
        parts: the objects whose methods they call.
    """

    def __init__(self, table: Iterable[Route], parts: Iterable[Any]) -> None:
        self._parts = {type(part): part for part in parts}
        self.table = {route.name: route for route in table}
        self._newest: dict[tuple[str, str], Hearing] = {}  # of routes where the latest counts

    def routes(self) -> list[starlette.routing.Route]:
        """The whole table for an application."""
        return [
            starlette.routing.Route(route.address, self._endpoint(route), methods=["POST"])
            for route in self.table.values()
        ]

    async def answer(self, name: str, ask: dict[str, Any], owner: str | None = None) -> Any:
        """The answer to values that did not come as a request; of lines, the last.

        Raises:
            KnownError: why there is none.
        """
        route = self.table[name]
        visitor = Visitor(owner, route.who)
        asked = _understood(lambda: route.request.model_validate(ask))
        async with route.lane.turn(owner or calling_address(), route.waits):
            found = await route.lane.work(route.bound(self._parts), visitor, asked)
            if isinstance(found, Iterator):
                *_, found = await route.lane.work(list, found)
            return await _settled(route, found)

    def _endpoint(self, route: Route) -> Callable[[Request], Any]:
        function = route.bound(self._parts)

        async def endpoint(request: Request) -> Response:
            try:
                return await self._answered(route, function, request)
            except ClientDisconnect:
                return Response(status_code=NOBODY_LISTENS)
            except KnownError as error:
                return refused(error)
            except Exception:
                log.exception("%s failed", route.name)
                return refused(KnownError("unexpected"))

        return endpoint

    async def _answered(
        self, route: Route, function: Callable[..., Any], request: Request
    ) -> Response:
        visitor = Visitor(owner_of(request.headers.get(TOKEN_HEADER, "")), route.who)
        who = visitor.owner or calling_address()
        if route.body is not Body.VALUES:
            given = _values_in(request)
            ask = _understood(lambda: route.request.model_validate_strings(given))
            if route.body is Body.STREAM:
                async with route.lane.turn(who, route.waits):
                    file = Incoming(_chunks(request), _declared(request))
                    return _response(await function(visitor, ask, file))
            arguments: tuple[Any, ...] = (visitor, ask, await _whole(request, route.largest))
        else:
            content = await _whole(request, route.largest)
            ask = _understood(lambda: route.request.model_validate_json(content or b"{}"))
            arguments = (visitor, ask)

        async def work() -> Response:
            async with contextlib.AsyncExitStack() as stack:
                await stack.enter_async_context(route.lane.turn(who, route.waits))
                found = await route.lane.work(function, *arguments)
                if isinstance(found, Iterator):
                    return _Lines(route, found, visitor, stack.pop_all())
                return _response(await _settled(route, found))

        hearing = Hearing(request.receive, visitor)
        with self._as_newest(route, who, hearing):
            return await hearing.through(work)

    @contextlib.contextmanager
    def _as_newest(self, route: Route, who: str, hearing: Hearing) -> Iterator[None]:
        """Ends the visitor's earlier request to a route of which only the latest counts."""
        if not route.latest:
            yield
            return
        key = route.name, who
        if (earlier := self._newest.get(key)) is not None:
            earlier.give_up(KnownError("asked-again"))
        self._newest[key] = hearing
        try:
            yield
        finally:
            if self._newest.get(key) is hearing:
                del self._newest[key]


class Hearing:
    """One request, whose work ends once its visitor hangs up or asks anew."""

    def __init__(self, receive: Receive, visitor: Visitor) -> None:
        self._receive, self._visitor = receive, visitor
        self._scope = CancelScope()
        self._why: Exception | None = None

    def give_up(self, why: Exception) -> None:
        """Ends its waiting, and tells what works on it in a thread."""
        self._why = why
        self._visitor.gone.set()
        self._scope.cancel()

    async def through(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns.

        Raises:
            ClientDisconnect: the visitor hung up.
        """
        answer: list[T] = []
        error: Exception | None = None
        # anyio's, since a thread's place in its lane must not be given away before it returns.
        async with create_task_group() as group:
            self._scope = group.cancel_scope
            group.start_soon(self._listen)
            try:
                answer.append(await work())
            except Exception as caught:  # the group would wrap it
                error = caught
            group.cancel_scope.cancel()
        if (error := self._why or error) is not None:
            raise error
        return answer[0]

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.give_up(ClientDisconnect())


def refused(error: KnownError) -> Response:
    """An error as an answer."""
    return Response(_line(error), status_of(error), media_type="application/json")


async def _whole(request: Request, most: int) -> bytes:
    """The body, which may declare no length.

    Raises:
        KnownError: it is larger than `most` bytes, or does not end.
    """
    body = b""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            async for chunk in _chunks(request):
                body += chunk
                if len(body) > most:
                    raise KnownError("too-large", most=most)
    except TimeoutError:
        raise KnownError("stalled") from None
    return body


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes; raises a `KnownError` where nothing comes for `STALL_SECONDS`."""
    chunks = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise KnownError("stalled") from None
        yield chunk


def _declared(request: Request) -> int:
    """The Content-Length; 0 where there is none."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0


def _values_in(request: Request) -> dict[str, str]:
    return {
        name.removeprefix(VALUE_HEADER): unquote(value)
        for name, value in request.headers.items()
        if name.startswith(VALUE_HEADER) and name != TOKEN_HEADER
    }


def _understood(read: Callable[[], Ask]) -> Ask:
    try:
        return read()
    except ValidationError as error:
        raise understood(error) from None


async def _settled(route: Route, found: Any) -> Any:
    """The answer itself, which may come later."""
    if not isinstance(found, Pending):
        return found
    began = time.monotonic()
    try:
        while (answer := await route.lane.work(found.look)) is None:
            if (waited := time.monotonic() - began) > found.seconds:
                raise found.late
            # Ever more seldom: what has not come soon may take minutes, and many may wait.
            await asyncio.sleep(max(LOOK_SECONDS, waited / 20))
    except BaseException:
        found.dropped()
        raise
    return answer


class _Lines(Response):
    """Sends each value that an iterator yields at once; `held` is closed at the end."""

    def __init__(
        self,
        route: Route,
        found: Generator[BaseModel],
        visitor: Visitor,
        held: contextlib.AsyncExitStack,
    ) -> None:
        super().__init__(media_type=LINES)
        del self.headers["content-length"]
        self.route, self.found, self.visitor, self.held = route, found, visitor, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            async for line in self._lines():
                await send({"type": "http.response.body", "body": line, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        async with self.held:
            try:
                with contextlib.suppress(ClientDisconnect):
                    await Hearing(receive, self.visitor).through(work)
            finally:
                self.found.close()

    async def _lines(self) -> AsyncIterator[bytes]:
        try:
            while (line := await self.route.lane.work(next, self.found, None)) is not None:
                yield _line(line)
        except KnownError as error:
            yield _line(error)
        except HungUpError:
            raise
        except Exception:
            log.exception("%s failed", self.route.name)
            yield _line(KnownError("unexpected"))


def _line(told: BaseModel | KnownError) -> bytes:
    if isinstance(told, KnownError):
        return b'{"error":%s}\n' % Refusal.of(told).model_dump_json().encode()
    return told.model_dump_json(exclude_unset=True, by_alias=True).encode() + b"\n"


def _response(answer: BaseModel | File) -> Response:
    if isinstance(answer, File):
        return Response(answer.content, media_type=answer.media_type, headers=dict(answer.headers))
    return Response(_line(answer), media_type="application/json")
