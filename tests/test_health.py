"""The coach's verdicts, on runs that really went well, collapsed, were won by D, and diverged."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import KNOBS, RunConfig
from ganmodel.health import Balance, Pictures, Said, Verdict, diagnose
from ganmodel.runs import FORK_SETTINGS
from ganmodel.words import say, worded

RUNS = Path(__file__).parent / "data" / "runs"
# `article`, slow as it is, draws blobs at its end, after 9,000 images.
WELL = ("quick", "wgan-gp", "wgan", "r3gan", "hinge", "minimax", "lsgan", "article")
# What the end of each is called: of the balance, or of the pictures. Those of `collapse`, recorded
# without what untrained networks score, are stripes.
FAILED = {
    "collapse": "not learning",
    "d-wins": "D wins",
    "diverge": "diverging",
    "copying": "copying",
}


class Recorded:
    """A recorded run, and what the coach would have said of it at each of its rows."""

    def __init__(self, name: str) -> None:
        folder = RUNS / name
        self.config = RunConfig.from_json(json.loads((folder / "config.json").read_text()))
        self.notes = json.loads((folder / "status.json").read_text())["notes"]
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        self.rows = [json.loads(line) for line in lines]

    @functools.cache  # noqa: B019
    def at(self, row: int) -> Verdict:
        return diagnose(self.rows[:row], self.config.to_json(), self.notes)

    def end(self) -> Verdict:
        return self.at(len(self.rows))


@functools.cache
def recorded(name: str) -> Recorded:
    return Recorded(name)


def ill(verdict: Verdict) -> Said:
    """The one of the two that is wrong; the balance, where both are."""
    return verdict.balance if verdict.balance.cures else verdict.pictures


@pytest.mark.parametrize("name", WELL)
def test_a_run_that_went_well_is_never_called_ill(name: str) -> None:
    """Under every rule, also those whose scores mean nothing by themselves, at every row."""
    run = recorded(name)
    said = [run.at(row) for row in range(1, len(run.rows) + 1)]
    assert {verdict.balance.kind for verdict in said} == {"unknown", "balanced"}
    assert {verdict.pictures.kind for verdict in said} <= {"unknown", "far", "on the way"}
    assert {verdict.tone for verdict in said} == {"open"}  # nothing is wrong, and nothing close
    assert said[-1].balance.kind == "balanced"
    assert said[-1].balance.cures == said[-1].pictures.cures == ()


@pytest.mark.parametrize("name", FAILED)
def test_a_run_that_failed_is_told_what_is_wrong_and_given_a_cure(name: str) -> None:
    verdict = recorded(name).end()
    found = ill(verdict)
    assert found.kind == FAILED[name]
    assert found.cures
    assert worded(found.sentence).endswith(("images.", "From the beginning."))  # since when
    assert verdict.tone == "wrong"


@pytest.mark.parametrize("name", ["d-wins", "diverge"])
def test_a_lesson_is_seen_to_fail_within_its_first_quarter_and_stays_failed(name: str) -> None:
    """A person who watches it waits some ten seconds, and no verdict flickers after that."""
    run = recorded(name)
    quarter = len(run.rows) // 4
    kinds = [run.at(row).balance.kind for row in range(quarter, len(run.rows) + 1)]
    assert set(kinds) == {FAILED[name]}


@pytest.mark.parametrize("name", FAILED)
def test_every_cure_is_one_that_the_run_can_take(name: str) -> None:
    run = recorded(name)
    for cure in ill(run.end()).cures:
        assert cure.kind in ("knobs", "again")
        assert set(cure.changes) <= set(KNOBS if cure.kind == "knobs" else FORK_SETTINGS)
        changed = dataclasses.replace(run.config, **cure.changes)  # refuses what is not sound
        assert changed != run.config
        assert worded(cure.label)
        assert worded(cure.explanation).endswith(".")
        if cure.kind == "again":
            assert 0 <= cure.before < run.rows[-1]["images"]


@pytest.mark.parametrize(
    ("name", "column"), [("quick", "d_real"), ("d-wins", "d_real"), ("copying", "d_fake")]
)
def test_the_evidence_holds_the_numbers_that_were_measured(name: str, column: str) -> None:
    run = recorded(name)
    values = sorted(row[column] for row in run.rows[-16:])
    assert f"{50 * (values[7] + values[8]):.0f} %" in worded(run.end().balance.sentence)


def test_a_cure_from_before_begins_before_the_trouble_did() -> None:
    run = recorded("copying")
    before = ill(run.end()).cures[0].before
    said = [run.at(count).pictures.kind for count in range(1, len(run.rows) + 1)]
    assert 0 < before <= run.rows[said.index("copying")]["images"]


@pytest.mark.parametrize("name", [*WELL, *FAILED])
def test_no_good_word_is_said_of_pictures_that_nobody_could_read(name: str) -> None:
    """At 100 times the distance of unseen real pictures and more, or before it is known."""
    run, distance = recorded(name), None
    for count, row in enumerate(run.rows, 1):
        distance = row.get("fd_over_r") or distance
        if distance is None or (row.get("classes") and distance > 100):
            assert run.at(count).tone != "good"
            assert run.at(count).pictures.kind not in ("close", "on the way")


# --- made-up rows -------------------------------------------------------------------------------

SETTINGS = RunConfig(batch_size=32).to_json()
D0 = {"fd_over_r": 500.0, "compared": 2500}


def rows(count: int = 40, **changed: Any) -> list[dict[str, Any]]:
    row = {
        "loss_d": 1.3, "loss_g": 0.8, "d_real": 0.55, "d_fake": 0.45, "picks": 0.6, "grad_d": 1.0,
        "grad_g": 0.3, "diversity": 0.9,
    }  # fmt: skip
    wiggle = [1 + 0.01 * (k % 5) for k in range(count)]
    return [
        {"images": 1024 * (k + 1), **{n: v * wiggle[k] for n, v in {**row, **changed}.items()}}
        for k in range(count)
    ]


def measured(
    distances: Sequence[float], count: int = 40, known: Mapping[str, Any] = {}, **changed: Any
) -> list[dict[str, Any]]:
    """Rows with these distances at 8,192 images, twice as many, and so on; `known` beside each."""
    some = rows(count, **changed)
    for k, distance in enumerate(distances):
        some[8 * 2**k - 1] |= {"fd_over_r": distance, "fd_over_r_error": 0.02 * distance}
        some[8 * 2**k - 1] |= {"compared": 2500, "classes": 10, **known}
    return some


def said(some: list[dict[str, Any]], **settings: Any) -> Verdict:
    return diagnose(some, {**SETTINGS, **settings}, (), D0)


# --- the balance


@pytest.mark.parametrize("count", range(8))
def test_the_first_rows_are_too_few_for_a_verdict(count: int) -> None:
    verdict = said(rows(count))
    assert verdict.balance.kind == verdict.pictures.kind == "unknown"
    assert verdict.images == 1024 * count


def test_the_number_of_the_balance_is_ds_picks() -> None:
    assert "61 times of 100" in worded(said(rows()).balance.sentence)


@pytest.mark.parametrize(
    ("rates", "kind", "changes"),
    [
        ({"lr_g": 0.0}, "G stands still", {"lr_g": 1e-3}),
        ({"lr_d": 0.0}, "D stands still", {"lr_d": 1e-3}),
        ({"lr_g": 0.0, "lr_d": 0.0}, "G stands still", {"lr_g": 3e-3, "lr_d": 3e-3}),
    ],
)
def test_a_side_whose_rate_is_0_is_named_and_no_cure_leaves_it_there(
    rates: dict[str, float], kind: str, changes: dict[str, float]
) -> None:
    balance = said(rows(3), **rates).balance
    assert balance.kind == kind
    assert dict(balance.cures[0].changes) == changes


def test_a_loss_that_is_no_number_is_diverging() -> None:
    some = rows()
    for row in some[-6:]:
        row["loss_d"] = None
    balance = said(some).balance
    assert balance.kind == "diverging"
    assert "stopped being a number" in worded(balance.sentence)


def test_a_loss_is_compared_with_what_its_own_rule_has_at_a_coin_toss() -> None:
    assert "0.25 would be usual" in worded(
        said(rows(loss_d=20.0), objective="lsgan").balance.sentence
    )
    assert "1.4 would be usual" in worded(said(rows(loss_d=20.0)).balance.sentence)


def test_a_way_back_is_told_as_evidence_while_it_is_recent() -> None:
    note = {"images": 1024 * 36, "text": "training went back"}
    assert "went back once" in worded(diagnose(rows(), SETTINGS, [note]).balance.sentence)
    assert diagnose(rows(80), SETTINGS, [note]).balance.kind == "balanced"


def test_one_odd_row_is_no_verdict() -> None:
    some = rows()
    some[-1] = {**some[-1], "d_real": 1.0, "d_fake": 0.0, "picks": 1.0, "diversity": 0.1}
    assert said(some).balance.kind == "balanced"


def test_networks_that_never_change_are_not_learning() -> None:
    some = [{**row, "d_real": 0.5, "d_fake": 0.5} for row in rows()]
    assert said(some).balance.kind == "not learning"


@pytest.mark.parametrize("variety", [0.2, 0.9])
def test_pictures_as_far_as_those_of_untrained_networks_are_not_learning(variety: float) -> None:
    """However alike they are: who never learned repeats nothing."""
    balance = said(measured([470.0, 450.0], diversity=variety)).balance
    assert balance.kind == "not learning"
    assert "500" in worded(balance.sentence)
    assert worded(balance.sentence).endswith("From the beginning.")


def test_a_slow_run_that_hardly_leaves_the_untrained_is_not_learning() -> None:
    assert said(measured([400.0, 390.0])).balance.kind == "not learning"
    assert said(measured([400.0, 300.0])).balance.kind == "balanced"


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({}, "not learning"),
        ({"lr_g": 1e-6}, "not learning"),  # which would take forever
        ({"lr_g": 2e-4}, "balanced"),  # it has hardly begun
        ({"lr_g": 2e-4, "optimizer": "sgd"}, "not learning"),
        ({"batch_size": 512}, "balanced"),
        ({"batch_size": 512, "g_steps": 16}, "not learning"),
    ],
)
def test_a_slow_preset_is_given_the_images_that_it_needs(known: dict[str, Any], kind: str) -> None:
    assert said(measured([470.0, 450.0]), **known).balance.kind == kind


def test_a_d_that_a_penalty_holds_may_win_at_first() -> None:
    """Under r3gan's rule it did so for 20,000 images, and all went well."""
    sure = {"d_real": 0.999, "d_fake": 0.001, "picks": 0.999}
    known = {"objective": "r3gan", "lr_g": 2e-3, "batch_size": 128}
    begun, late = measured([600.0, 590.0], **sure), measured([600.0, 590.0, 590.0], **sure)
    assert said(begun, **known, r1_gamma=2.0).balance.kind == "unknown"
    assert said(begun, **known, r1_gamma=0.0).balance.kind == "D wins"
    assert said(late, **known, r1_gamma=2.0).balance.kind == "D wins"


