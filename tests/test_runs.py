"""A run's folder: written by a recorder, read by anybody, and asked through requests."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from torch import Tensor

from ganmodel.images import grid
from ganmodel.moments import kept_checkpoints
from ganmodel.runs import Recorder, Run, RunError, create_run, list_runs
from ganmodel.snapshots import Snapshot, TrainingFailedError
from ganmodel.training import train
from tests.support import (
    assert_same_run,
    differing,
    metric_rows,
    read_tensors,
    run_through,
    tiny_config,
    tiny_images,
    wait_until,
)


class Crash(BaseException):
    """Ends a recording at once, as nothing in the engine does."""


def _record(
    run: Run,
    *,
    resume: bool = False,
    on_snapshot: Callable[[Snapshot], None] = lambda snapshot: None,
    images: Tensor | None = None,
    turns: Mapping[int, dict[str, float]] | None = None,
) -> str:
    """What `ganmodel train` does, in this process; `turns` are asked for at images seen."""
    images = tiny_images() if images is None else images
    with Recorder(run, resume=resume) as recorder:
        state = recorder.begin(images)

        def controls(images_seen: int) -> dict[str, float]:
            if turns and images_seen in turns and not _asked(run, turns[images_seen]):
                run.ask("set", values=turns[images_seen])
            return recorder.controls(images_seen)

        return recorder.record(
            train(run.config(), images, state=state, controls=controls), on_snapshot
        )


def _asked(run: Run, values: dict[str, float]) -> bool:
    requests = (json.loads(p.read_text()) for p in run.path("requests").glob("*.json"))
    return any(request.get("values") == values for request in requests)


def _crash_at(images: int) -> Callable[[Snapshot], None]:
    def on_snapshot(snapshot: Snapshot) -> None:
        if snapshot.images_seen >= images:
            raise Crash

    return on_snapshot


def _new(tmp_path: Path, name: str = "run", **chosen: Any) -> Run:
    return create_run(tmp_path, tiny_config(**chosen), name=name)


@contextmanager
def _training(run: Run) -> Iterator[threading.Thread]:
    """A trainer in a thread, for as long as the block lasts."""
    thread = threading.Thread(target=_record, args=(run,))
    thread.start()
    try:
        wait_until(lambda: run.status().get("images_seen", 0) > 0, what="the first row")
        yield thread
    finally:
        run.path("stop").touch()
        thread.join(60)
    assert not thread.is_alive()


# --- making and finding runs -----------------------------------------------------------------


def test_a_new_run_holds_its_config_and_waits(tmp_path: Path) -> None:
    config = tiny_config(seed=3)
    run = create_run(tmp_path / "runs", config)
    assert os.listdir(run.folder) == ["config.json"]
    assert run.config() == config
    assert run.state() == "waiting"
    assert not run.is_alive()
    assert run.owner() is None
    assert (run.status(), run.rows(), run.moments("weights")) == ({}, ([], 0), {})
    with pytest.raises(RunError, match="no weights yet"):
        run.newest_weights()


def test_a_run_that_nobody_started_counts_as_died_after_a_while(tmp_path: Path) -> None:
    run = _new(tmp_path)
    os.utime(run.path("config.json"), (0, 0))
    assert run.state() == "died"


def test_runs_made_in_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, tiny_config()) for _ in range(5)]
    assert len({run.folder for run in runs}) == 5
    assert {run.name for run in list_runs(tmp_path)} == {run.name for run in runs}


def test_a_named_run_is_never_made_twice(tmp_path: Path) -> None:
    _new(tmp_path)
    with pytest.raises(RunError, match="exists already"):
        _new(tmp_path)


def test_runs_are_listed_newest_first_and_by_owner(tmp_path: Path) -> None:
    for name, owner in (("1", "anna"), ("3", "anna"), ("2", "ben")):
        create_run(tmp_path, tiny_config(), name=name, owner=owner)
    (tmp_path / "4").mkdir()  # no config: no run
    assert [run.name for run in list_runs(tmp_path)] == ["3", "2", "1"]
    assert [run.name for run in list_runs(tmp_path, owner="anna")] == ["3", "1"]
    assert list_runs(tmp_path / "none") == []


def test_an_unwritable_runs_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot be made: .*Name a folder"):
        create_run(tmp_path / "file" / "runs", tiny_config())


# --- the folder's round trip -----------------------------------------------------------------


def test_the_folder_gives_back_what_training_said(tmp_path: Path) -> None:
    run, images, kept = _new(tmp_path), tiny_images(), []
    assert _record(run, on_snapshot=kept.append) == "finished"
    rows, offset = run.rows()
    assert offset == run.path("metrics.jsonl").stat().st_size
    said = [{"images": s.images_seen, **s.row} for s in kept if s.row]
    assert metric_rows(run.folder) == said
    assert all(row["images_per_second"] > 0 and row["seconds"] > 0 for row in rows)

    samples = {s.images_seen: s.samples for s in kept if s.samples is not None}
    assert list(run.moments("samples")) == sorted(samples)
    for moment, path in run.moments("samples").items():
        pixels = np.asarray(Image.open(path))
        np.testing.assert_array_equal(pixels, grid(samples[moment])[..., 0].numpy())
    reals = np.asarray(Image.open(run.path("reals.png")))
    np.testing.assert_array_equal(reals, grid(images[:4])[..., 0].numpy())

    weights = {s.images_seen: s.weights for s in kept if s.weights is not None}
    for moment, path in run.moments("weights").items():
        about, tensors = read_tensors(path)
        assert differing(tensors, weights[moment]) == []
        assert about["images_seen"] == moment
        assert about["config"] == run.config().to_json()
    states = {s.images_seen: s.state for s in kept if s.state is not None}
    for moment, path in run.moments("checkpoints").items():
        about, tensors = read_tensors(path)
        assert differing(tensors, states[moment].tensors) == []
        assert about["facts"] == states[moment].facts

    status = run.status()
    assert (status["state"], status["images_seen"], status["error"]) == ("finished", 128, None)
    assert (run.state(), run.is_alive()) == ("finished", False)
    assert differing(run.load_weights().tensors, weights[128]) == []
    assert not list(run.folder.rglob("*.tmp"))


def test_numbers_that_are_none_are_written_as_null(tmp_path: Path) -> None:
    run = _new(tmp_path)
    with Recorder(run) as recorder:
        recorder.begin(tiny_images())
        recorder.record([Snapshot(16, row={"loss_d": float("nan"), "loss_g": float("-inf")})])
    ((row,), _) = run.rows()
    assert (row["loss_d"], row["loss_g"]) == (None, None)
    assert "NaN" not in run.path("metrics.jsonl").read_text()


def test_a_torn_last_line_is_left_for_the_next_look(tmp_path: Path) -> None:
    run = _new(tmp_path)
    path = run.path("metrics.jsonl")
    path.write_bytes(b'{"images": 16}\n{"images": 32}\n{"imag')
    rows, offset = run.rows()
    assert rows == [{"images": 16}, {"images": 32}]
    assert run.rows(offset) == ([], offset)
    with path.open("ab") as file:
        file.write(b'es": 48}\n')
    assert run.rows(offset)[0] == [{"images": 48}]


def test_a_damaged_line_spoils_no_other(tmp_path: Path) -> None:
    run = _new(tmp_path)
    run.path("metrics.jsonl").write_bytes(b'{"images": 16}\n\xff{{\n[1]\n\n{"images": 32}\n')
    assert run.rows()[0] == [{"images": 16}, {"images": 32}]


def test_half_written_files_of_a_dead_trainer_are_not_listed(tmp_path: Path) -> None:
    run = _new(tmp_path)
    _record(run)
    before = run.moments("weights")
    run.path("weights", ".000000999.safetensors.1234abcd.tmp").write_bytes(b"half")
    run.path("weights", "notes.safetensors").write_bytes(b"")
    assert run.moments("weights") == before


@pytest.mark.parametrize("content", [b"", b"torn {", b"[1]", b'{"state": "dreaming"}'])
def test_a_damaged_status_does_not_stop_a_reader(tmp_path: Path, content: bytes) -> None:
    run = _new(tmp_path)
    run.path("status.json").write_bytes(content)
    assert run.state() in ("waiting", "failed")


# --- what is kept ----------------------------------------------------------------------------


def test_checkpoints_kept_are_the_newest_two_and_one_a_doubling() -> None:
    kept: set[int] = set()
    for moment in range(1, 2001):
        kept = kept_checkpoints({*kept, moment}, unit=1)
    assert kept == {1999, 2000} | {2**k for k in range(3, 11)}


def test_a_checkpoint_once_let_go_is_never_wanted_back() -> None:
    """Whether all or only those kept so far are offered, the same stay."""
    kept: set[int] = set()
    for moment in range(7, 7 * 300, 7):
        kept = kept_checkpoints({*kept, moment}, unit=7)
        assert kept == kept_checkpoints(range(7, moment + 1, 7), unit=7)
        assert len(kept) <= 10


def test_a_run_keeps_log_spaced_moments_and_its_newest(tmp_path: Path) -> None:
    run = _new(tmp_path, images=2048)
    _record(run)
    weights = list(run.moments("weights"))
    assert weights == [0] + [16 * n for n in (1, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128)]
    assert list(run.moments("checkpoints")) == [32, 64, 128, 256, 512, 1024, 2016, 2048]


def test_the_newest_weights_replace_the_newest_before(tmp_path: Path) -> None:
    run, seen = _new(tmp_path, images=1024), []

    def look(snapshot: Snapshot) -> None:
        if snapshot.weights is not None:
            moments = run.moments("weights")
            assert max(moments) == snapshot.images_seen
            about = [read_tensors(path)[0]["keep"] for path in moments.values()]
            assert about[:-1] == [True] * (len(about) - 1)
            seen.append(snapshot.images_seen)

    _record(run, on_snapshot=look)
    assert len(seen) > 32


# --- beginning again -------------------------------------------------------------------------


@pytest.mark.parametrize("images", [0, 16, 40, 64, 100, 128])
@pytest.mark.parametrize("objective", ["non-saturating", "minimax"])
def test_a_crashed_run_ends_as_if_it_had_never_crashed(
    tmp_path: Path, images: int, objective: str
) -> None:
    straight = _new(tmp_path, "straight", objective=objective)
    crashed = _new(tmp_path, "crashed", objective=objective)
    _record(straight)
    with pytest.raises(Crash):
        _record(crashed, on_snapshot=_crash_at(images))
    assert _record(crashed, resume=True) == "finished"
    assert_same_run(straight.folder, crashed.folder)


@pytest.mark.parametrize("crash", [24, 40, 56, 80, 104])
def test_a_turned_knob_is_turned_again_at_its_very_step(tmp_path: Path, crash: int) -> None:
    """Turned at 40 and 72, saved at 32, 64 and 96: the replies say when, and are replayed."""
    turns = {40: {"lr_g": 5e-3}, 72: {"lr_d": 1e-4, "r1_gamma": 0.3}}
    straight, crashed = _new(tmp_path, "straight"), _new(tmp_path, "crashed")
    _record(straight, turns=turns)
    plain = _new(tmp_path, "plain")
    _record(plain)
    assert metric_rows(straight.folder) != metric_rows(plain.folder)
    with pytest.raises(Crash):
        _record(crashed, turns=turns, on_snapshot=_crash_at(crash))
    _record(crashed, resume=True, turns=turns)
    assert_same_run(straight.folder, crashed.folder)


def test_a_damaged_newest_checkpoint_is_passed_over(tmp_path: Path) -> None:
    straight, run = _new(tmp_path, "straight"), _new(tmp_path)
    _record(straight)
    with pytest.raises(Crash):
        _record(run, on_snapshot=_crash_at(112))
    newest = max(run.moments("checkpoints").values())
    newest.write_bytes(newest.read_bytes()[:1000])
    _record(run, resume=True)
    assert_same_run(straight.folder, run.folder)


def test_torn_metrics_are_mended_by_a_resume(tmp_path: Path) -> None:
    straight, run = _new(tmp_path, "straight"), _new(tmp_path)
    _record(straight)
    with pytest.raises(Crash):
        _record(run, on_snapshot=_crash_at(80))
    with run.path("metrics.jsonl").open("ab") as file:
        file.write(b'{"images": 96, "los')
    _record(run, resume=True)
    assert_same_run(straight.folder, run.folder)


def test_the_curves_clock_goes_on_where_it_stood(tmp_path: Path) -> None:
    run = _new(tmp_path)
    with pytest.raises(Crash):
        _record(run, on_snapshot=_crash_at(64))
    _record(run, resume=True)
    seconds = [row["seconds"] for row in run.rows()[0]]
    assert seconds == sorted(seconds)


def test_a_run_begun_goes_on_only_when_told_and_a_finished_one_never(tmp_path: Path) -> None:
    run = _new(tmp_path)
    with pytest.raises(Crash):
        _record(run, on_snapshot=_crash_at(64))
    with pytest.raises(RunError, match="began already: add --resume"):
        _record(run)
    _record(run, resume=True)
    for resume in (False, True):
        with pytest.raises(RunError, match="has finished: 128 images"):
            _record(run, resume=resume)


def test_going_back_leaves_no_trace_of_the_void_rows(tmp_path: Path) -> None:
    wild = {"optimizer": "sgd", "momentum": 0.9, "lr_g": 1.0, "lr_d": 1.0}
    run, back = _new(tmp_path, images=4096, **wild), []

    def look(snapshot: Snapshot) -> None:
        if snapshot.rolled_back:
            back.append(snapshot)
            assert all(row["images"] <= snapshot.images_seen for row in run.rows()[0])
            for kind in ("samples", "weights", "checkpoints"):
                assert max(run.moments(kind)) <= snapshot.images_seen

    with pytest.raises(TrainingFailedError) as caught:
        _record(run, on_snapshot=look)
    assert len(back) == 1
    assert run.status()["notes"] == [{"images": back[0].images_seen, "text": back[0].rolled_back}]
    assert (run.state(), run.status()["error"]) == ("failed", str(caught.value))


def test_an_unforeseen_failure_leaves_its_reason(tmp_path: Path) -> None:
    run = _new(tmp_path)

    def broken() -> Iterator[Snapshot]:
        yield Snapshot(0)
        raise KeyError("the unforeseen")

    with Recorder(run) as recorder:
        recorder.begin(tiny_images())
        with pytest.raises(KeyError):
            recorder.record(broken())
    assert run.state() == "failed"
    assert "KeyError: 'the unforeseen'" in run.status()["error"]


# --- asking a trainer ------------------------------------------------------------------------


def test_a_run_is_paused_resumed_and_stopped_on_request(tmp_path: Path) -> None:
    run = _new(tmp_path, images=10**8)
    with _training(run) as thread:
        assert (run.state(), run.is_alive()) == ("running", True)
        paused = run.ask_and_wait("pause")
        assert paused["ok"]
        assert run.state() == "paused"
        # A second pause is answered where the first one stands still.
        assert run.ask_and_wait("pause")["images_seen"] == paused["images_seen"]
        assert run.ask_and_wait("resume") == {"ok": True, "images_seen": paused["images_seen"]}
        wait_until(lambda: run.status()["images_seen"] > paused["images_seen"] + 32)
        assert run.state() == "running"
        stopped = run.ask_and_wait("stop")
        assert stopped["ok"]
        thread.join(60)
        assert run.state() == "stopped"
        assert run.status()["images_seen"] == stopped["images_seen"]
        assert max(run.moments("weights")) == stopped["images_seen"]
        assert max(run.moments("checkpoints")) == stopped["images_seen"]


def test_pauses_and_stops_leave_no_mark_on_the_result(tmp_path: Path) -> None:
    """Paused and stopped somewhere, continued: the same bits as without."""
    straight, run = _new(tmp_path, "straight", images=2048), _new(tmp_path, images=2048)
    _record(straight)
    with _training(run) as thread:
        run.ask_and_wait("pause")
        run.ask_and_wait("resume")
        run.ask_and_wait("stop")
        thread.join(60)
    assert run.state() in ("stopped", "finished")
    if run.state() == "stopped":
        _record(run, resume=True)
    assert metric_rows(straight.folder) == metric_rows(run.folder)
    one, other = (max(r.moments("checkpoints").values()) for r in (straight, run))
    assert differing(read_tensors(one)[1], read_tensors(other)[1]) == []


def test_a_bare_file_named_stop_ends_a_run_and_is_gone_on_resume(tmp_path: Path) -> None:
    run = _new(tmp_path)

    def ask_at_64(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 64:
            run.path("stop").touch()

    assert _record(run, on_snapshot=ask_at_64) == "stopped"
    assert run.status()["images_seen"] == 64
    assert _record(run, resume=True) == "finished"
    assert not run.path("stop").exists()


def test_every_request_is_answered_and_bad_ones_in_a_sentence(tmp_path: Path) -> None:
    bad = {
        "torn": ("{", "must be a JSON object"),
        "list": ("[1]", "must be a JSON object"),
        "deep": ("[" * 100_000, "must be a JSON object"),
        "no action": ("{}", "stop, pause, resume or set"),
        "unknown": ('{"action": "dance"}', "stop, pause, resume or set"),
        "odd action": ('{"action": ["stop"]}', "stop, pause, resume or set"),
        "set nothing": ('{"action": "set"}', "must hold values"),
        "set empty": ('{"action": "set", "values": {}}', "must hold values"),
        "no knob": ('{"action": "set", "values": {"z_dim": 8}}', "'z_dim' cannot be changed"),
        "range": ('{"action": "set", "values": {"lr_g": -1}}', "(lr_g) must be"),
        "nan": ('{"action": "set", "values": {"lr_g": NaN}}', "(lr_g) must be"),
        "half": ('{"action": "set", "values": {"lr_d": 0.1, "lr_g": "x"}}', "(lr_g) must be"),
    }
    straight, run = _new(tmp_path, "straight"), _new(tmp_path)
    _record(straight)
    numbers = dict(zip(bad, range(1, 100), strict=False))

    def ask(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 32:
            for name, (content, _) in bad.items():
                run.path("requests", f"{numbers[name]:06}.json").write_text(content)

    assert _record(run, on_snapshot=ask) == "finished"
    for name, (_, words) in bad.items():
        reply = run.reply(numbers[name])
        assert reply is not None, name
        assert reply["ok"] is False, name
        assert words in reply["error"], name
    assert_same_run(straight.folder, run.folder)  # none of them did anything


def test_a_request_with_a_short_number_is_answered_once(tmp_path: Path) -> None:
    """Written by hand, say; without a reply it would be obeyed again before every step."""
    run = _new(tmp_path)

    def ask(snapshot: Snapshot) -> None:
        if snapshot.images_seen == 32 and snapshot.row:
            run.path("requests", "7.json").write_text('{"action": "set", "values": {"lr_g": 0}}')

    kept: list[Snapshot] = []
    _record(run, on_snapshot=lambda s: (ask(s), kept.append(s)))
    assert run.reply(7)["ok"]
    assert len([s for s in kept if s.changed]) == 1
    assert run.ask("pause") == 8


def test_a_set_request_reaches_training(tmp_path: Path) -> None:
    run, kept = _new(tmp_path), []
    _record(run, turns={64: {"lr_g": 0.25, "n_critic": 2}}, on_snapshot=kept.append)
    assert [(s.images_seen, s.changed) for s in kept if s.changed] == [
        (64, {"lr_g": 0.25, "n_critic": 2})
    ]
    reply = run.reply(1)
    assert (reply["ok"], reply["images_seen"]) == (True, 64)
    assert reply["set"] == {"lr_g": 0.25, "n_critic": 2}


def test_many_pages_asking_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    run, numbers, start = _new(tmp_path), [], threading.Barrier(8)

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
    run = _new(tmp_path)
    _record(run)
    reply = run.ask_and_wait("pause")
    assert reply == {"ok": False, "error": "This run is not training: it is finished."}


def test_a_request_that_came_too_late_is_answered_by_the_next_trainer(tmp_path: Path) -> None:
    run = _new(tmp_path)
    with pytest.raises(Crash):
        _record(run, on_snapshot=_crash_at(64))
    number = run.ask("stop")
    assert _record(run, resume=True) == "finished"
    assert run.reply(number) == {
        "ok": False,
        "error": "The trainer was gone before it could read this.",
    }


def test_a_folder_that_is_gone_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be asked"):
        Run(tmp_path / "none").ask("stop")


@pytest.mark.slow
def test_a_held_lock_refuses_a_second_trainer(tmp_path: Path, cli: Callable[..., Any]) -> None:
    run = _new(tmp_path)
    with Recorder(run) as recorder:
        recorder.begin(tiny_images())
        outcome = cli("train", "--run", run.folder, "--resume")
        assert run.state() == "running"
    assert outcome.code == 2
    assert outcome.err == "ganmodel: The run run is training already, in another process.\n"
    assert run.state() == "died"


def test_looking_whether_a_run_lives_never_takes_its_lock_for_long(tmp_path: Path) -> None:
    """Many looks from many threads, and each says that nobody trains."""
    run, answers = _new(tmp_path), []
    run.path("lock").touch()
    threads = [
        threading.Thread(target=lambda: answers.extend(run.is_alive() for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [False] * 80
    with Recorder(run):
        assert run.is_alive()


def test_a_grid_is_a_png_of_the_whole_sheet(tmp_path: Path) -> None:
    run = _new(tmp_path, sample_count=9)
    _record(run, images=tiny_images(channels=3))
    for path in run.moments("samples").values():
        with Image.open(io.BytesIO(path.read_bytes())) as picture:
            assert (picture.size, picture.mode) == ((88, 88), "RGB")


def test_recording_changes_nothing_that_is_trained(tmp_path: Path) -> None:
    run = _new(tmp_path)
    _record(run)
    alone = run_through(tiny_config())[-1].state
    assert differing(read_tensors(run.moments("checkpoints")[128])[1], alone.tensors) == []


def test_a_stop_asked_for_before_the_trainer_began_ends_the_run_at_its_start(tmp_path: Path):
    """The page offers Stop from the click on Start, seconds before the trainer can read it."""
    run = create_run(tmp_path, tiny_config(), name="run")
    number = run.ask("stop")
    images = tiny_images()
    with Recorder(run) as recorder:
        state = recorder.begin(images)
        snapshots = train(recorder.config, images, state=state, controls=recorder.controls)
        assert recorder.record(snapshots) == "stopped"
    assert run.reply(number) == {"ok": True, "images_seen": 0}


def test_a_stop_left_from_before_does_not_end_the_resumed_run(tmp_path: Path):
    run = create_run(tmp_path, tiny_config(), name="run")
    run.path("stop").touch()
    images = tiny_images()
    for resume, ended in ((False, "stopped"), (True, "finished")):
        with Recorder(run, resume=resume) as recorder:
            state = recorder.begin(images)
            snapshots = train(recorder.config, images, state=state, controls=recorder.controls)
            assert recorder.record(snapshots) == ended
