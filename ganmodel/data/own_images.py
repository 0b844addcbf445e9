"""Builds a data set from a folder or archive of a user's own images.

Selects and orders the images and assigns classes. `folders`, `archives` and `received` find and
read the files, `pictures` decodes them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganmodel.data import limits, refusals
from ganmodel.data.archives import SUFFIXES, archive_members, is_archive
from ganmodel.data.budget import Budget
from ganmodel.data.classes import class_folders, class_names, in_order
from ganmodel.data.fits import CROP, FITS
from ganmodel.data.folders import Choose, Entry, folder_files
from ganmodel.data.pictures import Picture, RefusedPictureError, decoded
from ganmodel.data.readings import OWN, STRANGERS, Reading
from ganmodel.data.received import in_owners_words, is_received, received_files
from ganmodel.data.refusals import Refusals, shown
from ganmodel.data.selections import content_and_left_out, digest, is_copy
from ganmodel.data.tensors import Data, DataError, Source, Tell
from ganmodel.data.thinning import thinned
from ganmodel.words import Message, message

_SECONDS_BETWEEN_REPORTS = 0.05


def unusable_path(name: str) -> DataError | None:
    """Why a path cannot hold images, or None if it may; does not look inside it."""
    # os.path's tests accept any string, even one that is too long or contains NUL.
    path = os.path.expanduser(name)
    if os.path.isdir(path) or (os.path.isfile(path) and is_archive(path)) or is_copy(path):
        return None
    if os.path.exists(path):
        endings = message("joins.or", names=[*SUFFIXES[:-1]], last=SUFFIXES[-1])
        return DataError("no-folder-nor-archive", name=shown(name), endings=endings)
    return DataError("no-such-path", name=shown(name))


def read_images(
    name: str,
    size: int,
    with_classes: bool | None,
    tell: Tell,
    reading: Reading = OWN,
    budget: Budget | None = None,
    fit: str = CROP,
) -> Data:
    """The images of a folder or archive, sorted by their names.

    `with_classes` None: with classes if every image lies in one of a few class folders. `fit`: how
    they become squares, see `fits`.

    Raises:
        DataError: too few usable images or classes, a limit exceeded, damaged, or more than
            `budget` has left.
    """
    path, left_out = content_and_left_out(Path(os.path.expanduser(name)))
    way = _Way(size, fit, left_out, reading, budget or Budget(), tell)
    try:
        return _read(name, path, with_classes, way)
    except DataError as error:
        if not is_received(path):
            raise
        raise type(error)(error.code, **in_owners_words(error.values, path)) from None


def in_every_fit(
    path: Path, picture: str, size: int, *, budget: Budget, trusted: bool
) -> dict[str, Tensor]:
    """One picture of a folder or archive as each fit makes it: uint8 (1 or 3, size, size).

    Raises:
        DataError: it cannot be found or read, or more than `budget` has left.
    """
    reading = OWN if trusted else STRANGERS
    for entry in _entries(path, Refusals(), reading, budget, lambda names: {picture}):
        if entry.name == picture:
            try:
                found = {fit: decoded(entry.content, size, reading, budget, fit) for fit in FITS}
            except RefusedPictureError as error:
                raise DataError("picture-refused", name=shown(picture), why=error.why) from error
            return {fit: torch.from_numpy(one.pixels) for fit, one in found.items()}
    raise DataError("picture-gone", name=shown(picture))


class _Way(NamedTuple):
    """How a folder or archive is read."""

    size: int
    fit: str
    left_out: frozenset[str]  # digests of names
    reading: Reading
    budget: Budget
    tell: Tell


def _read(name: str, path: Path, with_classes: bool | None, way: _Way) -> Data:
    refused = Refusals()
    pictures, notes = _read_all(path, refused, way)
    _require_enough(path, len(pictures), refused)
    labels, classes = None, ()
    if with_classes is None:
        with_classes = _is_in_classes(pictures, way.reading)
    if with_classes:
        pictures, labels, classes = _sorted_into_classes(path, pictures, refused, way.reading)
        _require_enough(path, len(pictures), refused)
    names = sorted(pictures)
    images = _as_one(pictures, names, way.size)
    if labels is not None:
        labels = torch.tensor([labels[picture] for picture in names])
    notes = (*notes, *refused.notes(), *note_on_copies(len(copies(images)), len(images)))
    sources = tuple(Source(picture, pictures[picture].ratio) for picture in names)
    return Data(name, images, labels, classes, notes, sources)


def _read_all(
    path: Path, refused: Refusals, way: _Way
) -> tuple[dict[str, Picture], tuple[Message, ...]]:
    """Each usable picture by its name; and a note if only a sample."""
    pictures: dict[str, Picture] = {}
    notes: tuple[Message, ...] = ()
    doing = message("data.reading-images")
    told = -_SECONDS_BETWEEN_REPORTS

    def choose(names: list[str]) -> set[str]:
        nonlocal notes, doing
        chosen, notes = thinned(names, refused)
        if notes:  # reported before the first picture is read, too
            doing = message("data.reading-sample", used=len(chosen), images=len(names))
        for name in sorted(chosen) if way.left_out else ():
            if digest(name) in way.left_out:
                chosen.remove(name)
                refused.add(name, refusals.BY_HAND)
        return chosen

    for entry in _entries(path, refused, way.reading, way.budget, choose):
        way.budget.check()
        if time.monotonic() - told >= _SECONDS_BETWEEN_REPORTS:
            told = time.monotonic()
            way.tell(doing, entry.done)
        if entry.name in pictures:
            refused.add(entry.name, refusals.NAMED_TWICE)
            continue
        try:
            pictures[entry.name] = decoded(
                entry.content, way.size, way.reading, way.budget, way.fit
            )
        except RefusedPictureError as error:
            refused.add(entry.name, error.why)
    way.tell(doing, 1.0)
    return pictures, notes


def _entries(
    path: Path, refused: Refusals, reading: Reading, budget: Budget, choose: Choose
) -> Iterator[Entry]:
    if is_received(path):
        return received_files(path, refused, reading, budget, choose)
    if path.is_dir():
        return folder_files(path, refused, reading, choose)
    return archive_members(path, refused, reading, budget, choose)


def _require_enough(path: Path, count: int, refused: Refusals) -> None:
    if count >= limits.LEAST_IMAGES:
        return
    facts: dict[str, Any] = {"path": shown(str(path)), "least": limits.LEAST_IMAGES}
    few = message("data.few-usable-images", count=count, **facts)
    found = few if count else message("data.no-usable-image", **facts)
    for note in refused.notes():
        found = message("joins.two-sentences", first=found, second=note)
    raise DataError("too-few-images", found=found)


def _is_in_classes(pictures: dict[str, Picture], reading: Reading) -> bool:
    """Whether the folders are probably meant as classes: they hold every picture and are few."""
    class_of = class_folders(pictures, first_edition=reading.first)
    return len(class_of) == len(pictures) and 2 <= len({*class_of.values()}) <= limits.FEW_CLASSES


def _sorted_into_classes(
    path: Path, pictures: dict[str, Picture], refused: Refusals, reading: Reading
) -> tuple[dict[str, Picture], dict[str, int], tuple[str, ...]]:
    """The pictures that lie in a class folder, the class of each, and the classes' names."""
    class_of = class_folders(pictures, first_edition=reading.first)
    for name in sorted(pictures.keys() - class_of.keys()):
        refused.add(name, refusals.NO_CLASS)
    folders = in_order(set(class_of.values()), first_edition=reading.first)
    if not 2 <= len(folders) <= limits.MOST_CLASSES:
        raise DataError(
            "folders-of-classes",
            path=shown(str(path)),
            count=len(folders),
            most_classes=limits.MOST_CLASSES,
        )
    number = {folder: index for index, folder in enumerate(folders)}
    labels = {name: number[folder] for name, folder in class_of.items()}
    names = class_names(folders, first_edition=reading.first)
    return {name: pictures[name] for name in labels}, labels, names


def _as_one(pictures: dict[str, Picture], names: list[str], size: int) -> Tensor:
    """uint8 (N, C, size, size): C = 1 if every picture is grey, else 3, with grey ones repeated."""
    channels = max(picture.pixels.shape[0] for picture in pictures.values())
    images = torch.empty((len(names), channels, size, size), dtype=torch.uint8)
    for index, name in enumerate(names):
        images[index] = torch.from_numpy(pictures[name].pixels)
    return images


def copies(images: Tensor) -> tuple[int, ...]:
    """Indices of the images whose pixels an earlier one has already; uint8 (N, C, S, S)."""
    seen: set[bytes] = set()
    found = []
    for index, image in enumerate(images.numpy()):
        digest_of_pixels = hashlib.blake2b(image, digest_size=16).digest()
        if digest_of_pixels in seen:
            found.append(index)
        seen.add(digest_of_pixels)
    return tuple(found)


def note_on_copies(count: int, images: int) -> tuple[Message, ...]:
    return (message("data.copies", count=count, images=images),) if count else ()
