"""Links whose question mark or hash sign was escaped on the way, so that all of it came as a path.

What else may have happened to a link is put right in the browser, by assets/links.js, which sees
the part behind the hash sign too.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SWALLOWED = re.compile(r"/(?P<link>\?(?:run|host)=.*|#play&.*)", re.DOTALL)
_OWN = "?#&=:,~._-;"  # that our links consist of, besides letters and digits


class MendedLinks:
    """ASGI middleware: sends a browser from such a path on to the link that it was."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = _SWALLOWED.search(scope["path"])
            if found:
                # Beside the path that was asked for, wherever a proxy shows the page.
                await RedirectResponse("./" + quote(found["link"], safe=_OWN))(scope, receive, send)
                return
        await self.app(scope, receive, send)
