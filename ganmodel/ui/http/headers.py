"""The headers of every answer that tell a browser what it may do with it.

What no document may do, a file, a refusal or a value may not either, wherever it is opened; the
page itself has a policy of its own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "content-security-policy"
EVERYWHERE = {"x-content-type-options": "nosniff"}
# Addresses hold a class's host key and the keys of runs' links.
REFERRER = {"referrer-policy": "same-origin"}
# Of all that is no page: no script, style or form of it works, and its origin is none.
CLOSED = "default-src 'none'; sandbox"
# A page loads a hundred of these, which no browser takes for documents and no visitor has made.
NO_DOCUMENTS = ("text/javascript", "application/javascript", "text/css", "font/")
SPACES = ("https://huggingface.co", "https://*.hf.space")  # show a hosted page in a frame
INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy(page: bytes, framed_by: Sequence[str] = ()) -> str:
    """The Content-Security-Policy of the page.

    Args:
        page: its HTML, which has nothing of a visitor's in it: its own scripts are the ones
            allowed.
        framed_by: origins that may show it in a frame, besides its own.
    """
    hashes = (base64.b64encode(hashlib.sha256(one).digest()) for one in INLINE.findall(page))
    inline = [f"'sha256-{one.decode()}'" for one in hashes]
    allowed = {
        "default-src": ["'none'"],
        "base-uri": ["'self'"],  # a script of Gradio's own sets it
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *framed_by],
        "connect-src": ["'self'"],
        # `eval`: by gr.HTML, of its templates and of the code that loads a room's module.
        "script-src": ["'self'", "'unsafe-eval'", *inline],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
    }
    return "; ".join(" ".join((name, *values)) for name, values in allowed.items())


class Headed:
    """ASGI middleware before all others; an answer that names a policy of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=[*message.get("headers", ())])
                headers.update(EVERYWHERE)
                if not headers.get("content-type", "").startswith(NO_DOCUMENTS):
                    headers.update(REFERRER)
                    headers.setdefault(POLICY, CLOSED)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, headed)
