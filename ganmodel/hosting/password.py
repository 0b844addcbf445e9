"""The one password of a page, which everybody gives who opens it (HTTP Basic).

`gate` asks for it before anything else of a request counts.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import time

from ganmodel.errors import KnownError
from ganmodel.hosting.rates import Bucket

WRONG_PASSWORDS = 1 / 6  # a second, from one address
WRONG_AT_ONCE = 60.0  # seconds of that rate: ten at once, after a pause
ASKS = {"WWW-Authenticate": 'Basic realm="ganmodel", charset="UTF-8"'}


class Password:
    """`login` is "name:password"."""

    def __init__(self, login: str) -> None:
        self._login = login.encode()
        self._wrong = Bucket(WRONG_PASSWORDS, WRONG_AT_ONCE)

    def refusal(self, who: str, given: bytes) -> tuple[int, KnownError, dict[str, str]] | None:
        """Why an address is turned away, as status, error and headers; None with the password.

        Args:
            who: the address that asks.
            given: the Authorization header.
        """
        kind, _, login = given.partition(b" ")
        if kind.lower() == b"basic":
            now = time.monotonic()
            if wait := math.ceil(self._wrong.due(who, now)):
                error = KnownError("too-many-passwords", wait=wait)
                return 429, error, {**ASKS, "Retry-After": str(wait)}
            if hmac.compare_digest(_decoded(login), self._login):
                return None
            self._wrong.take(who, now, most=0.0)
        return 401, KnownError("password-needed"), ASKS


def _decoded(given: bytes) -> bytes:
    try:
        return base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
