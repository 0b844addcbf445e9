"""Lists and reads the files in a folder that may be images, one at a time and within `limits`.

Also decides by name which files are never meant as images. `pictures` decodes files, `archives`
reads archives.
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
from ganmodel.words import Message

# Files that accompany images; skipped without being reported.
_BESIDE = {"thumbs.db", "desktop.ini", "icon\r", "license", "readme"}
_BESIDE_SUFFIXES = {
    ".txt", ".json", ".jsonl", ".csv", ".tsv", ".md", ".xml", ".html", ".yaml", ".yml", ".ini",
}  # fmt: skip
# Folders that operating systems, network drives and programs create: thumbnails, trash, caches.
# Names that begin with a dot are skipped anyway.
_SYSTEMS = {
    "__macosx", "__pycache__", "$recycle.bin", "recycler", "recycled", "system volume information",
    "lost+found", "@eadir", "#recycle", "@recycle", "@tmp", "#snapshot", "@recently-snapshot",
    "network trash folder", "temporary items",
}  # fmt: skip
_SIDECARS = {".xmp", ".aae", ".thm", ".db"}  # of cameras, phones and picture managers

# Given all names found, returns those to read.
Choose = Callable[[list[str]], Container[str]]


class Entry(NamedTuple):
    """One file that may be an image."""

    name: str  # its path inside the folder or archive, with / between the parts
    content: bytes
    done: float  # fraction of the folder or archive processed, 0 to 1


def is_beside(parts: tuple[str, ...], reading: Reading) -> bool:
    """Whether a path is hidden, a system file, a sidecar or text: never meant as an image."""
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
    return DataError("too-many-entries", path=shown(str(path)), most_entries=reading.most_entries)


def folder_files(
    folder: Path, refused: Refusals, reading: Reading, choose: Choose
) -> Iterator[Entry]:
    """Yields each file below `folder` that may be an image and that `choose` selects, by name.

    The whole folder is listed before the first file is read. Links out of it are followed only if
    `reading.follows_links`.

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
            if not stat.S_ISREG(about.st_mode):  # reading a pipe would block for ever
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
    """Yields the paths of files inside `root`; never follows a link to one of its own parents."""
    looked_at, waiting = 0, [("", (_identity(root),))]
    while waiting:
        inside, above = waiting.pop()
        try:
            with os.scandir(root / inside) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise DataError("folder-not-listed", path=shown(str(root))) from error
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
    except OSError:  # a cycle of links
        return False


def _identity(folder: Path) -> tuple[int, int]:
    """(device, inode): equal for all paths to the same folder."""
    try:
        about = os.stat(folder)
        return about.st_dev, about.st_ino
    except OSError:  # removed meanwhile; listing it fails, too, and is reported
        return -1, -1


def _bad_link(root: Path, name: str, reading: Reading) -> Message | None:
    """Why a link to anything but a folder is not followed; None if it is."""
    if reading.follows_links:
        return None if os.path.exists(root / name) else refusals.LINK_TO_NOTHING
    try:
        target = (root / name).resolve(strict=True)
    except (OSError, RuntimeError):  # broken, or a cycle
        return refusals.LINK_OUT
    inside = target.is_file() and target.is_relative_to(root)
    return None if inside else refusals.LINK_OUT
