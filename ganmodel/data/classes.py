"""Derives each picture's class from its folder, and the names of the classes.

Paths are handled as text, alike for folders and archives; no file is read here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from ganmodel.data.refusals import NAME_LENGTH, shown

# Names of folders that split data for training and testing; the class folders are inside each.
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}

Parts = tuple[str, ...]


def class_folders(names: Iterable[str], *, first_edition: bool = False) -> dict[str, str]:
    """Maps each picture that lies in a class folder to that folder's name.

    Class folders are the topmost folders, below any folders that wrap everything (pictures beside
    those are ignored) and below `_SPLITS`, each of which holds the same classes.
    """
    parts = {name: tuple(name.split("/")) for name in names}
    depth = _wrapping_folders(parts.values(), stray=not first_edition)
    if not first_edition and _is_split(parts.values(), depth):
        depth += 1
    return {name: p[depth] for name, p in parts.items() if len(p) > depth + 1}


def in_order(folders: Iterable[str], *, first_edition: bool = False) -> list[str]:
    """Class folders in natural order: 1, 2, 10 rather than 1, 10, 2."""
    return sorted(folders) if first_edition else sorted(folders, key=_natural)


def class_names(folders: Sequence[str], *, first_edition: bool = False) -> tuple[str, ...]:
    """A unique display name for each class, shortened to `NAME_LENGTH`."""
    if first_edition:
        return tuple(map(shown, folders))
    whole = [unicodedata.normalize("NFC", folder) for folder in folders]  # the form keyboards type
    ends = Counter(map(shown, whole))
    names: list[str] = []
    for folder in whole:
        name = shown(folder)
        if ends[name] > 1 and len(folder) > NAME_LENGTH:  # their beginnings may differ
            name = shown(folder[: NAME_LENGTH - 1]) + "…"
        names.append(_another(name, names))
    return tuple(names)


def _another(name: str, taken: Sequence[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found


def _wrapping_folders(paths: Iterable[Parts], *, stray: bool) -> int:
    """How many nested folders wrap everything; an archive often has one.

    With `stray`, pictures beside such a folder are ignored if it contains folders.
    """
    paths, depth = list(paths), 0
    while len({p[depth] for p in paths if len(p) > depth + 1}) == 1:
        deeper = any(len(p) > depth + 2 for p in paths)
        if any(len(p) <= depth + 1 for p in paths) and not (stray and deeper):
            break
        depth += 1
    return depth


def _is_split(paths: Iterable[Parts], depth: int) -> bool:
    """Whether the folders at `depth` are all `_SPLITS` and one of them holds several folders."""
    inside: dict[str, set[str]] = {}
    for p in paths:
        if len(p) > depth + 1:
            inside.setdefault(p[depth], set()).update(p[depth + 1 : -1][:1])
    return (
        len(inside) > 1
        and all(folder.lower() in _SPLITS for folder in inside)
        and max(map(len, inside.values())) > 1
    )


def _natural(name: str) -> tuple[list[str | int], str]:
    """A sort key that compares digits inside names as numbers."""
    # Text and digits alternate, so that text is compared with text only and numbers with numbers.
    parts = re.split("([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name
