"""The page's gate: which addresses answer at all, who may come in, and how often one may ask.

ASGI, before Gradio and before every route of ours, so that nothing is reached around it. Gradio has
far more addresses than this page uses: files, proxies, uploads, monitoring; those are not there.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganmodel import texts
from ganmodel.hosting.limits import Limits

# What Gradio answers for this page and for programs that ask its API; all else of it is closed.
GRADIO_GET = (
    "/", "/config", "/config/", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
    "/assets/*", "/static/*", "/gradio_api/info", "/gradio_api/info/", "/gradio_api/app_id",
    "/gradio_api/startup-events", "/gradio_api/heartbeat/*", "/gradio_api/queue/data",
)  # fmt: skip
GRADIO_POST = (
    "/gradio_api/component_server", "/gradio_api/component_server/", "/gradio_api/queue/join",
    "/gradio_api/cancel", "/gradio_api/reset",
)  # fmt: skip
HEALTH = "/healthz"  # answers without a password: a container's health check has none
SERVER_FUNCTIONS = "/gradio_api/component_server"
STARTUP = "/gradio_api/startup-events"  # Gradio asks itself, without a password, and tells nothing
CALLS, QUEUE = "/gradio_api/call/", "/gradio_api/queue/join"
MOST_BODY = 300_000  # bytes of a call that Gradio answers; it holds a place or a drawing
MOST_WAIT = 3.0  # seconds that a call is held back; one that would wait longer is refused
BURST_SECONDS = 3.0  # of its rate, that a visitor may ask for at once after a rest
MOST_KEPT = 20_000  # visitors and addresses whose calls are counted; the latest
TOKEN = re.compile(rb'"token":\s*"([0-9a-f]{32,64})"')  # of a visitor, in the body of a call


class Bucket:
    """How often each of many may ask: `rate` calls a second, some more after a rest."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._free_at: OrderedDict[bytes, float] = OrderedDict()

    def wait(self, who: bytes, now: float) -> float:
        """Seconds that this call has to wait; it counts, unless that is more than `MOST_WAIT`."""
        earliest = max(self._free_at.get(who, 0.0), now - BURST_SECONDS)
        wait = max(0.0, earliest - now)
        if wait <= MOST_WAIT:
            self._free_at[who] = earliest + 1 / self.rate
            self._free_at.move_to_end(who)
            while len(self._free_at) > MOST_KEPT:
                self._free_at.popitem(last=False)
        return wait


