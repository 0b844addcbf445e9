"""The files in a folder that may be images, and which names are worth a look at all.

Files are found and read here, one at a time and within bounds; decoding them is `pictures`'
business, and archives are `archives`'.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ganmodel.data import limits, refusals
from ganmodel.data.refusals import Refusals, shown
from ganmodel.data.tensors import DataError

# What lies beside images without being meant as one; left out without a word.
_BESIDE = {"thumbs.db", "desktop.ini", "icon\r", "license", "readme"}
_BESIDE_SUFFIXES = {
    ".txt", ".json", ".jsonl", ".csv", ".tsv", ".md", ".xml", ".html", ".yaml", ".yml", ".ini",
}  # fmt: skip


class Entry(NamedTuple):
    """One file that may be an image."""

    name: str  # its path inside the folder or archive, with / between the parts
    content: bytes
    done: float  # how much of the folder or archive has been looked at, 0 to 1


def is_beside(parts: tuple[str, ...]) -> bool:
    """Whether a path is hidden, a system's own, or a kind of text: never meant as an image."""
    name = parts[-1].lower()
    return (
        any(part.startswith(".") or part == "__MACOSX" for part in parts)
        or name in _BESIDE
        or os.path.splitext(name)[1] in _BESIDE_SUFFIXES
    )


def too_many_entries(path: Path) -> DataError:
    return DataError(
        f"{shown(str(path))} holds more than {limits.MOST_ENTRIES:,} files and folders: choose a "
        "smaller one."
    )


def folder_files(folder: Path, refused: Refusals) -> Iterator[Entry]:
    """Every file below `folder` that may be an image, by name; nothing outside it is read.

    Raises:
        DataError: the folder cannot be listed, or holds too many entries.
    """
    root = folder.resolve()
    names = sorted(_names(root, refused))
    for index, name in enumerate(names):
        try:
            about = (root / name).stat()
            if not stat.S_ISREG(about.st_mode):  # a pipe would be waited on for ever
                refused.add(name, refusals.NOT_A_FILE)
                continue
            if about.st_size > limits.MOST_FILE_BYTES:
                refused.add(name, refusals.TOO_LARGE)
                continue
            with open(root / name, "rb") as file:
                content = file.read(limits.MOST_FILE_BYTES)
        except OSError:
            refused.add(name, refusals.CANNOT_OPEN)
            continue
        yield Entry(name, content, (index + 1) / len(names))


def _names(root: Path, refused: Refusals) -> Iterator[str]:
    """Paths inside `root`; into folders, but never along a link to one, which may be a circle."""
    looked_at, waiting = 0, [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(root / inside) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise DataError(f"The folder {shown(str(root))} cannot be listed.") from error
            refused.add(inside, refusals.CANNOT_OPEN)
            continue
        for entry in entries:
            looked_at += 1
            if looked_at > limits.MOST_ENTRIES:
                raise too_many_entries(root)
            name = f"{inside}/{entry.name}" if inside else entry.name
            parts = tuple(name.split("/"))
            if is_beside(parts):
                continue
            if len(name) > limits.MOST_NAME:
                refused.add(name, refusals.NAME_TOO_LONG)
            elif len(parts) > limits.MOST_DEPTH:
                refused.add(name, refusals.TOO_DEEP)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(name)
            elif entry.is_symlink() and not _stays_inside(root, name):
                refused.add(name, refusals.LINK_OUT)
            else:
                yield name


def _stays_inside(root: Path, name: str) -> bool:
    """Whether a link leads to a file below `root`."""
    try:
        target = (root / name).resolve(strict=True)
    except (OSError, RuntimeError):  # leads to nothing, or in a circle
        return False
    return target.is_file() and target.is_relative_to(root)
