"""Validates the JSON in a run's folder, so that readers can rely on its values.

A folder can be damaged by a full disk, another program, or another version. Invalid values are left
out as if they had never been written. Where the files lie is known in `folder`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from ganmodel.config import KNOBS, SETTINGS, ConfigError, check_setting
from ganmodel.words import Words

# The states of a run. The first three need a living trainer; no trainer writes "died".
LIVE_STATES = ("waiting", "running", "paused")
STATES = (*LIVE_STATES, "stopped", "finished", "failed", "died")

MOST_COUNTED = 2**53 - 1  # the largest whole number that JavaScript holds exactly
LONGEST_TEXT = 2000
LONGEST_WORDS = 20_000  # characters of a message as JSON, or of several together
DEEPEST_WORDS = 8  # messages and lists within each other
LONGEST_ID = 200
ID = re.compile(r"[\w-]+(\.[\w-]+)+", re.ASCII)  # of a message
MAY_BE_NONE = ("error", "images_per_second")  # names in status.json that may be null
MOST_NOTES = 1000

# Of an evaluation, what a page shows.
SHOWN = (
    "samples", "compared", "fd", "fd_over_r", "fd_over_r_error", "kid",
    "precision", "recall", "density", "coverage",
    "precision_real", "recall_real", "density_real", "coverage_real",
    "classes", "classes_covered", "class_kl", "histogram", "nearest_over_real",
    "copied", "copying",
)  # fmt: skip


def checked_status(value: Any) -> dict[str, Any]:
    """The valid values of status.json; those of unknown names pass if they are plain JSON.

    The state is one of `STATES`; counts are whole, speeds and times finite, all of them 0 or more;
    sentences, such as a note's `text` beside its `images`, are as `checked_words` says; knobs are
    settings that may change while training, within their range.
    """
    if not isinstance(value, dict):
        return {}
    checked = {name: _STATUS.get(name, _plain)(given) for name, given in value.items()}
    none = {name for name in MAY_BE_NONE if value.get(name, "") is None}
    return {name: found for name, found in checked.items() if found is not None or name in none}


def checked_origin(value: Any) -> dict[str, Any] | None:
    """origin.json's value: `run`, its `title`, `moment`, `changes`; None without run or moment."""
    if not isinstance(value, dict):
        return None
    run, moment, changes = text(value.get("run")), count(value.get("moment")), value.get("changes")
    if run is None or moment is None:
        return None
    return {
        "run": run,
        "title": checked_words(value.get("title")) or run,
        "moment": moment,
        "changes": _settings(changes, SETTINGS),
    }


def checked_earlier(value: Any) -> list[dict[str, Any]]:
    """earlier.json's value: parts with `until` and `settings`; [] where one of them is damaged."""
    found = []
    for part in value if isinstance(value, list) else ():
        until = count(part.get("until")) if isinstance(part, dict) else None
        settings = _settings(part.get("settings"), SETTINGS) if until is not None else None
        if settings is None or settings != part.get("settings"):
            return []
        found.append({"until": until, "settings": settings})
    return found


