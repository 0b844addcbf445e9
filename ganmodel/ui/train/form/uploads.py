"""A visitor's own pictures: where they are stored, and when they are removed.

They arrive through `upload_route`, and `contact_sheets` shows them. A run's config names the upload
by an id; no visitor sees or names its path.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ganmodel.data import copies_in, copy_for_run, is_received, shown, title_of
from ganmodel.files import age, reason
from ganmodel.hosting import Ledger
from ganmodel.runs import (
    UPLOAD_ID,
    UPLOADS,
    RunError,
    content_of,
    left_out_id,
    list_runs,
    list_trash,
    named_upload,
    upload_folder,
    upload_of,
)
from ganmodel.ui.http.asks import Ask, Nothing
from ganmodel.ui.http.visitors import Visitor
from ganmodel.words import Words, with_texts

MOST_UPLOADS = 4  # of one visitor, besides those that runs use
STARTING_SECONDS = 3600.0  # within which a run on what was left out has begun

UploadId = Annotated[str, Field(max_length=64)]


class Forget(Ask):
    upload: UploadId


class Uploads:
    """The uploads of all visitors. Safe to use from several threads."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.ledger = Ledger(runs / UPLOADS)

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
        """The `dataset` of a run on an upload, without the pictures that are left out now.

        Raises:
            DataError, RunError: nothing was uploaded, or the folder cannot be read or written.
        """
        path = self.path_of(visitor, upload)
        left_out = ""
        if is_received(path):
            try:
                left_out = copy_for_run(path)
            except OSError as error:
                raise RunError("left-out-not-kept", reason=reason(error)) from error
            self._remove_copies(path, left_out)
        return named_upload(upload, title_of_upload(path), left_out)

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

    def _remove_copies(self, upload: Path, needed: str) -> None:
        """Removes what no run leaves out any more, unless a run on it may just be starting."""
        runs = (*list_runs(self.runs), *list_trash(self.runs))
        used = {needed}
        for run in runs:
            with contextlib.suppress(RunError):
                used.add(left_out_id(run.config().dataset) or "")
        for name, path in copies_in(upload).items():
            with contextlib.suppress(OSError):
                if name not in used and age(path) > STARTING_SECONDS:
                    path.unlink()

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


def title_of_upload(path: Path) -> str:
    """The name that its owner gave to an upload."""
    return title_of(path) if is_received(path) else path.name


def named_without_path(words: Words, path: Path) -> Words:
    """Words of `data` with the visitor's own name for a path in place of it."""

    def named(text: str) -> str:
        for told in (str(path), shown(str(path))):
            text = text.replace(told, path.name)
        return text

    return with_texts(words, named)
