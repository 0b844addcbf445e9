"""What of the disk and of the queue a visitor, an address, and all together may take."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ganmodel.files import write_json
from ganmodel.hosting import Addressed, Ledger, Limits, Quotas, calling_address, hosted
from ganmodel.hosting.address import network_of
from ganmodel.runs import TRASH, Run, RunError, create_run, fork_run, list_runs, trash_run
from ganmodel.runs.library import KEPT_RUNS
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.run_control import RunControl
from ganmodel.words import worded
from tests.asking import answer_of, told_by
from tests.support import MINE, OTHER, tiny_config


def made(runs: Path, name: str, owner: str, *, size: int = 0, age: float = 0, won: bool = True):
    """A run that has ended: `size` bytes, so many seconds ago; `won`: its trainer got somewhere."""
    run = create_run(runs, tiny_config(), name=name, owner=owner)
    if won:
        run.path("weights").mkdir()
        run.path("weights", "000000016.safetensors").touch()
    if size:
        run.path("big").write_bytes(bytes(size))
    write_json(run.path("status.json"), {"state": "stopped", "images_seen": 16 * won, "pid": 1})
    then = run.path("status.json").stat().st_mtime - age
    for name in ("config.json", "status.json"):
        os.utime(run.path(name), (then, then))
    return run


def quotas(runs: Path, living: tuple[str, ...] = (), **limits: Any) -> Quotas:
    ledger = Ledger(runs / ".uploads")
    return Quotas(runs, Limits(**limits), lambda run: run.name in living, ledger)


def lies_since(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder, (then, then))


def left(runs: Path) -> list[str]:
    return sorted(run.name for run in list_runs(runs))


def in_trash(runs: Path) -> list[str]:
    return sorted(path.name for path in (runs / TRASH).iterdir())


# --- what goes first -----------------------------------------------------------------------------


def test_room_is_made_by_the_visitors_oldest_that_has_ended(tmp_path: Path) -> None:
    for age, name in ((30, "mine-1"), (20, "mine-2"), (10, "mine-3"), (40, "others")):
        made(tmp_path, name, "other" if name == "others" else "me", age=age)
    removed = quotas(tmp_path, ("mine-1",), runs_each=3).make_room("me")
    assert len(removed) == 1
    assert left(tmp_path) == ["mine-1", "mine-3", "others"]
    assert quotas(tmp_path, runs_each=3).make_room("me") == []


def test_of_all_visitors_runs_the_oldest_goes_and_what_trains_stays(tmp_path: Path) -> None:
    for age, name in ((30, "1"), (20, "2"), (10, "3")):
        made(tmp_path, name, name, age=age)
    told = quotas(tmp_path, ("1",), runs_in_all=3).make_room("me")
    assert told == []  # what somebody else called their run
    assert left(tmp_path) == ["1", "3"]
    with pytest.raises(RunError, match="full with runs that train or wait"):
        quotas(tmp_path, ("1", "3"), runs_in_all=1).make_room("me")


def test_runs_that_never_began_are_not_worth_one_that_did(tmp_path: Path) -> None:
    """However new they are, and whoever's: made-up visitors cost nothing."""
    worth = made(tmp_path, "0-worth", "them", age=1000)
    fork = fork_of(worth, "forked")
    for k in range(4):
        made(tmp_path, f"empty-{k}", f"stranger-{k}", won=False)
    shared = quotas(tmp_path, runs_in_all=6)
    for k in range(12):
        shared.make_room("me")
        made(tmp_path, f"more-{k}", "me", won=False)
        assert "0-worth" in left(tmp_path)
        assert len(left(tmp_path)) <= 6
    assert not fork.folder.exists()  # it had another's past, and never a turn of its own


def fork_of(run: Run, name: str) -> Run:
    fork = fork_run(run.folder.parent, run, 0, {}, owner="them")
    target = run.folder.with_name(name)
    fork.folder.rename(target)
    return Run(target)


