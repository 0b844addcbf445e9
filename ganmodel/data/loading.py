"""The door to data: a name or a path in, one split as tensors out.

Only what is to be done in which order is decided here; each step is a module of its own.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ganmodel.data import own_images, stacked
from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.downloads import download
from ganmodel.data.readings import FIRST_EDITION, OWN, STRANGERS, Known
from ganmodel.data.refusals import shown
from ganmodel.data.sets import DATASETS, data_folder, is_here, where_to_put
from ganmodel.data.tensors import Data, DataError, Tell
from ganmodel.data.torchvision_sets import read_set

SIZES = (28, 32)


def missing_reason(name: str, data_dir: str | Path | None = None) -> str | None:
    """Why data cannot be used as this machine is, without a download, or None where it can be."""
    dataset, folder = DATASETS.get(name), data_folder(data_dir)
    if dataset is None:
        if "/" in name or "\\" in name or os.path.exists(name):
            return own_images.unusable_path(name)
        # A bare word is more likely a data set's name misspelt than a path.
        return (
            f"There is no data set named {shown(name)!r}, and no folder or archive; choose one of "
            f"{', '.join(DATASETS)}, or a path to images."
        )
    if is_here(dataset, folder):
        return None
    return f"{dataset.title} is not on this machine. {where_to_put(dataset, folder)}"


def load_data(
    name: str,
    data_dir: str | Path | None = None,
    *,
    train: bool = True,
    size: int = 32,
    with_classes: bool | None = False,
    tell: Tell | None = None,
    budget: Budget | None = None,
    trusted: bool = True,
    known: Known | None = None,
) -> Data:
    """A data set's training (or test) split; own images have one split, which is both.

    Args:
        name: one of DATASETS, or a path to a folder or archive of images.
        data_dir: where named data sets lie; see `data_folder`. One that is not there is downloaded.
        size: pixels a side for own images, 28 or 32; a named data set has its own.
        with_classes: for own images, whether the topmost folders are classes; else no labels. None:
            where every image lies in one of a few such folders.
        tell: hears what is being done; at most about 20 times a second.
        budget: what reading, or downloading, may cost; only what nobody has in earnest is refused
            if not given.
        trusted: whether own images are the asker's, on the asker's machine, and not a stranger's.
        known: what a run has kept of own images. They come as it read them, where it read them in
            another way than today's; if there is no such way, they are other data by now, and come
            as they do for everybody.

    Raises:
        DataError: unknown, not to be had, damaged, too few images, too many files, more than
            `budget` has, or no folder to unpack or download into.
    """
    tell, budget = tell or (lambda doing, done: None), budget or Budget()
    dataset, folder = DATASETS.get(name), data_folder(data_dir)
    if size not in SIZES:
        raise DataError(f"Images can be made 28 or 32 pixels a side, not {size!r}; choose one.")
    if dataset is None:
        if reason := missing_reason(name, data_dir):
            raise DataError(reason)
        return _own_images(name, size, with_classes, tell, budget, trusted, known or Known())
    if name == "stacked-mnist":
        digits = load_data("mnist", data_dir, train=train, tell=tell)
        tell("stacking digits", None)
        triples = stacked.stack(digits.images, digits.labels, dataset.counts[0 if train else 1])
        return replace(digits, name=name, images=triples[0], labels=triples[1],
                       classes=dataset.classes)  # fmt: skip
    if not is_here(dataset, folder):
        download(dataset, folder, tell, budget)
    tell(f"reading {dataset.title}", None)
    images, labels = read_set(name, folder, train)
    return Data(name, images, labels, dataset.classes)


def _own_images(
    name: str,
    size: int,
    with_classes: bool | None,
    tell: Tell,
    budget: Budget,
    trusted: bool,
    known: Known,
) -> Data:
    usual = OWN if trusted else STRANGERS
    found: Data | DataError | None = None
    for reading in (usual, FIRST_EDITION, STRANGERS):
        try:
            data = own_images.read_images(name, size, with_classes, tell, reading, budget)
        except BudgetError:
            raise
        except DataError as error:
            if known == Known():
                raise
            found = found or error
            continue
        if known.fits(data):
            return data
        found = found or data
    if isinstance(found, DataError):
        raise found
    return found
