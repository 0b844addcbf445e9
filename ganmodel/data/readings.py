"""In which way a folder or archive is read: whose it is, and as which edition of ganmodel read it.

A run that began with an earlier edition has to find the very same data again, so what changed since
then is asked for here; what differs in each step, that step knows.
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
    """`trusted`: one's own files, on one's own machine; else a stranger's, as a page receives them.

    `first`: as the first edition read: five formats, links only to files inside, classes in the
    order of their letters, a zip's names as zipfile takes them, a picture refused with its EXIF.
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
    """What a run, or its weights, kept of the data that it learned from; empty where nothing is.

    `fingerprint` is that function's; `classes` are the names, in the order of their numbers.
    """

    fingerprint: str = ""
    classes: Sequence[str] = ()

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Known:
        """What the header of a weights file says."""
        return cls(str(about.get("fingerprint", "")), tuple(map(str, about.get("classes") or ())))

    def fits(self, data: Data) -> bool:
        if self.fingerprint:
            return self.fingerprint == fingerprint(data)
        return not self.classes or tuple(self.classes) == data.classes
