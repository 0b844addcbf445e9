"""What is sent while it is made: no whole of it on the disk, to some at once, freed in the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ganmodel.runs import Run, zip_run
from ganmodel.ui.http.offers import Offer, Offers
from ganmodel.ui.http.sending import Sending, Slots, sends
from tests.asking import run_beside


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


def ended(closed: list[bool]) -> Iterator[bytes]:
    try:
        yield b"PK"
    finally:
        closed.append(True)


def sent(slots: Slots, closed: list[bool], send: Any, receive: Any) -> None:
    offer = Offer("me", "all.bin", "application/octet-stream", endless(closed))
    response = Sending(offer, slots)
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    run_beside(response(scope, receive, send))


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


def test_some_download_at_once_and_the_others_hear_why_not() -> None:
    offers, slots = Offers(), Slots(most=3, each=2)
    with TestClient(Starlette(routes=[sends(offers, slots)])) as client:

        def fetched(closed: list[bool] | None = None) -> Response:
            pieces = ended(closed if closed is not None else [])
            offer = Offer("x", "all.zip", "application/zip", pieces)
            return client.get(f"/{offers.add(offer)}")

        assert fetched().content == b"PK"
        assert slots.taken() == 0
        assert [slots.take(who) for who in ("x", "x", "x", "y", "z")] == [
            True, True, False, True, False,
        ]  # fmt: skip
        closed: list[bool] = []
        answer = fetched(closed)
        assert answer.status_code == 503
        assert "try again when one has ended" in answer.text
        assert closed == []  # nothing was read
        slots.give_back("x")
        assert fetched().status_code == 200
