"""Reads and validates what a browser sends: bounded bodies, and numbers within their range.

Nothing here depends on what a request is for; a request is a dict of JSON values.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from ganmodel import texts
from ganmodel.runs import RunError


async def body_of(request: Request, most: int) -> bytes:
    """The first `most` bytes of the body, and one more where it is longer."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return body[: most + 1]
    return body


def json_of(body: bytes) -> Any:
    """The value of a JSON body; None where it is not JSON, such as a truncated body."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def is_text(value: Any) -> bool:
    """Whether a JSON value can be stored, logged and sent back.

    JSON may hold lone surrogates, which neither files nor answers can encode.
    """
    try:
        json.dumps(value, ensure_ascii=False, default=lambda other: None).encode()
    except (ValueError, RecursionError):  # a UnicodeEncodeError is a ValueError
        return False
    return True


def number(ask: Any, name: str, low: float, high: float, *, whole: bool = False) -> Any:
    """The number `ask[name]` from `low` to `high`.

    Raises:
        RunError: it is not a number, out of range, or not whole.
    """
    value = ask.get(name)
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not low <= value <= high or (whole and value != int(value)):
        kind = texts.WHOLE_NUMBER if whole else texts.NUMBER
        raise RunError(
            texts.BAD_NUMBER.format(name=name, kind=kind, low=low, high=high, value=str(value)[:40])
        )
    return int(value) if whole else float(value)


def count(value: Any) -> int:
    """A whole number from 0 up that JavaScript can represent exactly; -1 for anything else."""
    return value if type(value) is int and -1 <= value < 2**53 else -1
