"""How a folder or archive is read: whether its files are trusted, and by which edition's rules.

A run that began with an earlier edition must get identical data again, so every step asks its
`Reading` which rules apply. The rules themselves are in the modules of the steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganmodel.data import limits
from ganmodel.data.formats import VETTED, Format, formats
from ganmodel.data.tensors import Data, fingerprint


@dataclass(frozen=True)
class Reading:
    """`trusted`: files on the user's own machine; if not, uploads to a page.

    `first`: by the rules of the first edition: five formats, links only to files inside the folder,
    classes in alphabetical order, zip names as zipfile decodes them, and a picture with damaged
    EXIF refused.
    """

    trusted: bool = True
    first: bool = False

    @property
    def formats(self) -> tuple[Format, ...]:
        return VETTED if self.first else formats(self.trusted)

    @property
    def follows_links(self) -> bool:
        return self.trusted and not self.first

    @property
    def most_entries(self) -> int:
        return limits.MOST_ENTRIES if self.trusted else limits.MOST_ENTRIES_OF_STRANGERS

    @property
    def most_table_bytes(self) -> int:
        if self.trusted:
            return limits.MOST_ZIP_TABLE_BYTES
        return limits.MOST_ZIP_TABLE_BYTES_OF_STRANGERS


OWN = Reading()
STRANGERS = Reading(trusted=False)
FIRST_EDITION = Reading(first=True)


@dataclass(frozen=True)
class Known:
    """What a run or a weights file recorded of its training data; empty if nothing.

    `fingerprint` is the result of `tensors.fingerprint`; `classes` are class names by index.
    """

    fingerprint: str = ""
    classes: Sequence[str] = ()

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Known:
        """Reads both from the header of a weights file."""
        return cls(str(about.get("fingerprint", "")), tuple(map(str, about.get("classes") or ())))

    def fits(self, data: Data) -> bool:
        if self.fingerprint:
            return self.fingerprint == fingerprint(data)
        return not self.classes or tuple(self.classes) == data.classes
