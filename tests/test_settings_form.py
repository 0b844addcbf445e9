"""The form that starts a run: every setting has its control, and what follows from a choice."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import EDITION, PRESETS, SETTINGS, make_config
from ganmodel.objectives import OBJECTIVES
from ganmodel.runs import create_run
from ganmodel.ui.train.form.settings_form import LEFT_OUT, SettingsForm, chosen_settings, form_html
from ganmodel.words import worded
from tests.asking import answer_of, sentence_of
from tests.support import record, tiny_config


class Controls(HTMLParser):
    """Every control with the attributes it has, and the choices of a select."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, Any]] = {}
        self.labels: set[str] = set()
        self._open: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag == "label":
            self.labels.add(values.get("for") or "")
        if name := values.get("data-setting"):
            self.found[name] = {**values, "tag": tag, "choices": []}
            self._open = name if tag == "select" else None
        elif tag == "option" and self._open:
            self.found[self._open]["choices"].append(values["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._open = None


@pytest.fixture(scope="module")
def controls() -> Controls:
    parser = Controls()
    parser.feed(form_html())
    return parser


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in LEFT_OUT])
def test_every_setting_has_a_labelled_control_with_its_range(controls: Controls, name: str) -> None:
    control, facts = controls.found[name], SETTINGS[name].metadata
    assert control["id"] in controls.labels
    if facts["choices"]:
        assert control["choices"] == [str(choice) for choice in facts["choices"]]
    elif facts["low"] is not None:
        assert (float(control["data-low"]), float(control["data-high"])) == (
            facts["low"],
            facts["high"],
        )
        assert ("data-whole" in control) == isinstance(SETTINGS[name].default, int)


def test_the_form_offers_every_recipe_the_lessons_last(controls: Controls) -> None:
    offered = controls.found["preset"]["choices"]
    assert sorted(offered) == sorted(PRESETS)
    assert [PRESETS[name].lesson for name in offered] == sorted(
        PRESETS[name].lesson for name in offered
    )


def test_at_most_six_controls_stand_before_all_settings_are_opened() -> None:
    parser = Controls()
    parser.feed(form_html().split('<details id="train-all">')[0])
    assert len(parser.found) <= 5  # and Start


def told(tmp_path: Path, **settings: Any) -> dict[str, Any]:
    return answer_of(SettingsForm(tmp_path).describe, {"settings": settings})


def refusal_in(answer: dict[str, Any]) -> str:
    return sentence_of(**answer["refusal"])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_recipe_alone_is_told_as_it_is_and_as_unchanged(tmp_path: Path, preset: str) -> None:
    answer, config = told(tmp_path, preset=preset), make_config(preset)
    assert answer["values"] == {name: getattr(config, name) for name in SETTINGS}
    assert answer["changed"] == []
    assert answer["refusal"] is None
    assert worded(answer["recipe"]) == worded(PRESETS[preset].words)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_whole_configuration_is_described_as_the_one_it_is(tmp_path: Path, preset: str) -> None:
    """As it comes back from a run that is to be reproduced: every setting, and the edition."""
    config = make_config(preset).to_json()
    answer = told(tmp_path, **config)
    assert answer["refusal"] is None
    assert answer["values"].items() <= config.items()


def test_a_choice_wins_over_the_rule_and_the_rule_over_the_recipe(tmp_path: Path) -> None:
    answer = told(tmp_path, preset="quick", objective="wgan", lr_g=1e-3)
    assert answer["values"]["lr_g"] == 1e-3
    assert answer["values"]["lr_d"] == OBJECTIVES["wgan"].needs["lr_d"]
    assert answer["values"]["clip"] == OBJECTIVES["wgan"].needs["clip"]
    assert answer["changed"] == ["G's rate"]
    assert answer["formulas"] == [OBJECTIVES["wgan"].formula_d, OBJECTIVES["wgan"].formula_g]


def test_another_rule_than_a_recipe_is_named_for_counts_as_changed(tmp_path: Path) -> None:
    assert told(tmp_path, preset="wgan", objective="hinge")["changed"] == ["training rule"]
    assert told(tmp_path, preset="quick", objective="hinge")["changed"] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"lr_g": 3}, "must be a number from 0"),
        ({"objective": "r3gan", "r1_gamma": 0.0}, "diverges unless both"),
        ({"preset": "nope"}, "no recipe named"),
        ({"images": None}, "whole number"),
        ({"lr_g": float("nan")}, "must be a number"),
    ],
    ids=str,
)
def test_a_choice_that_cannot_start_is_told_with_the_reason(
    tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    answer = told(tmp_path, **{"preset": "quick", **settings})
    assert sentence in refusal_in(answer)
    assert answer["expected"] is None
    assert answer["values"]


def test_a_refused_choice_names_what_was_chosen_so_that_it_can_be_taken_back(
    tmp_path: Path,
) -> None:
    """The page offers the way back to the recipe while something is named as changed."""
    answer = told(tmp_path, preset="quick", images=5000, width=8, lr_g=3, momentum_g=1)
    assert answer["refusal"]
    assert sorted(answer["changed"]) == ["G's rate", "width"]


def test_a_wasteful_choice_draws_a_warning(tmp_path: Path) -> None:
    assert "does not use it" in told(tmp_path, preset="quick", clip=0.1)["warnings"][0]


def test_how_long_it_takes_is_estimated_before_the_first_run(tmp_path: Path) -> None:
    answer = told(tmp_path, preset="quick", images=300_000)
    assert "a first guess" in answer["expected"]
    assert "each picture seen about 5 times" in answer["expected"]
    assert "less than once" in told(tmp_path, preset="quick", images=30_000)["expected"]


def test_a_run_of_an_earlier_edition_is_reproduced_in_that_edition(tmp_path: Path) -> None:
    old = make_config("quick", edition=1).to_json()
    del old["start_from"]  # as `RunList.reproduce` gives it
    preset, chosen = chosen_settings(old)
    assert make_config(preset, **chosen).edition == 1
    assert told(tmp_path, **old)["changed"] == []
    assert "update ganmodel" in refusal_in(told(tmp_path, edition=EDITION + 1))


def test_how_long_it_takes_is_known_from_an_earlier_run_with_the_same_costs(
    tmp_path: Path,
) -> None:
    run = create_run(tmp_path, tiny_config(), name="before")
    record(run)
    lines = run.path("metrics.jsonl").read_text().splitlines()
    rows = [
        line.replace('"images_per_second": ', '"images_per_second": 500, "x": ') for line in lines
    ]
    rows[-1] = rows[-1].replace('"seconds": ', '"seconds": 9, "y": ')
    run.path("metrics.jsonl").write_text("\n".join(rows) + "\n")
    same = {name: getattr(tiny_config(), name) for name in SETTINGS if name != "start_from"}
    assert (
        "at 500 images/s (measured"
        in told(
            tmp_path,
            **same,
        )["expected"]
    )
    other = {**same, "width": 8}
    assert "estimated" in told(tmp_path, **other)["expected"]


def test_data_that_is_not_here_is_told_with_its_size(tmp_path: Path) -> None:
    form = SettingsForm(tmp_path, tmp_path / "data")
    answer = answer_of(form.describe, {"settings": {"dataset": "kmnist"}})
    assert "KMNIST is not on this machine yet" in answer["data"]