def test_variety_that_trained_networks_lost_before_the_first_row_is_missed() -> None:
    """A run that begins with trained networks had it, whatever its own rows say."""
    some = rows(12, diversity=0.1, picks=0.3)
    assert said(some, start_from="mnist").balance.kind == "repeats itself"
    assert said(some, start_from="").balance.kind != "repeats itself"
    assert said(rows(12, diversity=0.7), start_from="mnist").balance.kind == "balanced"


def test_a_run_that_began_with_trained_networks_is_not_judged_by_its_own_first_value() -> None:
    """Fine-tuned, it hardly moves, and has nothing to learn from the start."""
    verdict = said(measured([4.0, 3.9]))
    assert (verdict.balance.kind, verdict.pictures.kind) == ("balanced", "on the way")


def test_a_rate_too_high_to_learn_with_is_not_raised() -> None:
    cure = said(measured([470.0, 450.0]), lr_g=3e-2, lr_d=3e-2).balance.cures[0]
    assert cure.changes["lr_g"] < 3e-2
    cure = said(measured([470.0, 450.0]), lr_g=1e-6, lr_d=1e-6).balance.cures[0]
    assert dict(cure.changes) == {"lr_g": 1e-4, "lr_d": 1e-4}


def test_variety_that_was_there_and_is_lost_needs_no_distance() -> None:
    some = rows(40)
    for row in some[-8:]:
        row["diversity"] = 0.2
    balance = said(some).balance
    assert balance.kind == "repeats itself"
    assert "it was 9" in worded(balance.sentence)
    for row in some[-3:]:
        row["diversity"] = 0.9
    assert said(some).balance.kind == "balanced"


