"""Everything that the product says, by id: `en.json` beside this module, and how it is worded.

Another language is one more file with the same ids. The format is plain JSON, because a browser and
Python both read it as it is, with nothing to compile or to install; plurals are chosen as gettext
and Unicode name them, by `Intl.PluralRules` in a browser. `ui/shared/words.js` words the same ids
by the same rules.

An entry is a sentence with {holes}, or an object of plural forms: `"by"` names the hole that
counts, `"one"` and `"other"` are the sentences. A number in a hole is formatted by what follows a
colon:

    {n}            as it is
    {n:,}          thousands separated
    {x:.1f}        digits behind the point; {x:,.1f} both
    {x:.1%}        a share in percent
    {x:short}      about three digits, as many as tell something
    {x:times}      a distance in multiples: 9×, 1.4×
    {when:date}    a time in ISO 8601, as day and minute where it is read

What is said later, or by somebody else, is a message: an id with the values of its holes, as plain
JSON. Run folders, answers of the page's server and errors carry messages, which are worded where
they are read.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

LANGUAGE = "en"  # of the command line and of logs; a page words in its visitor's
HOLE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
FORMATS = re.compile(r"|,|,?\.\d[f%]|short|times|date")

Message = dict[str, Any]  # "id", and "values" by the names of its holes
# What can be worded: a message; several, said one after the other; or a text of somebody's.
Words = Message | list[Any] | str


@functools.cache
def catalogue(language: str = LANGUAGE) -> dict[str, str | dict[str, str]]:
    """All entries of a language by id."""
    return json.loads((Path(__file__).parent / f"{language}.json").read_text("utf-8"))


def add(entries: Mapping[str, str]) -> None:
    """Adds what an extension says, in English, to all that this process words or gives its page.

    Raises:
        ValueError: an id is there already.
    """
    known = catalogue()
    if taken := sorted(known.keys() & entries.keys()):
        raise ValueError(f"These ids have words already: {', '.join(taken)}.")
    known.update(entries)


def parts() -> tuple[str, ...]:
    """The parts of the catalogue: what its ids begin with."""
    return tuple(dict.fromkeys(id.partition(".")[0] for id in catalogue()))


def of_parts(*names: str) -> dict[str, str | dict[str, str]]:
    """The entries of some parts, by id."""
    return {id: entry for id, entry in catalogue().items() if id.partition(".")[0] in names}


def message(id: str, /, **values: Any) -> Message:
    """What `worded` says later.

    Args:
        id: of the catalogue.
        values: of its holes: numbers, texts, messages, or lists of these.

    Raises:
        KeyError: the catalogue has no such id.
    """
    catalogue()[id]
    return {"id": id, "values": values}


def say(id: str, /, **values: Any) -> str:
    """A sentence, worded now; arguments as for `message`."""
    return worded(message(id, **values))


def worded(words: Words) -> str:
    """A message in words; several, one after the other. A text stays as it is.

    A message may have been written by another version of ganmodel: one that this version does not
    know is named, and a hole without a value stays.
    """
    if isinstance(words, str):
        return words
    if isinstance(words, list | tuple):
        return say("joins.sentences").join(filter(None, map(worded, words)))
    entry, values = catalogue().get(words["id"]), words.get("values") or {}
    if entry is None:
        return say("joins.unknown", id=words["id"])
    if isinstance(entry, dict):
        entry = entry["one" if values.get(entry["by"]) == 1 and "one" in entry else "other"]
    return filled(entry, values)


def with_texts(words: Words, change: Callable[[str], str]) -> Words:
    """The same with every text of somebody's in it changed, such as a path to be hidden."""
    if isinstance(words, str):
        return change(words)
    if isinstance(words, list | tuple):
        return [with_texts(one, change) for one in words]
    if isinstance(words, dict):
        return {
            name: one if name == "id" else with_texts(one, change) for name, one in words.items()
        }
    return words


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence of the catalogue with its holes filled; one without a value stays."""

    def of(hole: re.Match[str]) -> str:
        name, form = hole.groups()
        return _formatted(values[name], form or "") if name in values else hole.group()

    return HOLE.sub(of, sentence)


def _formatted(value: Any, form: str) -> str:
    if isinstance(value, list | tuple):
        return say("joins.list").join(_formatted(one, form) for one in value)
    if isinstance(value, dict):
        return worded(value)
    if form == "date":
        return _date(str(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    match form:
        case "":
            return _plain(value)
        case "," if isinstance(value, float) and math.isfinite(value):
            return f"{Decimal(repr(value)).normalize():,f}"
        case "short":
            return _short(value)
        case "times":
            digits = 0 if value >= 9.95 else 1
            return f"{Decimal(repr(value)):,.{digits}f}".removesuffix(".0") + "×"
        case _ if math.isfinite(value):  # as decimals, so that a half rounds as in a browser
            return format(Decimal(repr(value)), form)
        case _:
            return f"{value:g}"


def _date(written: str) -> str:
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return written
    with contextlib.suppress(ValueError, OverflowError, OSError):  # an odd clock: its own zone
        when = when.astimezone()
    return f"{when:%b} {when.day}, {when:%H:%M}"


def _plain(value: float) -> str:
    """All digits, without an exponent where a browser writes none."""
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)).normalize(), "f")
    return f"{value:g}"


def _short(value: float) -> str:
    """Three digits, without an exponent where a person would write none."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{Decimal(repr(value)):,.{min(digits, 4)}f}"
    return f"{value:.0e}"
