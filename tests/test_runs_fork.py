"""Trying again from an earlier moment: the same bits until something is changed; what cannot be."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import ConfigError
from ganmodel.files import write_json
from ganmodel.runs import (
    FORK_SETTINGS,
    Launcher,
    Run,
    RunError,
    fork_moments,
    fork_run,
    list_runs,
    origin_of,
    untrained_quality,
)
from ganmodel.training import step
from ganmodel.training.players import Players
from ganmodel.weights import load_tensors, save_tensors
from tests.support import (
    Crash,
    assert_same_run,
    bits,
    crash_at,
    differing,
    metric_rows,
    new_run,
    read_tensors,
    record,
    wait_until,
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


@pytest.mark.parametrize("moment", [0, 64])
def test_a_fork_is_of_the_edition_of_the_run_it_came_from(tmp_path: Path, moment: int) -> None:
    old = new_run(tmp_path, "old", edition=1, images=64)
    if moment:
        record(old)
    again = fork_run(tmp_path, old, moment, {"images": 96})
    assert (again.config().edition, again.config().images) == (1, 96)


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


def test_a_knob_set_before_the_moment_holds_in_the_fork_unless_it_is_chosen_anew(
    tmp_path: Path,
) -> None:
    run = new_run(tmp_path, "changed")
    record(run, knobs={16: {"lr_g": 1e-4, "lr_d": 2e-4}})
    for changes, expected in (({}, {"lr_g": 1e-4, "lr_d": 2e-4}), ({"lr_g": 3e-4}, {"lr_d": 2e-4})):
        again = fork(run, **changes)
        about, _ = read_tensors(again.moments("checkpoints")[MOMENT])
        assert about["facts"]["knobs"] == expected
        assert again.config().lr_g == changes.get("lr_g", run.config().lr_g)


def test_a_knob_set_after_the_moment_does_not_reach_the_fork(tmp_path: Path) -> None:
    plain, changed = new_run(tmp_path, "plain"), new_run(tmp_path, "changed")
    record(plain)
    record(changed, knobs={96: {"lr_g": 0.5}})
    again = fork(changed)
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
        (-1, {}, "keeps no checkpoint of -1 images"),
        (64, {"r1_every": 0}, "must be a whole number from 1"),
        (64, {"objective": "wgan", "clip": 0.1}, "'objective' cannot change"),
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
    with pytest.raises(RunError, match="checkpoint of 64 images is damaged"):
        fork(origin)
    assert len(list(origin.folder.parent.iterdir())) == 1


def test_another_versions_checkpoint_is_told_in_a_sentence(origin: Run) -> None:
    path = origin.moments("checkpoints")[MOMENT]
    about, tensors = load_tensors(path, "a checkpoint")
    save_tensors(path, tensors, {**about, "format": 1})
    with pytest.raises(RunError, match="another version of ganmodel"):
        fork(origin)
    assert len(list(origin.folder.parent.iterdir())) == 1


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("size", [0, 300, 4000], ids=["the first file", "a small one", "a large"])
def test_no_room_is_told_in_a_sentence_and_leaves_nothing(origin: Run, size: int) -> None:
    """No file may grow beyond `size` bytes, which is what a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(RunError, match=r"folder cannot be made: .*larger than allowed"):
            fork(origin)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [p.name for p in origin.folder.parent.iterdir()] == ["origin"]


def test_a_runs_folder_that_cannot_be_made_is_told_in_a_sentence(origin: Run) -> None:
    with pytest.raises(RunError, match=r"folder cannot be made: .* is a file, not a folder"):
        fork_run(origin.path("config.json"), origin, MOMENT, {})


