"""Takes a visitor's files in, one request a file, straight to the disk and within bounds.

Nothing is unpacked or looked into here; that is `uploads`' and `data`'s business. A file appears
under its name only when it has come whole.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ganmodel import texts
from ganmodel.data import is_archive
from ganmodel.files import reason
from ganmodel.runs import RunError
from ganmodel.ui.uploads import PICTURES, Uploads
from ganmodel.ui.visitors import KNOWN_ERRORS

UPLOAD_ROUTE = "/ganmodel-upload"
MOST_BYTES = 512 * 2**20  # of one upload, all its files together
MOST_FILES = 20_000
MOST_DEPTH = 6  # folders in a sent name


class Receiving:
    """The route that a browser sends its pictures to."""

    def __init__(self, uploads: Uploads, most_bytes: int = MOST_BYTES) -> None:
        self.uploads = uploads
        self.most_bytes = most_bytes

    def routes(self) -> list[Route]:
        return [Route(UPLOAD_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        """One file: its content is the body; token, upload and name are headers."""
        token, upload, name = (
            request.headers.get(f"x-ganmodel-{part}", "") for part in ("token", "upload", "name")
        )
        part = None
        try:
            target, room = await run_in_threadpool(self._target, token, upload, unquote(name))
            part = target.with_name(f".{secrets.token_hex(8)}.part")
            with part.open("wb") as file:
                async for chunk in request.stream():
                    room -= len(chunk)
                    if room < 0:
                        raise RunError(self._too_much())
                    file.write(chunk)
            part.replace(target)
        except KNOWN_ERRORS as error:
            return JSONResponse({"error": str(error)}, 400)
        except ClientDisconnect:  # the visitor pressed cancel, or went
            return JSONResponse({}, 400)
        except OSError as error:
            sentence = texts.NOT_RECEIVED.format(reason=reason(error))
            return JSONResponse({"error": sentence}, 507)
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
        return JSONResponse({"received": target.name})

    def _target(self, token: str, upload: str, name: str) -> tuple[Path, int]:
        """Where a file goes, and how many bytes of it may come.

        Raises:
            RunError: too many files, too many bytes, or nothing of a name.
        """
        folder = self.uploads.folder(token, upload)
        if not folder.exists():
            self.uploads.make_room(token)
        archive = is_archive(name)
        inside = _clean(name)
        if not inside:
            raise RunError(texts.NO_FILE_NAME)
        target = folder / inside[-1] if archive else folder.joinpath(PICTURES, *inside)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        if len(sizes) >= MOST_FILES:
            raise RunError(texts.TOO_MANY_FILES.format(most=MOST_FILES))
        if archive and sizes:
            raise RunError(texts.ARCHIVE_OR_IMAGES)
        room = self.most_bytes - sum(sizes)
        if room <= 0:
            raise RunError(self._too_much())
        target.parent.mkdir(parents=True, exist_ok=True)
        return target, room

    def _too_much(self) -> str:
        return texts.TOO_MUCH.format(most=self.most_bytes // 2**20)


def _clean(name: Any) -> list[str]:
    """A sent path as the parts of a harmless one: letters, digits, dots and dashes, no climbing."""
    parts = [part for part in PurePosixPath(str(name).replace("\\", "/")).parts if part != "/"]
    clean = [re.sub(r"[^\w.-]+", "-", part).strip(".-")[-80:] for part in parts[-MOST_DEPTH:]]
    return [part for part in clean if part]