def checked_row(line: bytes) -> dict[str, Any] | None:
    """One line of metrics.jsonl: numbers or None by name, `images` among them; None for no row."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or count(row.get("images")) is None:
        return None
    sound = all(value is None or number(value) is not None for value in row.values())
    return row if sound else None


def checked_quality(value: Any) -> dict[str, Any] | None:
    """An evaluation: each name in `SHOWN` with its number, or numbers; None where not known."""
    if not isinstance(value, dict):
        return None
    found = {name: number(value.get(name)) for name in SHOWN}
    shares = value.get("histogram")
    if isinstance(shares, list) and all(number(share) is not None for share in shares):
        found["histogram"] = shares
    return found


def checked_knob_change(value: Any) -> tuple[int, int, dict[str, float]] | None:
    """Of a reply that set knobs: the rollbacks before it, the images seen, the new values."""
    if not isinstance(value, dict) or value.get("ok") is not True:
        return None
    seen, values = count(value.get("images_seen")), _settings(value.get("set"), KNOBS)
    if seen is None or not values:
        return None
    return count(value.get("rollbacks")) or 0, seen, values


def count(value: Any) -> int | None:
    """A whole number from 0 to `MOST_COUNTED`; None for anything else."""
    return value if type(value) is int and 0 <= value <= MOST_COUNTED else None


def number(value: Any) -> float | None:
    """A finite number; None for anything else."""
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return value if usable and abs(value) <= 1.7e308 and math.isfinite(value) else None


def text(value: Any) -> str | None:
    """A text that can be encoded, cut to `LONGEST_TEXT`; None for anything else, and for ""."""
    return value[:LONGEST_TEXT] if isinstance(value, str) and value and _plain(value) else None


def checked_words(value: Any) -> Words | None:
    """A text as `text` gives it, a message, or a list of these; None for anything else.

    What is not None can be worded. A message has an id, which need not be known here, and in its
    values JSON scalars, messages, and lists of both.
    """
    if isinstance(value, str):
        return text(value)
    try:
        found = _sayable(value, DEEPEST_WORDS) if isinstance(value, dict | list) else None
    except ValueError:
        return None
    return found if found and len(json.dumps(found)) <= LONGEST_WORDS else None


def _sayable(value: Any, depth: int) -> Any:
    """A part of a message, its texts cut to `LONGEST_TEXT`.

    Raises:
        ValueError: it cannot be worded.
    """
    if value is None or isinstance(value, bool) or number(value) is not None:
        return value
    if isinstance(value, str) and _plain(value) is not None:
        return value[:LONGEST_TEXT]
    if depth and isinstance(value, list):
        return [_sayable(part, depth - 1) for part in value]
    if depth and isinstance(value, dict):
        named, values = value.get("id"), value.get("values")
        if _is_id(named) and isinstance(values, dict):
            told = {name: _sayable(part, depth - 1) for name, part in values.items()}
            return {"id": named, "values": told}
    raise ValueError


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ID and ID.fullmatch(value) is not None


def _state(value: Any) -> str | None:
    return value if isinstance(value, str) and value in STATES else None


def _seconds(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and found >= 0 else None


def _notes(value: Any) -> list[dict[str, Any]]:
    found = []
    for note in value[:MOST_NOTES] if isinstance(value, list) else ():
        if isinstance(note, dict):
            images, said = count(note.get("images")), checked_words(note.get("text"))
            if images is not None and said is not None:
                found.append({"images": images, "text": said})
    return found


def _settings(value: Any, known: Mapping[str, Any] | tuple[str, ...]) -> dict[str, Any]:
    """The settings in `value` that are `known` and within their range."""
    found = {}
    for name, given in value.items() if isinstance(value, dict) else ():
        if name in known:
            try:
                check_setting(name, given)
            except ConfigError:
                continue
            found[name] = given
    return found


def _knobs(value: Any) -> dict[str, Any]:
    return _settings(value, KNOBS)


def _sizes(value: Any) -> dict[str, int]:
    found = value.items() if isinstance(value, dict) else ()
    return {name: size for name, size in found if name in ("G", "D") and count(size) is not None}


def _plain(value: Any) -> Any:
    """A value that can be written as JSON; None for any other."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


_STATUS: dict[str, Callable[[Any], Any]] = {
    "state": _state,
    "format": count,
    "images_seen": count,
    "images_total": count,
    "images_per_second": _seconds,
    "seconds": _seconds,
    "evaluation_seconds": _seconds,
    "updated": _seconds,
    "pid": count,
    "by_hand": count,
    "error": checked_words,
    "doing": checked_words,
    "precision": text,
    "threads": count,
    "classes": count,
    "repeats": lambda value: value if type(value) is bool else None,
    "knobs": _knobs,
    "networks": _sizes,
    "notes": _notes,
}
