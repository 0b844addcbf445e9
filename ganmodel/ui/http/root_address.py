"""Makes Gradio's front end use the address at which the browser found the page.

Gradio writes the server's own idea of its address into the first answer and requests everything
else from there. Behind a proxy that strips a path or uses another host name that address is wrong.
"""

from __future__ import annotations

import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BEFORE = b"<script data-gradio-mode>"  # comes right after Gradio's settings, before they are used
HERE = (
    b"<script>if (window.gradio_config)"
    b' window.gradio_config.root = new URL(".", location.href).href.replace(/\\/$/, "");</script>'
)
GUESS = re.compile(rb'const root = "[^"\n]*";')  # for a script of Gradio's own
KNOWN = b"const root = window.gradio_config.root;"


class RootAddress:
    """ASGI middleware before Gradio; all other answers pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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
            whole = GUESS.sub(KNOWN, bytes(body).replace(BEFORE, HERE + BEFORE, 1), count=1)
            headers = MutableHeaders(scope=started[0])
            if "gzip" in asked.get("accept-encoding", ""):
                whole = gzip.compress(whole, 5)
                headers["content-encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
            headers["content-length"] = str(len(whole))
            await send(started[0])
            await send({"type": "http.response.body", "body": whole})

        await self.app({**scope, "headers": kept}, receive, collect)


def _is_front(scope: Scope) -> bool:
    root = scope.get("root_path", "")
    return scope["path"] in ("/", f"{root}/", root)
