"""The coach's verdicts, on runs that really went well, collapsed, were won by D, and diverged."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import KNOBS, RunConfig
from ganmodel.health import KINDS, Verdict, diagnose
from ganmodel.runs import FORK_SETTINGS

RUNS = Path(__file__).parent / "data" / "runs"
WELL = ("quick", "wgan-gp", "wgan", "r3gan", "hinge", "minimax", "lsgan")
FAILED = {
    "collapse": "repeats itself",
    "d-wins": "d wins",
    "diverge": "diverging",
    "copying": "copying",
    "article": "repeats itself",
}


class Recorded:
    """A recorded run, and what the coach would have said of it at each of its rows."""

    def __init__(self, name: str) -> None:
        folder = RUNS / name
        self.config = RunConfig.from_json(json.loads((folder / "config.json").read_text()))
        self.notes = json.loads((folder / "status.json").read_text())["notes"]
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        self.rows = [json.loads(line) for line in lines]

    def at(self, row: int) -> Verdict:
        return diagnose(self.rows[:row], self.config.to_json(), self.notes)

    def end(self) -> Verdict:
        return self.at(len(self.rows))


@pytest.mark.parametrize("name", WELL)
def test_a_run_that_went_well_is_never_called_ill(name: str) -> None:
    """Under every rule, also those whose scores mean nothing by themselves, at every row."""
    run = Recorded(name)
    kinds = [run.at(row).kind for row in range(1, len(run.rows) + 1)]
    assert set(kinds) <= {"starting", "balanced"}
    assert kinds[-1] == "balanced"
    assert run.end().cures == ()


@pytest.mark.parametrize("name", FAILED)
def test_a_run_that_failed_is_told_what_is_wrong_and_given_a_cure(name: str) -> None:
    verdict = Recorded(name).end()
    assert verdict.kind == FAILED[name]
    assert verdict.cures
    assert verdict.evidence.endswith(("images.", "From the beginning."))  # since when


@pytest.mark.parametrize("name", ["collapse", "d-wins", "diverge"])
def test_a_lesson_is_seen_to_fail_within_its_first_quarter_and_stays_failed(name: str) -> None:
    """A person who watches it waits some ten seconds, and no verdict flickers after that."""
    run = Recorded(name)
    quarter = len(run.rows) // 4
    kinds = [run.at(row).kind for row in range(quarter, len(run.rows) + 1)]
    assert set(kinds) == {FAILED[name]}


@pytest.mark.parametrize("name", FAILED)
def test_every_cure_is_one_that_the_run_can_take(name: str) -> None:
    run = Recorded(name)
    for cure in run.end().cures:
        assert cure.kind in ("knobs", "again")
        assert set(cure.changes) <= set(KNOBS if cure.kind == "knobs" else FORK_SETTINGS)
        changed = dataclasses.replace(run.config, **cure.changes)  # refuses what is not sound
        assert changed != run.config
        assert cure.label
        assert cure.explanation.endswith(".")
        if cure.kind == "again":
            assert 0 <= cure.before < run.rows[-1]["images"]


@pytest.mark.parametrize(
    ("name", "column"),
    [("quick", "d_real"), ("d-wins", "d_real"), ("wgan-gp", "d_real"), ("article", "diversity")],
)
def test_the_evidence_holds_the_numbers_that_were_measured(name: str, column: str) -> None:
    run = Recorded(name)
    values = sorted(row[column] for row in run.rows[-16:])
    middle = (values[7] + values[8]) / 2
    assert f"{100 * middle:.0f} %" in run.end().evidence


def test_the_evidence_of_classes_is_the_evaluations_own() -> None:
    run = Recorded("article")
    covered = next(r["classes_covered"] for r in reversed(run.rows) if "classes_covered" in r)
    assert f"{covered} of 10 classes" in run.end().evidence


def test_a_cure_from_before_begins_before_the_trouble_did() -> None:
    run = Recorded("collapse")
    before = run.end().cures[0].before
    began = next(
        row["images"]
        for count, row in enumerate(run.rows, 1)
        if run.at(count).kind == "repeats itself"
    )
    assert 0 < before <= began


# --- made-up rows -------------------------------------------------------------------------------

SETTINGS = RunConfig().to_json()


def rows(count: int = 40, **changed: Any) -> list[dict[str, Any]]:
    row = {
        "loss_d": 1.3, "loss_g": 0.8, "d_real": 0.55, "d_fake": 0.45, "grad_d": 1.0, "grad_g": 0.3,
        "diversity": 0.9,
    }  # fmt: skip
    wiggle = [1 + 0.01 * (k % 5) for k in range(count)]
    return [
        {"images": 1024 * (k + 1), **{n: v * wiggle[k] for n, v in {**row, **changed}.items()}}
        for k in range(count)
    ]


@pytest.mark.parametrize("count", range(8))
def test_the_first_rows_are_too_few_for_a_verdict(count: int) -> None:
    verdict = diagnose(rows(count), SETTINGS)
    assert verdict.kind == "starting"
    assert verdict.images == 1024 * count


def test_a_loss_that_is_no_number_is_diverging() -> None:
    some = rows()
    for row in some[-6:]:
        row["loss_d"] = None
    verdict = diagnose(some, SETTINGS)
    assert verdict.kind == "diverging"
    assert "stopped being a number" in verdict.evidence


def test_a_way_back_is_told_as_evidence_while_it_is_recent() -> None:
    note = {"images": 1024 * 36, "text": "training went back"}
    assert "went back once" in diagnose(rows(), SETTINGS, [note]).evidence
    assert diagnose(rows(80), SETTINGS, [note]).kind == "balanced"


def test_one_odd_row_is_no_verdict() -> None:
    some = rows()
    some[-1] = {**some[-1], "d_real": 1.0, "d_fake": 0.0, "diversity": 0.1}
    assert diagnose(some, SETTINGS).kind == "balanced"


def test_networks_that_never_change_are_not_learning() -> None:
    some = [{**row, "d_real": 0.5, "d_fake": 0.5} for row in rows()]
    assert diagnose(some, SETTINGS).kind == "not learning yet"


def test_a_distance_that_stays_where_it_began_is_not_learning() -> None:
    some = rows()
    some[15] |= {"fd": 900.0, "fd_over_r": 750.0, "precision": 0.0, "recall": 0.0}
    some[35] |= {"fd": 890.0, "fd_over_r": 740.0, "precision": 0.0, "recall": 0.0}
    verdict = diagnose(some, SETTINGS)
    assert verdict.kind == "not learning yet"
    assert "740" in verdict.evidence
    assert "750" in verdict.evidence
    falling = [dict(row) for row in some]
    falling[35] |= {"fd_over_r": 200.0}
    assert diagnose(falling, SETTINGS).kind == "balanced"


def test_d_wins_while_g_still_hears_something_can_be_cured_in_the_run() -> None:
    verdict = diagnose(rows(d_real=0.96, d_fake=0.03), SETTINGS)
    assert verdict.kind == "d wins"
    assert [cure.kind for cure in verdict.cures] == ["knobs", "again"]
    assert verdict.cures[0].changes["lr_d"] < SETTINGS["lr_d"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1e-2, 2e-4), (1.4e-3, 1.4e-3)),  # G was far ahead: they meet in between
        ((1e-1, 1e-2), (3e-3, 3e-3)),  # but no higher than these networks bear
        ((1e-3, 2e-3), (5e-4, 2e-3)),  # D was ahead already: G alone slows down
    ],
)
def test_a_collapse_is_cured_by_letting_d_keep_up(
    before: tuple[float, float], after: tuple[float, float]
) -> None:
    settings = {**SETTINGS, "lr_g": before[0], "lr_d": before[1]}
    verdict = diagnose(rows(diversity=0.1), settings)
    assert verdict.kind == "repeats itself"
    changed = settings | dict(verdict.cures[0].changes)
    assert (changed["lr_g"], changed["lr_d"]) == after


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "r3gan", "hinge"])
def test_a_rule_without_belief_is_not_judged_by_it(objective: str) -> None:
    """There d_real is how often D prefers the real one, and 0.96 is usual early on."""
    settings = {**SETTINGS, "objective": objective}
    assert diagnose(rows(d_real=0.96, d_fake=0.03, loss_d=-400.0), settings).kind == "balanced"


def test_every_verdict_is_json_plain_and_of_a_known_kind() -> None:
    for name in (*WELL, *FAILED):
        verdict = Recorded(name).end()
        assert verdict.kind in KINDS
        assert json.loads(json.dumps(dataclasses.asdict(verdict)))["headline"] == verdict.headline
