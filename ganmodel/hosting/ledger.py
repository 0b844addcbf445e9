"""How many bytes uploads take; a file counts from before it is received.

Counted in memory, so that adding one to thousands of files costs nothing; the disk is read once.
`quotas` decides how many bytes they may take; the page decides where they are stored.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ganmodel.hosting.sizes import size_and_count


@dataclass
class Entry:
    """One upload, complete or still being received."""

    bytes: int = 0  # including those still to be received
    files: int = 0
    coming: int = 0  # files being received
    address: str = ""  # of the sender; "" if an earlier page received it
    since: float = 0.0  # by the monotonic clock
    removed: bool = False  # while one of its files was being received


class Ledger:
    """The uploads below a folder, as `OWNER/UPLOAD/…`. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._entries: dict[Path, Entry] | None = None

    def entry(self, upload: Path) -> Entry:
        """The entry of an upload; an empty one for an upload that has not begun."""
        with self._lock:
            return self._known().get(upload, Entry())

    def held(self, owner: str | None = None) -> int:
        """Bytes of one owner's uploads, or of all."""
        with self._lock:
            return sum(
                entry.bytes
                for upload, entry in self._known().items()
                if owner is None or upload.parent.name == owner
            )

    def held_from(self, address: str, seconds: float) -> int:
        """Bytes of an address's uploads that began within the last `seconds`."""
        with self._lock:
            after = time.monotonic() - seconds
            return sum(
                entry.bytes
                for entry in self._known().values()
                if entry.address == address and entry.since > after
            )

    def expect(self, upload: Path, size: int, address: str) -> None:
        """Counts a file that is about to be received."""
        with self._lock:
            entry = self._known().setdefault(upload, Entry(address=address, since=time.monotonic()))
            entry.bytes += size
            entry.files += 1
            entry.coming += 1

    def grow(self, upload: Path, size: int) -> None:
        """Corrects the expected size of a file that is being received by `size` bytes."""
        with self._lock:
            self._known()[upload].bytes += size

    def received(self, upload: Path, lost: int | None = None) -> None:
        """A file was received; or it failed, and the `lost` bytes counted for it are subtracted."""
        with self._lock:
            entry = self._known()[upload]
            entry.coming -= 1
            if lost is not None:
                entry.bytes -= lost
                entry.files -= 1
            if entry.removed and not entry.coming:
                entry.bytes, entry.files = size_and_count(upload)
            if not entry.files:
                del self._known()[upload]

    def forget(self, upload: Path) -> None:
        """Drops a removed upload; its files still being received count until they end."""
        with self._lock:
            entry = self._known().get(upload)
            if entry is not None and entry.coming:
                entry.removed = True
            elif entry is not None:
                del self._known()[upload]

    def _known(self) -> dict[Path, Entry]:
        if self._entries is None:
            self._entries = {}
            for upload in self.folder.glob("*/*"):
                size, count = size_and_count(upload)
                self._entries[upload] = Entry(size, count, since=time.monotonic())
        return self._entries
