"""Receives a visitor's files, one request a file, straight to the disk and within bounds.

Nothing is unpacked or decoded here. A file counts only once it has arrived whole, and is stored
under a generated name; the name its owner gave it is kept as text.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from ganmodel.data import holds_archive, is_archive, keep_received
from ganmodel.files import reason
from ganmodel.hosting import Quotas, calling_address
from ganmodel.runs import RunError
from ganmodel.ui.http.asks import Answer, Ask, Incoming
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.train.form.uploads import UploadId, Uploads

MOST_NAME = 1024  # letters of a sent name, its folders included


class Received(Answer):
    """The name under which its owner knows the file."""

    received: str


class UploadFile(Ask):
    """One file of an upload; its content is the body."""

    upload: UploadId = ""
    name: str = ""


class UploadRoute:
    """Receives pictures; `quotas` limits how many bytes."""

    def __init__(self, uploads: Uploads, quotas: Quotas) -> None:
        self.uploads = uploads
        self.quotas = quotas

    async def upload(self, visitor: Visitor, ask: UploadFile, file: Incoming) -> Received:
        """Stores one file."""
        part = None
        coming = Coming(self.quotas, self.uploads.folder(visitor, ask.upload), visitor.name)
        try:
            folder = await run_in_threadpool(self._target, visitor, ask)
            await run_in_threadpool(coming.expect, file.size)
            part = folder / f".{secrets.token_hex(8)}.part"
            await run_in_threadpool(folder.mkdir, parents=True, exist_ok=True)
            with part.open("wb") as kept:
                async for chunk in file.chunks:
                    if coming.room < len(chunk):
                        await run_in_threadpool(coming.grow, len(chunk))
                    coming.room -= len(chunk)
                    kept.write(chunk)
            await run_in_threadpool(keep_received, folder, part, ask.name)
            coming.came = True
        except OSError as error:
            raise RunError("not-received", reason=reason(error)) from error
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
            coming.end()
        return Received(received=ask.name)

    def _target(self, visitor: Visitor, ask: UploadFile) -> Path:
        """The folder that a file goes into.

        Raises:
            RunError: an archive and images together, or an invalid name.
        """
        folder, name = self.uploads.folder(visitor, ask.upload), ask.name
        if not folder.exists():
            self.uploads.make_room(visitor)
        if not name.strip("/\\. ") or len(name) > MOST_NAME:
            raise RunError("no-file-name")
        archive, held = is_archive(name), holds_archive(folder)
        if held or (archive and self.quotas.ledger.entry(folder).files):
            raise RunError("archive-or-images")
        return folder


class Coming:
    """An upload in progress: its bytes count against the quota before they arrive."""

    def __init__(self, quotas: Quotas, upload: Path, owner: str) -> None:
        self.quotas = quotas
        self.upload = upload
        self.owner = owner
        self.room = 0  # bytes counted that have not arrived
        self.came = False  # whether the whole file has arrived
        self._counted: int | None = None

    def expect(self, size: int) -> None:
        """Counts the size that the browser declared; 0 if it declared none.

        Raises:
            RunError: they are too many.
        """
        self.quotas.expect(self.upload, self.owner, size, calling_address())
        self._counted = self.room = size

    def grow(self, size: int) -> None:
        """Counts bytes beyond the declared size. Raises a `RunError` as `expect`."""
        self.quotas.grow(self.upload, self.owner, size, calling_address())
        self._counted += size
        self.room += size

    def end(self) -> None:
        """Settles the count: what arrived, or nothing where the file is incomplete."""
        if self._counted is None:
            return
        ledger = self.quotas.ledger
        if self.came:
            ledger.grow(self.upload, -self.room)  # fewer arrived than were declared
            ledger.received(self.upload)
        else:
            ledger.received(self.upload, lost=self._counted)
