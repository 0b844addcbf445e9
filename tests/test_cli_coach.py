"""`ganmodel coach`: the same two verdicts as on the page, in words and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.runs import Run, settings_at, settings_now
from ganmodel.ui.train.verdicts import Verdicts
from ganmodel.words import worded
from tests.support import is_one_sentence

RUNS = Path(__file__).parent / "data" / "runs"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that D won; nobody has set a knob of it."""
    return Run(shutil.copytree(RUNS / "d-wins", tmp_path / "run"))


def set_knob(run: Run, number: int, images: int, **values: float) -> None:
    """Notes a knob that was set as a trainer does."""
    run.path("replies").mkdir(exist_ok=True)
    reply = {"ok": True, "images_seen": images, "rollbacks": 0, "set": values}
    run.path("replies", f"{number:06}.json").write_text(json.dumps(reply))
    status = json.loads(run.path("status.json").read_text())
    status["knobs"] = {**status["knobs"], **values}
    run.path("status.json").write_text(json.dumps(status))


def told(cli: Callable[..., Any], run: Run, *flags: str) -> dict[str, Any]:
    outcome = cli("coach", run.folder, "--json", *flags)
    assert outcome.code == 0
    return json.loads(outcome.out)


def test_it_says_what_the_page_says(cli: Callable[..., Any], run: Run) -> None:
    page = Verdicts().newest(run, run.config(), run.status())
    found = told(cli, run)
    assert found["images"] == page["images"]
    for part in ("balance", "pictures"):
        assert set(found[part]) == {"kind", "sentence", "cure"}
        assert found[part]["kind"] == page[part]["kind"]
        assert found[part]["sentence"] == worded(page[part]["sentence"])
    assert found["balance"]["cure"] == page["balance"]["cures"][0]["changes"]
    assert found["pictures"]["cure"] is None
    words = cli("coach", run.folder).out
    for part in ("balance", "pictures"):
        assert worded(page[part]["headline"]) in words
        assert worded(page[part]["sentence"]) in words
    assert worded(page["balance"]["cures"][0]["label"]) in words


def test_an_earlier_moment_is_judged_by_what_was_known_then(
    cli: Callable[..., Any], run: Run
) -> None:
    assert told(cli, run, "--at", "1,300")["balance"]["kind"] == "unknown"
    then = told(cli, run, "--at", "9000")
    assert then["images"] == 8960
    assert then["pictures"]["kind"] == "far"


def test_what_is_no_run_is_told_in_a_sentence(cli: Callable[..., Any], tmp_path: Path) -> None:
    is_one_sentence(cli("coach", tmp_path), "run's folder")
    is_one_sentence(cli("coach", RUNS / "quick", "--at", "-1"), "--at")


def test_cures_start_from_the_knobs_as_they_are_now(cli: Callable[..., Any], run: Run) -> None:
    before = told(cli, run)["balance"]["cure"]
    set_knob(run, 1, 50_000, lr_d=before["lr_d"], n_critic=1)
    cure = told(cli, run)["balance"]["cure"]
    assert cure["lr_d"] < before["lr_d"]
    assert "n_critic" not in cure


def test_a_knob_that_was_set_is_judged_at_once_and_only_from_then_on(
    cli: Callable[..., Any], run: Run
) -> None:
    verdicts = Verdicts()
    assert verdicts.newest(run, run.config(), run.status())["balance"]["kind"] == "D wins"
    set_knob(run, 1, 50_000, lr_g=0.0)
    now = verdicts.newest(run, run.config(), run.status())
    assert now["balance"]["kind"] == "G stands still"
    assert verdicts.at(run, run.status(), 40_000)["balance"]["kind"] == "D wins"
    assert told(cli, run, "--at", "60000")["balance"]["kind"] == "G stands still"
    assert settings_at(run, 40_000) == run.config()
    assert settings_at(run, 50_000) == settings_now(run)


def test_a_run_is_compared_with_untrained_networks_where_they_were_measured(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    run = Run(shutil.copytree(RUNS / "quick", tmp_path / "run"))
    assert told(cli, run)["balance"]["kind"] == "balanced"
    run.path("quality").mkdir()
    newest = run.rows()[0][-1]["fd_over_r"]
    untrained = {"fd_over_r": newest, "compared": 1000}
    run.path("quality", "000000000.json").write_text(json.dumps(untrained))
    assert told(cli, run)["balance"]["kind"] == "not learning"
    page = Verdicts().newest(run, run.config(), run.status())
    assert page["balance"]["kind"] == "not learning"


def test_of_the_film_of_the_collapse_each_part_is_told(cli: Callable[..., Any]) -> None:
    """The knob is set to 30 at 256 images and to 1 at 2,304."""
    film = Run(Path(__file__).parents[1] / "weights" / "runs" / "lesson-collapse")
    ill = told(cli, film, "--at", "1600")["balance"]
    assert ill["kind"] == "repeats itself"
    assert ill["cure"] == {"g_steps": 1}
    assert told(cli, film, "--at", "2400")["balance"]["kind"] == "unknown"
    assert told(cli, film)["balance"]["kind"] == "balanced"
    every = [told(cli, film, "--at", str(images))["balance"] for images in range(0, 7000, 384)]
    assert not any(b["kind"] == "balanced" for b in every[1:7])
