"""A visitor's own pictures: where they are stored, how they are examined, when they are removed.

They arrive through `upload_route`. A run's config names the upload by an id; no visitor sees or
names its path. `data` reads the pictures, within bounds.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field

from ganmodel.data import Budget, DataError, is_received, load_data, shown, title_of
from ganmodel.files import age
from ganmodel.hosting import Ledger
from ganmodel.images import grid, png
from ganmodel.runs import (
    UPLOAD_ID,
    UPLOADS,
    RunError,
    content_of,
    list_runs,
    list_trash,
    named_upload,
    upload_folder,
    upload_of,
)
from ganmodel.ui.http.asks import Answer, Ask, Nothing
from ganmodel.ui.http.visitors import Visitor

MOST_UPLOADS = 4  # of one visitor, besides those that runs use
PREVIEWED = 36

UploadId = Annotated[str, Field(max_length=64)]


class Examine(Ask):
    """`size`: of the pictures as networks see them; `with_classes` as in `load_data`."""

    upload: UploadId
    size: int
    with_classes: bool | None = False


class Forget(Ask):
    upload: UploadId


class Examined(Answer):
    """What an upload holds.

    `classes`: their names; `notes`: what was left out and why; `preview`: some of the pictures
    exactly as the networks see them, as a data URL.
    """

    id: str
    name: str
    count: int
    size: int
    colour: bool
    conditional: bool
    classes: list[str]
    notes: list[str]
    preview: str


class Uploads:
    """The uploads of all visitors. Safe to use from several threads."""

    def __init__(
        self,
        runs: Path,
        seconds: int | None = None,
        pixels: int | None = None,
        *,
        trusted: bool = True,
    ) -> None:
        """`seconds` and `pixels` limit reading, see `data.Budget`; `trusted` as in `load_data`."""
        self.runs = runs
        self.ledger = Ledger(runs / UPLOADS)
        self._seconds, self._pixels, self._trusted = seconds, pixels, trusted

    def folder(self, visitor: Visitor, upload: str) -> Path:
        """The folder of a visitor's upload, whether or not it exists.

        Raises:
            RunError: an invalid upload id.
        """
        if not UPLOAD_ID.fullmatch(upload):
            raise RunError("no-such-upload")
        return upload_folder(self.runs, visitor.name, upload)

    def path_of(self, visitor: Visitor, upload: str) -> Path:
        """The uploaded data, as `load_data` takes it; a `RunError` where there is none."""
        content = content_of(self.folder(visitor, upload))
        if content is None:
            raise RunError("no-such-upload")
        return content

    def dataset(self, visitor: Visitor, upload: str) -> str:
        """The `dataset` of a run on an upload; a `RunError` where nothing was uploaded."""
        return named_upload(upload, _title(self.path_of(visitor, upload)))

    def examine(self, visitor: Visitor, ask: Examine) -> Examined:
        """Reads an upload as a run would, until the visitor asks anew or leaves.

        Raises:
            DataError, RunError: nothing usable was uploaded.
        """
        path = self.path_of(visitor, ask.upload)
        try:
            data = load_data(
                str(path),
                size=ask.size,
                with_classes=ask.with_classes,
                budget=Budget(self._seconds, self._pixels, visitor.gone),
                trusted=self._trusted,
            )
        except DataError as error:  # it names the file as the visitor knows it
            raise _without_path(error, path) from None
        step = max(1, len(data.images) // PREVIEWED)
        return Examined(
            id=ask.upload,
            name=_title(path),
            count=len(data.images),
            size=ask.size,
            colour=data.images.shape[1] == 3,
            conditional=bool(data.classes),
            classes=list(data.classes),
            notes=[named_without_path(note, path) for note in data.notes],
            preview=_data_url(data.images[::step][:PREVIEWED]),
        )

    def forget(self, visitor: Visitor, ask: Forget) -> Nothing:
        """Removes an upload, unless a run uses it."""
        folder = self.folder(visitor, ask.upload)
        if folder not in self._in_use():
            self._remove(folder)
        return Nothing()

    def make_room(self, visitor: Visitor) -> None:
        """Removes the visitor's oldest uploads that no run uses, so that one more fits."""
        used, own = self._in_use(), self.folder(visitor, "0" * 16).parent
        found: list[tuple[float, Path]] = []
        with contextlib.suppress(OSError):
            found = [(p.stat().st_mtime, p) for p in own.iterdir() if p not in used]
        for _, path in sorted(found)[: max(0, len(found) + 1 - MOST_UPLOADS)]:
            self._remove(path)

    def expire(self, seconds: float) -> None:
        """Removes all uploads older than `seconds` that no run uses."""
        used = self._in_use()
        for path in (self.runs / UPLOADS).glob("*/*"):
            with contextlib.suppress(OSError):
                if path not in used and age(path) > seconds:
                    self._remove(path)

    def _remove(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.ledger.forget(folder)

    def _in_use(self) -> set[Path]:
        """The uploads that runs use, those in the trash included: a run that is resumed or restored
        needs its pictures."""
        used = set()
        for run in (*list_runs(self.runs), *list_trash(self.runs)):
            with contextlib.suppress(RunError):
                if (upload := upload_of(run)) is not None:
                    used.add(upload)
        return used


def _title(path: Path) -> str:
    """The name that its owner gave to an upload."""
    return title_of(path) if is_received(path) else path.name


def named_without_path(sentence: str, path: Path) -> str:
    """A sentence of `data` with the visitor's own name for a path in place of it."""
    for told in (str(path), shown(str(path))):
        sentence = sentence.replace(told, path.name)
    return sentence


def _without_path(error: DataError, path: Path) -> DataError:
    values = {
        name: named_without_path(value, path) if isinstance(value, str) else value
        for name, value in error.values.items()
    }
    return type(error)(error.code, **values)


def _data_url(pictures: torch.Tensor) -> str:
    return "data:image/png;base64," + base64.b64encode(png(grid(pictures))).decode()
