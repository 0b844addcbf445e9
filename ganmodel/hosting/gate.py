"""The page's gate: which paths exist, who may call them, and how often.

ASGI middleware before Gradio and before all of our own routes, so that no path bypasses it. What it
refuses, it refuses before the body is read. Gradio has far more paths than this page uses (files,
proxies, uploads, monitoring); they answer 404.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganmodel.errors import KnownError
from ganmodel.hosting.address import network_of
from ganmodel.hosting.bodies import CALLS, MOST_BODY, QUEUE, MisunderstoodError, called
from ganmodel.hosting.limits import Limits
from ganmodel.hosting.origins import Names, forwarded_hosts, refusal
from ganmodel.hosting.password import Password
from ganmodel.hosting.rates import Bucket
from ganmodel.hosting.rules import TOKEN, TOKEN_HEADER, Endpoint, Rule
from ganmodel.listening import split_host

PAGE, FILE = Rule(), Rule(file=True)
CALL = Rule(largest=MOST_BODY)
ANSWERS = "/gradio_api/queue/data"
# Gradio's paths that this page and clients of its API use; all others are closed.
GRADIO = {
    **{("GET", path): PAGE for path in (
        "/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
        "/gradio_api/info", "/gradio_api/info/", "/gradio_api/app_id", ANSWERS,
        "/gradio_api/startup-events", "/gradio_api/heartbeat/*",
    )},
    **{("GET", path): FILE for path in ("/assets/*", "/static/*")},
    **{("POST", path): CALL for path in (QUEUE, "/gradio_api/cancel", "/gradio_api/reset")},
}  # fmt: skip
TAIL = re.compile(r"[\w.@/-]{1,200}", re.ASCII)  # what may stand for a star in the paths above
HEALTH = "/healthz"  # answers without a password: a container's health check has none
MOST_WAIT = 3.0  # seconds that a call is delayed at most; one that would wait longer is refused
BODY_SECONDS = 60.0  # until a call of Gradio's is received: far less than a megabyte
FILES_OF_ADDRESS = 1_000.0  # a second: thirty pupils open the page at once behind one address


class Gate:
    """ASGI middleware that lets a call through or answers it with a refusal.

    Args:
        app: the application to protect.
        rules: by method and path, for this project's own addresses; a star at the end of a path
            stands for anything plain.
        api: Gradio's endpoints for programs by name, in the order of Gradio's numbers.
        is_asked: whether an event, or session, of that name exists; for any other, Gradio fails
            in the middle of an answer.
        limits: how often visitors and addresses may call.
        at_once: how many requests of one address may be in progress; None: any number.
        login: "name:password" that a browser has to give (HTTP Basic); None: no password.
        names: the host names that the page answers to; by default those of this machine.
    """

    def __init__(
        self,
        app: ASGIApp,
        rules: Mapping[tuple[str, str], Rule] | None = None,
        api: Mapping[str, Endpoint] | None = None,
        *,
        is_asked: Callable[[str], bool] = bool,
        limits: Limits | None = None,
        at_once: int | None = None,
        login: str | None = None,
        names: Names | None = None,
    ) -> None:
        limits = limits or Limits()
        self.app = app
        self.rules = {**GRADIO, **(rules or {})}
        self.own = frozenset(rules or ())
        self.api = dict(api or {})
        self.is_asked = is_asked
        self.at_once = at_once
        self.password = Password(login) if login else None
        self.names = names or Names()
        self._visitors = Bucket(limits.calls_each) if limits.calls_each else None
        self._addresses = Bucket(limits.calls_of_address) if limits.calls_of_address else None
        self._files = Bucket(FILES_OF_ADDRESS) if limits.calls_of_address else None
        self._by_rule: dict[Rule, Bucket] = {}
        self._in_progress: Counter[str] = Counter()  # by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is used
            return
        path, method = path_of(scope), scope["method"]
        if path == HEALTH and method in ("GET", "HEAD"):
            await _answer(scope, send, 200, {"ok": True})
            return
        who = _client(scope)
        if self.at_once is not None and self._in_progress[who] >= self.at_once:
            await _refuse(scope, send, 503, KnownError("busy"))
            return
        self._in_progress[who] += 1
        try:
            await self._answered(scope, receive, send, who)
        finally:
            self._in_progress[who] -= 1
            if not self._in_progress[who]:
                del self._in_progress[who]

    async def _answered(self, scope: Scope, receive: Receive, send: Send, who: str) -> None:
        method, path = scope["method"], path_of(scope)
        rule, given = self.rule_of(method, path), _header(scope, b"authorization")
        if rule is None or not self._is_answered(scope, path):
            await _refuse(scope, send, 404, KnownError("no-such-address"))
        elif error := refusal(scope, self.names):
            await _refuse(scope, send, 403, error)
        elif turned_away := self.password and self.password.refusal(who, given):
            await _refuse(scope, send, *turned_away)
        elif error := _unfit(scope, rule):
            await _refuse(scope, send, *error)
        elif await self._is_in_time(scope, send, rule):
            known = _without_foreign_headers(scope)
            if method == "POST" and (method, path) not in self.own:
                await self._checked(known, receive, send, rule)
            else:
                await self.app(known, receive, send)

    def rule_of(self, method: str, path: str) -> Rule | None:
        """The rule of an address; None where this method is not answered there."""
        method = "GET" if method == "HEAD" else method
        if (rule := self.rules.get((method, path))) is not None:
            return rule
        if path.startswith(CALLS):
            name, *event = path.removeprefix(CALLS).split("/")
            fits = len(event) == (method == "GET") and all(TAIL.fullmatch(one) for one in event)
            endpoint = self.api.get(name) if fits and method in ("GET", "POST") else None
            return endpoint and (endpoint.rule if method == "POST" else PAGE)
        stars = ((known, rule) for known, rule in self.rules.items() if known[1].endswith("*"))
        for (known, start), rule in stars:
            is_under = path.startswith(start[:-1])
            if known == method and is_under and _is_plain(path[len(start) - 1 :]):
                return rule
        return None

    def _is_answered(self, scope: Scope, path: str) -> bool:
        """Whether the event or session that a call names exists; True for other calls."""
        if scope["method"] != "GET" or not path.startswith((CALLS, ANSWERS)):
            return True
        asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        named = [value for name, value in asked if name == "session_hash"]
        named = named if path == ANSWERS else [path.rpartition("/")[2]]
        return len(named) == 1 and self.is_asked(named[0])

    async def _checked(self, scope: Scope, receive: Receive, send: Send, rule: Rule) -> None:
        """Passes a call of Gradio's on after checking its body, which Gradio does not do."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                whole = await _whole(receive, rule.largest)
        except TimeoutError:
            await _refuse(scope, send, 408, KnownError("stalled"))
            return
        try:
            endpoint = called(path_of(scope), whole["body"], self.api, rule.largest)
        except MisunderstoodError as error:
            await _refuse(scope, send, 400, KnownError(error.code))
            return
        # The queue has one address for all endpoints.
        if endpoint is not None and endpoint.rule is not rule:
            wait = self._wait_of(endpoint.rule, _client(scope), time.monotonic())
            if not await self._has_waited(scope, send, wait):
                return
        pending: list[Message] = [whole]

        async def again() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, again, send)

    async def _is_in_time(self, scope: Scope, send: Send, rule: Rule) -> bool:
        """Delays a call to its rate; False, and answered 429, where the delay would be too long."""
        now, waits, address = time.monotonic(), [0.0], _client(scope)
        addresses = self._files if rule.file else self._addresses
        if addresses:
            waits.append(addresses.take(address, now, MOST_WAIT))
        token = _token(scope)
        if self._visitors and token:
            waits.append(self._visitors.take(token, now, MOST_WAIT))
        waits.append(self._wait_of(rule, token or address, now))
        return await self._has_waited(scope, send, max(waits))

    def _wait_of(self, rule: Rule, who: str, now: float) -> float:
        """Seconds that a call has to wait for the rate of its own rule."""
        if self._visitors is None or rule.rate is None:
            return 0.0
        bucket = self._by_rule.setdefault(rule, rule.rate.bucket())
        return bucket.take(who, now, MOST_WAIT)

    async def _has_waited(self, scope: Scope, send: Send, wait: float) -> bool:
        if wait > MOST_WAIT:
            headers = {"Retry-After": str(round(wait))}
            await _refuse(scope, send, 429, KnownError("too-fast", wait=round(wait)), headers)
            return False
        if wait > 0:
            await asyncio.sleep(wait)
        return True


