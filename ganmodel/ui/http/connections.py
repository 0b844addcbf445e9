"""Bounds the page's connections: how many there are, and how long one waits or goes unread.

uvicorn bounds neither: a request whose head never ends, or an answer that nobody reads, keeps its
connection for ever. Here is what happens before a request and after its answer. A body that stalls
is a matter of the door and the gate, and so is how many requests of an address are in progress: a
connection from a proxy does not tell whose it is.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from ganmodel.hosting import may_open, network_of

if sys.platform == "linux":
    import fcntl
    import struct
    import termios

log = logging.getLogger(__name__)

MOST = 1_024  # connections; a browser holds up to six
# Files for everything else: runs, uploads, downloads, trainers' pipes, and the connections that
# were accepted but not counted yet, which are a few times `ACCEPTED_AT_ONCE`.
RESERVED = 192
ACCEPTED_AT_ONCE = 16  # connections, in one turn of the event loop
LISTENED = 1_024  # connections that the system completes before they are accepted
KEPT_ALIVE_SECONDS = 5  # of a connection without a byte after an answer


@dataclass(frozen=True)
class Bounds:
    """`most`: connections. `head_seconds`: until a request's head is complete, from the connection
    or the answer before it. `unread_seconds`: without a byte that the reader has received.
    `look_seconds`: between two checks of both."""

    most: int = MOST
    head_seconds: float = 10.0
    unread_seconds: float = 30.0
    look_seconds: float = 1.0


def bounds() -> Bounds:
    """As many connections as this process may have besides its other files."""
    return Bounds(most=max(16, may_open(MOST + RESERVED) - RESERVED))


class Connections:
    """The connections of one server; used in its event loop only."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._open: dict[Connection, str] = {}  # to the network it comes from
        self._waiting: dict[Connection, float] = {}  # for a request; since when, the longest first
        self._of: Counter[str] = Counter()  # by network
        self._looks = False

    def protocol(self, **given: Any) -> Connection:
        """A new connection, as uvicorn creates it."""
        return Connection(self, **given)

    def add(self, connection: Connection) -> None:
        """Counts a new connection, which may replace one that waits for a request."""
        network = network_of(str((connection.client or ("",))[0]))
        self._open[connection] = network
        self._of[network] += 1
        if len(self._open) > self.bounds.most:
            self._end(self._least_missed() or connection)
        if connection in self._open:
            self.note(connection)
        if not self._looks:
            self._looks = True
            connection.loop.call_later(self.bounds.look_seconds, self._look, connection.loop)

    def remove(self, connection: Connection) -> None:
        """No longer counts a connection."""
        self._waiting.pop(connection, None)
        network = self._open.pop(connection, None)
        if network is None:
            return
        self._of[network] -= 1
        if not self._of[network]:
            del self._of[network]

    def note(self, connection: Connection) -> None:
        """Notes whether a connection waits for a request."""
        if connection in self._open and connection.waits:
            self._waiting.setdefault(connection, connection.loop.time())
        else:
            self._waiting.pop(connection, None)

    def __len__(self) -> int:
        return len(self._open)

    def _least_missed(self) -> Connection | None:
        """Of the network that has most connections, the one that waits longest; else of any.

        So whoever opens many of them replaces their own.
        """
        [(most, _)] = self._of.most_common(1)
        of_most = (one for one in self._waiting if self._open[one] == most)
        return next(of_most, None) or next(iter(self._waiting), None)

    def _end(self, connection: Connection) -> None:
        self.remove(connection)
        connection.transport.abort()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection, since in self._waiting.items():
            if now - since < self.bounds.head_seconds:
                break
            connection.transport.close()  # once what is left of the answer before has been read
        for connection in [*self._open]:
            if connection.unread_since(now) <= now - self.bounds.unread_seconds:
                log.info("A connection was ended: nobody read its answer.")
                self._end(connection)
        self._looks = bool(self._open)
        if self._looks:
            loop.call_later(self.bounds.look_seconds, self._look, loop)


class Connection(H11Protocol):
    """One connection, counted among all."""

    def __init__(self, among: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._among = among
        self._unread: tuple[int, int] = (0, 0)
        self._unread_since = 0.0

    @property
    def waits(self) -> bool:
        """Whether no request is in progress."""
        return self.cycle is None or self.cycle.response_complete

    def unread_since(self, now: float) -> float:
        """Since when no byte of what is to be sent has been received; `now` if all was sent.

        What the system holds counts too: it takes the next bytes only after most of those.
        """
        unread = self.transport.get_write_buffer_size()
        state = (unread, self._unacknowledged() if unread else 0)
        if not unread or state != self._unread:
            self._unread, self._unread_since = state, now
        return self._unread_since

    def _unacknowledged(self) -> int:
        """Bytes that the system holds for this connection, where it tells."""
        if sys.platform != "linux":
            return 0
        told = fcntl.ioctl(self.transport.get_extra_info("socket"), termios.TIOCOUTQ, b"\0" * 4)
        return struct.unpack("i", told)[0]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._among.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._among.remove(self)

    def handle_events(self) -> None:
        super().handle_events()
        self._among.note(self)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._among.note(self)
