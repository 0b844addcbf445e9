"""A run's folder: written by a recorder, read by anybody."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.images import grid
from ganmodel.recording import Recorder
from ganmodel.runs import RunError, create_run, list_runs
from ganmodel.schedule import kept_checkpoints
from ganmodel.snapshots import Snapshot
from tests.support import (
    differing,
    metric_rows,
    new_run,
    read_tensors,
    record,
    run_through,
    tiny_config,
    tiny_data,
    tiny_images,
)

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
    run = new_run(tmp_path)
    os.utime(run.path("config.json"), (0, 0))
    assert run.state() == "died"


def test_runs_made_in_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, tiny_config()) for _ in range(5)]
    assert len({run.folder for run in runs}) == 5
    assert {run.name for run in list_runs(tmp_path)} == {run.name for run in runs}


def test_a_named_run_is_never_made_twice(tmp_path: Path) -> None:
    new_run(tmp_path)
    with pytest.raises(RunError, match="exists already"):
        new_run(tmp_path)


def test_runs_are_listed_newest_first_and_by_owner(tmp_path: Path) -> None:
    for age, (name, owner) in enumerate((("3", "anna"), ("2", "ben"), ("1", "anna"))):
        run = create_run(tmp_path, tiny_config(), name=name, owner=owner)
        os.utime(run.path("config.json"), (1e9 - age, 1e9 - age))
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
    run, images, kept = new_run(tmp_path), tiny_images(), []
    assert record(run, on_snapshot=kept.append) == "finished"
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
        assert about["facts"] == asdict(states[moment].progress)

    status = run.status()
    assert (status["state"], status["images_seen"], status["error"]) == ("finished", 128, None)
    assert (run.state(), run.is_alive()) == ("finished", False)
    assert differing(run.load_weights().tensors, weights[128]) == []
    assert not list(run.folder.rglob("*.tmp"))


def test_numbers_that_are_none_are_written_as_null(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with Recorder(run) as recorder:
        recorder.begin(tiny_data())
        recorder.record([Snapshot(16, row={"loss_d": float("nan"), "loss_g": float("-inf")})])
    ((row,), _) = run.rows()
    assert (row["loss_d"], row["loss_g"]) == (None, None)
    assert "NaN" not in run.path("metrics.jsonl").read_text()


def test_a_torn_last_line_is_left_for_the_next_look(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    path = run.path("metrics.jsonl")
    path.write_bytes(b'{"images": 16}\n{"images": 32}\n{"imag')
    rows, offset = run.rows()
    assert rows == [{"images": 16}, {"images": 32}]
    assert run.rows(offset) == ([], offset)
    with path.open("ab") as file:
        file.write(b'es": 48}\n')
    assert run.rows(offset)[0] == [{"images": 48}]


def test_a_damaged_line_spoils_no_other(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.path("metrics.jsonl").write_bytes(b'{"images": 16}\n\xff{{\n[1]\n\n{"images": 32}\n')
    assert run.rows()[0] == [{"images": 16}, {"images": 32}]


def test_half_written_files_of_a_dead_trainer_are_not_listed(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    record(run)
    before = run.moments("weights")
    run.path("weights", ".000000999.safetensors.1234abcd.tmp").write_bytes(b"half")
    run.path("weights", "notes.safetensors").write_bytes(b"")
    assert run.moments("weights") == before


@pytest.mark.parametrize("content", [b"", b"torn {", b"[1]", b'{"state": "dreaming"}'])
def test_a_damaged_status_does_not_stop_a_reader(tmp_path: Path, content: bytes) -> None:
    run = new_run(tmp_path)
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


@pytest.mark.parametrize("stop", [1, 6, 8, 20, 27, 30, 50])
def test_where_a_run_was_interrupted_leaves_no_checkpoint_behind(stop: int) -> None:
    """Nor keeps it one from its place."""
    straight: set[int] = set()
    interrupted = {stop}
    for moment in range(7, 140, 7):
        straight = kept_checkpoints({*straight, moment}, unit=7)
        due = {*interrupted, moment} if moment > stop else {*straight, stop}
        interrupted = kept_checkpoints(due, unit=7)
    assert interrupted == straight


def test_a_run_keeps_log_spaced_moments_and_its_newest(tmp_path: Path) -> None:
    run = new_run(tmp_path, images=2048)
    record(run)
    weights = list(run.moments("weights"))
    assert weights == [0] + [16 * n for n in (1, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128)]
    assert list(run.moments("checkpoints")) == [32, 64, 128, 256, 512, 1024, 2016, 2048]


def test_the_newest_weights_replace_the_newest_before(tmp_path: Path) -> None:
    run, seen = new_run(tmp_path, images=1024), []

    def look(snapshot: Snapshot) -> None:
        if snapshot.weights is not None:
            moments = run.moments("weights")
            assert max(moments) == snapshot.images_seen
            about = [read_tensors(path)[0]["keep"] for path in moments.values()]
            assert about[:-1] == [True] * (len(about) - 1)
            seen.append(snapshot.images_seen)

    record(run, on_snapshot=look)
    assert len(seen) > 32


@pytest.mark.slow
def test_a_held_lock_refuses_a_second_trainer(tmp_path: Path, cli: Callable[..., Any]) -> None:
    run = new_run(tmp_path)
    with Recorder(run) as recorder:
        recorder.begin(tiny_data())
        outcome = cli("train", "--run", run.folder, "--resume")
        assert run.state() == "running"
    assert outcome.code == 2
    assert outcome.err == "ganmodel: The run run is training already, in another process.\n"
    assert run.state() == "died"


def test_looking_whether_a_run_lives_never_takes_its_lock_for_long(tmp_path: Path) -> None:
    """Many looks from many threads, and each says that nobody trains."""
    run, answers = new_run(tmp_path), []
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
    run = new_run(tmp_path, sample_count=9)
    record(run, data=tiny_data(channels=3))
    for path in run.moments("samples").values():
        with Image.open(io.BytesIO(path.read_bytes())) as picture:
            assert (picture.size, picture.mode) == ((88, 88), "RGB")


def test_recording_changes_nothing_that_is_trained(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    record(run)
    alone = run_through(tiny_config())[-1].state
    assert differing(read_tensors(run.moments("checkpoints")[128])[1], alone.tensors) == []
