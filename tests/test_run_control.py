"""What stands behind the page, without a browser: ownership, steering, bad calls."""

from __future__ import annotations

import math
import resource
from pathlib import Path
from typing import Any

import pytest

from ganmodel.errors import KnownError
from ganmodel.runs import RunError, create_run
from ganmodel.ui.http.visitors import own_run, owner_of
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import answer_of, visitor
from tests.support import MINE, OTHER, tiny_config, wait_until

# --- whose run it is --------------------------------------------------------------------------


def test_a_run_answers_to_its_owner_and_to_nobody_else(finished: Path):
    assert own_run(finished, visitor(MINE), "mine").name == "mine"
    with pytest.raises(RunError, match="no such run"):
        own_run(finished, visitor(OTHER), "mine")


@pytest.mark.parametrize("name", ["../mine", "mine/..", "", ".", "x" * 500, "mine\0", "C:"])
def test_names_that_are_no_run_of_ours_are_refused_as_unknown(finished: Path, name: str):
    with pytest.raises(RunError, match="no such run"):
        own_run(finished, visitor(MINE), name)


@pytest.mark.parametrize("token", ["", "short", "g" * 64, "A" * 64, "a" * 65, "a" * 64 + "\n"])
def test_what_is_no_token_of_a_page_is_refused(finished: Path, token: str):
    assert owner_of(token) is None
    with pytest.raises(RunError, match="reload the page"):
        own_run(finished, visitor(token), "mine")


def test_the_folder_keeps_no_token_only_its_hash(finished: Path):
    for path in finished.rglob("*"):
        if path.is_file():
            assert MINE.encode() not in path.read_bytes(), path


def test_another_visitor_can_neither_steer_nor_watch_a_run(finished: Path):
    control = RunControl(finished)
    for function, values in (
        (control.pause, {}),
        (control.stop, {}),
        (control.resume, {}),
        (control.set, {"values": {"lr_g": 1e-4}}),
        (control.step, {"who": "d", "times": 1}),
        (control.longer, {"images": 1000}),
        (control.again, {"changes": {}}),
    ):
        with pytest.raises(RunError, match="no such run"):
            answer_of(function, {"token": OTHER, "run": "mine", **values})
    with pytest.raises(RunError, match="no such run"):
        answer_of(RunView(control).watch, {"token": OTHER, "run": "mine"})


# --- steering ----------------------------------------------------------------------------------


def test_a_finished_run_refuses_to_be_paused_in_a_sentence(finished: Path):
    with pytest.raises(RunError, match="not training: it is finished"):
        answer_of(RunControl(finished).pause, {"token": MINE, "run": "mine"})


def start(control: RunControl, **settings: Any) -> dict[str, Any]:
    return answer_of(control.start, {"token": MINE, "settings": settings})


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"preset": "nope"}, "no recipe named 'nope'"),
        ({"dataset": "nope"}, "no such data set"),
        ({"dataset": "/etc"}, "no such data set"),
        ({"start_from": "/etc/passwd"}, "begins with fresh networks"),
        ({"start_from": "nope"}, "No networks named 'nope' come with ganmodel"),
        ({"start_from": "mnist"}, "its width is 48, but this run needs 32"),
        ({"preset": "lesson-collapse", "conditional": True}, "its classes is 0, but"),
        ({"objective": "nope"}, "must be one of"),
        ({"images": 0}, "whole number from 1"),
        ({"images": None}, "whole number from 1"),
        ({"images": math.nan}, "whole number from 1"),
        ({"seed": -1}, "whole number from 0"),
        ({"seed": "x"}, "whole number from 0"),
        ({"lr_g": 3}, "number from 0"),
        ({"colour": 3}, "'colour' is not known"),
    ],
    ids=str,
)
def test_a_wrong_setting_starts_nothing_and_says_what_was_wrong(
    tmp_path: Path, choice: dict[str, Any], sentence: str
):
    control = RunControl(tmp_path / "runs")
    with pytest.raises(ValueError, match=sentence):
        start(control, **choice)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("settings", [None, [], "quick", {str(k): k for k in range(100)}])
def test_settings_that_are_no_object_start_nothing(tmp_path: Path, settings: Any):
    with pytest.raises(KnownError, match="reload the page"):
        answer_of(RunControl(tmp_path / "runs").start, {"token": MINE, "settings": settings})


def test_a_runs_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="cannot be made"):
        start(RunControl(tmp_path / "file" / "runs"), images=1000)


def test_a_trainer_that_can_write_nothing_is_explained_from_memory(tmp_path: Path, data_dir: Path):
    """With files limited to 100 bytes neither status.json nor the log can take the reason."""
    control = RunControl(tmp_path / "runs", data_dir)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    run = create_run(tmp_path / "runs", tiny_config(), name="full", owner=owner_of(MINE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # a trainer inherits it
    try:
        control.launcher.start(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    wait_until(lambda: control.launcher.why_ended(run), what="the trainer's end")
    news = answer_of(RunView(control).watch, {"token": MINE, "run": "full"})
    assert news["state"] in ("failed", "died")
    assert "could no longer write its folder" in news["message"]
