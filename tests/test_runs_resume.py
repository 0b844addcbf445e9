"""A run that ended too early, or is to go on for longer: what its folder holds in the end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from ganmodel.data import Data
from ganmodel.files import write_json
from ganmodel.recording import Recorder
from ganmodel.runs import FORMAT, Run, RunError
from ganmodel.snapshots import Draw, Snapshot, TrainingFailedError
from ganmodel.training import trainer
from ganmodel.words import worded
from tests.support import (
    Crash,
    assert_same_run,
    crash_at,
    differing,
    metric_rows,
    new_run,
    read_tensors,
    record,
    tiny_data,
)

# --- beginning again -------------------------------------------------------------------------


CRASHES: list[tuple[int, dict[str, Any]]] = [
    *((images, {}) for images in (0, 16, 40, 64, 100, 128)),
    *((64, {"objective": objective}) for objective in ("wgan", "wgan-gp", "r3gan")),
    (48, {"conditional": True, "augment": "translation+cutout", "lr_hold": 32}),
    (48, {"precision": "bf16", "objective": "r3gan"}),
    (48, {"precision": "bf16", "optimizer": "sgd", "momentum": 0.5, "lr_g": 0.01, "lr_d": 0.01}),
]


@pytest.mark.parametrize(("images", "chosen"), CRASHES, ids=str)
def test_a_crashed_run_ends_as_if_it_had_never_crashed(
    tmp_path: Path, images: int, chosen: dict[str, Any]
) -> None:
    straight = new_run(tmp_path, "straight", **chosen)
    crashed = new_run(tmp_path, "crashed", **chosen)
    record(straight)
    with pytest.raises(Crash):
        record(crashed, on_snapshot=crash_at(images))
    assert record(crashed, resume=True) == "finished"
    assert_same_run(straight.folder, crashed.folder)


KNOBS = {40: {"lr_g": 5e-3}, 72: {"lr_d": 1e-4, "r1_gamma": 0.3}}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose knobs were set at 40 and 72 images, with other curves than without."""
    runs = tmp_path_factory.mktemp("changed")
    straight, plain = new_run(runs, "straight"), new_run(runs, "plain")
    record(straight, knobs=KNOBS)
    record(plain)
    assert metric_rows(straight.folder) != metric_rows(plain.folder)
    return straight


@pytest.mark.parametrize("crash", [24, 40, 56, 80, 104])
def test_a_knob_that_was_set_is_set_again_at_its_very_step(
    tmp_path: Path, changed: Run, crash: int
) -> None:
    """Saved at 32, 64 and 96 images: the replies say when it was set, and are replayed."""
    crashed = new_run(tmp_path, "crashed")
    with pytest.raises(Crash):
        record(crashed, knobs=KNOBS, on_snapshot=crash_at(crash))
    record(crashed, resume=True, knobs=KNOBS)
    assert_same_run(changed.folder, crashed.folder)


@pytest.mark.parametrize(
    ("chosen", "knobs"),
    [
        (
            {"objective": "wgan-gp", "n_critic": 1},
            {40: {"gp_weight": 3.5, "n_critic": 2}, 72: {"gp_weight": 1.5}},
        ),
        ({"objective": "r3gan"}, {40: {"r2_gamma": 4.0}, 72: {"r1_gamma": 2.0}}),
        ({"lr_hold": 16}, {40: {"lr_g": 5e-3}, 72: {"lr_d": 3e-3}}),
    ],
    ids=str,
)
def test_every_kind_of_knob_is_set_again(
    tmp_path: Path, chosen: dict[str, Any], knobs: dict[int, dict[str, float]]
) -> None:
    """The first before the checkpoint that is resumed from, the second after it."""
    straight, crashed = new_run(tmp_path, "straight", **chosen), new_run(tmp_path, **chosen)
    plain = new_run(tmp_path, "plain", **chosen)
    record(straight, knobs=knobs)
    record(plain)
    assert metric_rows(straight.folder) != metric_rows(plain.folder)
    with pytest.raises(Crash):
        record(crashed, knobs=knobs, on_snapshot=crash_at(80))
    record(crashed, resume=True, knobs=knobs)
    assert_same_run(straight.folder, crashed.folder)


def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path: Path) -> None:
    straight, run = new_run(tmp_path, "straight"), new_run(tmp_path)
    record(straight)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(112))
    newest = max(run.moments("checkpoints").values())
    newest.write_bytes(newest.read_bytes()[:1000])
    record(run, resume=True)
    assert_same_run(straight.folder, run.folder)


