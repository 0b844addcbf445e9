"""docs/extending.md: its changes work as they stand there, on the page, in trainers, in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ganmodel.extensions import VARIABLE
from ganmodel.runs import Run, RunError
from tests.asking import page_of
from tests.support import wait_until
from tests.test_python_api import block_of

PAGE = "docs/extending.md"
MODULES = {
    "my_rule": "## A training rule",
    "my_pair": "## A pair of networks",
    "my_data": "## A data set",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the three modules are named, as the page says."""
    folder = tmp_path_factory.mktemp("extensions")
    for name, heading in MODULES.items():
        (folder / f"{name}.py").write_text(block_of(PAGE, heading), "utf-8")
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return {VARIABLE: ", ".join(MODULES), "PYTHONPATH": path}


def test_a_rule_a_pair_and_a_data_set_from_outside_are_on_the_page_and_train_and_draw(
    extended: dict[str, str], tmp_path: Path, data_dir: Path
) -> None:
    with page_of(tmp_path / "runs", data_dir=data_dir, **extended) as page:
        html = page.visitor().get("").body.decode()
        for shown in ("classic with smoothed labels", "lying or standing", 'value="smooth"'):
            assert shown in html, shown
        visitor = page.visitor()
        chosen = {"objective": "smoothed", "network": "smooth", "dataset": "bars"}
        more = {"images": 2_048, "batch_size": 64, "width": 8, "conditional": True}
        started = visitor.start(**chosen, **more)
        run = Run(page.runs / started["run"])
        wait_until(lambda: run.state() in ("finished", "failed"), what="the end of the run")
        assert run.state() == "finished", run.path("log.txt").read_text()
        kept = json.loads(run.path("config.json").read_text("utf-8"))
        assert {name: kept[name] for name in chosen} == chosen
        with pytest.raises(RunError, match="'smoothed'"):  # where nobody registered it
            run.config()
        drawn = visitor.file("keep", generator=f"run:{run.name}", place="class=1", form="png")
        assert drawn.body.startswith(b"\x89PNG")


def test_the_commands_know_what_is_registered_and_say_what_cannot_be(
    extended: dict[str, str], environment: dict[str, str]
) -> None:
    def ganmodel(*flags: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ganmodel", *flags]
        known = {**environment, **extended, **more}
        return subprocess.run(command, env=known, capture_output=True, text=True, check=False)

    assert "smoothed" in ganmodel("train", "--help", **{VARIABLE: "my_rule"}).stdout
    broken = ganmodel("train", "--help", **{VARIABLE: "not_there"})
    assert broken.returncode == 2
    assert "not_there" in broken.stderr
    assert broken.stderr.count("\n") == 1


def test_what_on_row_returns_steers_the_training(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANMODEL_DATA", str(data_dir))
    code = block_of(PAGE, "## What to do while it trains").replace("20_000", "3_000")
    known: dict[str, Any] = {}
    exec(code, known)
    assert known["trained"].rows[-1]["images"] == 3_072
    assert "3 rows" in capsys.readouterr().out
