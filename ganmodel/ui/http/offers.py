"""Files that a visitor may fetch once, within a minute, at an address that nobody can guess.

A browser saves what an address answers, to which it adds no header; so the page asks for the
address with its token, and the address itself opens nothing but that file, and only once.
"""

from __future__ import annotations

import secrets
import threading
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ganmodel.errors import KnownError

PREFIX = "/ganmodel-file/"
SECONDS = 60.0  # for which an address is valid
LONGEST_NAME = 150  # bytes of a title in a file's name; systems allow 255 for the whole
# Names that Windows reserves for devices, whatever follows after a dot.
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³"),
}
MOST = 64  # files that are offered, of all visitors; the oldest go first
MOST_EACH = 4
MOST_BYTES = 64 * 2**20  # of those that are held in memory


@dataclass(frozen=True)
class Offer:
    """One file: `pieces` are read when it is fetched; `size` in bytes where that is known."""

    owner: str
    name: str
    media_type: str
    pieces: Iterator[bytes]
    size: int | None = None
    held: int = 0  # bytes of it in memory


class Offers:
    """The files that are offered now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._offers: dict[str, tuple[float, Offer]] = {}
        self._lock = threading.Lock()

    def add(self, offer: Offer) -> str:
        """Offers a file; returns its address, relative to the page."""
        secret = secrets.token_hex(16)
        with self._lock:
            self._drop_old()
            own = [key for key, (_, one) in self._offers.items() if one.owner == offer.owner]
            for key in own[: max(0, len(own) + 1 - MOST_EACH)]:
                self._drop(key)
            while self._offers and self._is_full(offer):
                self._drop(next(iter(self._offers)))
            self._offers[secret] = time.monotonic(), offer
        return PREFIX.removeprefix("/") + secret

    def add_bytes(self, owner: str, name: str, media_type: str, content: bytes) -> str:
        """Offers a file that is held in memory."""
        size = len(content)
        return self.add(Offer(owner, name, media_type, iter((content,)), size, held=size))

    def take(self, secret: str) -> Offer:
        """The file, which is offered no longer.

        Raises:
            KnownError: it was taken already, or its time is over.
        """
        with self._lock:
            self._drop_old()
            found = self._offers.pop(secret, None)
        if found is None:
            raise KnownError("gone-address")
        return found[1]

    def expire(self) -> None:
        """Drops what nobody fetched in time."""
        with self._lock:
            self._drop_old()

    def _drop_old(self) -> None:
        now = time.monotonic()
        for key in [key for key, (since, _) in self._offers.items() if now - since > SECONDS]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        _, offer = self._offers.pop(key)
        close(offer.pieces)

    def _is_full(self, another: Offer) -> bool:
        held = sum(offer.held for _, offer in self._offers.values())
        return len(self._offers) >= MOST or held + another.held > MOST_BYTES


def close(pieces: Iterator[bytes]) -> None:
    """Closes the files that the rest of a generator would have read."""
    if hasattr(pieces, "close"):
        pieces.close()


def file_name(title: str) -> str:
    """A title as a file name that every system accepts, in any script; it may be empty."""
    # L, M, N: letters, combining marks, and digits.
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in title)
    name = "-".join(kept.split()).lower().encode()[:LONGEST_NAME].decode("utf-8", "ignore")
    return f"run-{name}" if name in DEVICES else name.strip("-")
