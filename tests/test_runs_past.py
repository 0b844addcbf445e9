"""What a run tells of its past: measured quality, changed knobs, its title."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ganmodel.files import read_json, write_json
from ganmodel.runs import create_run, knob_changes, past, qualities, untrained_quality
from ganmodel.words import worded
from tests.support import new_run, record, tiny_config


def test_changed_knobs_are_told_in_order_with_the_moment_they_count_from(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    record(run, knobs={32: {"lr_g": 1e-4}, 80: {"lr_d": 2e-4, "n_critic": 2}})
    assert knob_changes(run) == [
        {"images": 32, "values": {"lr_g": 1e-4}},
        {"images": 80, "values": {"lr_d": 2e-4, "n_critic": 2}},
    ]


def test_a_refused_knob_and_a_pause_are_no_changes(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    record(run, knobs={32: {"lr_g": -1.0}})
    assert knob_changes(run) == []


def test_qualities_come_in_order_and_follow_a_file_that_changes(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    assert qualities(run) == []
    run.path("quality").mkdir()
    write_json(run.path("quality", "000000200.json"), {"fd": 2.0, "features": {"name": "x"}})
    write_json(run.path("quality", "000000100.json"), {"fd": 3.0, "classes": 10})
    found = qualities(run)
    told = [(q["images"], q["fd"], q["classes"]) for q in found]
    assert told == [(100, 3.0, 10), (200, 2.0, None)]
    write_json(run.path("quality", "000000200.json"), {"fd": 1.5})
    assert qualities(run)[-1]["fd"] == 1.5


def test_what_untrained_networks_score_is_no_quality_of_the_run(tmp_path: Path) -> None:
    """It may have begun with trained ones."""
    run = new_run(tmp_path)
    assert untrained_quality(run) is None
    run.path("quality").mkdir()
    write_json(run.path("quality", "000000000.json"), {"fd": 90.0})
    assert untrained_quality(run)["fd"] == 90.0
    assert qualities(run) == []


@pytest.mark.parametrize(
    ("name", "dataset", "title"),
    [
        (None, "mnist", r"^mnist · quick · \w{3} \d+, \d\d:\d\d$"),
        ("first", "mnist", r"^mnist · quick$"),
        ("own", "/secret/place/faces.zip", r"^faces\.zip · quick$"),
    ],
)
def test_a_title_tells_data_preset_and_time_but_no_path(
    tmp_path: Path, name: str | None, dataset: str, title: str
) -> None:
    run = create_run(tmp_path, tiny_config(dataset=dataset), name=name)
    assert re.search(title, worded(run.title()))
    run.path("title").write_text(" my first \n")
    assert run.title() == "my first"


def test_damaged_files_of_the_past_are_passed_over(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    for kind in ("quality", "replies"):
        run.path(kind).mkdir()
    for number, content in enumerate(("[1]", "{", "7", '{"ok": true, "set": {"lr_g": 1}}'), 1):
        run.path("quality", f"{number:09}.json").write_text(content)
        run.path("replies", f"{number:06}.json").write_text(content)
    assert [found["images"] for found in qualities(run)] == [4]
    assert knob_changes(run) == []


def test_nothing_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page asks every second; only a file that is new or changed costs anything."""
    run, opened = new_run(tmp_path), []
    record(run, knobs={32: {"lr_g": 1e-4}})
    write_json(run.path("quality", "000000100.json"), {"fd": 3.0})
    monkeypatch.setattr(past, "read_json", lambda path: opened.append(path) or read_json(path))
    first = (qualities(run), knob_changes(run))
    assert len(opened) == 2
    assert (qualities(run), knob_changes(run)) == first
    assert len(opened) == 2
    write_json(run.path("quality", "000000200.json"), {"fd": 2.0})
    assert [found["fd"] for found in qualities(run)] == [3.0, 2.0]
    assert len(opened) == 3
