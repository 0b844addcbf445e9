"""Which status an error is answered with, and what is wrong with values that fit no model.

The sentences are in `words`; the page's scripts word an error's code and values.
"""

from __future__ import annotations

from pydantic import ValidationError

from ganmodel.errors import KnownError

STATUS = {
    "no-token": 401,
    "too-large": 413,
    "too-fast": 429,
    "too-many-of-yours": 429,
    "gone-address": 410,
    "stalled": 408,
    "not-received": 507,
    "busy": 503,
    "too-many-downloads": 503,
    "unexpected": 500,
}
OUT_OF_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
SHOWN = 40  # letters of a value in an error


def status_of(error: KnownError) -> int:
    return STATUS.get(error.code, 400)


def understood(error: ValidationError) -> KnownError:
    """What is wrong with a request: its first number out of range, or else its form."""
    first = error.errors(include_url=False)[0]
    if first["type"] not in OUT_OF_RANGE:
        return KnownError("bad-call")
    (bound,) = first["ctx"].values()
    low = first["type"].startswith("greater")
    name = str(first["loc"][-1])
    code = "number-too-low" if low else "number-too-high"
    return KnownError(code, name=name, bound=bound, value=str(first["input"])[:SHOWN])
