"""The drawer's side of the server: cards, comparing, deleting, links and downloads, and whose."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ganmodel.errors import KnownError
from ganmodel.runs import Run, RunError, create_run, fork_run
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import make_link, owner_of, readable_run
from ganmodel.ui.runs_drawer.downloads import Downloads
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import Direct, answer_of, direct, visitor
from tests.support import MINE, OTHER, record, tiny_config, tiny_data


@pytest.fixture
def run(finished: Path) -> Run:
    return Run(finished / "mine")


@pytest.fixture
def run_list(run: Run) -> RunList:
    control = RunControl(run.folder.parent)
    return RunList(control, RunView(control, BundledRuns(run.folder / "none")))


@pytest.fixture
def client(run: Run) -> Iterator[Direct]:
    with direct(Downloads(run.folder.parent, Offers())) as made:
        yield made


def ask(**more: Any) -> dict[str, Any]:
    return {"token": MINE, "run": "mine", **more}


def test_a_card_tells_what_a_person_looks_for(run_list: RunList) -> None:
    found = answer_of(run_list.runs, {"token": MINE})
    assert found["count"] == 1
    card = found["runs"][0]
    assert (card["name"], card["state"], card["recipe"], card["data"]) == (
        "mine", "finished", "quick", "MNIST",
    )  # fmt: skip
    assert card["images_seen"] == card["images_total"] == 128
    assert card["thumb"].startswith("data:image/png;base64,")
    assert card["verdict"]
    assert card["has_weights"]
    assert not card["living"]


def test_nobody_elses_runs_are_listed_renamed_deleted_compared_or_downloaded(
    run_list: RunList, client: Direct
) -> None:
    assert answer_of(run_list.runs, {"token": OTHER}) == {"count": 0, "runs": [], "bundled": []}
    with pytest.raises(RunError, match="no such run"):
        answer_of(run_list.rename, {**ask(title="x"), "token": OTHER})
    for function in (run_list.delete, run_list.undo, run_list.link):
        with pytest.raises(RunError):
            answer_of(function, {**ask(), "token": OTHER})
    with pytest.raises(RunError, match="no such run"):
        answer_of(run_list.compare, {"token": OTHER, "runs": ["mine", "mine"]})
    with pytest.raises(RunError, match="no such run"):
        answer_of(run_list.reproduce, {**ask(), "token": OTHER})
    for what in ("weights", "zip"):
        answer = client.ask("download", token=OTHER, run="mine", what=what)
        assert answer.status == 400
        assert answer.json()["error"]["code"] == "no-such-run"


def test_a_run_with_a_damaged_config_is_listed_and_can_be_deleted(
    run: Run, run_list: RunList
) -> None:
    run.path("config.json").write_text("{")
    card = answer_of(run_list.runs, {"token": MINE})["runs"][0]
    assert card["trouble"]["code"] == "config-unreadable"
    answer_of(run_list.delete, ask())
    assert answer_of(run_list.runs, {"token": MINE})["count"] == 0


def test_delete_and_undo_give_the_run_back_to_its_owner_alone(run: Run, run_list: RunList) -> None:
    assert "is deleted" in answer_of(run_list.delete, ask())["said"]
    assert not run.folder.exists()
    with pytest.raises(RunError, match="gone for good"):
        answer_of(run_list.undo, {**ask(), "token": OTHER})
    assert "is back" in answer_of(run_list.undo, ask())["said"]
    assert run.owner() == owner_of(MINE)


@pytest.mark.parametrize("name", ["../mine", ".", "", "x" * 300])
def test_undo_takes_no_path(run_list: RunList, name: str) -> None:
    with pytest.raises(RunError, match="gone for good"):
        answer_of(run_list.undo, {"token": MINE, "run": name})


def test_two_compared_list_only_the_settings_that_differ(run: Run, run_list: RunList) -> None:
    again = fork_run(run.folder.parent, run, 64, {"lr_d": 5e-4}, owner=owner_of(MINE))
    found = answer_of(run_list.compare, {"token": MINE, "runs": ["mine", again.name]})
    assert found["differing"] == [
        {"label": "D's rate", "values": [str(run.config().lr_d), "0.0005"]}
    ]
    first, second = found["runs"]
    assert [point[0] for point in first["curves"]] == list(range(16, 129, 16))
    assert second["curves"] == first["curves"][:4]
    assert (first["grid"], second["grid"]) == (128, 64)


@pytest.mark.parametrize("runs", [[], ["mine"], ["mine"] * 3])
def test_other_than_two_runs_are_not_compared(run_list: RunList, runs: list[str]) -> None:
    with pytest.raises(RunError, match="Tick two"):
        answer_of(run_list.compare, {"token": MINE, "runs": runs})


def test_reproduce_gives_the_settings_and_no_path(tmp_path: Path) -> None:
    config = tiny_config(dataset=str(tmp_path / "faces"), start_from=str(tmp_path / "w"))
    create_run(tmp_path / "runs", config, name="own", owner=owner_of(MINE))
    control = RunControl(tmp_path / "runs")
    found = answer_of(RunList(control, RunView(control)).reproduce, {"token": MINE, "run": "own"})[
        "settings"
    ]
    assert found["dataset"] == "own"
    assert str(tmp_path) not in str(found)
    assert found["width"] == config.width
    assert found["start_from"] == ""


# --- links ------------------------------------------------------------------------------------


def test_a_link_opens_the_run_for_reading_and_nothing_else(run: Run, run_list: RunList) -> None:
    key = answer_of(run_list.link, ask())["key"]
    reading = readable_run(run.folder.parent, visitor(OTHER), "mine", key)
    assert (reading.own, reading.shows_reals) == (False, True)
    view = RunView(run_list.control)
    assert answer_of(view.watch, {"token": OTHER, "run": "mine", "key": key})["own"] is False
    with pytest.raises(RunError, match="no such run"):
        answer_of(run_list.control.stop, {"token": OTHER, "run": "mine"})
    with pytest.raises(KnownError, match="does not understand"):  # a key is not even asked for
        answer_of(run_list.control.stop, {"token": OTHER, "run": "mine", "key": key})


def test_the_owner_who_opens_the_link_keeps_the_controls(run: Run) -> None:
    assert readable_run(run.folder.parent, visitor(MINE), "mine", make_link(run)).own


@pytest.mark.parametrize("key", ["", "x", "0" * 32, "../owner", None])
def test_a_wrong_key_opens_nothing(run: Run, key: str | None) -> None:
    make_link(run)
    with pytest.raises(RunError):
        readable_run(run.folder.parent, visitor(OTHER), "mine", key)


def test_a_new_link_ends_the_old_one_and_no_key_is_kept(run: Run) -> None:
    old, new = make_link(run), make_link(run)
    with pytest.raises(RunError, match="opens nothing"):
        readable_run(run.folder.parent, visitor(OTHER), "mine", old)
    assert not readable_run(run.folder.parent, visitor(OTHER), "mine", new).own
    assert new not in run.path("link").read_text()


def test_a_run_on_ones_own_pictures_shows_none_of_them_through_a_link(tmp_path: Path) -> None:
    config = tiny_config(dataset=str(tmp_path / "faces"), image_size=28)
    run = create_run(tmp_path / "runs", config, name="own", owner=owner_of(MINE))
    record(run, data=tiny_data())
    key = make_link(run)
    assert not readable_run(tmp_path / "runs", visitor(OTHER), "own", key).shows_reals
    news = answer_of(
        RunView(RunControl(tmp_path / "runs")).watch, {"token": OTHER, "run": "own", "key": key}
    )
    assert news["has_reals"] is False
    assert news["about"]["shows_reals"] is False


# --- downloads --------------------------------------------------------------------------------


def test_the_weights_come_as_the_newest_file_with_a_clean_name(run: Run, client: Direct) -> None:
    run.path("title").write_text('my "first"/../run\u2026')
    answer = client.file("download", run="mine", what="weights")
    assert answer.body == run.newest_weights().read_bytes()
    assert 'filename="my-first-run-128.safetensors"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("CON", "run-con"),
        ("aux.", "run-aux"),
        ("Com1", "run-com1"),
        ("Дракон 3", "дракон-3"),
        ("日本語のラン", "日本語のラン"),
        ("हिन्दी", "हिन्दी"),
        ("Größe 10 %: Ä/B", "größe-10-ä-b"),
        ("..\\x: y", "x-y"),
        ("😀", "mine"),
        ("𐌰" * 60, "𐌰" * 37),
    ],
)
def test_a_download_has_a_name_that_every_system_takes(
    run: Run, client: Direct, title: str, name: str
) -> None:
    run.path("title").write_text(title)
    for what, ending in (("zip", ".zip"), ("weights", "-128.safetensors")):
        answer = client.file("download", run="mine", what=what)
        told = answer.headers["content-disposition"]
        assert told.isascii()
        kept = told.partition("filename*=UTF-8''")[2] or told.partition('filename="')[2][:-1]
        assert unquote(kept) == name + ending


def test_everything_comes_as_one_zip(run: Run, client: Direct) -> None:
    answer = client.file("download", run="mine", what="zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.body))
    assert packed.testzip() is None
    assert "mine/metrics.jsonl" in packed.namelist()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "bad-call"),
        ({"run": "mine", "what": "config"}, "bad-call"),
        ({"run": "mine", "what": "zip", "more": 1}, "bad-call"),
        ({"run": "../mine", "what": "zip"}, "no-such-run"),
        ({"run": "mine", "what": "zip", "token": ""}, "no-token"),
        ({"run": "mine", "what": "zip", "token": "x" * 10_000}, "no-token"),
    ],
    ids=str,
)
def test_a_wrong_download_is_one_sentence(
    client: Direct, values: dict[str, Any], code: str
) -> None:
    assert client.call("download", **values)["code"] == code