def _unfit(scope: Scope, rule: Rule) -> tuple[int, KnownError] | None:
    """The refusal of a call without the token that it needs, or of too large a body."""
    if scope["method"] != "POST":
        return None
    if rule.token and not _token(scope):
        return 401, KnownError("no-token")
    length = _header(scope, b"content-length")
    if length and not (length.isdigit() and len(length) < 16 and int(length) <= rule.largest):
        return 413, KnownError("too-large", most=rule.largest)
    return None


def _token(scope: Scope) -> str | None:
    """The visitor's token, as far as it looks like one."""
    token = _header(scope, TOKEN_HEADER.encode()).decode("latin-1")
    return token if TOKEN.fullmatch(token) else None


async def _whole(receive: Receive, most: int) -> Message:
    """A call's body in one message; reading stops once it is longer than `most` bytes."""
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body") and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    return {"type": "http.request", "body": body, "more_body": False}


def path_of(scope: Scope) -> str:
    """The path as this page knows it, without what a reverse proxy puts before it."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) or "/" if root and path.startswith(root + "/") else path


def _is_plain(tail: str) -> bool:
    return TAIL.fullmatch(tail) is not None and ".." not in tail.split("/")


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


async def _refuse(
    scope: Scope,
    send: Send,
    status: int,
    error: KnownError,
    headers: dict[str, str] | None = None,
) -> None:
    """The error's code and values; its sentence for a program of Gradio's, and for a person who
    opened the address in a browser."""
    if path_of(scope).startswith("/gradio_api"):
        await _answer(scope, send, status, {"error": str(error)}, headers)
    elif scope["method"] == "GET" and b"text/html" in _header(scope, b"accept"):
        await _send(send, status, str(error).encode(), "text/plain; charset=utf-8", headers)
    else:
        value = {"error": {"code": error.code, "values": error.values}}
        await _answer(scope, send, status, value, headers)


async def _answer(
    scope: Scope,
    send: Send,
    status: int,
    value: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    await _send(send, status, json.dumps(value).encode(), "application/json", headers)


async def _send(
    send: Send, status: int, body: bytes, kind: str, headers: dict[str, str] | None
) -> None:
    told = {"Content-Type": kind, "Content-Length": str(len(body))} | (headers or {})
    raw = [(key.lower().encode(), text.encode()) for key, text in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
