"""Counts skipped files by reason and reports them in messages that are safe to show.

The modules that find and decode files decide which to skip.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from ganmodel.data import limits
from ganmodel.data.formats import Format, named
from ganmodel.words import Message, message, say

NAMES_SHOWN = 3
NAME_LENGTH = 40  # characters of a visitor's file name in a sentence

DAMAGED = message("reasons.damaged")
ODD_TIFF = message("reasons.odd-tiff")
HEIC_NOT_READ = message("reasons.heic-not-read")
TOO_MANY_PIXELS = message("reasons.too-many-pixels", most=limits.MOST_PIXELS // 10**6)
TOO_LARGE = message("reasons.too-large", most=limits.MOST_FILE_BYTES // 2**20)
CLIMBS = message("reasons.climbs")
NAME_TOO_LONG = message("reasons.name-too-long")
NAMED_TWICE = message("reasons.named-twice")
TOO_DEEP = message("reasons.too-deep")
LINK = message("reasons.link")
LINK_OUT = message("reasons.link-out")
LINK_TO_NOTHING = message("reasons.link-to-nothing")
LINK_AROUND = message("reasons.link-around")
NO_PICTURES_ENDING = message("reasons.no-pictures-ending")
NOT_A_FILE = message("reasons.not-a-file")
CANNOT_OPEN = message("reasons.cannot-open")
LOCKED = message("reasons.locked")
PACKED_ODDLY = message("reasons.packed-oddly")
BESIDE_ARCHIVE = message("reasons.beside-archive")
NO_CLASS = message("reasons.no-class")
BY_HAND = message("reasons.by-hand")


def not_an_image(formats: Sequence[Format]) -> Message:
    """The reason for skipping a file in none of the given formats."""
    return message("reasons.not-an-image", formats=named(formats))


@dataclass
class _Skipped:
    """The files that were skipped for one reason: how many, and the first few names."""

    why: Message
    count: int = 0
    names: list[str] = field(default_factory=list)

    def note(self) -> Message:
        names: list[str] | Message = self.names
        if more := self.count - len(self.names):
            names = message("data.names-and-more", names=self.names, more=more)
        return message("data.left-out", count=self.count, why=self.why, names=names)


class Refusals:
    """The number of skipped files by reason, and the first few names of each."""

    def __init__(self) -> None:
        self._skipped: dict[str, _Skipped] = {}

    def add(self, name: str, why: Message) -> None:
        skipped = self._skipped.setdefault(json.dumps(why), _Skipped(why))
        skipped.count += 1
        if len(skipped.names) < NAMES_SHOWN:
            skipped.names.append(shown(name))

    def notes(self) -> tuple[Message, ...]:
        """One for each reason: "5 files were left out (damaged): a.png, b.png and 3 more."."""
        return tuple(skipped.note() for skipped in self._skipped.values())


def shown(name: str) -> str:
    """An untrusted name on one line, without unprintable characters; only the end of a long one."""
    # C: control, formatting (may reverse the text's direction), surrogates; Zl, Zp: line breaks.
    plain = "".join(
        c for c in name if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029"
    ).strip()
    if len(plain) > NAME_LENGTH:
        plain = "…" + plain[1 - NAME_LENGTH :]
    return plain or say("data.no-name")
