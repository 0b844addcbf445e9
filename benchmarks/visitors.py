"""Visitors of a served page for `load.py`, much lighter than a browser, and a page's memory."""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ganmodel.runs import Run
from tests.asking import Asker, ServedPage
from tests.support import wait_until


class Line:
    """One connection that stays open, for JSON posts. Much lighter than a client library's."""

    def __init__(self, page: ServedPage) -> None:
        self.where = urlsplit(page.url)
        known = {"Host": self.where.netloc, "Content-Type": "application/json", **page.headers}
        self.head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, value: Any) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self.where.hostname, self.where.port
            )
        body = json.dumps(value).encode()
        self._writer.write(
            f"POST /{path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n".encode()
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


async def slide(
    page: ServedPage, visitors: int, seconds: float
) -> tuple[list[float], Counter[str]]:
    """Ten moves a second each, one at least: how long every answer took, in seconds, and what was
    none."""
    waits: list[float] = []
    errors: Counter[str] = Counter()
    end = time.monotonic() + seconds

    async def visitor() -> None:
        line, token = Line(page), secrets.token_hex(32)
        await asyncio.sleep(random.random())  # nobody starts in step
        due = time.monotonic()
        while True:
            ask = {"token": token, "generator": "shipped:mnist", "moment": None,
                   "place": f"stops=53,46&at={random.random():.4f}"}  # fmt: skip
            began = time.monotonic()
            status, body = await line.post("ganmodel-draw", ask)
            waits.append(time.monotonic() - began)
            if status != 200 or b'"pixels"' not in body:
                errors[f"{status} {body[:60]!r}"] += 1
            due += 0.1
            if due >= end:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        line.close()

    await asyncio.gather(*(visitor() for _ in range(visitors)))
    return waits, errors


async def watch(
    page: ServedPage, visitors: int, seconds: float, run: str, key: str, number: int
) -> None:
    """As a page does: the page itself, then what is new once a second, and every new grid."""
    end = time.monotonic() + seconds

    async def visitor() -> None:
        await asyncio.sleep(random.random())
        asker, line = page.visitor(), Line(page)
        await asyncio.to_thread(asker.get, "")
        ask = {"token": asker.token, "run": run, "key": key, "offset": 0, "history": None,
               "grid": -1, "quality": -1, "marks": 0}  # fmt: skip
        while time.monotonic() < end:
            call = {"data": ask, "component_id": number, "fn_name": "watch",
                    "session_hash": asker.token[:12]}  # fmt: skip
            _, body = await line.post("gradio_api/component_server/", call)
            news = json.loads(body)
            ask |= {name: news[name] for name in ("offset", "history")}
            if news.get("grids"):
                ask["grid"] = news["grids"][-1]
                wanted = {"kind": "samples", "images": ask["grid"]}
                await line.post("ganmodel-picture", ask | wanted)
            await asyncio.sleep(1)
        line.close()

    await asyncio.gather(*(visitor() for _ in range(visitors)))
