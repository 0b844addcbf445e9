"""Limits, the queue, quotas, the gate and the log of a page that many share, each by itself."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import logging
import os
import platform
import signal
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from ganmodel.errors import KnownError
from ganmodel.hosting import (
    Caretaker,
    Gate,
    Limits,
    TrainerQueue,
    classroom,
    give_memory_back,
    hosted,
    limit_malloc_arenas,
    log_to,
)
from ganmodel.hosting import trainer_queue as queue
from ganmodel.hosting.bodies import MOST_BODY
from ganmodel.hosting.gate import MOST_WAIT, path_of
from ganmodel.hosting.logs import JsonLines
from ganmodel.hosting.rates import BURST_SECONDS, Bucket
from ganmodel.hosting.turn import TURN
from ganmodel.runs import Launcher, Run, create_run
from ganmodel.words import message
from tests.asking import TOKEN_HEADER, gated
from tests.patient import PATIENCE
from tests.support import tiny_config, wait_until

FULL = Limits(trainers=0, turn_seconds=60.0)  # nobody's turn ever comes


def made(runs: Path, name: str, owner: str = "") -> Run:
    return create_run(runs, tiny_config(), name=name, owner=owner)


# --- limits --------------------------------------------------------------------------------------


def test_a_page_of_ones_own_has_no_limits_and_shared_ones_do() -> None:
    own = Limits()
    assert own.trainers is own.turn_seconds is own.runs_each is own.bytes_in_all is None
    assert own.calls_each is own.upload_seconds is None
    assert own.reading_seconds is own.examining_seconds is own.reading_pixels is None
    assert not own.settings
    for shared in (hosted(), classroom()):
        assert shared.trainers == max(1, (os.cpu_count() or 2) // 2)
        assert shared.turn_seconds == 60
        assert shared.runs_each
        assert shared.examining_seconds <= shared.reading_seconds <= shared.turn_seconds / 2
        assert shared.reading_pixels
        assert shared.bytes_each
        assert shared.upload_bytes < own.upload_bytes
        assert shared.settings["images"][1] < 1_000_000_000
    assert hosted().upload_seconds
    assert hosted().bytes_in_all


# --- turns ---------------------------------------------------------------------------------------


def test_who_comes_first_waits_at_the_head_and_who_leaves_is_gone(tmp_path: Path) -> None:
    turns = TrainerQueue(tmp_path, Launcher(), FULL)
    runs = [made(tmp_path, name) for name in ("zebra", "ape", "mouse")]
    assert turns.waiting(runs[0]) is None
    for run in runs:
        turns.enter(run)
    assert [turns.waiting(run).ahead for run in runs] == [0, 1, 2]
    turns.leave(runs[0])
    assert turns.waiting(runs[0]) is None
    assert [turns.waiting(run).ahead for run in runs[1:]] == [0, 1]


def test_a_queue_is_found_again_by_the_next_page(tmp_path: Path) -> None:
    runs = [made(tmp_path, name) for name in ("zebra", "ape")]
    for run in runs:
        TrainerQueue(tmp_path, Launcher(), FULL).enter(run)
    later = TrainerQueue(tmp_path, Launcher(), FULL)
    assert [later.waiting(run).ahead for run in runs] == [0, 1]


def test_the_run_that_a_class_watches_goes_first(tmp_path: Path) -> None:
    turns = TrainerQueue(tmp_path, Launcher(), FULL)
    small, shown = made(tmp_path, "a"), made(tmp_path, "b")
    turns.enter(small)
    turns.enter(shown, first=True)
    assert (turns.waiting(shown).ahead, turns.waiting(small).ahead) == (0, 1)


def test_how_long_it_takes_grows_with_the_place_in_the_queue(tmp_path: Path) -> None:
    turns = TrainerQueue(tmp_path, Launcher(), FULL)
    runs = [made(tmp_path, f"r{k}") for k in range(4)]
    for run in runs:
        turns.enter(run)
    seconds = [turns.waiting(run).seconds for run in runs]
    assert seconds == sorted(seconds)
    assert seconds[3] - seconds[2] >= 60


def test_a_damaged_turn_file_is_nobodys_turn(tmp_path: Path) -> None:
    turns, run = TrainerQueue(tmp_path, Launcher(), FULL), made(tmp_path, "a")
    run.path(TURN).write_text("{")
    assert turns.waiting(run) is None
    turns.look()


@pytest.mark.slow
def test_a_turn_ends_for_the_next_and_everybody_comes_to_their_end(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real trainers; each is stopped and resumed in turn, and misses no row. One hangs at last."""
    monkeypatch.setattr(queue, "STOP_SECONDS", PATIENCE)
    launcher = Launcher(data_dir)
    turns = TrainerQueue(tmp_path, launcher, Limits(trainers=1, turn_seconds=1.5))
    runs = [
        create_run(tmp_path, tiny_config(images=400_000, evaluate_every=0, width=4), name=name)
        for name in ("a", "b")
    ]
    for run in runs:
        turns.enter(run)
    assert turns.waiting(runs[0]) is None
    assert turns.waiting(runs[1]).ahead == 0

    def the_second_trains() -> bool:
        if turns.trains(runs[1]):  # until it hangs, its turn does not end
            turns.limits = dataclasses.replace(turns.limits, turn_seconds=PATIENCE)
        turns.look()
        assert not all(turns.trains(run) for run in runs)  # one place, never two trainers
        return bool(runs[1].rows()[0])

    wait_until(the_second_trains)
    assert runs[0].state() == "stopped"
    seen = runs[0].status()["images_seen"]
    assert turns.waiting(runs[0]).ahead == 0
    launcher.patience = (0.2, 0.2)
    os.kill(runs[1].status()["pid"], signal.SIGSTOP)
    turns.limits = dataclasses.replace(turns.limits, turn_seconds=1.5)

    def the_first_goes_on() -> bool:
        turns.look()
        rows, _ = runs[0].rows()  # none yet where its first turn ended with its first steps
        return bool(rows) and rows[-1]["images"] > seen + 2_000

    wait_until(the_first_goes_on)
    assert runs[1].state() == "failed"
    assert runs[1].status()["error"][0] == message("run.hung")
    assert turns.waiting(runs[1]) is None
    turns.close()
    assert not any(turns.trains(run) for run in runs)
    images = [row["images"] for row in runs[0].rows()[0]]
    assert images == sorted(set(images))
    assert {b - a for a, b in itertools.pairwise(images)} == {images[1] - images[0]}


