"""What a page asks of a trainer, through a run's folder, and what it answers."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import ConfigError
from ganmodel.files import stamps
from ganmodel.recording import Recorder
from ganmodel.recording.request_queue import FILES
from ganmodel.runs import Run, RunError, create_run
from ganmodel.runs.folder import MOST_REQUESTS
from ganmodel.snapshots import Snapshot
from ganmodel.training import train
from ganmodel.words import worded
from tests.patient import PATIENCE
from tests.support import (
    Crash,
    ask_and_wait,
    assert_same_run,
    crash_at,
    differing,
    metric_rows,
    new_run,
    read_tensors,
    record,
    tiny_config,
    tiny_data,
    wait_until,
)


@contextmanager
def _training(run: Run) -> Iterator[threading.Thread]:
    """A trainer in a thread, for as long as the block lasts."""
    thread = threading.Thread(target=record, args=(run,))
    thread.start()
    try:
        wait_until(lambda: run.status().get("images_seen", 0) > 0, what="the first row")
        yield thread
    finally:
        run.path("stop").touch()
        thread.join(PATIENCE)
    assert not thread.is_alive()


# --- asking a trainer ------------------------------------------------------------------------


def test_a_run_is_paused_resumed_and_stopped_on_request(tmp_path: Path) -> None:
    run = new_run(tmp_path, images=10**8)
    with _training(run) as thread:
        assert (run.state(), run.is_alive()) == ("running", True)
        paused = ask_and_wait(run, "pause")
        assert paused["ok"]
        assert run.state() == "paused"
        # A second pause is answered where the first one stands still.
        assert ask_and_wait(run, "pause")["images_seen"] == paused["images_seen"]
        resumed = ask_and_wait(run, "resume")
        assert resumed == {"ok": True, "images_seen": paused["images_seen"]}
        wait_until(lambda: run.status()["images_seen"] > paused["images_seen"] + 32)
        assert run.state() == "running"
        stopped = ask_and_wait(run, "stop")
        assert stopped["ok"]
        thread.join(PATIENCE)
        assert run.state() == "stopped"
        assert not run.status()["interrupted"]
        assert run.status()["images_seen"] == stopped["images_seen"]
        assert max(run.moments("weights")) == stopped["images_seen"]
        assert max(run.moments("checkpoints")) == stopped["images_seen"]


def test_pauses_and_stops_leave_no_mark_on_the_result(tmp_path: Path) -> None:
    """Paused and stopped somewhere, continued: the same bits as without."""
    straight, run = new_run(tmp_path, "straight", images=1024), new_run(tmp_path, images=1024)
    record(straight)
    with _training(run) as thread:
        ask_and_wait(run, "pause")
        ask_and_wait(run, "resume")
        ask_and_wait(run, "stop")
        thread.join(PATIENCE)
    assert run.state() in ("stopped", "finished")
    if run.state() == "stopped":
        record(run, resume=True)
    assert metric_rows(straight.folder) == metric_rows(run.folder)
    one, other = (max(r.moments("checkpoints").values()) for r in (straight, run))
    assert differing(read_tensors(one)[1], read_tensors(other)[1]) == []


def test_a_bare_file_named_stop_ends_a_run_and_is_gone_on_resume(tmp_path: Path) -> None:
    run = new_run(tmp_path)

    def ask_at_64(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 64:
            run.path("stop").touch()

    assert record(run, on_snapshot=ask_at_64) == "stopped"
    assert run.status()["images_seen"] == 64
    assert record(run, resume=True) == "finished"
    assert not run.path("stop").exists()


def test_every_request_is_answered_and_bad_ones_in_a_sentence(tmp_path: Path) -> None:
    bad = {
        "torn": ("{", "must be a JSON object"),
        "list": ("[1]", "must be a JSON object"),
        "deep": ("[" * 100_000, "must be a JSON object"),
        "no action": ("{}", "stop, pause, resume, set or step"),
        "unknown": ('{"action": "dance"}', "stop, pause, resume, set or step"),
        "odd action": ('{"action": ["stop"]}', "stop, pause, resume, set or step"),
        "set nothing": ('{"action": "set"}', "must hold values"),
        "set empty": ('{"action": "set", "values": {}}', "must hold values"),
        "no knob": ('{"action": "set", "values": {"z_dim": 8}}', "'z_dim' cannot be changed"),
        "range": ('{"action": "set", "values": {"lr_g": -1}}', "(lr_g) must be"),
        "nan": ('{"action": "set", "values": {"lr_g": NaN}}', "(lr_g) must be"),
        "half": ('{"action": "set", "values": {"lr_d": 0.1, "lr_g": "x"}}', "(lr_g) must be"),
    }
    straight, run = new_run(tmp_path, "straight"), new_run(tmp_path)
    record(straight)
    numbers = dict(zip(bad, range(1, 100), strict=False))

    def ask(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 32:
            for name, (content, _) in bad.items():
                run.path("requests", f"{numbers[name]:06}.json").write_text(content)

    assert record(run, on_snapshot=ask) == "finished"
    for name, (_, words) in bad.items():
        reply = run.reply(numbers[name])
        assert reply is not None, name
        assert reply["ok"] is False, name
        assert words in worded(reply["error"]), name
    assert_same_run(straight.folder, run.folder)  # none of them did anything


BREAKING: dict[str, tuple[dict[str, Any], dict[str, float], str]] = {
    "r3gan without R1": ({"objective": "r3gan"}, {"r1_gamma": 0}, "but r1_gamma is 0"),
    "r3gan without R2": ({"objective": "r3gan"}, {"r2_gamma": 0.0}, "but r2_gamma is 0"),
    "wgan-gp without": ({"objective": "wgan-gp"}, {"gp_weight": 0}, "but gp_weight is 0"),
    "R1 with batch norm": ({"norm_d": "batch"}, {"lr_d": 1e-4, "r1_gamma": 0.1}, "BatchNorm in D"),
    "R2 with batch norm": ({"norm_d": "batch"}, {"r2_gamma": 0.1}, "BatchNorm in D"),
}


@pytest.mark.parametrize(("chosen", "values", "words"), BREAKING.values(), ids=BREAKING)
def test_a_knob_that_would_break_the_combination_is_refused_and_training_goes_on(
    tmp_path: Path, chosen: dict[str, Any], values: dict[str, float], words: str
) -> None:
    """In the reply, in the words that a new run would have been refused with; and whatever else
    the request asked for is not done either."""
    chosen = {"images": 64, **chosen}
    straight, run = new_run(tmp_path, "straight", **chosen), new_run(tmp_path, **chosen)
    record(straight)
    numbers: list[int] = []

    def ask(snapshot: Snapshot) -> None:
        if snapshot.row and not numbers:
            numbers.append(run.ask("set", values=values))

    assert record(run, on_snapshot=ask) == "finished"
    reply = run.reply(numbers[0])
    with pytest.raises(ConfigError) as caught:
        tiny_config(**{**chosen, **values})
    assert reply == {"ok": False, "error": caught.value.message}
    assert words in worded(reply["error"])
    assert_same_run(straight.folder, run.folder)


def test_a_refused_knob_leaves_those_set_before_as_they_are(tmp_path: Path) -> None:
    run, kept = new_run(tmp_path, objective="r3gan"), []
    knobs = {32: {"r1_gamma": 2.0}, 64: {"r2_gamma": 3.0}, 96: {"r1_gamma": 0.0}}
    record(run, knobs=knobs, on_snapshot=kept.append)
    assert [(s.images_seen, s.changed) for s in kept if s.changed] == [
        (32, {"r1_gamma": 2.0}),
        (64, {"r2_gamma": 3.0}),
    ]
    assert [run.reply(number)["ok"] for number in (1, 2, 3)] == [True, True, False]
    facts = read_tensors(run.moments("checkpoints")[128])[0]["facts"]
    assert facts["knobs"] == {"r1_gamma": 2.0, "r2_gamma": 3.0}


@pytest.mark.parametrize(
    ("chosen", "values"),
    [
        ({"objective": "r3gan"}, {"r1_gamma": 2.0, "r2_gamma": 1.0}),
        ({"objective": "wgan-gp", "n_critic": 1}, {"gp_weight": 2.5}),
        ({}, {"r2_gamma": 0.7}),
    ],
    ids=str,
)
def test_a_penalty_that_was_set_is_answered_with_its_moment(
    tmp_path: Path, chosen: dict[str, Any], values: dict[str, float]
) -> None:
    run = new_run(tmp_path, **chosen)
    record(run, knobs={64: values})
    assert run.reply(1) == {"ok": True, "images_seen": 64, "rollbacks": 0, "set": values}


def test_a_request_with_a_short_number_is_answered_once(tmp_path: Path) -> None:
    """Written by hand, say; without a reply it would be obeyed again before every step."""
    run = new_run(tmp_path)

    def ask(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 32 and snapshot.row:
            run.path("requests", "7.json").write_text('{"action": "set", "values": {"lr_g": 0}}')

    kept: list[Snapshot] = []
    record(run, on_snapshot=lambda s: (ask(s), kept.append(s)))
    assert run.reply(7)["ok"]
    assert len([s for s in kept if s.changed]) == 1
    assert run.ask("pause") == 8


def test_a_set_request_reaches_training(tmp_path: Path) -> None:
    run, kept = new_run(tmp_path), []
    record(run, knobs={64: {"lr_g": 0.25, "n_critic": 2}}, on_snapshot=kept.append)
    assert [(s.images_seen, s.changed) for s in kept if s.changed] == [
        (64, {"lr_g": 0.25, "n_critic": 2})
    ]
    reply = run.reply(1)
    assert (reply["ok"], reply["images_seen"]) == (True, 64)
    assert reply["set"] == {"lr_g": 0.25, "n_critic": 2}


def test_many_pages_asking_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    run, numbers, start = new_run(tmp_path), [], threading.Barrier(8)

    def ask(asker: int) -> None:
        start.wait()
        for turn in range(10):
            numbers.append((run.ask("pause", asker=asker, turn=turn), asker, turn))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _, _ in numbers) == list(range(1, 81))
    for number, asker, turn in numbers:  # and none replaced another's
        content = json.loads(run.path("requests", f"{number:06}.json").read_text())
        assert content == {"action": "pause", "asker": asker, "turn": turn}
    assert len(list(run.path("requests").iterdir())) == 80


def test_asking_a_run_that_is_not_training_says_so(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    record(run)
    with pytest.raises(RunError, match="This run is not training: it is finished"):
        ask_and_wait(run, "pause")


def test_a_request_that_came_too_late_is_answered_by_the_next_trainer(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    number = run.ask("stop")
    assert record(run, resume=True) == "finished"
    reply = run.reply(number)
    assert reply["ok"] is False
    assert worded(reply["error"]) == "The trainer was gone before it could read this."


def test_a_run_takes_so_many_requests_and_can_still_be_stopped(tmp_path: Path) -> None:
    """Each is looked at before every step; twenty thousand changes of knobs would take seconds."""
    run = new_run(tmp_path)
    run.path("requests").mkdir()
    run.path("requests", f"{MOST_REQUESTS:06}.json").write_text("{}")
    with pytest.raises(RunError, match="2,000 things already"):
        run.ask("set", values={"lr_g": 1e-3})
    assert run.ask("stop") == MOST_REQUESTS + 1


def test_a_folder_that_is_gone_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be asked"):
        Run(tmp_path / "none").ask("stop")


def test_a_stop_asked_for_before_the_trainer_began_ends_the_run_at_its_start(tmp_path: Path):
    """The page offers Stop from the click on Start, seconds before the trainer can read it."""
    run = create_run(tmp_path, tiny_config(), name="run")
    number = run.ask("stop")
    data = tiny_data()
    with Recorder(run) as recorder:
        state = recorder.begin(data)
        snapshots = train(recorder.config, data, state=state, controls=recorder.controls)
        assert recorder.record(snapshots) == "stopped"
    assert run.reply(number) == {"ok": True, "images_seen": 0}


def test_requests_need_no_hard_links_and_never_replace_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Memory sticks and many network shares know none; two pages may ask at the same moment."""

    def none(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    run = create_run(tmp_path, tiny_config(), name="run")
    monkeypatch.setattr(os, "link", none)
    with ThreadPoolExecutor(4) as pages:
        numbers = list(pages.map(lambda value: run.ask("set", value=value), range(20)))
    assert sorted(numbers) == list(range(1, 21))
    asked = {
        int(path.stem): json.loads(path.read_text())["value"]
        for path in run.path("requests").iterdir()
    }
    assert asked == dict(zip(numbers, range(20), strict=True))


def test_a_stop_left_from_before_does_not_end_the_resumed_run(tmp_path: Path):
    run = create_run(tmp_path, tiny_config(), name="run")
    run.path("stop").touch()
    tomorrow = time.time() + 86_400  # by a clock that was put right since, or a share's own
    os.utime(run.path("stop"), (tomorrow, tomorrow))
    data = tiny_data()
    for resume, ended in ((False, "stopped"), (True, "finished")):
        with Recorder(run, resume=resume) as recorder:
            state = recorder.begin(data)
            snapshots = train(recorder.config, data, state=state, controls=recorder.controls)
            assert recorder.record(snapshots) == ended


def test_a_stop_asked_for_while_the_resumed_trainer_still_starts_ends_it(tmp_path: Path):
    """Its process exists for seconds before it reads its first request."""
    run = create_run(tmp_path, tiny_config(), name="run")
    data = tiny_data()
    for ask in (lambda: run.path("stop").touch(), lambda: run.ask("stop")):
        left = stamps(run.folder, *FILES)
        ask()
        with Recorder(run, resume=True, left=left) as recorder:
            state = recorder.begin(data)
            snapshots = train(recorder.config, data, state=state, controls=recorder.controls)
            assert recorder.record(snapshots) == "stopped"
        run.path("stop").unlink(missing_ok=True)
