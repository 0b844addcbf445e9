"""Receives a visitor's files, one request a file, straight to the disk and within bounds.

Nothing is unpacked or decoded here. A file counts only once it has arrived whole, and is stored
under a generated name; the name its owner gave it is kept as text.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ganmodel import texts
from ganmodel.data import holds_archive, is_archive, keep_received
from ganmodel.files import reason
from ganmodel.hosting import Quotas, calling_address
from ganmodel.runs import RunError
from ganmodel.ui.http.errors import KNOWN_ERRORS, told
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.form.uploads import Uploads

UPLOAD_ROUTE = "/ganmodel-upload"
MOST_NAME = 1024  # letters of a sent name, its folders included
STALL_SECONDS = 30.0  # without receiving a byte, after which an upload is aborted


class UploadRoute:
    """The route to which a browser uploads pictures; `quotas` limits how many bytes."""

    def __init__(self, uploads: Uploads, quotas: Quotas) -> None:
        self.uploads = uploads
        self.quotas = quotas

    def routes(self) -> list[Route]:
        return [Route(UPLOAD_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        """One file: its content is the body; token, upload and name are headers."""
        token, upload, name = (
            request.headers.get(f"x-ganmodel-{part}", "") for part in ("token", "upload", "name")
        )
        part, coming, name = None, None, unquote(name)
        try:
            coming = Coming(self.quotas, self.uploads.folder(token, upload), owner_of(token))
            folder = await run_in_threadpool(self._target, token, upload, name)
            await run_in_threadpool(coming.expect, _declared(request))
            part = folder / f".{secrets.token_hex(8)}.part"
            await run_in_threadpool(folder.mkdir, parents=True, exist_ok=True)
            with part.open("wb") as file:
                async for chunk in _in_time(request.stream()):
                    if coming.room < len(chunk):
                        await run_in_threadpool(coming.grow, len(chunk))
                    coming.room -= len(chunk)
                    file.write(chunk)
            await run_in_threadpool(keep_received, folder, part, name)
            coming.came = True
        except KNOWN_ERRORS as error:
            return JSONResponse({"error": told(error)}, 400)
        except ClientDisconnect:  # the visitor cancelled, or left the page
            return JSONResponse({}, 400)
        except TimeoutError:
            return JSONResponse({"error": texts.STALLED}, 408)
        except OSError as error:
            sentence = texts.NOT_RECEIVED.format(reason=reason(error))
            return JSONResponse({"error": sentence}, 507)
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
            if coming is not None:
                coming.end()
        return JSONResponse({"received": name})

    def _target(self, token: str, upload: str, name: str) -> Path:
        """The folder that a file goes into.

        Raises:
            RunError: an archive and images together, or an invalid name.
        """
        folder = self.uploads.folder(token, upload)
        if not folder.exists():
            self.uploads.make_room(token)
        if not name.strip("/\\. ") or len(name) > MOST_NAME:
            raise RunError(texts.NO_FILE_NAME)
        archive, held = is_archive(name), holds_archive(folder)
        if held or (archive and self.quotas.ledger.entry(folder).files):
            raise RunError(texts.ARCHIVE_OR_IMAGES)
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


def _declared(request: Request) -> int:
    """The Content-Length; 0 where there is none."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0


async def _in_time(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream's chunks; a `TimeoutError` where none arrives for `STALL_SECONDS`."""
    chunks = aiter(stream)
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        yield chunk
