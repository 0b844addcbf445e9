"""`load_data`: loads one split of a named data set, or a path's images, as tensors.

Only the order of the steps is decided here; each step is a module of its own.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ganmodel.config import SIZES
from ganmodel.data import own_images, stacked
from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.downloads import download
from ganmodel.data.fits import CROP, FITS
from ganmodel.data.readings import FIRST_EDITION, OWN, STRANGERS, Known
from ganmodel.data.refusals import shown
from ganmodel.data.sets import DATASETS, data_folder, is_here, where_to_put
from ganmodel.data.tensors import Data, DataError, Tell, check_tensors
from ganmodel.data.torchvision_sets import read_set
from ganmodel.words import message


def missing_reason(name: str, data_dir: str | Path | None = None) -> DataError | None:
    """Why data cannot be loaded on this machine without a download; None if it can."""
    dataset, folder = DATASETS.get(name), data_folder(data_dir)
    if dataset is None:
        if "/" in name or "\\" in name or os.path.exists(name):
            return own_images.unusable_path(name)
        # A bare word is more likely a misspelt data set name than a path.
        return DataError("no-data-of-that-name", name=f"{shown(name)!r}", names=[*DATASETS])
    if is_here(dataset, folder):
        return None
    where = where_to_put(dataset, folder)
    return DataError("data-set-not-here", title=dataset.title, where=where)


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
    fit: str = CROP,
) -> Data:
    """The training (or test) split of a data set; own images have one split that serves as both.

    Args:
        name: one of DATASETS, or a path to a folder or archive of images.
        data_dir: the folder of named data sets, see `data_folder`; missing ones are downloaded.
        size: pixels a side for own images, one of `config.SIZES`; a named data set has its own.
        with_classes: for own images, whether the topmost folders are classes; if not, there are no
            labels. None: only if every image lies in one of a few such folders.
        tell: called with the current step and progress, at most about 20 times a second.
        budget: the time and pixels that reading or downloading may take; by default only sizes
            beyond any realistic data set are refused.
        trusted: whether own images belong to the user of this machine, rather than being uploads.
        known: the fingerprint or classes that a run recorded of own images. If today's way of
            reading gives other data, the ways of earlier editions are tried too, and the first
            result that matches is returned; if none matches, the data has changed, and today's
            reading is returned.
        fit: how own images become squares, one of `FITS`; those of named data sets are squares.

    Raises:
        DataError: unknown, not available, damaged, too few images, too many files, more than
            `budget` allows, or no folder to unpack or download into.
    """
    tell, budget = tell or (lambda doing, done: None), budget or Budget()
    dataset, folder = DATASETS.get(name), data_folder(data_dir)
    check_size(size)
    if fit not in FITS:
        raise DataError("image-fit", fit=f"{fit!r:.60}")
    if dataset is None:
        if missing := missing_reason(name, data_dir):
            raise missing
        return _own_images(name, size, with_classes, tell, budget, trusted, known or Known(), fit)
    if name == "stacked-mnist":
        digits = load_data("mnist", data_dir, train=train, tell=tell)
        tell(message("data.stacking"), None)
        triples = stacked.stack(digits.images, digits.labels, dataset.counts[0 if train else 1])
        return replace(digits, name=name, images=triples[0], labels=triples[1],
                       classes=dataset.classes)  # fmt: skip
    if not is_here(dataset, folder):
        download(dataset, folder, tell, budget)
    tell(message("data.reading", title=dataset.title), None)
    if dataset.read is not None:
        images, labels = dataset.read(folder, train)
        found = Data(name, images, labels, dataset.classes)
        check_tensors(found, dataset.channels, dataset.size)
        return found
    images, labels = read_set(name, folder, train)
    return Data(name, images, labels, dataset.classes)


def check_size(size: int) -> None:
    """Raises a `DataError` unless there are networks for pictures of so many pixels a side."""
    if size not in SIZES:
        sizes = message("joins.or", names=[*SIZES[:-1]], last=SIZES[-1])
        raise DataError("image-size", sizes=sizes, size=f"{size!r}")


def _own_images(
    name: str,
    size: int,
    with_classes: bool | None,
    tell: Tell,
    budget: Budget,
    trusted: bool,
    known: Known,
    fit: str,
) -> Data:
    usual = OWN if trusted else STRANGERS
    found: Data | DataError | None = None
    for reading in (usual, FIRST_EDITION, STRANGERS):
        try:
            data = own_images.read_images(name, size, with_classes, tell, reading, budget, fit=fit)
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