class Gate:
    """ASGI middleware.

    Args:
        app: what lies behind.
        own: method and path of this project's own routes, beside Gradio's.
        functions: component and name of every server function.
        api: name and number of inputs of what programs may call, in the order of Gradio's numbers.
        limits: how often visitors and addresses may ask.
        login: "name:password" that a browser has to give (HTTP Basic); None: everybody comes in.
    """

    def __init__(
        self,
        app: ASGIApp,
        own: Iterable[tuple[str, str]] = (),
        functions: Iterable[tuple[int, str]] = (),
        api: Mapping[str, int] | None = None,
        limits: Limits | None = None,
        login: str | None = None,
    ) -> None:
        limits = limits or Limits()
        self.app = app
        self.own = set(own)
        self.functions = set(functions)
        self.api = dict(api or {})
        self.login = login.encode() if login else None
        self._visitors = Bucket(limits.calls_each) if limits.calls_each else None
        self._addresses = Bucket(limits.calls_of_address) if limits.calls_of_address else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is used
            return
        path, method = path_of(scope), scope["method"]
        if path == HEALTH and method in ("GET", "HEAD"):
            await _answer(send, 200, {"ok": True})
        elif not self.is_open(method, path):
            await _answer(send, 404, {"error": texts.NO_SUCH_ADDRESS})
        elif not self._knows(scope):
            headers = {"WWW-Authenticate": 'Basic realm="ganmodel", charset="UTF-8"'}
            await _answer(send, 401, {"error": texts.PASSWORD_NEEDED}, headers)
        elif method == "POST":
            await self._call(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def is_open(self, method: str, path: str) -> bool:
        """Whether anything answers there."""
        if (method, path) in self.own or (method == "HEAD" and ("GET", path) in self.own):
            return True
        if path.startswith(CALLS) and method in ("GET", "POST"):
            name, *event = path.removeprefix(CALLS).split("/")
            return name in self.api and len(event) == (method == "GET")
        known = {"GET": GRADIO_GET, "HEAD": GRADIO_GET, "POST": GRADIO_POST}.get(method, ())
        return any(
            path == one or (one.endswith("*") and path.startswith(one[:-1])) for one in known
        ) and ".." not in path.split("/")

    def _knows(self, scope: Scope) -> bool:
        if self.login is None or path_of(scope) == STARTUP:
            return True
        kind, _, given = _header(scope, b"authorization").partition(b" ")
        try:
            told = base64.b64decode(given.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == b"basic" and hmac.compare_digest(told, self.login)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a call through that can be understood, when it is its visitor's turn."""
        first = await receive()
        if (scope["method"], path_of(scope)) not in self.own:  # those read their bodies themselves
            first = await _whole(first, receive)
            if not self._can_be_understood(path_of(scope), first.get("body", b"")):
                await _answer(send, 400, {"error": texts.BAD_CALL})
                return
        wait = self._wait(scope, first)
        if wait > MOST_WAIT:
            # A script hears of it as an answer: Gradio's client hides the words of other statuses.
            status = 200 if path_of(scope).startswith(SERVER_FUNCTIONS) else 429
            headers = {"Retry-After": str(round(wait))}
            await _answer(send, status, {"error": texts.TOO_FAST.format(wait=wait)}, headers)
            return
        if wait > 0:
            await asyncio.sleep(wait)
        pending: list[Message] = [first]

        async def again() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, again, send)

    def _can_be_understood(self, path: str, body: bytes) -> bool:
        """Whether Gradio will not stumble over a call: it takes any as one of its own page's."""
        try:
            told = json.loads(body) if body else {}
        except (ValueError, RecursionError):
            return False
        if len(body) > MOST_BODY or not isinstance(told, dict):
            return False
        if not isinstance(told.get("session_hash", ""), str | None):
            return False
        if path.startswith(SERVER_FUNCTIONS):
            component, name = told.get("component_id"), told.get("fn_name")
            known = type(component) is int and isinstance(name, str)
            return known and (component, name) in self.functions
        data, wanted = told.get("data"), list(self.api.values())
        if path.startswith(QUEUE):
            number = told.get("fn_index")
            known = type(number) is int and 0 <= number < len(wanted)
            return known and isinstance(data, list) and len(data) == wanted[number]
        if path.startswith(CALLS):
            name = path.removeprefix(CALLS)
            return isinstance(data, list) and len(data) == self.api[name]
        return True

    def _wait(self, scope: Scope, first: Message) -> float:
        now, waits = time.monotonic(), [0.0]
        if self._addresses:
            client = scope.get("client") or ("", 0)
            waits.append(self._addresses.wait(str(client[0]).encode(), now))
        found = TOKEN.search(first.get("body", b""))
        token = _header(scope, b"x-ganmodel-token") or (found[1] if found else b"")
        if self._visitors and token:
            waits.append(self._visitors.wait(token, now))
        return max(waits)


async def _whole(first: Message, receive: Receive) -> Message:
    """A call's body in one message, cut off where it is too long."""
    body, message = first.get("body", b""), first
    while message.get("more_body") and len(body) <= MOST_BODY:
        message = await receive()
        body += message.get("body", b"")
    return {"type": "http.request", "body": body, "more_body": False}


def path_of(scope: Scope) -> str:
    """The path as this page knows it, without what a reverse proxy puts before it."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    return path.removeprefix(root) or "/" if root and path.startswith(root + "/") else path


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


async def _answer(
    send: Send, status: int, value: dict[str, object], headers: dict[str, str] | None = None
) -> None:
    body = json.dumps(value).encode()
    told = {"Content-Type": "application/json", "Content-Length": str(len(body))} | (headers or {})
    raw = [(key.lower().encode(), text.encode()) for key, text in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
