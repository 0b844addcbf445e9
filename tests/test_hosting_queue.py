"""The queue of a page that many share: turns end whatever a trainer does, at a bounded cost.

Trainers are played by `Recorder`, which holds a run's lock as theirs does, or by a program that a
`Launcher` starts in Python's place; the queue, the launcher and the control are the real ones.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ganmodel.files import write_json
from ganmodel.hosting import Limits, TrainerQueue, trainer_queue
from ganmodel.hosting.turn import TURN, Turn, TurnClock, read_turn, write_turn
from ganmodel.recording import Recorder
from ganmodel.runs import Launcher, Run, create_run, stopping
from ganmodel.runs.stopping import insist, is_trainer, processor_seconds
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.run_control import RunControl
from ganmodel.words import message, say, worded
from tests.asking import answer_of
from tests.patient import PATIENCE
from tests.support import MINE, tiny_config, tiny_data, wait_until

ONE = Limits(trainers=1, turn_seconds=1e-9)  # over as soon as it trains
BEGAN = 1e9  # a moment of the past
QUICK = (0.05, 0.05)  # how long a trainer that hangs is waited for
GOES = (0.05, PATIENCE)  # and one that goes at SIGTERM, on a machine that may be busy besides


def made(runs: Path, name: str, turn: Turn | None = None, **status: object) -> Run:
    run = create_run(runs, tiny_config(), name=name, owner=owner_of(MINE))
    if turn is not None:
        write_turn(run, turn)
    if status:
        write_json(run.path("status.json"), {"updated": 1.0, **status})
    return run


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets trainers be this shell script; the processes end with the test."""

    def put(script: str) -> None:
        path = tmp_path / f"python-{secrets.token_hex(4)}"  # a shell reads one as it goes
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return put


def ended(launcher: Launcher, run: Run) -> bool:
    """Whether the trainer that `launcher` started on this run is gone."""
    return run.name in [gone.name for gone in launcher.ended()]


def asked(run: Run) -> int:
    """How often a run's trainer was asked to stop."""
    return len(list(run.path("requests").glob("*.json")))


# --- how a turn ends -----------------------------------------------------------------------------


def test_a_run_waits_in_the_queue_from_the_moment_its_turn_ends(tmp_path: Path) -> None:
    """Not "ended" for the seconds in which its trainer saves, writes "stopped" and exits."""
    control = RunControl(tmp_path, limits=ONE)
    run = made(tmp_path, "a", Turn(1.0, BEGAN))
    with Recorder(run) as trainer:
        trainer.begin(tiny_data())
        made(tmp_path, "b", Turn(2.0))
        assert control.states.of(run) == "running"
        wait_until(lambda: control.queue.look() or asked(run))
        assert control.states.of(run) == "waiting"
        said = worded(control.states.words(run, "waiting", run.status()))
        assert "In the queue at place 2" in said
        for _ in range(3):
            control.queue.look()
        assert asked(run) == 1
        write_json(run.path("status.json"), {**trainer.status, "state": "stopped"})
        assert control.states.of(run) == "waiting"
    assert control.states.of(run) == "waiting"
    write_turn(run, Turn(1.0, BEGAN))  # as if a page had ended now
    assert control.states.of(run) == "waiting"


def test_a_run_that_finishes_as_its_turn_ends_is_not_queued_again(tmp_path: Path) -> None:
    """Before the page looks again, when its turn is over, or after it has asked for the stop that
    the trainer did not need."""
    queue = TrainerQueue(tmp_path, Launcher(), ONE)
    run = made(tmp_path, "a", Turn(1.0, BEGAN))
    with Recorder(run) as trainer:
        trainer.begin(tiny_data())
        queue.look()
        made(tmp_path, "b", Turn(2.0))
        write_json(run.path("status.json"), {**trainer.status, "state": "finished"})
        queue.look()
        assert asked(run) == 0
        assert queue.waiting(run) is None
    write_turn(run, Turn(3.0, resume=True, made_room=True))
    assert queue.waiting(run) is None
    queue.limits = Limits(trainers=0, turn_seconds=1.0)
    queue.look()
    assert read_turn(run) is None
    longer = made(tmp_path, "c", Turn(3.0, resume=True, images=900), state="finished")
    assert queue.waiting(longer)  # this one has ended, and wants to go on for longer


