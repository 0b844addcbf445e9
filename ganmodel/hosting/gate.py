"""The page's gate: which paths exist, who may call them, and how often.

ASGI middleware before Gradio and before all of our own routes, so that no path bypasses it. Gradio
has far more paths than this page uses (files, proxies, uploads, monitoring); they answer 404.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import math
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganmodel import texts
from ganmodel.hosting.address import network_of
from ganmodel.hosting.bodies import MOST_BODY, MisunderstoodError, are_plain, call_in, form_in
from ganmodel.hosting.limits import Limits
from ganmodel.hosting.origins import Names, forwarded_hosts, refusal
from ganmodel.hosting.rates import Bucket
from ganmodel.listening import split_host

# Gradio's paths that this page and clients of its API use; all others are closed.
GRADIO_GET = (
    "/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
    "/assets/*", "/static/*", "/gradio_api/info", "/gradio_api/info/", "/gradio_api/app_id",
    "/gradio_api/startup-events", "/gradio_api/heartbeat/*", "/gradio_api/queue/data",
)  # fmt: skip
GRADIO_POST = (
    "/gradio_api/component_server", "/gradio_api/component_server/", "/gradio_api/queue/join",
    "/gradio_api/cancel", "/gradio_api/reset",
)  # fmt: skip
TAIL = re.compile(r"[\w.@/-]{1,200}", re.ASCII)  # what may stand for a star in the paths above
HEALTH = "/healthz"  # answers without a password: a container's health check has none
SERVER_FUNCTIONS = "/gradio_api/component_server"
CALLS, QUEUE = "/gradio_api/call/", "/gradio_api/queue/join"
ANSWERS = "/gradio_api/queue/data"
FILES = ("/assets/", "/static/", "/ganmodel-static/")  # of which a page loads dozens at once
MOST_WAIT = 3.0  # seconds that a call is delayed at most; one that would wait longer is refused
WRONG_PASSWORDS = 1 / 6  # a second, from one address
WRONG_AT_ONCE = 60.0  # seconds of that rate: ten at once, after a pause
TOKEN = re.compile(r"[0-9a-f]{32,64}")  # of a visitor


class Gate:
    """ASGI middleware that lets a call through or answers it with a refusal.

    Args:
        app: the application to protect.
        own: method and path of this project's own routes, beside Gradio's. What is posted to
            them is JSON, unless the path is among `forms` or `files`.
        forms, files: the paths to which a form or a file is posted.
        functions: component and name of every server function.
        api: name and number of inputs of each endpoint for programs, in the order of Gradio's
            numbers.
        is_asked: whether an event, or session, of that name exists; for any other, Gradio fails
            in the middle of an answer.
        limits: how often visitors and addresses may call.
        login: "name:password" that a browser has to give (HTTP Basic); None: no password.
        names: the host names that the page answers to; by default those of this machine.
    """

    def __init__(
        self,
        app: ASGIApp,
        own: Iterable[tuple[str, str]] = (),
        functions: Iterable[tuple[int, str]] = (),
        api: Mapping[str, int] | None = None,
        *,
        is_asked: Callable[[str], bool] = bool,
        forms: Collection[str] = (),
        files: Collection[str] = (),
        limits: Limits | None = None,
        login: str | None = None,
        names: Names | None = None,
    ) -> None:
        limits = limits or Limits()
        self.app = app
        self.own = set(own)
        self.forms, self.files = set(forms), set(files)
        self.functions = set(functions)
        self.api = dict(api or {})
        self.is_asked = is_asked
        self.login = login.encode() if login else None
        self.names = names or Names()
        self._visitors = Bucket(limits.calls_each) if limits.calls_each else None
        self._addresses = Bucket(limits.calls_of_address) if limits.calls_of_address else None
        self._wrong = Bucket(WRONG_PASSWORDS, WRONG_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is used
            return
        path, method = path_of(scope), scope["method"]
        if path == HEALTH and method in ("GET", "HEAD"):
            await _answer(scope, send, 200, {"ok": True})
        elif not self.is_open(method, path) or not self._is_answered(scope, path):
            await _answer(scope, send, 404, {"error": texts.NO_SUCH_ADDRESS})
        elif sentence := refusal(scope, self.names):
            await _answer(scope, send, 403, {"error": sentence})
        elif turned_away := self._turned_away(scope):
            await _answer(scope, send, *turned_away)
        elif method == "POST":
            await self._call(_without_foreign_headers(scope), receive, send)
        elif path.startswith(FILES) or await self._is_in_time(scope, send, None):
            await self.app(_without_foreign_headers(scope), receive, send)

    def is_open(self, method: str, path: str) -> bool:
        """Whether this path answers this method."""
        if (method, path) in self.own or (method == "HEAD" and ("GET", path) in self.own):
            return True
        if path.startswith(CALLS) and method in ("GET", "POST"):
            name, *event = path.removeprefix(CALLS).split("/")
            known = name in self.api and len(event) == (method == "GET")
            return known and all(TAIL.fullmatch(one) for one in event)
        known = {"GET": GRADIO_GET, "HEAD": GRADIO_GET, "POST": GRADIO_POST}.get(method, ())
        return path in known or any(
            one.endswith("*") and path.startswith(one[:-1]) and _is_plain(path[len(one) - 1 :])
            for one in known
        )

    def _is_answered(self, scope: Scope, path: str) -> bool:
        """Whether the event or session that a call names exists; True for other calls."""
        if scope["method"] != "GET" or not path.startswith((CALLS, ANSWERS)):
            return True
        asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        named = [value for name, value in asked if name == "session_hash"]
        named = named if path == ANSWERS else [path.rpartition("/")[2]]
        return len(named) == 1 and self.is_asked(named[0])

    def _turned_away(self, scope: Scope) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        """The refusal of a call without the password or after too many wrong ones; else None."""
        if self.login is None:
            return None
        kind, _, given = _header(scope, b"authorization").partition(b" ")
        headers = {"WWW-Authenticate": 'Basic realm="ganmodel", charset="UTF-8"'}
        if kind.lower() == b"basic":
            who, now = _client(scope), time.monotonic()
            if wait := self._wrong.due(who, now):
                sentence = texts.TOO_MANY_PASSWORDS.format(wait=math.ceil(wait))
                return 429, {"error": sentence}, {"Retry-After": str(math.ceil(wait))}
            if hmac.compare_digest(_decoded(given), self.login):
                return None
            self._wrong.take(who, now, most=0.0)
        return 401, {"error": texts.PASSWORD_NEEDED}, headers

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a POST on if its body is valid and its visitor within the rate."""
        first, path, token = await receive(), path_of(scope), None
        if path in self.files:  # these read their bodies themselves
            token = _header(scope, b"x-ganmodel-token").decode("latin-1")
        else:
            first = await _whole(first, receive)
            try:
                token = self._understood(path, first["body"])
            except MisunderstoodError as error:
                known = str(error) != texts.BAD_CALL
                await _answer(scope, send, _status(path, known, 400), {"error": str(error)})
                return
        if not await self._is_in_time(scope, send, token):
            return
        pending: list[Message] = [first]

        async def again() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, again, send)

    def _understood(self, path: str, body: bytes) -> Any:
        """The visitor's token in a call, after checking the body, which Gradio does not do.

        Raises:
            MisunderstoodError: the body is not of the form that this path takes.
        """
        if path in self.forms:
            return form_in(body).get("token")
        told = call_in(body)
        if ("POST", path) in self.own:
            return told.get("token")
        if not isinstance(told.get("session_hash", ""), str | None):
            raise MisunderstoodError
        data = told.get("data")
        if path.startswith(SERVER_FUNCTIONS):
            component, name = told.get("component_id"), told.get("fn_name")
            if type(component) is not int or not isinstance(name, str):
                raise MisunderstoodError
            if (component, name) not in self.functions:
                raise MisunderstoodError
            return data.get("token") if isinstance(data, dict) else None
        if path.startswith((QUEUE, CALLS)):
            self._check_arguments(path, told)
        return None

    def _check_arguments(self, path: str, told: dict[str, Any]) -> None:
        """Raises a `MisunderstoodError` unless these are arguments of a named endpoint."""
        data, wanted = told.get("data"), list(self.api.values())
        if path.startswith(QUEUE):
            number = told.get("fn_index")
            if type(number) is not int or not 0 <= number < len(wanted):
                raise MisunderstoodError
            inputs = wanted[number]
        else:
            inputs = self.api[path.removeprefix(CALLS)]
        if not isinstance(data, list) or len(data) != inputs:
            raise MisunderstoodError
        others = [value for name, value in told.items() if name != "data"]
        if not are_plain(data) or not are_plain(others):
            raise MisunderstoodError(texts.PLAIN_VALUES)

    async def _is_in_time(self, scope: Scope, send: Send, token: Any) -> bool:
        """Delays a call to its rate; False, and answered 429, where the delay would be too long."""
        now, waits = time.monotonic(), [0.0]
        if self._addresses:
            waits.append(self._addresses.take(_client(scope), now, MOST_WAIT))
        if self._visitors and isinstance(token, str) and TOKEN.fullmatch(token):
            waits.append(self._visitors.take(token, now, MOST_WAIT))
        wait = max(waits)
        if wait > MOST_WAIT:
            status = _status(path_of(scope), True, 429)
            headers = {"Retry-After": str(round(wait))}
            await _answer(scope, send, status, {"error": texts.TOO_FAST.format(wait=wait)}, headers)
            return False
        if wait > 0:
            await asyncio.sleep(wait)
        return True


