"""Downloads: a run's weights, or the whole run.

Requested by a posted form, so that no secret is part of an address. A zip is generated while it is
sent and takes no disk space; `http.sending` streams it and limits concurrent downloads.
"""

from __future__ import annotations

import html
import io
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ganmodel import texts
from ganmodel.runs import Run, RunError, read_newest, weights_for_others, zip_run
from ganmodel.ui.http.errors import KNOWN_ERRORS, told
from ganmodel.ui.http.sending import Sending, Slots
from ganmodel.ui.http.visitors import own_run, owner_of

DOWNLOAD_ROUTE = "/ganmodel-download"
MOST_BODY = 4096  # bytes of a form
MOST_FIELDS = 8
CHUNK = 2**18
LONGEST_NAME = 150  # bytes of a title in a file's name; systems allow 255 for the whole
# Names that Windows reserves for devices, whatever follows after a dot.
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³"),
}


class DownloadRoute:
    """Sends visitors their runs."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.slots = Slots()

    def routes(self) -> list[Route]:
        return [Route(DOWNLOAD_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body = (body + chunk)[: MOST_BODY + 1]
        try:
            sent = parse_qs(body.decode("latin-1"), max_num_fields=MOST_FIELDS)
        except ValueError:  # more than `MOST_FIELDS`
            sent = {}
        fields = {name: values[0] for name, values in sent.items()}
        return await run_in_threadpool(self.send, fields)

    def send(self, fields: dict[str, Any]) -> Response:
        """The file for `token`, `run` and `what` (weights or zip), or a page with a sentence."""
        try:
            owner = owner_of(fields.get("token"))
            run = own_run(self.runs, fields.get("token"), fields.get("run"))
            match fields.get("what"):
                case "weights":
                    return self._weights(run, owner)
                case "zip":
                    return self._sent(zip_run(run), owner, f"{_clean(run)}.zip", "application/zip")
            raise RunError(texts.BAD_CALL)
        except KNOWN_ERRORS as error:
            return HTMLResponse(f"<!doctype html><p>{html.escape(told(error))}</p>", 400)

    def _weights(self, run: Run, owner: str) -> Response:
        path, file = read_newest(run.newest_weights, lambda path: (path, path.open("rb")))
        name = f"{_clean(run)}-{path.stem.lstrip('0') or '0'}.safetensors"
        if (shared := weights_for_others(path)) is not None:
            file.close()
            file = io.BytesIO(shared)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        return self._sent(_pieces(file), owner, name, "application/octet-stream", size)

    def _sent(
        self, pieces: Iterator[bytes], owner: str, name: str, kind: str, size: int | None = None
    ) -> Response:
        headers = {"Content-Disposition": _disposition(name)}
        if size is not None:
            headers["Content-Length"] = str(size)
        return Sending(pieces, self.slots, owner, headers=headers, media_type=kind)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _clean(run: Run) -> str:
    """The run's title as a file name that every system accepts, in any script."""
    # L, M, N: letters, combining marks, and digits.
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in run.title())
    name = "-".join(kept.split()).lower().encode()[:LONGEST_NAME].decode("utf-8", "ignore")
    if name in DEVICES:
        name = f"run-{name}"
    return name.strip("-") or run.name


def _disposition(name: str) -> str:
    """The header that tells a browser this file name (RFC 6266 and 5987)."""
    plain = "".join(c if c.isascii() else "_" for c in name)
    if plain == name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
