"""Trying again from an earlier moment: the same bits until something is changed; what cannot be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import ConfigError
from ganmodel.runs import Run, RunError, fork_moments, fork_run, list_runs, origin_of
from tests.support import (
    Crash,
    bits,
    crash_at,
    differing,
    metric_rows,
    new_run,
    read_tensors,
    record,
)

MOMENT = 64


@pytest.fixture
def origin(tmp_path: Path) -> Run:
    """A finished run of 128 images with checkpoints at 32, 64, 96 and 128."""
    run = new_run(tmp_path, "origin")
    record(run)
    assert fork_moments(run) == [0, 32, 64, 96, 128]
    return run


def fork(origin: Run, moment: int = MOMENT, **changes: Any) -> Run:
    return fork_run(origin.folder.parent, origin, moment, changes, owner="somebody")


def after(run: Run, kind: str, moment: int) -> dict[int, Path]:
    return {images: path for images, path in run.moments(kind).items() if images >= moment}


def test_a_fork_without_a_change_makes_the_same_bits_as_the_run_it_came_from(origin: Run) -> None:
    again = fork(origin)
    assert record(again, resume=True) == "finished"
    assert metric_rows(again.folder) == metric_rows(origin.folder)
    for kind in ("checkpoints", "weights", "samples"):
        made, wanted = after(again, kind, MOMENT), after(origin, kind, MOMENT)
        assert list(made) == list(wanted)
        for images, path in made.items():
            if kind == "samples":
                assert path.read_bytes() == wanted[images].read_bytes()
                continue
            about, tensors = read_tensors(path)
            other_about, other_tensors = read_tensors(wanted[images])
            assert differing(tensors, other_tensors) == []
            assert about == other_about


@pytest.mark.parametrize(
    "changes",
    [
        {"lr_g": 5e-4},
        {"lr_d": 5e-4},
        {"n_critic": 2},
        {"r1_gamma": 0.5, "r1_every": 1},
        {"batch_size": 16},
        {"beta1": 0.0},
        {"beta2": 0.9},
        {"augment": "translation"},
        {"lr_hold": 16},
        {"ema_half_life": 0},
    ],
    ids=str,
)
def test_a_changed_fork_shares_the_past_and_differs_from_its_first_row_on(
    origin: Run, changes: dict[str, Any]
) -> None:
    again = fork(origin, **changes)
    assert record(again, resume=True) == "finished"
    assert again.config() == _replaced(origin, changes)
    past = [row for row in metric_rows(origin.folder) if row["images"] <= MOMENT]
    rows = metric_rows(again.folder)
    assert rows[: len(past)] == past
    ours, theirs = after(again, "weights", MOMENT + 1), after(origin, "weights", MOMENT + 1)
    _, tensors = read_tensors(ours[max(ours)])
    _, others = read_tensors(theirs[max(theirs)])
    assert any(name.startswith("G_ema.") for name in differing(tensors, others))


def _replaced(origin: Run, changes: dict[str, Any]) -> Any:
    return type(origin.config()).from_json({**origin.config().to_json(), **changes})


def test_a_fork_from_the_beginning_is_a_fresh_run_with_the_same_seed(origin: Run) -> None:
    again = fork(origin, 0)
    assert record(again) == "finished"
    assert metric_rows(again.folder) == metric_rows(origin.folder)
    assert origin_of(again)["moment"] == 0


def test_a_fork_knows_where_it_came_from_and_whose_it_is(origin: Run) -> None:
    again = fork(origin, lr_g=1e-4)
    expected = {"run": "origin", "title": origin.title(), "moment": 64, "changes": {"lr_g": 1e-4}}
    assert origin_of(again) == expected
    assert origin_of(origin) is None
    assert again.owner() == "somebody"
    assert again.path("reals.png").read_bytes() == origin.path("reals.png").read_bytes()


def test_a_knob_turned_before_the_moment_holds_in_the_fork_unless_it_is_chosen_anew(
    tmp_path: Path,
) -> None:
    run = new_run(tmp_path, "turned")
    record(run, turns={16: {"lr_g": 1e-4, "lr_d": 2e-4}})
    for changes, expected in (({}, {"lr_g": 1e-4, "lr_d": 2e-4}), ({"lr_g": 3e-4}, {"lr_d": 2e-4})):
        again = fork(run, **changes)
        about, _ = read_tensors(again.moments("checkpoints")[MOMENT])
        assert about["facts"]["knobs"] == expected
        assert again.config().lr_g == changes.get("lr_g", run.config().lr_g)


def test_a_knob_turned_after_the_moment_does_not_reach_the_fork(tmp_path: Path) -> None:
    plain, turned = new_run(tmp_path, "plain"), new_run(tmp_path, "turned")
    record(plain)
    record(turned, turns={96: {"lr_g": 0.5}})
    again = fork(turned)
    record(again, resume=True)
    assert metric_rows(again.folder) == metric_rows(plain.folder)


def test_a_run_that_still_trains_can_be_tried_again(tmp_path: Path) -> None:
    run = new_run(tmp_path, "living")
    forks: list[Run] = []

    def on_snapshot(snapshot: Any) -> None:
        if snapshot.images_seen == 96 and not forks:
            forks.append(fork(run))

    record(run, on_snapshot=on_snapshot)
    record(forks[0], resume=True)
    assert metric_rows(forks[0].folder) == metric_rows(run.folder)


def test_a_fork_of_a_crashed_run_goes_on_past_the_crash(tmp_path: Path) -> None:
    run = new_run(tmp_path, "crashed")
    with pytest.raises(Crash):
        record(run, on_snapshot=crash_at(96))
    again = fork(run, images=160)
    assert record(again, resume=True) == "finished"
    assert again.status()["images_seen"] == 160


@pytest.mark.parametrize(
    ("moment", "changes", "sentence"),
    [
        (64, {"network": "article"}, "'network' cannot change in the middle"),
        (64, {"seed": 3}, "'seed' cannot change"),
        (64, {"objective": "hinge"}, "'objective' cannot change"),
        (64, {"lr_g": -1}, "must be a number from 0"),
        (64, {"lr_g": float("nan")}, "must be a number from 0"),
        (64, {"images": 64}, "must be longer than that"),
        (48, {}, "keeps no checkpoint of 48 images"),
    ],
)
def test_what_cannot_be_tried_again_is_refused_in_a_sentence_and_leaves_nothing(
    origin: Run, moment: int, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((ConfigError, RunError), match=sentence):
        fork(origin, moment, **changes)
    assert [run.name for run in list_runs(origin.folder.parent)] == ["origin"]
    assert len(list(origin.folder.parent.iterdir())) == 1


def test_a_damaged_checkpoint_is_told_in_a_sentence_and_leaves_nothing(origin: Run) -> None:
    path = origin.moments("checkpoints")[MOMENT]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match="no going on from 64 images"):
        fork(origin)
    assert len(list(origin.folder.parent.iterdir())) == 1


def test_a_fork_is_listed_only_when_it_is_whole(origin: Run) -> None:
    """It is made under a name that no listing of runs shows, and moved into place."""
    before = {run.name for run in list_runs(origin.folder.parent)}
    again = fork(origin)
    assert {run.name for run in list_runs(origin.folder.parent)} - before == {again.name}
    status = json.loads(again.path("status.json").read_text())
    assert status["images_seen"] == MOMENT
    assert again.state() == "waiting"


def test_deleting_the_origin_leaves_the_fork_whole(origin: Run) -> None:
    again = fork(origin)
    shutil.rmtree(origin.folder)
    assert record(again, resume=True) == "finished"
    newest = max(again.moments("weights"))
    assert all(bits(t) for t in read_tensors(again.moments("weights")[newest])[1].values())