def test_a_pause_holds_no_trainer_while_somebody_waits_and_trains_no_more_unasked(
    tmp_path: Path,
) -> None:
    control = RunControl(tmp_path, limits=ONE)
    run = made(tmp_path, "a", Turn(1.0, BEGAN))
    with Recorder(run) as trainer:
        trainer.begin(tiny_data())
        write_json(run.path("status.json"), {**trainer.status, "state": "paused"})
        control.queue.look()
        assert asked(run) == 0  # nobody makes room for nobody
        made(tmp_path, "b", Turn(2.0))
        wait_until(lambda: control.queue.look() or asked(run))
        write_json(run.path("status.json"), {**trainer.status, "state": "stopped"})
    assert control.states.of(run) == "stopped"
    said = worded(control.states.words(run, "stopped", run.status()))
    assert said == say("run.pause-made-room")


def test_the_run_that_a_class_watches_holds_no_place_while_it_is_paused(
    tmp_path: Path, program: Callable[[str], None]
) -> None:
    program("exit 0")
    launcher = Launcher()
    queue = TrainerQueue(tmp_path, launcher, ONE)
    shown = made(tmp_path, "shown", Turn(1.0, BEGAN, first=True))
    small = made(tmp_path, "small", Turn(2.0))
    with Recorder(shown) as trainer:
        trainer.begin(tiny_data())
        queue.look()
        assert read_turn(small).began is None
        write_json(shown.path("status.json"), {**trainer.status, "state": "paused"})
        queue.look()
        assert read_turn(small).began is not None
        assert asked(shown) == 0
    wait_until(lambda: ended(launcher, small))


def test_no_more_turns_end_than_there_are_runs_that_wait(tmp_path: Path) -> None:
    queue = TrainerQueue(tmp_path, Launcher(), dataclasses.replace(ONE, trainers=2))
    runs = [made(tmp_path, name, Turn(1.0, BEGAN)) for name in "ab"]
    made(tmp_path, "c", Turn(2.0))
    with Recorder(runs[0]) as one, Recorder(runs[1]) as other:
        one.begin(tiny_data()), other.begin(tiny_data())
        wait_until(lambda: queue.look() or sum(map(asked, runs)))
        for _ in range(3):
            queue.look()
        assert sum(map(asked, runs)) == 1


def test_the_order_of_the_queue_and_turns_do_not_ask_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = TrainerQueue(tmp_path, Launcher(), Limits(trainers=0, turn_seconds=60.0))
    runs = [made(tmp_path, name) for name in "cab"]
    for run, moment in zip(runs, (2e9, 1e9, 1.5e9), strict=True):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        queue.enter(run)
    assert [queue.waiting(run).ahead for run in runs] == [0, 1, 2]
    assert TurnClock(began=0.0, trains=50.0).is_over(60.0, now=79.0) is False
    assert TurnClock(began=0.0, trains=50.0).is_over(60.0, now=80.0)
    assert TurnClock(began=0.0, trains=5.0).is_over(60.0, now=60.0)


def test_a_turn_whose_parts_are_of_another_kind_disturbs_nobody(tmp_path: Path) -> None:
    queue = TrainerQueue(tmp_path, Launcher(), Limits(trainers=0, turn_seconds=60.0))
    good, bad = made(tmp_path, "good", Turn(5.0)), made(tmp_path, "bad")
    later = [made(tmp_path, name) for name in "zyx"]
    for since in ('"soon"', "null", "[]", "true", "NaN", "1e300", "1" + 400 * "0", "-1"):
        bad.path(TURN).write_text(f'{{"since": {since}, "images": "x", "leaves": 1}}')
        for run in later:
            queue.enter(run)
        queue.look()
        waiting = [queue.waiting(run).ahead for run in (good, bad, *later)]
        assert waiting == [0, 1, 2, 3, 4], since


