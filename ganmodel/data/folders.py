"""The files in a folder that may be images, and which names are worth a look at all.

Files are found and read here, one at a time and within bounds; decoding them is `pictures`'
business, and archives are `archives`'.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import NamedTuple

from ganmodel.data import limits, refusals
from ganmodel.data.readings import Reading
from ganmodel.data.refusals import Refusals, shown
from ganmodel.data.tensors import DataError

# What lies beside images without being meant as one; left out without a word.
_BESIDE = {"thumbs.db", "desktop.ini", "icon\r", "license", "readme"}
_BESIDE_SUFFIXES = {
    ".txt", ".json", ".jsonl", ".csv", ".tsv", ".md", ".xml", ".html", ".yaml", ".yml", ".ini",
}  # fmt: skip
# Folders that systems, network drives and programs put beside people's own: thumbnails, trash,
# caches. Those whose names begin with a dot need no mention.
_SYSTEMS = {
    "__macosx", "__pycache__", "$recycle.bin", "recycler", "recycled", "system volume information",
    "lost+found", "@eadir", "#recycle", "@recycle", "@tmp", "#snapshot", "@recently-snapshot",
    "network trash folder", "temporary items",
}  # fmt: skip
_SIDECARS = {".xmp", ".aae", ".thm", ".db"}  # of cameras, phones and picture managers

# Takes all names that were found; gives back those that are to be read.
Choose = Callable[[list[str]], Container[str]]


class Entry(NamedTuple):
    """One file that may be an image."""

    name: str  # its path inside the folder or archive, with / between the parts
    content: bytes
    done: float  # how much of the folder or archive has been looked at, 0 to 1


def is_beside(parts: tuple[str, ...], reading: Reading) -> bool:
    """Whether a path is hidden, a system's own, or a kind of text: never meant as an image."""
    name = parts[-1].lower()
    ending = os.path.splitext(name)[1]
    if (
        any(part.startswith(".") or part == "__MACOSX" for part in parts)
        or name in _BESIDE
        or ending in _BESIDE_SUFFIXES
    ):
        return True
    if reading.first:
        return False
    return ending in _SIDECARS or any(part.lower() in _SYSTEMS for part in parts)


def too_many_entries(path: Path, reading: Reading) -> DataError:
    return DataError(
        f"{shown(str(path))} holds more than {reading.most_entries:,} files and folders: choose a "
        "smaller one."
    )


def folder_files(
    folder: Path, refused: Refusals, reading: Reading, choose: Choose
) -> Iterator[Entry]:
    """Every file below `folder` that may be an image and is chosen, by name.

    The whole folder is listed before the first file is read. Links lead out of it only where
    `reading` follows them.

    Raises:
        DataError: the folder cannot be listed, or holds too many entries.
    """
    root = folder.resolve()
    names = sorted(_names(root, refused, reading))
    chosen = choose(names)
    names = [name for name in names if name in chosen]
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


def _names(root: Path, refused: Refusals, reading: Reading) -> Iterator[str]:
    """Paths inside `root`; never into a folder that one is inside of already, by a link."""
    looked_at, waiting = 0, [("", (_identity(root),))]
    while waiting:
        inside, above = waiting.pop()
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
            if looked_at > reading.most_entries:
                raise too_many_entries(root, reading)
            if is_beside((entry.name,), reading):
                continue
            name = f"{inside}/{entry.name}" if inside else entry.name
            if len(name) > limits.MOST_NAME:
                refused.add(name, refusals.NAME_TOO_LONG)
            elif name.count("/") >= limits.MOST_DEPTH:
                refused.add(name, refusals.TOO_DEEP)
            elif _is_folder(entry, reading):
                identity = _identity(root / name)
                if identity in above:
                    refused.add(name, refusals.LINK_AROUND)
                else:
                    waiting.append((name, (*above, identity)))
            elif entry.is_symlink() and (why := _bad_link(root, name, reading)):
                refused.add(name, why)
            else:
                yield name


def _is_folder(entry: os.DirEntry[str], reading: Reading) -> bool:
    try:
        return entry.is_dir(follow_symlinks=reading.follows_links)
    except OSError:  # a link in a circle of links
        return False


def _identity(folder: Path) -> tuple[int, int]:
    """The same for a folder whichever way one comes to it."""
    try:
        about = os.stat(folder)
        return about.st_dev, about.st_ino
    except OSError:  # gone just now, which listing it will find, too
        return -1, -1


def _bad_link(root: Path, name: str, reading: Reading) -> str | None:
    """Why a link that is no folder's is not followed; None where it is."""
    if reading.follows_links:
        return None if os.path.exists(root / name) else refusals.LINK_TO_NOTHING
    try:
        target = (root / name).resolve(strict=True)
    except (OSError, RuntimeError):  # leads to nothing, or in a circle
        return refusals.LINK_OUT
    inside = target.is_file() and target.is_relative_to(root)
    return None if inside else refusals.LINK_OUT