def test_ones_own_trash_counts_and_goes_first_and_nobody_elses(tmp_path: Path) -> None:
    for owner in ("me", "other"):
        for k in range(3):
            trash_run(made(tmp_path, f"{owner}-{k}", owner, size=50_000))
            lies_since(tmp_path / TRASH / f"{owner}-{k}", seconds=100 - k)
    made(tmp_path, "kept", "me", size=50_000)
    quotas(tmp_path, bytes_each=160_000).make_room("me")
    assert in_trash(tmp_path) == ["me-1", "me-2", "other-0", "other-1", "other-2"]
    quotas(tmp_path, runs_each=2).make_room("me")
    assert in_trash(tmp_path) == ["other-0", "other-1", "other-2"]
    assert left(tmp_path) == ["kept"]


def test_where_all_together_take_too_much_the_oldest_trash_goes_before_any_run(
    tmp_path: Path,
) -> None:
    for seconds, owner in ((200, "me"), (100, "other")):
        trash_run(made(tmp_path, f"trash-{owner}", owner, size=50_000))
        lies_since(tmp_path / TRASH / f"trash-{owner}", seconds)
    made(tmp_path, "kept", "other", size=50_000, age=9999)
    quotas(tmp_path, bytes_in_all=120_000).make_room("me")
    assert in_trash(tmp_path) == ["trash-other"]
    quotas(tmp_path, bytes_in_all=70_000).make_room("me")
    assert in_trash(tmp_path) == []
    assert left(tmp_path) == ["kept"]


def test_who_throws_much_away_empties_nobody_elses_trash(tmp_path: Path) -> None:
    trash_run(made(tmp_path, "other", "other"))
    for k in range(KEPT_RUNS + 2):
        trash_run(made(tmp_path, f"mine-{k:02}", "me"))
    assert "other" in in_trash(tmp_path)
    assert len(in_trash(tmp_path)) == KEPT_RUNS + 1


def test_a_start_leaves_room_for_what_the_run_will_make(tmp_path: Path) -> None:
    for k in range(3):
        made(tmp_path, f"run-{k}", "me", size=40_000, age=10 - k)
    quotas(tmp_path, bytes_each=150_000).make_room("me", size=60_000)
    assert left(tmp_path) == ["run-1", "run-2"]


# --- uploads -------------------------------------------------------------------------------------


def test_files_that_come_at_once_share_one_budget_from_before_they_come(tmp_path: Path) -> None:
    some, upload = quotas(tmp_path, upload_bytes=100), tmp_path / ".uploads" / "me" / "one"
    for _ in range(3):
        some.expect(upload, "me", 30, "1.2.3.4")
    with pytest.raises(RunError, match="MB at once"):
        some.expect(upload, "me", 30, "1.2.3.4")
    with pytest.raises(RunError, match="MB at once"):
        some.grow(upload, "me", 11, "1.2.3.4")
    some.ledger.received(upload, lost=30)
    some.expect(upload, "me", 30, "1.2.3.4")


def test_uploads_count_among_a_visitors_bytes_and_among_all(tmp_path: Path) -> None:
    made(tmp_path, "mine", "me", size=60_000)
    uploads = tmp_path / ".uploads"
    each = quotas(tmp_path, bytes_each=100_000)
    each.expect(uploads / "me" / "one", "me", 20_000, "")
    with pytest.raises(RunError, match="Your runs and pictures fill"):
        each.expect(uploads / "me" / "two", "me", 30_000, "")
    each.make_room("me", size=20_000)
    assert left(tmp_path) == []  # the upload is on its way, and leaves less for runs
    in_all = quotas(tmp_path, bytes_in_all=100_000)
    in_all.expect(uploads / "me" / "one", "me", 70_000, "")
    with pytest.raises(RunError, match="disk that this page may use is full"):
        in_all.expect(uploads / "other" / "one", "other", 40_000, "")


def test_uploads_that_an_earlier_page_took_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / ".uploads" / "me" / "one" / "your-pictures"
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(bytes(70))
    some = quotas(tmp_path, upload_bytes=100)
    assert some.ledger.held("me") == some.ledger.held() == 70
    with pytest.raises(RunError, match="MB at once"):
        some.expect(folder.parent, "me", 40, "")


def test_an_address_sends_so_much_whatever_tokens_it_makes_up(tmp_path: Path) -> None:
    some = quotas(tmp_path, upload_bytes_of_address=100, upload_seconds=3600.0)
    for k in range(2):
        some.expect(tmp_path / ".uploads" / f"{k}" / "one", f"{k}", 50, "1.2.3.4")
    with pytest.raises(RunError, match="From your network's address"):
        some.expect(tmp_path / ".uploads" / "3" / "one", "3", 50, "1.2.3.4")
    some.expect(tmp_path / ".uploads" / "3" / "one", "3", 50, "5.6.7.8")