# --- the gate ------------------------------------------------------------------------------------


CLOSED = (
    ("GET", "/gradio_api/file=/etc/passwd"), ("GET", "/gradio_api/proxy=http://x.y/"),
    ("POST", "/gradio_api/upload"), ("GET", "/gradio_api/upload_progress"), ("GET", "/monitoring"),
    ("GET", "/gradio_api/runs"), ("GET", "/gradio_api/run-history/records"), ("POST", "/login"),
    ("GET", "/gradio_api/deep_link"), ("POST", "/gradio_api/vibe-edit"), ("GET", "/svelte/x"),
    ("POST", "/gradio_api/process_recording"), ("GET", "/gradio_api/dev/reload"),
    ("GET", "/gradio_api/queue/status"), ("POST", "/gradio_api/run/sample"), ("DELETE", "/"),
    ("POST", "/gradio_api/call/other"), ("GET", "/gradio_api/call/sample"),
    ("GET", "/assets/../../etc/passwd"), ("POST", "/"), ("GET", "/ganmodel-draw"), ("GET", "/x"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_what_the_page_does_not_use_of_gradio_is_closed(method: str, path: str) -> None:
    answer = gated().build_request(method, path)
    answer.url = answer.url.copy_with(raw_path=path.encode())  # or ".." would be resolved
    got, gone = gated().send(answer), KnownError("no-such-address")
    assert got.status_code == 404
    told = got.json()["error"]  # for a program of Gradio's in a sentence
    assert told == str(gone) if path.startswith("/gradio_api") else told["code"] == gone.code


@pytest.mark.parametrize("index", [1, -1, "x", None, True])
def test_the_queue_takes_only_what_there_is(index: Any) -> None:
    client, path = gated(), "/gradio_api/queue/join"
    asked = {"data": [1], "fn_index": index, "session_hash": "x"}
    assert client.post(path, json=asked).status_code == 400
    assert client.post(path, json={**asked, "fn_index": 0}).status_code == 200
    assert client.post(path, json={**asked, "fn_index": 0, "data": "x"}).status_code == 400
    assert client.post(path, json={**asked, "fn_index": 0, "data": []}).status_code == 400
    assert client.post("/gradio_api/call/sample", json={"data": [1]}).status_code == 200
    assert client.post("/gradio_api/call/sample", json={"data": [1, 2]}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/config", "/theme.css", "/assets/x.js", "/gradio_api/info", "/healthz"]
)
def test_what_the_page_and_programs_need_is_open(path: str) -> None:
    assert gated().get(path).status_code == 200
    assert gated().head(path).status_code == 200


def test_a_call_is_passed_on_as_it_came() -> None:
    call = {"data": [1], "fn_index": 0, "session_hash": "x"}
    got = gated().post("/gradio_api/queue/join", json=call)
    assert json.loads(got.json()["body"]) == call
    assert gated().post("/ganmodel-draw", content=b"no JSON").json()["body"] == "no JSON"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"nonsense", b"[" * 100_000,
        json.dumps({"data": [1], "session_hash": ["x"]}).encode(),
        json.dumps({"data": "x" * 200_000}).encode(),
    ],
    ids=range(6),
)  # fmt: skip
def test_a_call_that_gradio_would_stumble_over_is_refused(body: bytes) -> None:
    for path in ("/gradio_api/queue/join", "/gradio_api/call/sample"):
        got = gated().post(path, content=body)
        large = len(body) > {"/gradio_api/call/sample": 1_000}.get(path, MOST_BODY)
        assert got.status_code == (413 if large else 400)
        assert ("larger than" if large else "reload the page") in got.json()["error"]


