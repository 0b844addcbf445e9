"""What a run may ask of a page that many share: all that is offered, and the same by every way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import PRESETS, SETTINGS, ConfigError, make_config
from ganmodel.data import DATASETS
from ganmodel.files import write_json
from ganmodel.hosting import Limits, check_change, check_run, classroom, hosted
from ganmodel.runs import (
    Run,
    RunError,
    check_start,
    create_run,
    expected_bytes,
    fork_run,
    list_runs,
)
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.ui.train.run_control import RunControl
from ganmodel.words import worded
from tests.asking import answer_of, sentence_of
from tests.support import MINE, tiny_config

PAGES = {"local": Limits(), "hosted": hosted(), "classroom": classroom()}
REFUSED = "On this page, which many share"
CHOICES = [
    (name, choice)
    for name, setting in SETTINGS.items()
    for choice in setting.metadata["choices"] or ((False, True) if setting.default is False else ())
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_starts_on_every_kind_of_page(preset: str, page: str) -> None:
    check_run(make_config(preset), PAGES[page])
    check_start(make_config(preset))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_starts_with_each_choice_of_the_form(preset: str) -> None:
    """Each list's entries and each data set, one at a time, where `config` itself takes them.

    A class has the same limits but for the length, and a page of one's own has none.
    """
    for name, choice in [*CHOICES, *(("dataset", name) for name in DATASETS)]:
        try:
            config = make_config(preset, **{name: choice})
        except ConfigError:
            continue  # refused in every mode, with the reason
        check_run(config, hosted())


# What is too much, for a run and as a change of one; n_critic is a knob besides.
TOO_MUCH = [
    {"batch_size": 4096},
    {"images": 1_000_000_000},
    {"n_critic": 100},
    {"g_steps": 31},
    {"evaluate_every": 1},
    {"evaluate_every": 8_192, "images": 2_000_000},
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A stopped run of the visitor MINE that a shared page has taken."""
    made = create_run(tmp_path / "runs", make_config("quick"), name="run", owner=owner_of(MINE))
    write_json(made.path("status.json"), {"state": "stopped", "images_seen": 0})
    return made


def control_of(run: Run, **limits: Any) -> RunControl:
    """A page where nobody's turn ever comes, so that no trainer starts."""
    settings = hosted().settings
    return RunControl(
        run.folder.parent, limits=Limits(trainers=0, evaluations=128, settings=settings, **limits)
    )


def act(control: RunControl, action: str, **more: Any) -> dict[str, Any]:
    return answer_of(getattr(control, action), {"token": MINE, "run": "run", **more})


@pytest.mark.parametrize("settings", TOO_MUCH, ids=str)
def test_what_a_start_refuses_a_fork_refuses(run: Run, settings: dict[str, Any]) -> None:
    control = control_of(run)
    with pytest.raises(RunError, match=REFUSED):
        answer_of(control.start, {"token": "c" * 64, "settings": {"preset": "quick", **settings}})
    with pytest.raises(RunError, match=REFUSED):
        act(control, "again", before=0, changes=settings)
    assert [one.name for one in list_runs(control.runs)] == ["run"]


def test_knobs_and_a_new_length_are_held_to_the_same_limits(run: Run) -> None:
    control = control_of(run)
    with pytest.raises(RunError, match=REFUSED):
        act(control, "set", values={"n_critic": 100})
    with pytest.raises(RunError, match="not training"):  # within the limits, it is asked for
        act(control, "set", values={"n_critic": 2})
    for images in (1_000_000_000, 2_000_001):
        with pytest.raises(RunError, match=REFUSED):
            act(control, "longer", images=images)


def test_a_run_from_elsewhere_beyond_the_limits_does_not_go_on_here(run: Run) -> None:
    """Such as one that was made on a page of one's own, in the same runs folder."""
    control = control_of(run)
    status = {"state": "stopped", "images_seen": 0}
    write_json(run.path("status.json"), {**status, "knobs": {"n_critic": 50}})
    for action, more in (("resume", {}), ("longer", {"images": 400_000})):
        with pytest.raises(RunError, match=REFUSED):
            act(control, action, **more)
    write_json(run.path("status.json"), status)
    write_json(run.path("config.json"), make_config("quick", batch_size=2048).to_json())
    with pytest.raises(RunError, match=REFUSED):
        act(control, "resume")
    with pytest.raises(RunError, match=REFUSED):
        act(control, "again", before=0, changes={"lr_g": 1e-3})
    act(RunControl(control.runs, limits=control.limits, host=owner_of(MINE)), "resume")