def _status(path: str, is_told: bool, status: int) -> int:
    """200 where a script of the page is to show the sentence: Gradio's client hides the body of
    every other status."""
    return 200 if is_told and path.startswith(SERVER_FUNCTIONS) else status


async def _whole(first: Message, receive: Receive) -> Message:
    """A call's body in one message; reading stops once it is longer than `MOST_BODY`."""
    body, message = first.get("body", b""), first
    while message.get("more_body") and len(body) <= MOST_BODY:
        message = await receive()
        body += message.get("body", b"")
    return {"type": "http.request", "body": body, "more_body": False}


def path_of(scope: Scope) -> str:
    """The path as this page knows it, without what a reverse proxy puts before it."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) or "/" if root and path.startswith(root + "/") else path


def _is_plain(tail: str) -> bool:
    return TAIL.fullmatch(tail) is not None and ".." not in tail.split("/")


def _decoded(given: bytes) -> bytes:
    try:
        return base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _without_foreign_headers(scope: Scope) -> Scope:
    """Without the headers that were checked here and would mislead Gradio: it lets other sites read
    the answer if there is an Origin, and derives its own address from the others."""
    odd = [host for host in forwarded_hosts(scope) if split_host(host) is None]
    left_out = {b"origin", b"x-gradio-server", *([b"x-forwarded-host"] if odd else ())}
    kept = [(key, value) for key, value in scope["headers"] if key not in left_out]
    return {**scope, "headers": kept}


def _client(scope: Scope) -> str:
    return network_of(str((scope.get("client") or ("", 0))[0]))


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


async def _answer(
    scope: Scope,
    send: Send,
    status: int,
    value: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    """JSON, or the bare sentence for a person who opened the address in a browser."""
    by_hand = scope["method"] == "GET" and b"text/html" in _header(scope, b"accept")
    if by_hand and "error" in value:
        body, kind = value["error"].encode(), "text/plain; charset=utf-8"
    else:
        body, kind = json.dumps(value).encode(), "application/json"
    told = {"Content-Type": kind, "Content-Length": str(len(body))} | (headers or {})
    raw = [(key.lower().encode(), text.encode()) for key, text in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