def test_a_password_is_asked_for_everywhere_but_for_the_health_check() -> None:
    client = gated(login="eva:correct horse")
    for path in ("/", "/config", "/gradio_api/info"):
        got = client.get(path)
        assert got.status_code == 401
        assert got.headers["www-authenticate"].startswith("Basic")
    assert client.post("/ganmodel-draw", json={}).status_code == 401
    assert client.get("/healthz").status_code == 200
    for wrong in ("eva:wrong", "eva", ":", "other:correct horse"):
        told = base64.b64encode(wrong.encode()).decode()
        assert client.get("/", headers={"authorization": f"Basic {told}"}).status_code == 401
    for wrong in ("Basic", "Basic ====", "Bearer x", ""):
        assert client.get("/", headers={"authorization": wrong}).status_code == 401
    assert client.get("/", auth=("eva", "correct horse")).status_code == 200


def test_behind_a_proxy_the_same_addresses_answer_below_itspath_of() -> None:
    gate = Gate(Starlette())
    scope = {"path": "/demo/config", "root_path": "/demo"}
    assert path_of(scope) == "/config"
    assert gate.rule_of("GET", path_of(scope)) is not None
    assert path_of({"path": "/demo", "root_path": "/demo"}) == "/demo"
    assert path_of({"path": "/config", "root_path": "/demo"}) == "/config"


def test_a_visitor_may_ask_so_often_is_then_held_back_and_at_last_refused() -> None:
    bucket = Bucket(rate=10)
    waits = [bucket.take("x", 100.0, MOST_WAIT) for _ in range(80)]
    at_once = [wait for wait in waits if wait == 0]
    assert len(at_once) == pytest.approx(10 * BURST_SECONDS, abs=2)
    held = [wait for wait in waits if 0 < wait <= MOST_WAIT]
    assert held == sorted(held)
    assert max(waits) <= MOST_WAIT + 0.2  # who is refused does not push the queue on
    assert bucket.take("other", 100.0, MOST_WAIT) == 0
    assert bucket.take("x", 110.0, MOST_WAIT) == 0


def test_who_asks_too_much_hears_how_long_to_wait() -> None:
    client = gated(limits=Limits(calls_each=0.001))
    own, other = {TOKEN_HEADER: "b" * 64}, {TOKEN_HEADER: "c" * 64}
    for _ in range(4):
        got = client.post("/ganmodel-draw", headers=own)
    assert got.status_code == 429
    assert got.json()["error"]["code"] == "too-fast"
    assert int(got.headers["retry-after"]) > 3
    got = client.post("/gradio_api/queue/join", json={}, headers=own)
    assert got.status_code == 429
    assert "too much at once" in got.json()["error"]
    assert client.post("/ganmodel-draw", headers=other).status_code == 200


def test_an_address_is_limited_whatever_tokens_it_makes_up() -> None:
    client = gated(limits=Limits(calls_of_address=0.001))
    tokens = [{TOKEN_HEADER: f"{k:064x}"} for k in range(5)]
    codes = [client.post("/ganmodel-draw", headers=one).status_code for one in tokens]
    assert codes[0] == 200
    assert codes[-1] == 429


# --- the log, and chores -------------------------------------------------------------------------


def test_the_log_says_what_and_where_and_never_who(tmp_path: Path) -> None:
    path = log_to(tmp_path)
    log = logging.getLogger("ganmodel.test")
    root = logging.getLogger()
    try:
        try:
            raise RuntimeError("a visitor's secret words")
        except RuntimeError:
            log.exception("%s failed", "draw")
        logging.getLogger("httpx").info("GET %s", "/?token=secret")
    finally:
        handler = next(h for h in root.handlers if isinstance(h.formatter, JsonLines))
        root.removeHandler(handler)
        handler.close()
        root.setLevel(logging.WARNING)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0]["said"] == "draw failed"
    assert lines[0]["kind"] == "RuntimeError"
    assert "test_hosting.py" in lines[0]["lines"][0]
    assert "secret" not in path.read_text("utf-8")
    assert handler.backupCount > 0
    assert handler.maxBytes > 0


def test_a_chore_that_fails_is_done_again_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = {"good": 0, "bad": 0}

    def good() -> None:
        done["good"] += 1

    def bad() -> None:
        done["bad"] += 1
        raise RuntimeError

    caretaker = Caretaker({bad: 0.01, good: 0.02})
    caretaker.start()
    wait_until(lambda: done["good"] > 2 and done["bad"] > 2)
    caretaker.stop()
    after = dict(done)
    assert done == after
    assert "bad" in caplog.text


def test_freed_memory_is_shared_and_goes_back_where_the_c_library_can() -> None:
    assert limit_malloc_arenas() == give_memory_back() == (platform.libc_ver()[0] == "glibc")
