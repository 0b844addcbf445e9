"""Names for runs, a trash that gives back, and a run as one zip without whose or where it was."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ganmodel.files import write_json
from ganmodel.runs import (
    TRASH,
    Run,
    RunError,
    create_run,
    list_runs,
    rename_run,
    restore_run,
    trash_run,
    zip_run,
)
from ganmodel.runs.library import empty_trash
from ganmodel.words import worded
from tests.support import new_run, record, tiny_config, tiny_data


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = new_run(tmp_path / "runs", "mine")
    record(made)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_renamed_run_has_its_title_until_it_is_renamed_to_nothing(run: Run) -> None:
    first = run.title()
    rename_run(run, "  Größe 8, second try ")
    assert run.title() == "Größe 8, second try"
    rename_run(run, "")
    assert run.title() == first


@pytest.mark.parametrize("title", ["x" * 61, "two\nlines", "a\0b", None, 5, ["x"], "\u202eevil"])
def test_a_title_that_is_no_short_line_is_refused_and_the_old_one_stays(
    run: Run, title: Any
) -> None:
    rename_run(run, "before")
    with pytest.raises(RunError, match="at most 60"):
        rename_run(run, title)
    assert run.title() == "before"


def test_a_deleted_run_comes_back_whole(run: Run) -> None:
    before = contents(run.folder)
    trash_run(run)
    assert list_runs(run.folder.parent) == []
    assert restore_run(run.folder.parent, "mine").folder == run.folder
    assert contents(run.folder) == before


def test_a_run_that_still_trains_cannot_be_deleted(run: Run) -> None:
    status = json.loads(run.path("status.json").read_text())
    run.path("status.json").write_text(json.dumps({**status, "state": "running"}))
    with (
        FileLock(run.path("lock"), is_singleton=False),
        pytest.raises(RunError, match="training still"),
    ):
        trash_run(run)
    assert run.folder.exists()


def test_bringing_back_never_replaces_another_run(run: Run) -> None:
    trash_run(run)
    other = create_run(run.folder.parent, tiny_config(seed=9), name="mine")
    with pytest.raises(RunError, match="exists already"):
        restore_run(run.folder.parent, "mine")
    assert other.config().seed == 9


def test_what_is_gone_for_good_is_told_in_a_sentence(run: Run) -> None:
    with pytest.raises(RunError, match="gone for good"):
        restore_run(run.folder.parent, "never")


def test_the_trash_keeps_the_newest_and_lets_go_of_the_old(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for number in range(4):
        run = create_run(runs, tiny_config(), name=f"run{number}")
        run.path("status.json").write_text('{"state": "stopped"}')
        trash_run(run)
        os.utime(runs / TRASH / f"run{number}", (time.time() - 10_000 * (4 - number),) * 2)
    empty_trash(runs, older_than=35_000)
    assert sorted(p.name for p in (runs / TRASH).iterdir()) == ["run1", "run2", "run3"]
    empty_trash(runs, most=1)
    assert [p.name for p in (runs / TRASH).iterdir()] == ["run3"]


# --- the zip ----------------------------------------------------------------------------------


def zipped(run: Run) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zip_run(run))))


def test_the_zip_holds_what_the_run_made_and_can_be_resumed_from(run: Run, tmp_path: Path) -> None:
    run.ask("stop")
    packed = zipped(run)
    packed.extractall(tmp_path / "elsewhere")
    there = Run(tmp_path / "elsewhere" / "mine")
    assert there.config() == run.config()
    assert there.rows()[0] == run.rows()[0]
    for kind in ("samples", "samples_raw", "weights", "checkpoints"):
        ours, theirs = run.moments(kind), there.moments(kind)
        assert list(ours) == list(theirs)
        assert all(ours[m].read_bytes() == theirs[m].read_bytes() for m in ours)
    assert record(there, resume=True, length=160) == "finished"


def test_the_zip_tells_no_folder_that_a_sentence_of_its_status_names(run: Run) -> None:
    why = {"id": "errors.folder-not-listed", "values": {"path": "/data/secret-place/faces"}}
    notes = [{"images": 1, "text": [why, "See /data/secret-place/more."]}]
    write_json(run.path("status.json"), {"state": "failed", "error": why, "notes": notes})
    status = zipped(run).read("mine/status.json")
    assert b"secret-place" not in status
    assert worded(json.loads(status)["error"]) == "The folder faces cannot be listed."


def test_the_zip_tells_nothing_of_whose_the_run_was_or_where(tmp_path: Path) -> None:
    secret = tmp_path / "secret-place"
    config = tiny_config(dataset=str(secret / "faces.zip"), image_size=28)
    run = create_run(tmp_path / "runs", config, name="own", owner="f" * 64)
    record(run, data=tiny_data())
    run.path("link").write_text("e" * 64)
    packed = zipped(run)
    names = {Path(name).name for name in packed.namelist()}
    assert not names & {"owner", "link", "lock", "log.txt"}
    assert not any("/requests/" in name or "/replies/" in name for name in packed.namelist())
    for name in packed.namelist():
        if not name.endswith(".png"):
            content = packed.read(name)
            assert b"f" * 64 not in content
            assert b"secret-place" not in content, name
            assert b"faces.zip" not in content, name
    assert json.loads(packed.read("own/config.json"))["dataset"] == "own pictures"