# --- trainers that hang --------------------------------------------------------------------------


def test_a_process_goes_by_itself_at_sigterm_or_at_last_by_sigkill() -> None:
    def sleeper() -> subprocess.Popen[bytes]:
        return subprocess.Popen(["sleep", "60"])

    assert insist(subprocess.Popen(["true"]), (PATIENCE, PATIENCE)) is None
    assert insist(sleeper(), GOES) == "SIGTERM"
    hangs = sleeper()
    os.kill(hangs.pid, signal.SIGSTOP)
    os.waitpid(hangs.pid, os.WUNTRACED)  # or SIGTERM might reach it first
    assert insist(hangs, QUICK) == "SIGKILL"
    assert hangs.wait(PATIENCE) == -signal.SIGKILL


def test_a_process_that_works_is_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though not at what is asked. The clock is the processor time that it has used, so that a
    machine without a free core counts as one on which nothing happens."""
    monkeypatch.setattr(stopping, "AT_WORK", 2.0)
    busy, told = subprocess.Popen(["sh", "-c", "while :; do :; done"]), []

    def now() -> float:
        told.append(processor_seconds(busy.pid))
        return told[-1]

    monkeypatch.setattr(stopping, "time", SimpleNamespace(monotonic=now))
    assert insist(busy, (0.3, PATIENCE)) == "SIGTERM"
    assert max(told) > 0.5


def test_a_number_in_a_status_ends_nobody_but_the_runs_own_trainer(tmp_path: Path) -> None:
    run, other = made(tmp_path, "a"), made(tmp_path, "b")
    words = [sys.executable, "-c", "input()", "train", "--run", str(run.folder.resolve())]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        wait_until(lambda: is_trainer(process.pid, run))
        assert not is_trainer(process.pid, other)
        process.communicate(b"\n")
    assert not any(is_trainer(pid, run) for pid in (os.getpid(), 0, -1, None, "1", True))


@pytest.mark.parametrize(
    ("script", "state"),
    [("exec sleep 60", "stopped"), ("while :; do sleep 0.02; done", "failed")],
    ids=["before it listens", "deaf"],
)
def test_a_trainer_that_heeds_no_stop_is_ended_and_its_run_says_so(
    tmp_path: Path, program: Callable[[str], None], script: str, state: str
) -> None:
    """A visitor's Stop, on a page of one's own; a person's wish is no fault of the run's."""
    ready = tmp_path / "ready"
    program(f"{'' if state == 'stopped' else 'trap : TERM;'} : > {ready}; {script}")
    control = RunControl(tmp_path)
    control.launcher.patience = GOES if state == "stopped" else QUICK
    run = made(tmp_path, "a")
    control.queue.enter(run)
    wait_until(ready.exists)
    said = answer_of(control.stop, {"token": MINE, "run": "a"})["said"]
    assert worded(said) == say("page.done.stop")
    wait_until(lambda: ended(control.launcher, run))
    wait_until(lambda: run.status().get("state") == state)
    why = worded(control.states.words(run, state, run.status()))
    assert why.startswith(say("run.hung" if state == "failed" else "page.never-began"))
    assert read_turn(run) is None  # so that the next start leaves it alone


def test_who_never_gets_ready_makes_room_with_a_sentence_and_does_not_come_again(
    tmp_path: Path, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would read from the start for ever, or hangs before it takes the lock."""
    monkeypatch.setattr(trainer_queue, "MOST_START_SECONDS", 0.1)
    program("exec sleep 60")
    launcher = Launcher(patience=GOES)
    queue = TrainerQueue(
        tmp_path, launcher, Limits(trainers=1, turn_seconds=60.0, reading_seconds=0)
    )
    run, other = made(tmp_path, "a"), made(tmp_path, "b")
    queue.enter(run)
    queue.enter(other)
    assert read_turn(other).began is None
    program("exit 0")
    wait_until(lambda: queue.look() or read_turn(other).began)
    why = message("run.never-ready")
    wait_until(lambda: run.status().get("error") == why, what="the sentence")
    assert run.state() == "failed"
    assert queue.waiting(run) is None
    wait_until(lambda: ended(launcher, other))


