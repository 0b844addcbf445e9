"""A visitor's own pictures as their networks will see them, and which of them are left out.

`uploads` stores them, `data` reads them, within bounds, and `prepared` keeps them in memory for a
while.
"""

from __future__ import annotations

import base64
import math
import threading
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field

from ganmodel.data import (
    LEAST_IMAGES,
    Budget,
    Data,
    DataError,
    class_folders,
    copies,
    digest,
    is_received,
    leave_out,
    left_out_today,
    note_on_copies,
)
from ganmodel.files import reason
from ganmodel.images import grid, png
from ganmodel.runs import RunError
from ganmodel.ui.http.asks import Answer, Ask, File
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.train.form.prepared import Prepared, Way
from ganmodel.ui.train.form.uploads import (
    UploadId,
    Uploads,
    named_without_path,
    title_of_upload,
)
from ganmodel.words import Words

PREVIEWED = 36
SHEET, COLUMNS = 200, 20  # pictures of one contact sheet, and of one of its rows
MOST_AT_ONCE = 10_000  # pictures that one request leaves out or brings back
SQUARE_WITHIN = 0.02  # of the ratio's logarithm: what is as good as a square

Index = Annotated[int, Field(ge=0, lt=2**31)]  # of a picture, by its name's order


class Examine(Ask):
    """How an upload is to be read.

    `size`: of the pictures as networks see them; `with_classes`, `fit` as in `load_data`.
    """

    upload: UploadId
    size: int
    with_classes: bool | None = False
    fit: Annotated[str, Field(max_length=16)] = "crop"


class ContactSheet(Examine):
    """`first`: the index of the sheet's first picture."""

    first: Index = 0


class LeaveOut(Examine):
    """`out`: the pictures to leave out; `back`: those to bring back."""

    out: Annotated[list[Index], Field(max_length=MOST_AT_ONCE)] = []
    back: Annotated[list[Index], Field(max_length=MOST_AT_ONCE)] = []


class Examined(Answer):
    """What an upload holds.

    `count`: of all pictures; `left_out`: indices of those left out now; `copies`: of those whose
    pixels an earlier one has; `folders`: how many folders there are that might be classes;
    `classes`: their names; `notes`: which files cannot be used, and why;
    `preview`: some of the pictures that stay, exactly as the networks see them, as a data URL;
    `examples`: one picture that is no square, by the fit that made it one; none where all are
    squares.
    """

    id: str
    name: str
    count: int
    left_out: list[int]
    copies: list[int]
    size: int
    fit: str
    colour: bool
    conditional: bool
    folders: int
    classes: list[str]
    notes: list[Words]
    preview: str
    examples: dict[str, str]


class Stay(Answer):
    """`left_out`: how many pictures are left out now, of `count`."""

    left_out: int
    count: int


class ContactSheets:
    """The contact sheets of all visitors' uploads. Safe to use from several threads."""

    def __init__(
        self,
        uploads: Uploads,
        seconds: int | None = None,
        pixels: int | None = None,
        *,
        trusted: bool = True,
    ) -> None:
        """`seconds` and `pixels` limit reading, see `data.Budget`; `trusted` as in `load_data`."""
        self._uploads = uploads
        self._seconds, self._pixels = seconds, pixels
        self._prepared = Prepared(trusted=trusted)
        self._leaving = threading.Lock()

    def examine(self, visitor: Visitor, ask: Examine) -> Examined:
        """Reads an upload as a run would, until the visitor asks anew or leaves.

        Raises:
            DataError, RunError: nothing usable was uploaded.
        """
        path, data = self._read(visitor, ask)
        out = _left_out(path, data)
        doubled = copies(data.images)
        gone = set(out)
        staying = [index for index in range(len(data.images)) if index not in gone]
        step = max(1, len(staying) // PREVIEWED)
        counted = note_on_copies(len(doubled), len(data.images))  # the sheet marks them
        return Examined(
            id=ask.upload,
            name=title_of_upload(path),
            count=len(data.images),
            left_out=out,
            copies=list(doubled),
            size=ask.size,
            fit=ask.fit,
            colour=data.images.shape[1] == 3,
            conditional=bool(data.classes),
            folders=len(set(class_folders(one.name for one in data.sources).values())),
            classes=list(data.classes),
            notes=[named_without_path(one, path) for one in data.notes if one not in counted],
            preview=_data_url(data.images[staying[::step][:PREVIEWED]]),
            examples=self._examples(visitor, ask, path, data),
        )

    def contact_sheet(self, visitor: Visitor, ask: ContactSheet) -> File:
        """Up to `SHEET` pictures from the `first` on, in rows of `COLUMNS` without gaps, as PNG."""
        _, data = self._read(visitor, ask)
        some = data.images[ask.first : ask.first + SHEET]
        if not len(some):
            raise RunError("no-such-picture")
        return File(png(grid(some, COLUMNS, padding=0)), "image/png")

    def leave_out(self, visitor: Visitor, ask: LeaveOut) -> Stay:
        """Leaves pictures out of all runs that begin from now on, or brings them back.

        Raises:
            DataError: nothing usable was uploaded.
            RunError: no such pictures, too few would stay, or that cannot be written down.
        """
        path, data = self._read(visitor, ask)
        if max((*ask.out, *ask.back), default=0) >= len(data.images):
            raise RunError("no-such-picture")
        if not is_received(path):  # an earlier edition's
            raise RunError("no-such-upload")
        names = [digest(source.name) for source in data.sources]
        with self._leaving:
            wanted = left_out_today(path) | {names[index] for index in ask.out}
            wanted -= {names[index] for index in ask.back}
            out = sum(name in wanted for name in names)
            if len(names) - out < LEAST_IMAGES and ask.out:
                raise RunError("too-few-stay", least=LEAST_IMAGES)
            try:
                leave_out(path, wanted)
            except OSError as error:
                raise RunError("left-out-not-kept", reason=reason(error)) from error
        return Stay(left_out=out, count=len(names))

    def _read(self, visitor: Visitor, ask: Examine) -> tuple[Path, Data]:
        path = self._uploads.path_of(visitor, ask.upload)
        way = Way(ask.size, ask.fit, ask.with_classes)
        try:
            return path, self._prepared.data(path, way, self._budget(visitor))
        except DataError as error:  # it names the file as the visitor knows it
            raise _without_path(error, path) from None

    def _examples(self, visitor: Visitor, ask: Examine, path: Path, data: Data) -> dict[str, str]:
        """The picture in the middle of those that are no squares, from the squarest on."""
        far = [(abs(math.log(source.ratio)), source.name) for source in data.sources]
        oblong = sorted(one for one in far if one[0] > SQUARE_WITHIN)
        if not oblong:
            return {}
        name = oblong[len(oblong) // 2][1]
        made = self._prepared.in_every_fit(path, name, ask.size, self._budget(visitor))
        return {fit: _data_url(picture[None]) for fit, picture in made.items()}

    def _budget(self, visitor: Visitor) -> Budget:
        return Budget(self._seconds, self._pixels, visitor.gone)


def _left_out(path: Path, data: Data) -> list[int]:
    if not is_received(path):
        return []
    out = left_out_today(path)
    return [k for k, source in enumerate(data.sources) if digest(source.name) in out] if out else []


def _without_path(error: DataError, path: Path) -> DataError:
    values = {name: named_without_path(value, path) for name, value in error.values.items()}
    return type(error)(error.code, **values)


def _data_url(pictures: torch.Tensor) -> str:
    return "data:image/png;base64," + base64.b64encode(png(grid(pictures))).decode()