def test_a_fork_is_checked_with_the_knobs_that_its_checkpoint_holds(finished: Path) -> None:
    asked = []
    fork_run(finished, Run(finished / "mine"), 64, {"lr_g": 0.5}, check=asked.append)
    assert [config.lr_g for config in asked] == [0.5, 0.5]

    def refuse(config: Any) -> None:
        raise RunError("no")

    before = sorted(finished.iterdir())
    with pytest.raises(RunError, match="no"):
        fork_run(finished, Run(finished / "mine"), 64, {}, check=refuse)
    assert sorted(finished.iterdir()) == before


def test_trying_again_keeps_to_the_number_of_runs_and_says_what_went(run: Run) -> None:
    control, name, said = control_of(run, runs_each=3), "run", []
    for k in range(5):
        answer = answer_of(
            control.again,
            {"token": MINE, "run": name, "before": 0} | {"changes": {"images": 20_000 + k}},
        )
        name = answer["run"]
        said.append(worded(answer["said"]))
        assert len(list_runs(control.runs)) <= 3
    assert "To make room" not in said[0]
    assert "To make room" in said[-1]


def test_single_values_that_cost_too_much_together_are_refused_in_a_sentence() -> None:
    heavy = {"width": 64, "z_dim": 256, "batch_size": 512, "n_critic": 10, "evaluate_every": 0}
    check_run(make_config("r3gan", **heavy), hosted())
    with pytest.raises(RunError, match="lower the batch, the width or the steps of D or G"):
        check_run(make_config("article", objective="wgan-gp", dataset="cifar10", **heavy), hosted())
    heavy = {"batch_size": 512, "g_steps": 30}
    with pytest.raises(RunError, match="steps of D or G"):
        check_change(make_config("article"), heavy, hosted())
    with pytest.raises(RunError, match=r"would grow to about 3,\d\d\d MB"):
        check_run(make_config("article", dataset="a.zip", conditional=True, z_dim=256), hosted())
    with pytest.raises(RunError, match="set the log interval to 245 or more"):
        check_change(make_config("quick", log_every=128), {"images": 2_000_000}, hosted())
    with pytest.raises(RunError, match="set the evaluation interval to 15,625 or more"):
        check_change(make_config("lesson-diverge"), {"images": 2_000_000}, hosted())


def test_the_form_says_before_the_start_what_would_be_refused(tmp_path: Path) -> None:
    ask = {"settings": {"preset": "quick", "batch_size": 1024}}
    shared = SettingsForm(tmp_path, limits_of=lambda owner: hosted())
    assert REFUSED in sentence_of(**answer_of(shared.describe, ask)["refusal"])
    assert answer_of(SettingsForm(tmp_path).describe, ask)["refusal"] is None


def test_a_runs_size_is_foreseen_rather_too_large_than_too_small(finished: Path) -> None:
    """The files of a tiny run are mostly their heads, so only the order of size can be right."""
    run = Run(finished / "mine")
    size = sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())
    assert size <= expected_bytes(tiny_config()) <= 3 * size + 200_000


@pytest.mark.parametrize("moment", [0, 64])
def test_a_fork_taken_out_of_the_queue_is_stopped(finished: Path, moment: int) -> None:
    """Though it has a status already, which says how it is to compute and where it began."""
    write_json(
        finished / "mine" / "status.json",
        {**Run(finished / "mine").status(), "threads": 1, "precision": "float32"},
    )
    control = RunControl(finished, limits=Limits(trainers=0, turn_seconds=60.0))
    ask = {"token": MINE, "run": "mine", "before": moment, "changes": {}}
    again = Run(finished / answer_of(control.again, ask)["run"])
    answer_of(control.stop, {"token": MINE, "run": again.name})
    assert (again.state(), again.status()["images_seen"]) == ("stopped", moment)
