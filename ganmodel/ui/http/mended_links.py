"""Redirects links whose "?" or "#" was escaped in transit, so that all of it arrived as a path.

Other damage is repaired in the browser by shared/address.js, which also sees what follows "#".
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SWALLOWED = re.compile(r"/(?P<link>\?(?:run|host)=.*|#play&.*)", re.DOTALL)
_OWN = "?#&=:,~._-;"  # the characters of our links, besides letters and digits


class MendedLinks:
    """ASGI middleware: redirects a browser from such a path to the original link."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = _SWALLOWED.search(scope["path"])
            if found:
                # Relative to the requested path, wherever a proxy shows the page.
                await RedirectResponse("./" + quote(found["link"], safe=_OWN))(scope, receive, send)
                return
        await self.app(scope, receive, send)
