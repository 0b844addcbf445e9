"""What Gradio is asked in a body: unambiguous JSON of bounded size and depth, with arguments that
an endpoint takes.

A duplicate key is refused, since some parsers take its first value and others its last. `gate`
decides who may call, and how often.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ganmodel.hosting.rules import Endpoint

CALLS, QUEUE = "/gradio_api/call/", "/gradio_api/queue/join"
MOST_BODY = 300_000  # bytes of a call, which holds a place or a drawing
MOST_DEPTH = 16  # nested objects and lists; the page's own calls have five
MOST_NAMES = 256  # in one object; a form has about forty
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # an escaped surrogate, half of a character


class MisunderstoodError(ValueError):
    """A call that cannot be understood; `code` is that of a `KnownError`."""

    def __init__(self, code: str = "bad-call") -> None:
        super().__init__(code)
        self.code = code


def called(
    path: str, body: bytes, api: Mapping[str, Endpoint], most: int = MOST_BODY
) -> Endpoint | None:
    """The endpoint of `api` that a call asks for; None where its path asks for none.

    Raises:
        MisunderstoodError: as `call_in`, or these are no arguments of an endpoint.
    """
    told = call_in(body, most)
    if not isinstance(told.get("session_hash", ""), str | None):
        raise MisunderstoodError
    if not path.startswith((QUEUE, CALLS)):
        return None
    data, endpoints = told.get("data"), list(api.values())
    if path.startswith(QUEUE):
        number = told.get("fn_index")
        if type(number) is not int or not 0 <= number < len(endpoints):
            raise MisunderstoodError
        endpoint = endpoints[number]
    else:
        endpoint = api[path.removeprefix(CALLS)]
    if not isinstance(data, list) or len(data) != endpoint.inputs:
        raise MisunderstoodError
    others = [value for name, value in told.items() if name != "data"]
    if not are_plain(data) or not are_plain(others):
        raise MisunderstoodError("plain-values")
    return endpoint


def call_in(body: bytes, most: int = MOST_BODY) -> dict[str, Any]:
    """The JSON object of a call; an empty body is an empty one.

    Raises:
        MisunderstoodError: no object, a duplicate key, too large or deep, a lone surrogate, a
            number that no answer could quote.
    """
    if len(body) > most:
        raise MisunderstoodError
    try:
        text = body.decode("utf-8")
        numbers = {"parse_constant": _finite, "parse_float": _finite}
        told = json.loads(text, object_pairs_hook=_object, **numbers) if text else {}
    except (ValueError, RecursionError):
        raise MisunderstoodError from None
    if not isinstance(told, dict) or _is_deeper(told, text):
        raise MisunderstoodError
    if SURROGATE.search(text):
        try:
            json.dumps(told, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise MisunderstoodError("broken-letter") from None
    return told


def are_plain(values: Any) -> bool:
    """Whether these are a list of strings, numbers, booleans and nulls.

    Gradio would take an object among the arguments for a file, and fetch it from the URL that the
    object names.
    """
    return isinstance(values, list) and not any(isinstance(one, dict | list) for one in values)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs) or len(pairs) > MOST_NAMES:
        raise ValueError
    return told


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError
    return value


def _is_deeper(told: dict[str, Any], text: str) -> bool:
    """Whether it is nested deeper than `MOST_DEPTH`."""
    if text.count("{") + text.count("[") <= MOST_DEPTH:
        return False  # nearly always, without visiting every number of a drawing
    layer: list[Any] = [told]
    for _ in range(MOST_DEPTH):
        inner = [one.values() if isinstance(one, dict) else one for one in layer]
        layer = [value for one in inner for value in one if isinstance(value, dict | list)]
    return bool(layer)
