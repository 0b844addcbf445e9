"""A folder of uploaded files: each is stored under a generated name, and an index file beside them
keeps the owner's name for it as text.

So no user-supplied name is ever used as a file name: names that differ stay two files on every
system, whatever their characters, case or length. Limits on uploads are set elsewhere; `own_images`
reads the pictures.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganmodel.data import refusals
from ganmodel.data.archives import archive_members, is_archive, wanted_name
from ganmodel.data.budget import Budget
from ganmodel.data.folders import Choose, Entry
from ganmodel.data.readings import Reading
from ganmodel.data.refusals import Refusals, shown
from ganmodel.words import say, with_texts

INDEX = "index.jsonl"  # one line for each file, in order of arrival
_MADE = re.compile(r"[0-9a-f]{16}")


def keep_received(folder: Path, part: Path, name: str) -> None:
    """Moves the completely received file `part` into `folder` and records its owner's `name`.

    Raises:
        OSError: the folder cannot be written; the file is then removed.
    """
    made = folder / secrets.token_hex(8)
    os.replace(part, made)
    # The leading newline separates it from a line that a full disk truncated.
    line = f"\n{json.dumps({'file': made.name, 'name': name})}\n"
    try:
        with (folder / INDEX).open("ab") as index:
            index.write(line.encode())
    except OSError:
        made.unlink(missing_ok=True)
        raise


def is_received(path: str | Path) -> bool:
    """Whether a path is a folder of uploaded files."""
    return os.path.isfile(os.path.join(path, INDEX))


def holds_archive(folder: Path) -> bool | None:
    """Whether the upload is an archive rather than single pictures; None if it is still empty."""
    first = next(_lines(folder), None)
    return None if first is None else is_archive(first[1])


def stamp(path: Path) -> int:
    """Another number once a file was added to an upload; 0 where there is none."""
    with contextlib.suppress(OSError):
        return (path / INDEX if is_received(path) else path).stat().st_mtime_ns
    return 0


def title_of(folder: Path) -> str:
    """A title for the upload: the owner's name of the archive, or of the folder of all files."""
    names = [name for _, name in _lines(folder)]
    if names and is_archive(names[0]):
        return shown(names[0].rpartition("/")[2])
    folders = {name.strip("/").partition("/")[0] for name in names if "/" in name.strip("/")}
    loose = any("/" not in name.strip("/") for name in names)
    return shown(folders.pop()) if len(folders) == 1 and not loose else say("data.untitled")


def received_files(
    folder: Path, refused: Refusals, reading: Reading, budget: Budget, choose: Choose
) -> Iterator[Entry]:
    """Yields each file that may be an image and that `choose` selects, with its owner's name.

    Raises:
        DataError: as `archive_members` does.
    """
    listed = list(_lines(folder))
    if listed and is_archive(listed[0][1]):
        for _, name in listed[1:]:
            refused.add(name, refusals.BESIDE_ARCHIVE)
        yield from archive_members(folder / listed[0][0], refused, reading, budget, choose)
        return
    named = []
    for file, name in listed:
        try:
            size = (folder / file).stat().st_size
        except OSError:
            refused.add(name, refusals.CANNOT_OPEN)
            continue
        if (wanted := wanted_name(name, size, refused, reading)) is not None:
            named.append((file, wanted))
    chosen = choose([name for _, name in named])
    for index, (file, name) in enumerate(named):
        if name not in chosen:
            continue
        try:
            content = (folder / file).read_bytes()
        except OSError:
            refused.add(name, refusals.CANNOT_OPEN)
            continue
        yield Entry(name, content, (index + 1) / len(named))


def in_owners_words(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """An error's values with the upload's title in place of the generated names."""
    first = [str(folder / file) for file, _ in _lines(folder)][:1]  # the archive, if it is one
    title = title_of(folder)

    def renamed(text: str) -> str:
        for told in (*first, *map(shown, first), str(folder), shown(str(folder))):
            text = text.replace(told, title)
        return text

    return with_texts(values, renamed)


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields (generated name, owner's name) for each readable line of the index."""
    with contextlib.suppress(OSError), (folder / INDEX).open("rb") as index:
        for line in index:
            try:
                known = json.loads(line)
                file, name = known["file"], known["name"]
            except (ValueError, TypeError, KeyError):
                continue
            if isinstance(name, str) and isinstance(file, str) and _MADE.fullmatch(file):
                yield file, name
