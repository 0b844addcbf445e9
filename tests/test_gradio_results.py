"""What Gradio keeps of calls of the page's API: results that nobody fetches, and sessions.

This is Gradio's own queue: where an upgrade keeps results elsewhere, these tests fail.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ganmodel.ui.http import gradio_results
from ganmodel.ui.http.gradio_results import MOST_BYTES, SECONDS, SESSIONS, Results
from tests.support import wait_until

LARGE = 3_000_000  # bytes of a film as a data URL


class Page:
    """A page whose API answers with large texts, or waits."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        with gr.Blocks(analytics_enabled=False) as self.blocks:
            gr.api(self.film, api_name="film")
            gr.api(self.late, api_name="late")
        gradio_results.keep_few_sessions(self.blocks)
        self.blocks.queue(default_concurrency_limit=4, max_size=64)
        self.app = gr.mount_gradio_app(FastAPI(), self.blocks, path="", ssr_mode=False)

    def film(self, name: str) -> str:
        return name.ljust(LARGE, ".")

    def late(self) -> str:
        self.goes_on.wait()
        return "late"


class Visitor:
    """A program that uses the API, and what the page's chore does meanwhile."""

    def __init__(self, page: Page, client: TestClient) -> None:
        self.page, self.client = page, client
        self.results = Results(page.blocks, lambda work: client.portal.call(lambda: work))
        self.queue = page.blocks._queue

    def asks(self, number: int, session: str, *data: Any) -> str:
        call = {"data": data, "fn_index": number, "session_hash": session}
        return self.client.post("/gradio_api/queue/join", json=call).json()["event_id"]

    def is_done(self, event: str) -> bool:
        return event not in self.queue.event_ids_to_events

    def film(self, session: str) -> None:
        event = self.asks(0, session, session)
        wait_until(lambda: self.is_done(event))

    def fetched(self, session: str) -> list[dict[str, Any]]:
        lines = self.client.get("/gradio_api/queue/data", params={"session_hash": session}).text
        return [json.loads(line.removeprefix("data:")) for line in lines.splitlines() if line]

    def expire(self, now: float) -> None:
        self.client.portal.call(self.results.drop_old, now)


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    page = Page()
    with TestClient(page.app) as client:
        client.get("/gradio_api/startup-events")
        yield Visitor(page, client)
        page.goes_on.set()


def test_films_that_nobody_fetches_are_kept_within_bounds(visitor: Visitor) -> None:
    """What the messages hold is most of it; the rest is what Gradio keeps of sessions."""
    for number in range(40):
        visitor.film(f"nobody-{number}")
        visitor.expire(now=0.0)
        held = visitor.results.held()
        assert LARGE < sum(held.values()) <= MOST_BYTES
    assert [*held][-1] == "nobody-39"
    assert len(held) == MOST_BYTES // (LARGE + 2_000)
    states = visitor.page.blocks.state_holder.session_data
    assert len(states) == SESSIONS
    kept = sum(str(state.config_values).count("." * (LARGE - 100)) for state in states.values())
    assert kept == SESSIONS  # here is the other copy


def test_a_result_can_be_fetched_for_a_minute(visitor: Visitor) -> None:
    for session in ("first", "second"):
        visitor.film(session)
    visitor.expire(now=100.0)
    visitor.expire(now=100.0 + SECONDS - 1)
    told = visitor.fetched("first")
    assert next(one for one in told if one["msg"] == "process_completed")["output"]["data"]
    visitor.expire(now=100.0 + SECONDS)
    assert visitor.results.held() == {}
    assert not visitor.queue.pending_event_ids_session
    assert not visitor.results._since


def test_what_is_computed_is_never_too_old(visitor: Visitor) -> None:
    event = visitor.asks(1, "patient")
    visitor.expire(now=0.0)
    visitor.expire(now=100 * SECONDS)
    visitor.page.goes_on.set()
    told = visitor.fetched("patient")
    assert [one["output"]["data"] for one in told if one["msg"] == "process_completed"] == [
        ["late"]
    ]
    wait_until(lambda: visitor.is_done(event))


def test_one_session_that_holds_too_much_ends_with_what_it_waits_for(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gradio_results, "MOST_BYTES", 2 * LARGE)
    late = visitor.asks(1, "greedy")
    for _ in range(2):
        visitor.film("greedy")
    visitor.expire(now=0.0)
    assert visitor.results.held() == {}
    visitor.page.goes_on.set()
    wait_until(lambda: visitor.is_done(late))
    visitor.film("another")
    assert sum(visitor.results.held().values()) > LARGE
    assert "Traceback" not in capfd.readouterr().err
