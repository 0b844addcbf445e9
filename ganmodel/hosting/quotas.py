"""How much of the disk visitors' runs may take, and which of them go to make room.

Only for pages that have such limits. The oldest that have ended go first; nothing that trains, or
waits for its turn, is ever touched.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ganmodel import texts
from ganmodel.hosting.limits import Limits
from ganmodel.runs import Run, RunError, empty_trash, list_runs


def make_room(runs: Path, owner: str, limits: Limits, lives: Callable[[Run], bool]) -> list[str]:
    """Removes old runs until the visitor may have one more; their titles.

    Raises:
        RunError: what is left is training or waiting still.
    """
    removed: list[str] = []
    for found, most, most_bytes in (
        (lambda: list_runs(runs, owner), limits.runs_each, limits.bytes_each),
        (lambda: list_runs(runs), limits.runs_in_all, limits.bytes_in_all),
    ):
        if most is None and most_bytes is None:
            continue
        kept = [(run, size_of(run.folder)) for run in found()]
        while _too_many(len(kept), most) or _too_many(sum(size for _, size in kept), most_bytes):
            if not removed:
                empty_trash(runs, older_than=0, most=0)
            oldest = next((pair for pair in reversed(kept) if not lives(pair[0])), None)
            if oldest is None:
                raise RunError(texts.NO_DISK_LEFT)
            removed.append(oldest[0].title())
            shutil.rmtree(oldest[0].folder, ignore_errors=True)
            kept.remove(oldest)
    return removed


def _too_many(have: int, most: int | None) -> bool:
    """Whether one more would be too many; of bytes, whether there are as many as may be."""
    return most is not None and have >= most


def size_of(folder: Path) -> int:
    """Bytes below a folder; what goes meanwhile does not count."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
            except OSError:
                continue
    return total
