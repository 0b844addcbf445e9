"""Steps by hand as a page asks for them: only while paused, answered in words, kept for good."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ganmodel.recording.report import said_of
from ganmodel.runs import Run, RunError
from ganmodel.snapshots import Snapshot
from ganmodel.words import worded
from tests.patient import PATIENCE
from tests.support import (
    Crash,
    ask_and_wait,
    assert_same_run,
    bits,
    new_run,
    read_tensors,
    record,
    wait_until,
)

REPORT = {
    "who": "d",
    "times": 10,
    "images": 1280,
    "d_real": [0.61, 0.64],
    "d_fake": [0.4, 0.402],
    "loss_d": [1.3, 1.25],
    "loss_g": [0.8, 0.8],
    "moved_g": 0.0,
    "moved_d": 0.0123,
    "pictures": 0.0,
    "pictures_raw": 0.0,
}


class Paused:
    """A run in a thread of its own that is paused at 32 images and does as it is asked there."""

    def __init__(self, run: Run, **options: Any) -> None:
        self.run = run
        self.trouble: list[BaseException] = []
        self._options = options
        self._thread = threading.Thread(target=self._train, daemon=True)

    def _train(self) -> None:
        def pause(snapshot: Snapshot) -> None:
            if snapshot.images_seen == 16 and snapshot.row:
                self.run.ask("pause")

        try:
            record(self.run, on_snapshot=pause, **self._options)
        except BaseException as error:
            self.trouble.append(error)

    def __enter__(self) -> Paused:
        self._thread.start()
        wait_until(lambda: self.run.status().get("state") == "paused", what="the pause")
        return self

    def __exit__(self, *_: object) -> None:
        if self.run.state() == "paused":
            self.run.ask("resume")
        self._thread.join(PATIENCE)
        assert not self.trouble

    def step(self, who: str, times: int) -> dict[str, Any]:
        return ask_and_wait(self.run, "step", who=who, times=times)


def test_a_paused_run_takes_steps_and_says_what_changed(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with Paused(run) as paused:
        seen = run.status()["images_seen"]
        reply = paused.step("d", 2)
        assert reply["ok"]
        assert reply["images_seen"] == run.status()["images_seen"] == seen + 2 * 8
        said = worded(reply["report"]["words"][0])
        assert said == "D alone learned for 2 steps, on 16 real pictures."
        assert run.state() == "paused"
        assert seen + 16 in run.moments("checkpoints")
        assert seen + 16 in run.moments("samples")
        row = run.rows()[0][-1]
        assert (row["images"], row["by_hand"]) == (seen + 16, 2)
        assert row["d_real"] == reply["report"]["d_real"][1]
        assert run.status()["by_hand"] == 2
    assert run.state() == "finished"


def test_the_grid_after_a_step_of_g_replaces_that_of_the_same_moment(tmp_path: Path) -> None:
    run = new_run(tmp_path, lr_g=0.05, ema_half_life=0)
    with Paused(run) as paused:
        paused.step("g", 1)
        moment = run.status()["images_seen"]
        first = run.moments("samples")[moment].read_bytes()
        paused.step("g", 20)
        assert run.status()["images_seen"] == moment
        assert run.moments("samples")[moment].read_bytes() != first


@pytest.mark.parametrize("who", ["d", "g", "both"])
def test_a_crash_after_steps_by_hand_is_resumed_bit_for_bit(tmp_path: Path, who: str) -> None:
    """The steps are on the disk before they are answered, so that none is ever taken twice."""
    straight, crashed = new_run(tmp_path, "straight"), new_run(tmp_path, "crashed")
    with Paused(straight) as paused:
        paused.step(who, 3)

    def crash(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 16 and snapshot.row:
            crashed.ask("pause")
            crashed.ask("step", who=who, times=3)
        if snapshot.report:
            raise Crash

    with pytest.raises(Crash):
        record(crashed, on_snapshot=crash)
    assert record(crashed, resume=True) == "finished"
    assert_same_run(straight.folder, crashed.folder)
    assert crashed.status()["by_hand"] == 3


def test_a_knob_set_before_the_steps_counts_in_them_and_after_a_resume(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with Paused(run) as paused:
        ask_and_wait(run, "set", values={"lr_d": 0.0})
        assert paused.step("d", 3)["report"]["moved_d"] == 0
        assert run.status()["knobs"] == {"lr_d": 0.0}
        run.ask("stop")
    about, _ = read_tensors(list(run.moments("checkpoints").values())[-1])
    assert about["facts"]["knobs"] == {"lr_d": 0.0}


@pytest.mark.parametrize(
    ("who", "times", "sentence"),
    [
        ("x", 1, "by d, g or both"),
        (None, 1, "by d, g or both"),
        (["d"], 1, "by d, g or both"),
        ("d", 0, "whole number from 1 to 100"),
        ("d", 101, "whole number from 1 to 100"),
        ("d", True, "whole number from 1 to 100"),
        ("d", 1.5, "whole number from 1 to 100"),
    ],
)
def test_wrong_steps_get_a_sentence_and_change_nothing(
    tmp_path: Path, who: Any, times: Any, sentence: str
) -> None:
    run = new_run(tmp_path)
    with Paused(run) as paused:
        before = run.status()["images_seen"]
        with pytest.raises(RunError, match=sentence):
            paused.step(who, times)
        assert run.status()["images_seen"] == before


def test_a_run_that_is_not_paused_refuses_steps(tmp_path: Path) -> None:
    run, replies = new_run(tmp_path), []

    def on_snapshot(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 32 and snapshot.row:
            replies.append(run.ask("step", who="d", times=1))

    record(run, on_snapshot=on_snapshot)
    assert "pause it first" in worded(run.reply(replies[0])["error"])


def test_a_stop_asked_for_after_the_steps_ends_the_run_with_them(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with Paused(run) as paused:
        paused.step("g", 5)
        run.ask("stop")
    assert run.state() == "stopped"
    newest = max(run.moments("weights"))
    assert all(bits(t) for t in read_tensors(run.moments("weights")[newest])[1].values())


def test_nobody_waits_for_steps_of_a_run_that_ends_before_them(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with Paused(run) as paused:
        run.ask("stop")
        with pytest.raises(RunError, match=r"stopped|not training"):
            paused.step("g", 5)


# --- words ------------------------------------------------------------------------------------


def test_the_report_says_each_number_in_a_sentence() -> None:
    assert [worded(said) for said in said_of(REPORT)] == [
        "D alone learned for 10 steps, on 1,280 real pictures.",
        "D's belief in real pictures rose from 61% to 64%.",
        "D's belief in G's pictures stayed at 40%.",
        "D's loss fell from 1.30 to 1.25.",
        "G's loss stayed at 0.800.",
        "D's weights moved by 1.23% of their length; G and its pictures, not at all.",
    ]


def test_a_report_on_g_says_how_far_its_pictures_changed() -> None:
    report = {**REPORT, "who": "g", "times": 1, "images": 0, "moved_g": 0.02, "moved_d": 0.0}
    told = [worded(said) for said in said_of({**report, "pictures_raw": 3.21})]
    assert told[0] == "G alone learned for 1 step."
    assert "D's not at all; raw G's pictures changed by 3.2 of 255" in told[-1]


def test_an_order_that_was_stopped_before_its_first_step_says_so() -> None:
    assert worded(said_of({**REPORT, "times": 0})) == "No step was taken."
