"""Sizes of folders, cached until something is written to them."""

from __future__ import annotations

import os
from pathlib import Path


class Sizes:
    """Bytes of runs' folders, cached until a run's status.json is written, which comes last."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[int, int]] = {}  # folder -> status.json's time, bytes

    def of(self, folder: Path) -> int:
        """Bytes below a run's folder."""
        try:
            written = (folder / "status.json").stat().st_mtime_ns
        except OSError:  # not begun: small, so quick to read
            return size_and_count(folder)[0]
        known = self._known.get(folder)
        if known is None or known[0] != written:
            known = self._known[folder] = written, size_and_count(folder)[0]
        return known[1]

    def forget(self, folder: Path) -> None:
        self._known.pop(folder, None)


def size_and_count(folder: Path) -> tuple[int, int]:
    """Bytes and number of files below a folder; files removed meanwhile do not count."""
    size = count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
            except OSError:
                continue
            count += 1
    return size, count
