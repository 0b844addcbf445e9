"""A run's weights, or the whole of it, as a file to keep.

Asked for by a form that is posted, so that no secret stands in an address. A zip is written to a
temporary file first, which goes when it has been sent.
"""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from ganmodel import texts
from ganmodel.runs import Run, RunError, zip_run
from ganmodel.ui.visitors import KNOWN_ERRORS, own_run

DOWNLOAD_ROUTE = "/ganmodel-download"
MOST_BODY = 4096  # bytes of a form
CHUNK = 2**18


class Downloads:
    """Sends visitors what their runs made."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs

    def routes(self) -> list[Route]:
        return [Route(DOWNLOAD_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body = (body + chunk)[: MOST_BODY + 1]
        fields = {k: v[0] for k, v in parse_qs(body.decode("latin-1"), max_num_fields=8).items()}
        return await run_in_threadpool(self.send, fields)

    def send(self, fields: dict[str, Any]) -> Response:
        """The file for `token`, `run` and `what` (weights or zip), or a page with a sentence."""
        try:
            run = own_run(self.runs, fields.get("token"), fields.get("run"))
            match fields.get("what"):
                case "weights":
                    path = run.newest_weights()
                    name = f"{_clean(run)}-{path.stem.lstrip('0') or '0'}.safetensors"
                    return FileResponse(path, filename=name)
                case "zip":
                    return _zipped(run)
            raise RunError(texts.BAD_CALL)
        except KNOWN_ERRORS as error:
            return HTMLResponse(f"<!doctype html><p>{html.escape(str(error))}</p>", 400)


def _zipped(run: Run) -> Response:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        zip_run(run, file)
    except OSError as error:
        file.close()
        raise RunError(texts.NO_ZIP) from error
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="{_clean(run)}.zip"',
        "Content-Length": str(size),
    }
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _clean(run: Run) -> str:
    """The run's title as a file's name that every system takes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", run.title()).strip("-").lower() or run.name
