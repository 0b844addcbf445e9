"""Which pictures of an upload its owner left out, in small files beside them.

One file is today's choice, and changes with it. A run names a copy that never changes, so that it
gets the same pictures again whatever is chosen later. Pictures are told by a digest of their name:
two with the same pixels stay two, and a file's size is bounded whatever the names.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from ganmodel.data.received import is_received
from ganmodel.data.tensors import DataError
from ganmodel.files import write_json

# They begin with a dot, so that they are never taken for pictures.
_TODAYS = ".left-out.json"
_COPY = re.compile(r"\.left-out-([0-9a-f]{16})\.json")


def digest(name: str) -> str:
    """16 hex digits for a picture's name, which may hold what no encoding has."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def left_out_today(folder: Path) -> frozenset[str]:
    """The digests of the pictures that are left out now; a `DataError` if they cannot be read."""
    path = folder / _TODAYS
    return _read(path) if path.exists() else frozenset()


def leave_out(folder: Path, digests: Iterable[str]) -> None:
    """Makes these the pictures that are left out now.

    Raises:
        OSError: the folder cannot be written.
    """
    write_json(folder / _TODAYS, sorted(digests))


def copy_for_run(folder: Path) -> str:
    """The id of an unchanging copy of today's choice; "" where nothing is left out.

    Raises:
        DataError, OSError: it cannot be read or written.
    """
    digests = sorted(left_out_today(folder))
    if not digests:
        return ""
    name = hashlib.blake2b(json.dumps(digests).encode(), digest_size=8).hexdigest()
    copy = copy_of(folder, name)
    if not copy.exists():
        write_json(copy, digests)
    return name


def copy_of(folder: Path, name: str) -> Path:
    """The file of a copy, as `load_data` takes it, whether or not it exists."""
    return folder / f".left-out-{name}.json"


def copies_in(folder: Path) -> dict[str, Path]:
    """The copies in an upload by their id."""
    found = {path: _COPY.fullmatch(path.name) for path in folder.glob(".left-out-*.json")}
    return {match[1]: path for path, match in found.items() if match}


def is_copy(path: str | Path) -> bool:
    """Whether a path is such a copy in a folder of uploaded files."""
    folder, name = os.path.split(path)
    return _COPY.fullmatch(name) is not None and os.path.isfile(path) and is_received(folder)


def content_and_left_out(path: Path) -> tuple[Path, frozenset[str]]:
    """Where the pictures lie that `load_data` reads by a path, and which of them it leaves out."""
    return (path.parent, _read(path)) if is_copy(path) else (path, frozenset())


def _read(path: Path) -> frozenset[str]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError("left-out-unreadable", name=path.name) from error
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise DataError("left-out-unreadable", name=path.name)
    return frozenset(found)
