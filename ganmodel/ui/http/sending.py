"""Sends the files that were offered: a bounded number at once.

A piece is generated once the one before has been sent, so a download that nobody reads holds one
piece in memory, until `connections` ends it.
"""

from __future__ import annotations

import html
import threading
from collections import Counter
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ganmodel.errors import KnownError
from ganmodel.ui.http.errors import status_of
from ganmodel.ui.http.offers import PREFIX, Offer, Offers, close

MOST_AT_ONCE = 32  # downloads, of all visitors
MOST_EACH = 3


class Slots:
    """Bounds concurrent downloads, in all and a visitor. Safe to use from several threads."""

    def __init__(self, most: int = MOST_AT_ONCE, each: int = MOST_EACH) -> None:
        self.most = most
        self.each = each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, owner: str) -> bool:
        """Whether one more may begin for this visitor; it counts until `give_back`."""
        with self._lock:
            if self._taken[owner] >= self.each or self._taken.total() >= self.most:
                return False
            self._taken[owner] += 1
            return True

    def give_back(self, owner: str) -> None:
        with self._lock:
            self._taken[owner] -= 1
            self._taken = +self._taken  # drops visitors without a download

    def taken(self) -> int:
        """The number of downloads in progress."""
        return self._taken.total()


class Sending(StreamingResponse):
    """A response with an offered file, which is closed however the connection ends."""

    def __init__(self, offer: Offer, slots: Slots) -> None:
        headers = {"Content-Disposition": _disposition(offer.name), "Cache-Control": "no-store"}
        if offer.size is not None:
            headers["Content-Length"] = str(offer.size)
        super().__init__(offer.pieces, headers=headers, media_type=offer.media_type)
        self.offer = offer
        self.slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not self.slots.take(self.offer.owner):
                await _told(KnownError("too-many-downloads"))(scope, receive, send)
                return
            try:
                await super().__call__(scope, receive, send)
            finally:
                self.slots.give_back(self.offer.owner)
        finally:
            close(self.offer.pieces)  # and with it its files; no thread works on it any more


def sends(offers: Offers, slots: Slots | None = None) -> Route:
    """The route of one-time addresses."""
    slots = slots or Slots()

    async def send(request: Request) -> Response:
        try:
            return Sending(offers.take(request.path_params["secret"]), slots)
        except KnownError as error:
            return _told(error)

    return Route(PREFIX + "{secret}", send, methods=["GET"])


def _told(error: KnownError) -> Response:
    """A page with a sentence, since a browser shows what it can't save."""
    return HTMLResponse(f"<!doctype html><p>{html.escape(str(error))}</p>", status_of(error))


def _disposition(name: str) -> str:
    """The header that tells a browser this file name (RFC 6266 and 5987)."""
    plain = "".join(c if c.isascii() else "_" for c in name)
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