def test_what_is_removed_while_more_comes_is_counted_right_in_the_end(tmp_path: Path) -> None:
    ledger, upload = Ledger(tmp_path), tmp_path / "me" / "one"
    ledger.expect(upload, 10, "")
    ledger.received(upload)
    ledger.expect(upload, 20, "")
    ledger.forget(upload)
    assert ledger.held() == 30
    ledger.received(upload, lost=20)
    assert ledger.held() == 0


# --- while it trains -----------------------------------------------------------------------------


def test_a_run_that_outgrows_its_visitors_share_is_stopped_with_a_sentence(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    control = RunControl(runs, limits=Limits(trainers=1, bytes_each=100_000))
    run = made(runs, "grows", owner_of(MINE), size=50_000)
    other = made(runs, "other", owner_of(OTHER), size=50_000)
    trash_run(made(runs, "trash", owner_of(MINE), size=40_000))
    for one in (run, other):
        write_json(one.path("status.json"), {"state": "running", "images_seen": 16, "pid": 1})
    with FileLock(run.path("lock"), is_singleton=False), FileLock(other.path("lock")):
        control.stop_outgrown()
        assert not list(runs.glob("*/requests/*.json"))
        run.path("big").write_bytes(bytes(110_000))
        write_json(run.path("status.json"), {"state": "running", "images_seen": 32, "pid": 1})
        control.stop_outgrown()
    asked = [json.loads(path.read_text())["action"] for path in runs.glob("*/requests/*.json")]
    assert asked == ["stop"]
    assert in_trash(runs) == []  # that went first
    assert "delete what you no longer need" in worded(control.states.words(run, "stopped", {}))
    assert control.states.words(other, "stopped", {}) != control.states.words(run, "stopped", {})


# --- the queue, and addresses --------------------------------------------------------------------


def test_the_queue_takes_some_of_an_address_and_some_in_all(tmp_path: Path) -> None:
    limits = Limits(trainers=0, queued_in_all=4, queued_of_address=2)
    control = RunControl(tmp_path / "runs", limits=limits, host=owner_of("f" * 64))

    async def start(request: Request) -> Response:
        ask = {"token": (await request.body()).decode(), "settings": {"preset": "quick"}}
        return JSONResponse(await run_in_threadpool(told_by, control.start, ask))

    app = Starlette(
        routes=[Route("/", start, methods=["POST"])], middleware=[Middleware(Addressed)]
    )
    tokens = iter(f"{k:064x}" for k in range(20))

    def started_from(address: str, token: str | None = None) -> dict[str, Any]:
        client = TestClient(app, client=(address, 5))
        return client.post("/", content=token or next(tokens)).json()

    first = started_from("1.1.1.1", "d" * 64)
    assert "run" in first
    assert "run" in started_from("1.1.1.1")
    assert "from your network's address wait" in started_from("1.1.1.1")["error"]
    assert "run" in started_from("2.2.2.2")
    assert "run" in started_from("3.3.3.3")
    assert "4 runs wait for their turn already" in started_from("4.4.4.4")["error"]
    assert "run" in started_from("4.4.4.4", "f" * 64)  # whom a class watches
    answer_of(control.stop, {"token": "d" * 64, "run": first["run"]})
    with pytest.raises(RunError, match="wait for their turn already"):
        # The host's took the place.
        answer_of(control.resume, {"token": "d" * 64, "run": first["run"]})
    assert len(list_runs(control.runs)) == 5


def test_one_address_is_one_machine(tmp_path: Path) -> None:
    assert network_of("10.1.2.3") == network_of("::ffff:10.1.2.3") == "10.1.2.3"
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::3") != network_of("2001:db8:1:3::3")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("testclient") == "testclient"
    assert calling_address() == ""


def test_a_shared_page_has_all_of_these_limits() -> None:
    limits = hosted()
    assert 1 < limits.queued_of_address < limits.queued_in_all
    assert limits.upload_bytes < limits.upload_bytes_of_address < limits.bytes_in_all
    assert limits.bytes_each < limits.bytes_in_all
