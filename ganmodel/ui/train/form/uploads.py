"""A visitor's own pictures: where they are stored, how they are examined, when they are removed.

They arrive through `upload_route`. A run's config names the upload by an id; no visitor sees or
names its path. `data` reads the pictures, within bounds.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
import threading
from pathlib import Path
from typing import Any

import torch

from ganmodel import texts
from ganmodel.data import Budget, Data, DataError, is_received, load_data, shown, title_of
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
from ganmodel.ui.http.visitors import owner_of

MOST_UPLOADS = 4  # of one visitor, besides those that runs use
PREVIEWED = 36
MOST_WAITING = 8  # examinations that wait for another to end; each holds one of the page's threads


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
        self._line = (
            threading.Condition()
        )  # one reader at a time: each keeps a core busy for seconds
        self._reading, self._waiting = False, 0
        self._newest: dict[str, threading.Event] = {}  # owner -> set by a newer question

    def folder(self, token: Any, upload: Any) -> Path:
        """The folder of an upload, whether or not it exists.

        Raises:
            RunError: an invalid token or an invalid upload id.
        """
        owner = owner_of(token)
        if not isinstance(upload, str) or not UPLOAD_ID.fullmatch(upload):
            raise RunError(texts.NO_SUCH_UPLOAD)
        return upload_folder(self.runs, owner, upload)

    def path_of(self, token: Any, upload: Any) -> Path:
        """The uploaded data, as `load_data` takes it; a `RunError` where there is none."""
        content = content_of(self.folder(token, upload))
        if content is None:
            raise RunError(texts.NO_SUCH_UPLOAD)
        return content

    def dataset(self, token: Any, upload: Any) -> str:
        """The `dataset` of a run on an upload; a `RunError` where nothing was uploaded."""
        return named_upload(upload, _title(self.path_of(token, upload)))

    def examine(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Reads an upload as a run would: `ask` holds `token`, `upload`, `size`, `with_classes`.

        The last may be None, see `load_data`.
        Returns `id`, `name`, `count`, `size`, `colour`, `classes` (names), `notes` (what was left
        out and why) and `preview`, some of the pictures exactly as the networks see them. A new
        question of a visitor cancels their previous one.

        Raises:
            DataError, RunError: nothing usable was uploaded, in a sentence.
        """
        path = self.path_of(ask.get("token"), ask.get("upload"))
        size, with_classes = ask.get("size"), ask.get("with_classes", False)
        if with_classes is not None:
            with_classes = with_classes is True
        try:
            data = self._read(owner_of(ask.get("token")), path, size, with_classes)
        except DataError as error:  # it names the file as the visitor knows it
            raise DataError(without_path(str(error), path)) from None
        step = max(1, len(data.images) // PREVIEWED)
        shown = data.images[::step][:PREVIEWED]
        return {
            "id": ask["upload"],
            "name": _title(path),
            "count": len(data.images),
            "size": size,
            "colour": data.images.shape[1] == 3,
            "conditional": bool(data.classes),
            "classes": list(data.classes),
            "notes": [without_path(note, path) for note in data.notes],
            "preview": _data_url(shown),
        }

    def _read(self, owner: str, path: Path, size: Any, with_classes: bool | None) -> Data:
        """Reads the data when no other is being read; the visitor's next question cancels it."""
        superseded = threading.Event()
        with self._line:
            if (earlier := self._newest.get(owner)) is not None:
                earlier.set()
                self._line.notify_all()
            if self._waiting >= MOST_WAITING:
                raise RunError(texts.EXAMINING_BUSY)
            self._newest[owner] = superseded
            self._waiting += 1
            free = self._line.wait_for(
                lambda: superseded.is_set() or not self._reading, self._seconds
            )
            self._waiting -= 1
            if not free:
                raise RunError(texts.EXAMINING_BUSY)
            mine = not superseded.is_set()
            self._reading |= mine
        try:
            budget = Budget(self._seconds, self._pixels, superseded)
            return load_data(
                str(path),
                size=size,
                with_classes=with_classes,
                budget=budget,
                trusted=self._trusted,
            )
        finally:
            with self._line:
                if self._newest.get(owner) is superseded:
                    del self._newest[owner]
                self._reading &= not mine
                self._line.notify_all()

    def forget(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Removes an upload, unless a run uses it."""
        folder = self.folder(ask.get("token"), ask.get("upload"))
        if folder not in self._in_use():
            self._remove(folder)
        return {}

    def make_room(self, token: Any) -> None:
        """Removes the visitor's oldest uploads that no run uses, so that one more fits."""
        used, own = self._in_use(), self.folder(token, "0" * 16).parent
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


def without_path(sentence: str, path: Path) -> str:
    """A sentence of `data` with the visitor's own name for a path in place of it."""
    for told in (str(path), shown(str(path))):
        sentence = sentence.replace(told, path.name)
    return sentence


def _data_url(pictures: torch.Tensor) -> str:
    return "data:image/png;base64," + base64.b64encode(png(grid(pictures))).decode()
