"""Makes Gradio's front end use the address at which the browser found the page.

Gradio writes the server's own idea of its address into the first answer and requests everything
else from there. Behind a proxy that strips a path or uses another host name that address is wrong.
The first answer is the page itself, so it also gets the page's policy here.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganmodel.ui.http.headers import POLICY, policy

BEFORE = b"<script data-gradio-mode>"  # comes right after Gradio's settings, before they are used
HERE = (
    b"<script>if (window.gradio_config)"
    b' window.gradio_config.root = new URL(".", location.href).href.replace(/\\/$/, "");</script>'
)
GUESS = re.compile(rb'const root = "[^"\n]*";')  # for a script of Gradio's own
# By what browsers call it; the sizes grow little below these levels.
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda page: brotli.compress(page, quality=5),
    "gzip": lambda page: gzip.compress(page, 5),
}
KNOWN = b"const root = window.gradio_config.root;"


class RootAddress:
    """ASGI middleware before Gradio; all other answers pass unchanged."""

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self.app = app
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
            whole = GUESS.sub(KNOWN, bytes(body).replace(BEFORE, HERE + BEFORE, 1), count=1)
            headers = MutableHeaders(scope=started[0])
            headers[POLICY] = policy(whole, self.framed_by)
            accepted = asked.get("accept-encoding", "")
            encoding = next((one for one in COMPRESSED if one in accepted), None)
            if encoding is not None:
                whole = COMPRESSED[encoding](whole)
                headers["content-encoding"] = encoding
            headers.add_vary_header("Accept-Encoding")
            headers["content-length"] = str(len(whole))
            await send(started[0])
            await send({"type": "http.response.body", "body": whole})

        await self.app({**scope, "headers": kept}, receive, collect)


def _is_front(scope: Scope) -> bool:
    root = scope.get("root_path", "")
    return scope["path"] in ("/", f"{root}/", root)
