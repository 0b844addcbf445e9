"""Counts skipped files by reason and reports them in sentences that are safe to show.

The modules that find and decode files decide which to skip.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ganmodel.data import limits
from ganmodel.data.formats import Format, named

NAMES_SHOWN = 3
NAME_LENGTH = 40  # characters of a visitor's file name in a sentence

DAMAGED = "damaged"
ODD_TIFF = "a kind of TIFF that is not read here"
HEIC_NOT_READ = "HEIC, which needs the extra ganmodel[heif]"
TOO_MANY_PIXELS = f"more than {limits.MOST_PIXELS // 10**6} million pixels"
TOO_LARGE = f"larger than {limits.MOST_FILE_BYTES // 2**20} MB"
CLIMBS = "a name that leads out of the folder"
NAME_TOO_LONG = "a name too long"
NAMED_TWICE = "a name that was there before"
TOO_DEEP = "too many folders deep"
LINK = "a link"
LINK_OUT = "a link to a folder, to nothing or out of this folder"
LINK_TO_NOTHING = "a link that leads to nothing"
LINK_AROUND = "a link to a folder that it lies in"
NO_PICTURES_ENDING = "a name that does not end as a picture's, among too many files"
NOT_A_FILE = "neither a file nor a folder"
CANNOT_OPEN = "cannot be opened"
LOCKED = "locked with a password"
PACKED_ODDLY = "packed by another method than deflate"
BESIDE_ARCHIVE = "beside an archive, which was read instead"
NO_CLASS = "in no class folder"
BY_HAND = "by hand"


def not_an_image(formats: Sequence[Format]) -> str:
    """The reason for skipping a file in none of the given formats."""
    return f"not a {named(formats)} image"


class Refusals:
    """The number of skipped files by reason, and the first few names of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}

    def add(self, name: str, why: str) -> None:
        self._counts[why] = self._counts.get(why, 0) + 1
        names = self._names.setdefault(why, [])
        if len(names) < NAMES_SHOWN:
            names.append(shown(name))

    def sentences(self) -> tuple[str, ...]:
        """One for each reason: "5 files were left out (damaged): a.png, b.png and 3 more."."""
        return tuple(
            f"{'1 file was' if count == 1 else f'{count:,} files were'} left out ({why}): "
            f"{self._list(why)}."
            for why, count in self._counts.items()
        )

    def _list(self, why: str) -> str:
        names, more = self._names[why], self._counts[why] - len(self._names[why])
        return ", ".join(names) + (f" and {more:,} more" if more else "")


def shown(name: str) -> str:
    """An untrusted name on one line, without unprintable characters; only the end of a long one."""
    # C: control, formatting (may reverse the text's direction), surrogates; Zl, Zp: line breaks.
    plain = "".join(
        c for c in name if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029"
    ).strip()
    if len(plain) > NAME_LENGTH:
        plain = "…" + plain[1 - NAME_LENGTH :]
    return plain or "(no name)"
