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

from benchmarks.asking_pages import Asking, asking
from benchmarks.serving import Served
from ganmodel.runs import Run
from tests.asking import ServedPage
from tests.support import wait_until

Page = Served | ServedPage


class Line:
    """One connection that stays open, for questions. Much lighter than a client library's."""

    def __init__(self, page: Asking) -> None:
        self.page, self.where = page, urlsplit(page.url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, name: str, token: str, **values: Any) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self.where.hostname, self.where.port
            )
        request = self.page.request(name, token, **values)
        known = {"Host": self.where.netloc, "Content-Length": len(request.body), **request.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
        self._writer.write(f"POST /{request.path} HTTP/1.1\r\n{head}\r\n".encode() + request.body)
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


def training(page: Page, images: int = 2_000_000) -> tuple[str, Run]:
    """A visitor's token, and their run that trains."""
    token = secrets.token_hex(32)
    settings = {"preset": "quick", "dataset": "mnist", "images": images, "evaluate_every": 0}
    told = asking(page.url, page.headers).call("start", token, settings=settings)
    run = Run(page.runs / told["run"])
    wait_until(lambda: run.rows()[0], 60)
    return token, run


async def slide(page: Page, visitors: int, seconds: float) -> tuple[list[float], Counter[str]]:
    """Ten moves a second each, one at least: how long every answer took, in seconds, and what was
    none."""
    waits: list[float] = []
    errors: Counter[str] = Counter()
    asked = asking(page.url, page.headers)
    end = time.monotonic() + seconds

    async def visitor() -> None:
        line, token = Line(asked), secrets.token_hex(32)
        await asyncio.sleep(random.random())  # nobody starts in step
        due = time.monotonic()
        while True:
            place = f"stops=53,46&at={random.random():.4f}"
            began = time.monotonic()
            status, body = await line.ask("draw", token, generator="shipped:mnist", place=place)
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


async def watch(page: Page, visitors: int, seconds: float, run: str, key: str) -> None:
    """As a page does: the page itself, then what is new once a second, and every new grid."""
    asked = asking(page.url, page.headers)
    end = time.monotonic() + seconds

    async def visitor() -> None:
        await asyncio.sleep(random.random())
        line, token = Line(asked), secrets.token_hex(32)
        await asyncio.to_thread(asked.get, "")
        opened = {"run": run, "key": key}
        known = {"offset": 0, "history": None, "grid": -1, "quality": -1, "marks": 0}
        while time.monotonic() < end:
            _, body = await line.ask("watch", token, **opened, **known)
            news = json.loads(body)
            known |= {name: news[name] for name in ("offset", "history")}
            if news.get("grids"):
                known["grid"] = news["grids"][-1]
                await line.ask("picture", token, **opened, kind="samples", images=known["grid"])
            await asyncio.sleep(1)
        line.close()

    await asyncio.gather(*(visitor() for _ in range(visitors)))