def test_variety_that_never_was_there_is_no_repetition() -> None:
    assert said(rows(diversity=0.3)).balance.kind == "balanced"


@pytest.mark.parametrize(
    ("classes", "kl", "kind"),
    [(10, 1.2, "repeats itself"), (1000, 1.2, "balanced"), (1000, 3.5, "repeats itself")],
)
def test_how_one_sided_classes_may_be_grows_with_their_number(
    classes: int, kl: float, kind: str
) -> None:
    some = measured([60.0, 40.0], known={"classes": classes, "class_kl": kl})
    assert said(some).balance.kind == kind


def test_recall_counts_only_where_pictures_are_legible() -> None:
    """Pictures a little farther off, however varied, have few real ones among their neighbours."""
    known = {"recall": 0.01, "precision": 0.6}
    assert said(measured([90.0, 40.0], known=known)).balance.kind == "repeats itself"
    assert said(measured([120.0, 90.0], known=known)).balance.kind == "balanced"


def test_d_wins_while_g_still_hears_something_can_be_cured_in_the_run() -> None:
    balance = said(rows(d_real=0.96, d_fake=0.03, picks=0.99)).balance
    assert balance.kind == "D wins"
    assert [cure.kind for cure in balance.cures] == ["knobs", "again"]
    assert balance.cures[0].changes["lr_d"] < SETTINGS["lr_d"]


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "r3gan", "hinge"])
def test_a_rule_without_belief_is_judged_by_picks_and_the_way_of_the_pictures(
    objective: str,
) -> None:
    """That D picks well is usual early on, and says nothing without them."""
    sure = {"d_real": 0.99, "d_fake": 0.01, "picks": 0.99, "loss_d": -400.0}
    assert said(rows(**sure), objective=objective).balance.kind == "unknown"
    closer = measured([300.0, 150.0], **sure)
    assert said(closer, objective=objective).balance.kind == "balanced"
    stalled = measured([300.0, 295.0], **sure)
    assert said(stalled, objective=objective).balance.kind == "D wins"


