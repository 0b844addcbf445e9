"""Completes Gradio's first answer: our own lines in it, the address it is found at, its policy.

Gradio sends an empty page, whose scripts fetch the rest. With our rooms in that answer a visitor
sees them, and can use them, before any script of Gradio's has come. Gradio also writes the server's
own idea of its address into it and requests everything else from there; behind a proxy that strips
a path or uses another host name that address is wrong.
"""

from __future__ import annotations

import functools
import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganmodel.ui.http.headers import POLICY, policy

BEFORE = b"<script data-gradio-mode>"  # comes right after Gradio's settings, before they are used
HERE = (
    b"<script>if (window.gradio_config)"
    b' window.gradio_config.root = new URL(".", location.href).href.replace(/\\/$/, "");</script>'
)
APP = b"<gradio-app"  # where Gradio's page is built
GUESS = re.compile(rb'const root = "[^"\n]*";')  # for a script of Gradio's own
KNOWN = b"const root = window.gradio_config.root;"
# What Gradio tells sites that show a card for a link, with pictures of its own; and the description
# of an installable page, which this is none, asked for at the host's root.
CARD = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>|<link rel="manifest"[^>]*>')
# By what browsers call it; the sizes grow little below these levels.
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda page: brotli.compress(page, quality=5),
    "gzip": lambda page: gzip.compress(page, 5),
}


@dataclass(frozen=True)
class Lines:
    """Our own HTML in the first answer: at the end of its head, and before Gradio's page."""

    head: str = ""
    body: str = ""


@functools.lru_cache(maxsize=8)
def completed(page: bytes, lines: Lines) -> bytes:
    """Gradio's first answer with our lines, and the address of the visitor's browser."""
    page = GUESS.sub(lambda _: KNOWN, CARD.sub(b"", page), count=1)
    page = page.replace(BEFORE, HERE + lines.head.encode() + BEFORE, 1)
    return page.replace(APP, lines.body.encode() + APP, 1)


@functools.lru_cache(maxsize=8)
def compressed(page: bytes, encoding: str) -> bytes:
    return COMPRESSED[encoding](page)


class FirstAnswer:
    """ASGI middleware before Gradio; all other answers pass unchanged."""

    def __init__(self, app: ASGIApp, lines: Lines, framed_by: Sequence[str] = ()) -> None:
        self.app = app
        self.lines = lines
        self.framed_by = framed_by  # origins, besides the page's own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _is_front(scope):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        kept = [(key, value) for key, value in scope["headers"] if key != b"accept-encoding"]
        started: list[Message] = []
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            whole = completed(bytes(body), self.lines)
            headers = MutableHeaders(scope=started[0])
            headers[POLICY] = policy(whole, self.framed_by)
            accepted = asked.get("accept-encoding", "")
            encoding = next((one for one in COMPRESSED if one in accepted), None)
            if encoding is not None:
                whole = compressed(whole, encoding)
                headers["content-encoding"] = encoding
            headers.add_vary_header("Accept-Encoding")
            headers["content-length"] = str(len(whole))
            await send(started[0])
            await send({"type": "http.response.body", "body": whole})

        await self.app({**scope, "headers": kept}, receive, collect)


def _is_front(scope: Scope) -> bool:
    root = scope.get("root_path", "")
    return scope["path"] in ("/", f"{root}/", root)
