"""What is sent while it is made: no whole of it on the disk, to some at once, freed in the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ganmodel.runs import Run, zip_run
from ganmodel.ui.http import sending
from ganmodel.ui.http.sending import Sending, Slots
from ganmodel.ui.runs_drawer.download_route import DOWNLOAD_ROUTE, DownloadRoute
from tests.asking import run_beside
from tests.support import MINE


@pytest.fixture
def run(trained_once: Path) -> Run:
    return Run(trained_once / "mine")


def open_files() -> set[str]:
    """What this process holds open on the disk, deleted files too."""
    found = set()
    for entry in os.scandir("/proc/self/fd"):
        try:
            path = os.readlink(entry.path)
        except OSError:
            continue
        if path.startswith("/") and not path.startswith(("/dev/", "/proc/")):
            found.add(path)
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks by Linux's way")


@needs_proc
def test_a_zip_that_is_not_taken_to_its_end_holds_one_file_and_then_none(run: Run) -> None:
    before = open_files()
    pieces = zip_run(run)
    next(pieces)
    held = open_files() - before
    assert len(held) == 1
    assert all(Path(path).is_relative_to(run.folder.resolve()) for path in held)
    pieces.close()
    assert open_files() == before


def endless(closed: list[bool]) -> Iterator[bytes]:
    try:
        while True:
            yield bytes(1000)
    finally:
        closed.append(True)


def sent(slots: Slots, closed: list[bool], send: Any, receive: Any) -> None:
    response = Sending(
        endless(closed), slots, "me", headers={}, media_type="application/octet-stream"
    )
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    run_beside(response(scope, receive, send))


def test_a_download_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "STALL_SECONDS", 0.02)
    slots, closed, sends = Slots(), [], []

    async def never() -> dict[str, Any]:
        return await asyncio.Event().wait()

    async def full(message: dict[str, Any]) -> None:
        sends.append(message)
        if len(sends) == 3:  # as a connection whose buffers nobody empties
            await never()

    sent(slots, closed, send=full, receive=never)
    assert len(sends) == 3
    assert closed == [True]
    assert slots.taken() == 0


def test_a_download_whose_reader_hangs_up_is_freed_at_once() -> None:
    slots, closed, sends = Slots(), [], []

    async def gone() -> dict[str, Any]:
        while len(sends) < 3:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def taken(message: dict[str, Any]) -> None:
        sends.append(message)
        assert slots.taken() == 1

    sent(slots, closed, send=taken, receive=gone)
    assert closed == [True]
    assert slots.taken() == 0


def test_some_download_at_once_and_the_others_hear_why_not(run: Run) -> None:
    downloads = DownloadRoute(run.folder.parent)
    slots = downloads.slots = Slots(most=3, each=2)
    with TestClient(Starlette(routes=downloads.routes())) as client:
        form = {"token": MINE, "run": "mine", "what": "zip"}
        assert client.post(DOWNLOAD_ROUTE, data=form).content[:2] == b"PK"
        assert slots.taken() == 0
        assert [slots.take(who) for who in ("x", "x", "x", "y", "z")] == [
            True, True, False, True, False,
        ]  # fmt: skip
        answer = client.post(DOWNLOAD_ROUTE, data=form)
        assert answer.status_code == 503
        assert "try again when one has ended" in answer.text
        slots.give_back("x")
        assert client.post(DOWNLOAD_ROUTE, data=form).status_code == 200