def test_a_moment_that_goes_while_it_is_copied_leaves_nothing(
    origin: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trainer that goes back removes what it is about to make again, the checkpoint included."""
    look = Run.rows

    def rows(run: Run, offset: int = 0) -> Any:
        origin.moments("checkpoints")[MOMENT].unlink()
        return look(run, offset)

    monkeypatch.setattr(Run, "rows", rows)
    with pytest.raises(RunError, match="keeps no checkpoint of 64 images any more"):
        fork(origin)
    assert len(list(origin.folder.parent.iterdir())) == 1


def test_an_unfinished_fork_is_never_listed(origin: Run) -> None:
    """What a page that ended in the middle leaves behind has a config, too."""
    shutil.copytree(origin.folder, origin.folder.parent / ".0123456789abcdef.tmp")
    assert [run.name for run in list_runs(origin.folder.parent)] == ["origin"]


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


# --- every setting that may change, under a rule where it does something -----------------------

RULES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "gp_weight": ({"objective": "wgan-gp"}, {"gp_weight": 1.0}),
    "clip": ({"objective": "wgan", "clip": 0.1}, {"clip": 0.02}),
    "r2_gamma": ({"objective": "r3gan"}, {"r2_gamma": 20.0}),
    "momentum": ({"optimizer": "sgd", "lr_g": 0.1, "lr_d": 0.1}, {"momentum": 0.9}),
    "no momentum": ({"optimizer": "sgd", "momentum": 0.9, "lr_g": 0.1}, {"momentum": 0.0}),
    "beta2 of rmsprop": ({"optimizer": "rmsprop"}, {"beta2": 0.5}),
    "ema_half_life": ({"ema_half_life": 0}, {"ema_half_life": 500}),
    "augment": ({"augment": "cutout"}, {"augment": "none"}),
    "lr_hold": ({"lr_hold": 16}, {"lr_hold": 0}),
    "batch_size, odd": ({"batch_size": 16}, {"batch_size": 7}),
}


@pytest.mark.parametrize(("chosen", "changes"), RULES.values(), ids=RULES)
def test_a_changed_setting_acts_from_the_moment_on(
    tmp_path: Path, chosen: dict[str, Any], changes: dict[str, Any]
) -> None:
    run = new_run(tmp_path, "origin", **chosen)
    record(run)
    again, same = fork(run, **changes), fork(run)
    assert record(again, resume=True) == "finished"
    assert record(same, resume=True) == "finished"
    assert metric_rows(same.folder) == metric_rows(run.folder)
    last = [read_tensors(r.moments("weights")[max(r.moments("weights"))])[1] for r in (again, run)]
    assert any(name.startswith("G_ema.") for name in differing(*last))


def test_measuring_may_change_and_changes_nothing_else(origin: Run) -> None:
    again = fork(origin, evaluate_every=16)
    record(again, resume=True, evaluate=lambda draw, _: {"fd": float(len(draw(16)[0]))})
    assert [m for m in again.moments("quality") if m <= MOMENT] == []
    assert list(again.moments("quality")) == [80, 96, 112, 128]
    rows = [{k: v for k, v in row.items() if k != "fd"} for row in metric_rows(again.folder)]
    assert rows == metric_rows(origin.folder)


def test_all_that_may_change_are_settings_and_none_makes_other_networks(origin: Run) -> None:
    names = set(origin.config().to_json())
    assert set(FORK_SETTINGS) <= names
    unsafe = {"network", "width", "z_dim", "norm_d", "conditional", "optimizer", "objective"}
    unsafe |= {"dataset", "image_size", "seed", "start_from", "precision", "sample_count"}
    assert not unsafe & set(FORK_SETTINGS)


# --- where it began ----------------------------------------------------------------------------


def test_from_the_very_end_a_run_goes_on_for_as_long_again(origin: Run) -> None:
    again = fork(origin, 128, lr_g=1e-4)
    assert again.config().images == 256
    assert record(again, resume=True) == "finished"
    past = metric_rows(origin.folder)
    assert metric_rows(again.folder)[: len(past)] == past


def test_a_fork_of_a_fork_has_the_whole_past(origin: Run) -> None:
    first = fork(origin, 32)
    record(first, resume=True)
    second = fork(first, 96)
    assert record(second, resume=True) == "finished"
    assert metric_rows(second.folder) == metric_rows(origin.folder)
    assert origin_of(second)["run"] == first.name


def test_a_fork_can_be_tried_again_from_a_moment_before_its_own(origin: Run) -> None:
    """With the settings of then: the same bits as the run that it came from tried again there."""
    first = fork(origin, 96, lr_g=5e-4, batch_size=16)
    assert fork_moments(first) == [0, 32, 64, 96]
    record(first, resume=True)
    second = fork(first, first_end := max(fork_moments(first)), lr_d=3e-4)
    assert second.config().lr_g == 5e-4
    shutil.rmtree(first.folder)
    for chosen in ({}, {"lr_d": 1e-4}):
        ours, theirs = fork(second, 64, **chosen), fork(origin, 64, **chosen)
        assert ours.config() == theirs.config()
        for run in (ours, theirs):
            assert record(run, resume=True) == "finished"
        assert_same_run(ours.folder, theirs.folder)
    later = fork(second, first_end)  # its own beginning, with what changed there
    assert later.config().lr_d == 3e-4


def test_a_fork_whose_earlier_settings_are_lost_says_so(origin: Run) -> None:
    first = fork(origin, 96, lr_g=5e-4)
    first.path("earlier.json").write_text("{")
    with pytest.raises(RunError, match="before 96 images is not known any more: choose that"):
        fork(first, 64)
    assert fork(first, 96).config().lr_g == 5e-4


def test_a_fork_never_goes_on_from_before_its_own_beginning(origin: Run) -> None:
    """Its changed settings began there. A damaged checkpoint is passed over for an earlier one."""
    again = fork(origin, 64, lr_g=5e-4)
    path = again.moments("checkpoints")[64]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match="no readable checkpoint of 64 images or later"):
        record(again, resume=True)


def test_a_fork_from_the_beginning_computes_as_the_run_did(tmp_path: Path) -> None:
    run = new_run(tmp_path, "origin", precision="auto", images=16)
    record(run)
    write_json(run.path("status.json"), {**run.status(), "precision": "bf16", "threads": 2})
    again = fork(run, 0)
    assert again.state() == "waiting"
    record(again)
    assert (again.status()["precision"], again.status()["threads"]) == ("bf16", 2)


def test_what_was_measured_before_the_moment_is_there(tmp_path: Path) -> None:
    run = new_run(tmp_path, "measured", evaluate_every=32)
    record(run, evaluate=lambda draw, early: {"fd": 1.0})
    again = fork(run)
    assert list(again.moments("quality")) == [0, 32, 64]
    assert untrained_quality(again) == untrained_quality(run)
    assert list(again.moments("samples_raw")) == [m for m in run.moments("samples_raw") if m <= 64]


def breaks_at(images: int) -> Any:
    """Makes D's loss no number once, at a moment of training."""
    told: list[int] = []
    known = step.d_step

    def broken(players: Players, *arguments: Any) -> Any:
        found = known(players, *arguments)
        if players.images_seen == images and not told:
            told.append(images)
            return (found[0] * float("nan"), *found[1:])
        return found

    return broken


@pytest.mark.parametrize(
    ("moment", "notes", "scale"), [(32, 0, 1.0), (64, 0, 1.0), (96, 1, 0.5)], ids=str
)
def test_of_going_back_a_fork_knows_only_what_happened_before_its_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int, notes: int, scale: float
) -> None:
    """The run went back from 80 to 64 images; the checkpoint of 64 is from before that."""
    monkeypatch.setattr(step, "d_step", breaks_at(80))
    run = new_run(tmp_path, "went-back")
    assert record(run) == "finished"
    assert [note["images"] for note in run.status()["notes"]] == [64]
    again = fork(run, moment)
    assert again.status()["notes"] == run.status()["notes"][:notes]
    about, _ = read_tensors(again.moments("checkpoints")[moment])
    assert (about["facts"]["rate_scale"], about["facts"]["rollbacks"]) == (scale, notes)
    assert record(again, resume=True) == "finished"
    assert len(again.status()["notes"]) == notes
    if notes:  # before it, the run that went back took other steps than one that did not
        assert metric_rows(again.folder) == metric_rows(run.folder)


@pytest.mark.slow
def test_a_fork_is_trained_by_a_process_of_its_own_and_equals_its_origin(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run, launcher = new_run(tmp_path, "origin"), Launcher(data_dir)
    assert cli("train", "--run", run.folder).code == 0
    again = fork(run)
    launcher.start(again, resume=True, images=160)
    wait_until(lambda: again in launcher.ended())
    assert again.state() == "finished", launcher.why_ended(again)
    past = metric_rows(run.folder)
    assert metric_rows(again.folder)[: len(past)] == past
    assert again.status()["images_seen"] == 160