def test_a_d_that_takes_fakes_for_real_is_too_weak() -> None:
    balance = said(rows(12, picks=0.3), lr_d=1e-5).balance
    assert balance.kind == "D weak"
    assert balance.cures[0].changes["lr_d"] > 1e-5
    without = [{name: v for name, v in row.items() if name != "picks"} for row in rows(d_fake=0.7)]
    assert said(without, lr_d=1e-5).balance.kind == "D weak"


def test_picks_that_swing_again_and_again_are_told_from_a_steady_rise() -> None:
    swinging = rows(picks=0.6)
    for k, row in enumerate(swinging):
        row["picks"] = 0.5 + 0.2 * (1 if k // 4 % 2 else -1)
    assert said(swinging).balance.kind == "oscillating"
    rising = rows(picks=0.6)
    for k, row in enumerate(rising):
        row["picks"] = 0.5 + 0.4 * k / len(rising)
    assert said(rising).balance.kind == "balanced"
    by_hand = [row | {"by_hand": 10} for row in swinging]  # a hand moved each side in turn
    assert said([*rows(40), *by_hand, *rows(1)]).balance.kind == "balanced"
    settling = [*swinging[:8], *rows(40)]
    for k, row in enumerate(settling):
        row["images"] = 1024 * (k + 1)
    assert said(settling).balance.kind == "balanced"


def test_after_steps_by_hand_the_coach_tells_what_is_now_and_no_verdict() -> None:
    """As the page's other numbers do; of D alone, or G alone, no balance can be told."""
    some = [*rows(40), *rows(1, picks=0.92, by_hand=10)]
    balance = said(some).balance
    assert balance.kind == "unknown"
    assert "92 times of 100 now" in worded(balance.sentence)
    assert said([*some, *rows(1)]).balance.kind == "balanced"


def test_a_cured_run_is_judged_against_its_own_healthy_past() -> None:
    """While D had won, its gradient was next to nothing; that is no calm to come back to."""
    healthy, won = rows(40), rows(60, d_real=0.99, d_fake=0.01, picks=1.0, grad_d=1e-9)
    cured = rows(40)
    some = [*healthy, *won, *cured]
    for k, row in enumerate(some):
        row["images"] = 1024 * (k + 1)
    assert said(some[:100]).balance.kind == "D wins"
    assert said(some).balance.kind == "balanced"


def test_after_a_knob_was_set_only_what_came_then_is_judged() -> None:
    """A cure that works is not called ill by the rows that it was to cure."""
    ill, cured = rows(40, d_real=0.99, d_fake=0.01, picks=1.0), rows(20)
    some = [*ill, *cured]
    for k, row in enumerate(some):
        row["images"] = 1024 * (k + 1)
    knob_set = some[39]["images"]

    def kind(until: int) -> str:
        return diagnose(some[:until], SETTINGS, (), D0, knob_set).balance.kind

    assert [kind(k) for k in (39, 40, 45, 48)] == ["D wins", "unknown", "unknown", "balanced"]
    still = [{**row, "d_real": 0.99, "d_fake": 0.01, "picks": 1.0} for row in some]
    found = diagnose(still, SETTINGS, (), D0, knob_set).balance
    assert found.kind == "D wins"
    assert worded(found.sentence).endswith("From the beginning.")  # not from where the knob was set


def test_a_d_that_is_fooled_is_never_called_balanced() -> None:
    """However few rows there are, and whether or not the pictures come closer."""
    for count in (8, 20, 60):
        assert said(rows(count, picks=0.2)).balance.kind in ("unknown", "D weak")
    closer = measured([300.0, 200.0, 100.0], picks=0.2)
    assert said(closer).balance.kind == "unknown"


def test_a_d_that_picks_well_beside_a_g_that_hardly_moves_has_not_won() -> None:
    """Its belief is far from sure; and at such rates, holding D back would help nobody."""
    some = measured([490.0, 489.0], picks=0.995)
    assert said(some, lr_g=1e-6, lr_d=1e-6).balance.kind == "not learning"
    assert said(some, lr_g=1e-6, lr_d=1e-6, objective="hinge").balance.kind == "not learning"


# --- the pictures


@pytest.mark.parametrize(
    ("distances", "kind", "tone"),
    [
        ([200.0, 90.0], "far", "open"),
        ([90.0, 20.0], "on the way", "open"),
        ([9.0, 2.5], "close", "good"),
        ([90.0, 85.0, 82.0], "stalled", "wrong"),
        ([20.0, 9.0, 30.0], "unknown", "open"),  # once
        ([20.0, 9.0, 30.0, 31.0], "rising", "wrong"),
        ([20.0, 9.0, 30.0, 20.0], "on the way", "open"),  # and comes back
        ([1.2, 1.0, 1.9], "close", "good"),
    ],
)
def test_pictures_are_called_by_their_distance_and_its_way(
    distances: list[float], kind: str, tone: str
) -> None:
    verdict = said(measured(distances, count=70))
    assert (verdict.pictures.kind, verdict.tone) == (kind, tone)


def test_who_is_on_the_way_and_stays_where_it_is_is_level() -> None:
    some = measured([20.0, 12.0], count=64)
    for k in (30, 34, 38, 42):
        some[k] |= {**some[15], "images": some[k]["images"], "fd_over_r": 12.0}
    verdict = said(some)
    assert (verdict.pictures.kind, verdict.tone) == ("level", "open")
    some[42]["fd_over_r"] = 9.0
    assert said(some).pictures.kind == "on the way"


@pytest.mark.parametrize(
    ("distances", "kind"),
    [
        ([4.0, 2.0], "closer"),
        ([1.1, 1.1], "level"),
        ([1.0, 0.9, 2.0], "unknown"),
        ([1.0, 0.9, 2.0, 2.0], "rising"),
        ([1.0], "unknown"),
    ],
)
def test_of_pictures_of_ones_own_only_the_way_is_told(distances: list[float], kind: str) -> None:
    """Features that know no classes rank, and say nothing of how close is close."""
    verdict = said(measured(distances, count=70, known={"classes": None}))
    assert verdict.pictures.kind == kind
    assert verdict.tone != "good"
    assert "×" not in worded(verdict.pictures.sentence)


def test_few_pictures_say_nothing_by_a_distance() -> None:
    few = measured([470.0, 0.8], known={"classes": None, "compared": 15})
    verdict = said(few)
    assert (verdict.balance.kind, verdict.pictures.kind) == ("balanced", "unknown")
    few[-1] |= {"copying": 1, "copied": 0.4}
    assert said(few).pictures.kind == "copying"
    assert "40 %" in worded(said(few).pictures.sentence)


def test_a_run_that_is_never_measured_says_so() -> None:
    assert "not measured in this run" in worded(said(rows(), evaluate_every=0).pictures.sentence)


# --- cures


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
    some = rows()
    for row in some[-10:]:
        row["diversity"] = 0.1
    settings = {**SETTINGS, "lr_g": before[0], "lr_d": before[1]}
    balance = diagnose(some, settings).balance
    assert balance.kind == "repeats itself"
    changed = settings | dict(balance.cures[0].changes)
    assert (changed["lr_g"], changed["lr_d"]) == after


TROUBLES = {
    "D wins": lambda: rows(d_real=0.96, d_fake=0.03, picks=0.99),
    "D weak": lambda: rows(picks=0.3),
    "diverging": lambda: rows(loss_d=20.0),
    "not learning": lambda: measured([470.0, 450.0]),
    "stalled": lambda: measured([90.0, 85.0, 82.0]),
    "copying": lambda: measured([4.0, 2.0], known={"copying": 1, "copied": 0.5}),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_cure_that_was_taken_is_never_offered_again_with_the_same_numbers(kind: str) -> None:
    settings, some = dict(SETTINGS), TROUBLES[kind]()
    seen = []
    for _ in range(12):
        verdict = diagnose(some, settings, (), D0)
        cures = (*verdict.balance.cures, *verdict.pictures.cures)
        assert kind in (verdict.balance.kind, verdict.pictures.kind)
        if not cures:
            break
        changed = settings | dict(cures[0].changes)
        assert changed not in seen
        assert all(changed[rate] > 0 for rate in ("lr_g", "lr_d"))
        RunConfig.from_json(changed)  # refuses what is not sound
        seen.append(changed)
        settings = changed
    assert seen


def test_every_verdict_is_json_plain_and_of_a_known_kind() -> None:
    for name in (*WELL, *FAILED):
        verdict = recorded(name).end()
        assert verdict.balance.kind in Balance
        assert verdict.pictures.kind in Pictures
        plain = json.loads(json.dumps(dataclasses.asdict(verdict)))
        assert plain["balance"]["headline"] == verdict.balance.headline
        both = (worded(said.headline) for said in (verdict.balance, verdict.pictures))
        assert worded(plain["headline"]) == " · ".join(both)
        assert "{" not in worded([plain["balance"]["sentence"], plain["pictures"]["sentence"]])


@pytest.mark.parametrize("kind", [*Balance, *Pictures])
def test_every_kind_has_a_headline(kind: str) -> None:
    assert say(f"coach.headlines.{kind.lower().replace(' ', '-')}")
