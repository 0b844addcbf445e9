"""Visitors of a served page for `load.py`, much lighter than a browser, and a page's memory."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ganmodel.runs import Run
from tests.asking import Asker, ServedPage
from tests.support import wait_until


class Line:
    """One connection that stays open, for JSON posts. Much lighter than a client library's."""

    def __init__(self, url: str) -> None:
        self.where = urlsplit(url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, value: Any) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self.where.hostname, self.where.port
            )
        body = json.dumps(value).encode()
        self._writer.write(
            f"POST /{path} HTTP/1.1\r\nHost: {self.where.netloc}\r\nContent-Type: application/json"
            f"\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = int(head[9:12]), 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        return status, await self._reader.readexactly(length)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def memory_of(process: int) -> float:
    """Resident memory in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def training(page: ServedPage, images: int = 2_000_000) -> tuple[Asker, Run]:
    """A visitor whose run trains."""
    visitor = page.visitor()
    run = Run(page.runs / visitor.start(images=images)["run"])
    wait_until(lambda: run.rows()[0], 60)
    return visitor, run