def test_torn_metrics_are_mended_by_a_resume(tmp_path: Path) -> None:
    straight, run = new_run(tmp_path, "straight"), new_run(tmp_path)
    record(straight)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(80))
    with run.path("metrics.jsonl").open("ab") as file:
        file.write(b'{"images": 96, "los')
    record(run, resume=True)
    assert_same_run(straight.folder, run.folder)


def test_the_curves_clock_goes_on_where_it_stood(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    record(run, resume=True)
    seconds = [row["seconds"] for row in run.rows()[0]]
    assert seconds == sorted(seconds)


def test_a_run_begun_goes_on_only_when_told_and_a_finished_one_never(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    with pytest.raises(RunError, match="began already: add --resume"):
        record(run)
    record(run, resume=True)
    for resume in (False, True):
        with pytest.raises(RunError, match="has finished: 128 images"):
            record(run, resume=resume)


def test_a_folder_of_a_newer_format_is_shown_and_not_gone_on_with(tmp_path: Path) -> None:
    """One without a format, or with what is none, is of the first."""
    run = new_run(tmp_path)

    def stop(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 64:
            run.path("stop").touch()

    assert record(run, on_snapshot=stop) == "stopped"
    assert run.status()["format"] == FORMAT
    status = json.loads(run.path("status.json").read_text("utf-8"))
    run.path("status.json").write_text(json.dumps({**status, "format": FORMAT + 1}), "utf-8")
    with pytest.raises(RunError, match="newer ganmodel"):
        record(run, resume=True)
    assert (run.state(), len(run.rows()[0])) == ("stopped", 4)
    del status["format"]
    run.path("status.json").write_text(json.dumps({**status, "format": "odd"}), "utf-8")
    assert record(run, resume=True) == "finished"


def test_going_back_leaves_no_trace_of_the_void_rows(tmp_path: Path) -> None:
    wild = {"optimizer": "sgd", "momentum": 0.9, "lr_g": 1.0, "lr_d": 1.0}
    run, back = new_run(tmp_path, images=4096, **wild), []

    def look(snapshot: Snapshot) -> None:
        if snapshot.rolled_back:
            back.append(snapshot)
            assert all(row["images"] <= snapshot.images_seen for row in run.rows()[0])
            for kind in ("samples", "weights", "checkpoints"):
                assert max(run.moments(kind)) <= snapshot.images_seen

    with pytest.raises(TrainingFailedError) as caught:
        record(run, on_snapshot=look)
    assert len(back) == 1
    assert run.status()["notes"] == [{"images": back[0].images_seen, "text": back[0].rolled_back}]
    assert (run.state(), run.status()["error"]) == ("failed", caught.value.message)


def test_an_unforeseen_failure_leaves_its_reason(tmp_path: Path) -> None:
    run = new_run(tmp_path)

    def broken() -> Iterator[Snapshot]:
        yield Snapshot(0)
        raise KeyError("the unforeseen")

    with Recorder(run) as recorder:
        recorder.begin(tiny_data())
        with pytest.raises(KeyError):
            recorder.record(broken())
    assert run.state() == "failed"
    assert "KeyError: 'the unforeseen'" in worded(run.status()["error"])


# --- for longer ------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [False, True], ids=["finished", "stopped"])
def test_a_run_goes_on_to_a_new_length_as_if_that_had_been_its_own(
    tmp_path: Path, stopped: bool
) -> None:
    straight, run = new_run(tmp_path, "straight", images=192), new_run(tmp_path, images=128)
    record(straight)

    def ask_at_64(snapshot: Snapshot) -> None:
        if stopped and snapshot.images_seen == 64:
            run.path("stop").touch()

    assert record(run, on_snapshot=ask_at_64) == ("stopped" if stopped else "finished")
    assert record(run, resume=True, length=192) == "finished"
    assert run.config() == straight.config()  # config.json says the new length
    status = run.status()
    assert (status["images_seen"], status["images_total"], run.state()) == (192, 192, "finished")
    assert metric_rows(run.folder) == metric_rows(straight.folder)
    ends = [read_tensors(r.moments("checkpoints")[192]) for r in (straight, run)]
    assert differing(ends[0][1], ends[1][1]) == []
    assert ends[0][0] == ends[1][0]
    rows = run.rows()[0]
    assert [row["seconds"] for row in rows] == sorted(row["seconds"] for row in rows)


@pytest.mark.parametrize("length", [1, 64, 128])
def test_a_length_already_reached_is_refused_and_nothing_changes(
    tmp_path: Path, length: int
) -> None:
    run = new_run(tmp_path)
    record(run)
    before = {p: p.read_bytes() for p in run.folder.rglob("*") if p.is_file()}
    with pytest.raises(RunError) as caught:
        record(run, resume=True, length=length)
    assert str(caught.value) == (
        "The run run has seen 128 images already: give more than that with --images, "
        f"not {length:,}."
    )
    assert {p: p.read_bytes() for p in run.folder.rglob("*") if p.is_file()} == before
    assert not run.is_alive()
    assert record(run, resume=True, length=136) == "finished"


def test_a_living_runs_length_can_also_be_made_shorter(tmp_path: Path) -> None:
    """Above what it has seen, that is."""
    run = new_run(tmp_path, images=10**6)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    assert record(run, resume=True, length=96) == "finished"
    assert (run.status()["images_seen"], run.config().images) == (96, 96)


ENDS_WITHIN_A_ROW: dict[str, dict[str, Any]] = {
    "a lazy penalty": {"r1_gamma": 0.2, "r1_every": 3},
    "a penalty in each step": {"objective": "wgan-gp", "n_critic": 1},
}


@pytest.mark.parametrize("chosen", ENDS_WITHIN_A_ROW.values(), ids=ENDS_WITHIN_A_ROW)
def test_a_run_that_ended_within_a_row_goes_on_with_that_row(
    tmp_path: Path, chosen: dict[str, Any]
) -> None:
    """Rows come every 16 images; it was to end after 100 and ended at 104, with a row over one
    step. Stopped at 40 before, within another row."""
    run = new_run(tmp_path, images=100, **chosen)
    stop = {"on_snapshot": lambda s: s.changed and run.path("stop").touch()}
    assert record(run, knobs={32: {"lr_g": 2e-4}}, **stop) == "stopped"
    assert record(run, resume=True) == "finished"
    assert [row["images"] for row in run.rows()[0]][-2:] == [96, 104]
    assert record(run, resume=True, length=192) == "finished"
    straight = new_run(tmp_path, "straight", images=192, **chosen)
    record(straight, knobs={32: {"lr_g": 2e-4}})
    assert metric_rows(run.folder) == metric_rows(straight.folder)
    ends = [read_tensors(r.moments("checkpoints")[192])[1] for r in (straight, run)]
    assert differing(*ends) == []
    seconds = [row["seconds"] for row in run.rows()[0]]
    assert seconds == sorted(seconds)


def test_steps_by_hand_within_the_last_row_are_no_reason_for_another_grid(tmp_path: Path) -> None:
    """Two of D alone at 96 images, so that the run ends at 112 after one more of both."""
    rows = []
    for length in (120, 192):
        run = new_run(tmp_path, f"to-{length}", images=length)

        def by_hand(snapshot: Snapshot, run: Run = run) -> None:
            if snapshot.images_seen == 96 and snapshot.row:
                run.ask("pause"), run.ask("step", who="d", times=1), run.ask("resume")

        record(run, on_snapshot=by_hand)
        if length == 120:
            assert record(run, resume=True, length=192) == "finished"
        rows.append(metric_rows(run.folder))
    assert rows[0] == rows[1]


# --- before the first checkpoint ---------------------------------------------------------------


def test_a_run_without_a_checkpoint_begins_again_with_its_threads_and_precision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its first checkpoint, and resumed where threads and "auto" mean something
    else; killed once more before a step, which must not lose what was settled."""
    straight, run = (new_run(tmp_path, name, precision="auto") for name in ("straight", "run"))
    monkeypatch.setattr(trainer, "bf16_is_better", lambda *_: True)
    record(straight)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(16))
    assert not run.moments("checkpoints")
    status = run.status()
    assert (status["precision"], status["threads"], status["repeats"]) == ("bf16", 1, True)

    monkeypatch.setattr(trainer, "bf16_is_better", lambda *_: False)
    for end in (crash_at(0), lambda snapshot: None):
        torch.set_num_threads(2)
        with contextlib.suppress(Crash):
            record(run, resume=True, on_snapshot=end)
    assert torch.get_num_threads() == 1
    assert_same_run(straight.folder, run.folder)
    assert run.config().precision == "auto"


def test_a_run_that_was_once_computed_on_an_accelerator_never_repeats(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    write_json(run.path("status.json"), {**run.status(), "repeats": False})
    record(run, resume=True)
    assert run.status()["repeats"] is False


# --- other data ------------------------------------------------------------------------------


def _changed(data: Data, kind: str) -> Data:
    if kind == "a pixel":
        images = data.images.clone()
        images[3, 0, 5, 5] ^= 1
        return dataclasses.replace(data, images=images)
    if kind == "an image less":
        return dataclasses.replace(data, images=data.images[:-1], labels=data.labels[:-1])
    if kind == "another order":
        return dataclasses.replace(data, images=data.images.flip(0))
    if kind == "a label":
        return dataclasses.replace(data, labels=data.labels.roll(1))
    return dataclasses.replace(data, classes=("a", "b", "c", "d"))


@pytest.mark.parametrize(
    "kind", ["a pixel", "an image less", "another order", "a label", "a class name"]
)
def test_a_resume_on_other_data_is_refused_and_the_run_still_goes_on(
    tmp_path: Path, kind: str
) -> None:
    """It would be a run that no one could repeat. With its own data back, it is as if nothing had
    been tried."""
    data = tiny_data(classes=4)
    straight, run = (new_run(tmp_path, name, conditional=True) for name in ("straight", "run"))
    record(straight, data=data)
    with pytest.raises(Crash):
        record(run, data=data, on_snapshot=crash_at(80))
    with pytest.raises(RunError, match="began with other data than mnist holds now: bring the"):
        record(run, resume=True, data=_changed(data, kind))
    renamed = dataclasses.replace(data, name="moved elsewhere", notes=("a note",))
    assert record(run, resume=True, data=renamed) == "finished"
    assert_same_run(straight.folder, run.folder)


# --- quality ---------------------------------------------------------------------------------


def _measure(draw: Draw, early: bool) -> dict[str, Any]:
    """A number of the pictures alone, as an evaluation's is."""
    pictures, _ = draw(16)
    mean = pictures.double().mean().item()
    return {"fd": mean, "kid": None, "samples": 16, "per_class": {"0": mean / 2}}


def test_quality_lands_in_a_file_of_its_own_and_in_its_row(tmp_path: Path) -> None:
    run, kept = new_run(tmp_path, evaluate_every=48), []
    record(run, evaluate=_measure, on_snapshot=kept.append)
    said = {s.images_seen: s.quality for s in kept if s.quality}
    assert list(run.moments("quality")) == list(said) == [0, 48, 96, 128]
    for moment, path in run.moments("quality").items():
        assert json.loads(path.read_text()) == said[moment]
    for row in run.rows()[0]:
        if row["images"] in said:
            assert (row["fd"], row["kid"]) == (said[row["images"]]["fd"], None)
            assert "samples" not in row
            assert "per_class" not in row
        else:
            assert "fd" not in row
    assert run.status()["evaluation_seconds"] >= 0


@pytest.mark.parametrize("crash", [16, 48, 80, 112])
def test_quality_measured_after_the_moment_resumed_from_is_measured_again(
    tmp_path: Path, crash: int
) -> None:
    straight = new_run(tmp_path, "straight", evaluate_every=16)
    run = new_run(tmp_path, evaluate_every=16)
    record(straight, evaluate=_measure)
    with pytest.raises(Crash):
        record(run, evaluate=_measure, on_snapshot=crash_at(crash))
    from_where = max(run.moments("checkpoints"), default=0)
    assert max(run.moments("quality")) == crash
    left: list[int] = []

    def look(snapshot: Snapshot) -> None:
        if not left:
            left.extend(run.moments("quality"))

    record(run, resume=True, evaluate=_measure, on_snapshot=look)
    # Before its first new row, nothing is there from after the checkpoint.
    assert [m for m in left if 0 < m <= from_where] == list(range(16, from_where + 1, 16))
    assert max(left, default=0) <= from_where + 16
    assert_same_run(straight.folder, run.folder)
    for moment, path in straight.moments("quality").items():
        assert path.read_bytes() == run.moments("quality")[moment].read_bytes()
    assert list(straight.moments("quality")) == list(run.moments("quality"))


def test_a_run_with_evaluations_trains_the_same_as_one_without(tmp_path: Path) -> None:
    with_them, without = new_run(tmp_path, "with", evaluate_every=32), new_run(tmp_path)
    record(with_them, evaluate=_measure)
    record(without)
    ends = [read_tensors(r.moments("checkpoints")[128])[1] for r in (with_them, without)]
    assert differing(*ends) == []


# --- precision -------------------------------------------------------------------------------


def test_a_resume_asks_no_more_what_auto_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint says. The answers depend on the machine, so they are given here."""
    straight = new_run(tmp_path, "straight", precision="bf16")
    run = new_run(tmp_path, precision="auto")
    record(straight)
    monkeypatch.setattr(trainer, "bf16_is_better", lambda *_: True)
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(64))
    monkeypatch.setattr(trainer, "bf16_is_better", lambda *_: False)
    record(run, resume=True)
    assert metric_rows(straight.folder) == metric_rows(run.folder)
    ends = [read_tensors(r.moments("checkpoints")[128]) for r in (straight, run)]
    assert differing(ends[0][1], ends[1][1]) == []
    assert ends[1][0]["facts"]["precision"] == "bf16"
