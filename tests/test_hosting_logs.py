"""What a shared page tells of itself: to its log, bounded and about nobody, and to no terminal."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from ganmodel.hosting import log_to, unprinted
from ganmodel.hosting.logs import JsonLines
from ganmodel.listening import listen
from ganmodel.ui.http.connections import Bounds
from ganmodel.ui.http.server import Server
from tests.asking import Asker, page_of
from tests.support import wait_until

SECRET = "the words of a visitor"


@dataclass
class Logged:
    path: Path
    capture: pytest.CaptureFixture[str]

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; nothing of it, nor of what was printed, tells of a visitor."""
        told = self.path.read_text("utf-8")
        assert SECRET not in told
        assert self.capture.readouterr() == ("", "")
        return [json.loads(line) for line in told.splitlines()]


@pytest.fixture
def logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    root = logging.getLogger()
    level, before = root.level, [*root.handlers]
    path = log_to(tmp_path)
    yield Logged(path, capfd)
    for handler in [one for one in root.handlers if one not in before]:
        assert isinstance(handler.formatter, JsonLines)
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def quiet(test: Callable[..., None]) -> Callable[..., None]:
    """Within the test itself: pytest changes the standard streams between it and its fixtures."""

    @functools.wraps(test)
    def within(**given: Any) -> None:
        with unprinted():
            test(**given)

    return within


def fails() -> None:
    raise RuntimeError(SECRET)


@quiet
def test_what_a_library_prints_is_logged_by_its_place(logged: Logged) -> None:
    print(SECRET)  # noqa: T201
    print("", SECRET, file=sys.stderr)  # noqa: T201
    lines = logged.lines()
    assert [line["said"].split(":")[0] for line in lines] == ["Something was printed"] * 2
    assert "test_hosting_logs.py" in lines[0]["said"]
    assert "test_what_a_library_prints" in lines[1]["said"]


@quiet
def test_an_exception_that_is_printed_is_logged_once_without_its_message(logged: Logged) -> None:
    try:
        fails()
    except RuntimeError:
        traceback.print_exc()
    [line] = logged.lines()
    assert line["kind"] == "RuntimeError"
    assert line["lines"][-1].endswith(" fails")
    assert "test_an_exception_that_is_printed" in line["said"]


@quiet
def test_a_thread_that_ends_and_an_object_that_cannot_are_logged(logged: Logged) -> None:
    class Unruly:
        def __del__(self) -> None:
            fails()

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    Unruly()
    gc.collect()
    assert [line["kind"] for line in logged.lines()] == ["RuntimeError"] * 2


@quiet
def test_a_warning_is_logged(logged: Logged) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)  # pytest catches warnings, too
        warnings.warn(SECRET, stacklevel=1)
    assert [line["where"] for line in logged.lines()] == ["py.warnings"]


@quiet
def test_of_a_librarys_record_only_the_constant_part_is_logged(logged: Logged) -> None:
    log = logging.getLogger("library")
    log.warning("failed: %s", SECRET)
    log.warning(f"failed: {SECRET}")
    log.warning(RuntimeError(SECRET))
    first, *others = logged.lines()
    assert first["said"] == "failed: %s"
    assert all("said" not in line for line in others)
    assert all(line["at"].startswith("test_hosting_logs.py:") for line in others)


@quiet
def test_what_cannot_be_logged_is_not_printed_instead(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(SECRET)

    handler = next(
        one for one in logging.getLogger().handlers if one.formatter.__class__ is JsonLines
    )
    with monkeypatch.context() as patch:
        patch.setattr(handler, "shouldRollover", full)
        logging.getLogger("ganmodel").warning("Here")
        print("there")  # noqa: T201
    assert logged.lines() == []


@quiet
def test_an_error_of_the_event_loop_is_logged(logged: Logged) -> None:
    async def never_asked() -> None:
        task = asyncio.create_task(asyncio.to_thread(fails))
        with contextlib.suppress(BaseException):
            await asyncio.wait([task])
        del task
        gc.collect()

    with TestClient(FastAPI()) as client:
        client.portal.call(never_asked)
    [line] = [line for line in logged.lines() if line["where"] == "asyncio"]
    assert line["kind"] == "RuntimeError"
    assert "said" not in line


@quiet
def test_an_error_of_the_application_is_logged_and_answered(logged: Logged) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            fails()

    place = listen(None, 0)
    server = Server(app, place, Bounds())
    server.start()
    try:
        assert Asker(place.address).get("").status == 500
    finally:
        server.end()
    [line] = [line for line in logged.lines() if "kind" in line]
    assert (line["where"], line["kind"]) == ("uvicorn.error", "RuntimeError")


@quiet
def test_an_error_of_gradio_or_of_its_functions_is_logged(logged: Logged) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(text)

    with gr.Blocks(analytics_enabled=False) as page:
        gr.api(broken, api_name="broken")
    page.queue()
    app = gr.mount_gradio_app(FastAPI(), page, path="", ssr_mode=False)
    with TestClient(app) as client:
        client.get("/gradio_api/startup-events")
        event = client.post("/gradio_api/call/broken", json={"data": [SECRET]}).json()["event_id"]
        assert "error" in client.get(f"/gradio_api/call/broken/{event}").text
    [line] = [line for line in logged.lines() if "kind" in line]
    assert line["kind"] == "RuntimeError"
    assert "queueing.py" in line["said"]


@pytest.mark.slow
def test_a_hosted_page_prints_how_it_is_opened_and_nothing_else(tmp_path: Path) -> None:
    with page_of(tmp_path / "runs", "--hosted") as page:
        wait_until(lambda: "A hosted page" in page.printed())
        before = page.printed()
        visitor = page.visitor()
        for path in ("gradio_api/queue/data?session_hash=x", "gradio_api/call/sample/x"):
            assert visitor.get(path).status == 404
        wrong = (
            ["mnist", SECRET, 1, 1, ""],
            ["mnist", 0, SECRET, 1, ""],
            [SECRET, 0, 1, 1, SECRET],
        )
        for data in wrong:
            event = visitor.post("gradio_api/call/sample", {"data": data}).json()["event_id"]
            assert b"error" in visitor.get(f"gradio_api/call/sample/{event}").body
        event = visitor.post("gradio_api/call/find", {"data": [SECRET, "mnist"]}).json()["event_id"]
        assert b"error" in visitor.get(f"gradio_api/call/find/{event}").body
        assert page.printed() == before
        assert SECRET not in (page.runs / ".logs" / "page.jsonl").read_text("utf-8")
