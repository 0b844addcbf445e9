"""A folder of runs: their titles, and a trash from which they can be restored.

A run in the trash is a folder that no listing shows; nothing in it is changed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from pathlib import Path

from ganmodel.files import age, move, reason, remove, write_bytes
from ganmodel.runs.folder import LIVE_STATES, Run, RunError
from ganmodel.runs.sources import TRASH

LONGEST_TITLE = 60
KEPT_SECONDS = 7 * 24 * 3600.0
KEPT_RUNS = 20  # of each owner


def rename_run(run: Run, title: str) -> None:
    """Gives a run another title; an empty one restores the default.

    Raises:
        RunError: not one line of at most 60 printable characters, or it cannot be written.
    """
    title = title.strip() if isinstance(title, str) else None
    if title is None or len(title) > LONGEST_TITLE or not title.isprintable():
        raise RunError("run-name", longest_title=LONGEST_TITLE)
    try:
        if title:
            write_bytes(run.path("title"), title.encode())
        else:
            remove(run.path("title"))
    except OSError as error:
        raise RunError("run-not-renamed", reason=reason(error)) from error


def trash_run(run: Run) -> None:
    """Moves a run that has ended to the trash.

    Raises:
        RunError: it still trains, or cannot be moved.
    """
    if run.state() in LIVE_STATES:
        raise RunError("run-still-training", title=run.title())
    trash = run.folder.parent / TRASH
    try:
        trash.mkdir(exist_ok=True)
        move(run.folder, trash / run.name)
        os.utime(trash / run.name)  # its time in the trash counts from now
    except OSError as error:
        raise RunError("run-not-deleted", reason=reason(error)) from error
    empty_trash(run.folder.parent)


def restore_run(runs: Path, name: str) -> Run:
    """Restores a run from the trash.

    Raises:
        RunError: it is not there any more, or another of its name has come meanwhile.
    """
    run = Run(runs / name)
    if run.folder.exists():
        raise RunError("run-of-that-name")
    try:
        move(runs / TRASH / name, run.folder)
    except FileNotFoundError:
        raise RunError("gone") from None
    except OSError as error:
        raise RunError("run-not-restored", reason=reason(error)) from error
    return run


def list_trash(runs: Path) -> list[Run]:
    """The runs in the trash, the last trashed first."""
    found = []
    for path in _entries(runs / TRASH):
        with contextlib.suppress(OSError):  # it went meanwhile
            found.append((path.stat().st_mtime, path))
    return [Run(path) for _, path in sorted(found, reverse=True)]


def empty_trash(runs: Path, *, older_than: float = KEPT_SECONDS, most: int = KEPT_RUNS) -> None:
    """Removes for good what is in the trash for `older_than` seconds, and all but each owner's
    newest `most`."""
    counts: Counter[str | None] = Counter()
    for run in list_trash(runs):
        counts[owner := run.owner()] += 1
        with contextlib.suppress(OSError):
            if counts[owner] > most or age(run.folder) > older_than:
                shutil.rmtree(run.folder)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
