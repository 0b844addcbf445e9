"""Parses the bodies of calls: unambiguous JSON of bounded size and depth.

A duplicate key is refused, since some parsers take its first value and others its last. `gate`
decides who may call, and how often.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from ganmodel import texts

MOST_BODY = 300_000  # bytes of a call, which holds a place or a drawing
MOST_DEPTH = 16  # nested objects and lists; the page's own calls have five
MOST_NAMES = 256  # in one object; a form has about forty
MOST_FIELDS = 8  # of a posted form
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # an escaped surrogate, half of a character


class MisunderstoodError(ValueError):
    """A call that cannot be understood; the message is a sentence for the caller."""

    def __init__(self, sentence: str = texts.BAD_CALL) -> None:
        super().__init__(sentence)


def call_in(body: bytes) -> dict[str, Any]:
    """The JSON object of a call; an empty body is an empty one.

    Raises:
        MisunderstoodError: no object, a duplicate key, too large or deep, a lone surrogate.
    """
    if len(body) > MOST_BODY:
        raise MisunderstoodError
    try:
        text = body.decode("utf-8")
        told = json.loads(text, object_pairs_hook=_object) if text else {}
    except (ValueError, RecursionError):
        raise MisunderstoodError from None
    if not isinstance(told, dict) or _is_deeper(told, text):
        raise MisunderstoodError
    if SURROGATE.search(text):
        try:
            json.dumps(told, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise MisunderstoodError(texts.BROKEN_LETTER) from None
    return told


def form_in(body: bytes) -> dict[str, str]:
    """The fields of a posted form.

    Raises:
        MisunderstoodError: too large, too many fields, or one of them twice.
    """
    if len(body) > MOST_BODY:
        raise MisunderstoodError
    try:
        pairs = parse_qsl(body.decode("latin-1"), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise MisunderstoodError from None
    if len(dict(pairs)) < len(pairs):
        raise MisunderstoodError
    return dict(pairs)


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


def _is_deeper(told: dict[str, Any], text: str) -> bool:
    """Whether it is nested deeper than `MOST_DEPTH`."""
    if text.count("{") + text.count("[") <= MOST_DEPTH:
        return False  # nearly always, without visiting every number of a drawing
    layer: list[Any] = [told]
    for _ in range(MOST_DEPTH):
        inner = [one.values() if isinstance(one, dict) else one for one in layer]
        layer = [value for one in inner for value in one if isinstance(value, dict | list)]
    return bool(layer)