def test_a_run_that_was_stopped_keeps_its_place_until_its_trainer_is_gone(tmp_path: Path) -> None:
    """Else the next trainer would start beside one that hangs."""
    queue = TrainerQueue(tmp_path, Launcher(), ONE)
    run, other = made(tmp_path, "a", Turn(1.0, BEGAN)), made(tmp_path, "b", Turn(2.0))
    with Recorder(run) as trainer:
        trainer.begin(tiny_data())
        queue.leave(run)
        queue.look()
        assert read_turn(other).began is None
        assert queue.waiting(run) is None
        assert queue.waiting(other).ahead == 0
    queue.limits = Limits(trainers=0)
    queue.look()
    assert read_turn(run) is None


# --- pages that end, and several of them ---------------------------------------------------------


def test_on_a_page_of_ones_own_what_the_system_ended_goes_on_and_what_was_stopped_does_not(
    tmp_path: Path, program: Callable[[str], None]
) -> None:
    program("exit 0")
    held = Turn(1.0, BEGAN)
    cut = {
        made(tmp_path, "signalled", held, state="stopped", interrupted=True).name,
        made(tmp_path, "killed", held, state="running").name,
        made(tmp_path, "reading", held, state="waiting").name,
    }
    made(tmp_path, "by wish", held, state="stopped", interrupted=False)
    made(tmp_path, "done", held, state="finished")
    made(tmp_path, "command line", None, state="stopped", interrupted=True)
    made(tmp_path, "of a queue", Turn(1.0), state="stopped", interrupted=True)
    launcher = Launcher()
    page = TrainerQueue(tmp_path, launcher, Limits())
    page.look()
    wait_until(lambda: {run.name for run in launcher.ended()} == cut)
    assert read_turn(Run(tmp_path / "by wish")) is read_turn(Run(tmp_path / "done")) is None
    page.look()  # only the first look is the start
    assert {run.name for run in launcher.ended()} == cut
    page.close()


def test_one_page_of_a_runs_folder_starts_trainers_and_another_takes_over(
    tmp_path: Path, program: Callable[[str], None]
) -> None:
    program("exec sleep 60")
    one, other = (
        TrainerQueue(
            tmp_path, Launcher(patience=QUICK), dataclasses.replace(ONE, turn_seconds=60.0)
        )
        for _ in range(2)
    )
    run = made(tmp_path, "a")
    one.look()
    other.enter(run)
    assert not other.trains(run)
    one.look()
    assert one.trains(run)
    for _ in range(3):
        other.look()
    assert not other.launcher.starting(run)
    one.launcher.insist(run)
    wait_until(lambda: ended(one.launcher, run))
    one.close()
    program("exit 0")
    other.look()
    wait_until(lambda: ended(other.launcher, run))
    other.close()


def test_a_status_is_told_from_an_earlier_trainers_without_a_clock(
    tmp_path: Path, program: Callable[[str], None]
) -> None:
    control = RunControl(tmp_path)
    run = made(tmp_path, "a", None, state="stopped", updated=4e9)  # written in the future
    program(f"while [ ! -e {tmp_path / 'go'} ]; do sleep 0.02; done")
    control.queue.enter(run, resume=True)
    assert control.states.of(run) == "waiting"
    write_json(run.path("status.json"), {"state": "stopped", "updated": 5.0})
    assert control.states.of(run) == "stopped"
    (tmp_path / "go").touch()
    wait_until(lambda: ended(control.launcher, run))
