"""Streams large downloads: a bounded number at once, each aborted when its reader stalls.

A piece is generated once the one before has been sent, so a stalled download holds one piece in
memory, until it is aborted.
"""

from __future__ import annotations

import asyncio
import html
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from starlette.responses import HTMLResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from ganmodel import texts

log = logging.getLogger(__name__)

MOST_AT_ONCE = 32  # downloads, of all visitors
MOST_EACH = 3
STALL_SECONDS = 30.0  # without any progress, after which a download is aborted


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
    """A response of `pieces`, an iterator that is closed however the connection ends.

    If the visitor has no free slot, a page with a sentence is sent instead.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        slots: Slots,
        owner: str,
        *,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self.pieces = pieces
        self.slots = slots
        self.owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not self.slots.take(self.owner):
                said = f"<!doctype html><p>{html.escape(texts.TOO_MANY_DOWNLOADS)}</p>"
                await HTMLResponse(said, 503)(scope, receive, send)
                return
            try:
                await super().__call__(scope, receive, send)
            except TimeoutError:  # the server closes a connection whose answer has no end
                log.info("A download was given up: nobody read it.")
            finally:
                self.slots.give_back(self.owner)
        finally:
            if hasattr(self.pieces, "close"):
                self.pieces.close()  # and with it its files; no thread works on it any more

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(STALL_SECONDS):
                await send(message)

        await super().stream_response(in_time)
