"""A run's best state: found, kept, named, and said when nothing improves any more; and distances
that earlier editions wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.config import RunConfig
from ganmodel.files import write_json
from ganmodel.runs import (
    Best,
    RunError,
    best_among,
    best_of,
    best_weights,
    create_run,
    qualities,
)
from ganmodel.snapshots import Evaluate
from ganmodel.units import unit_of
from tests.support import assert_same_run, is_one_sentence, new_run, record


def _found(*distances: float | None, first: int = 1) -> list[dict[str, Any]]:
    return [
        {"images": 100 * k, "fd_over_r": distance} for k, distance in enumerate(distances, first)
    ]


def _best(found: list[dict[str, Any]]) -> Best | None:
    return best_among(found, range(10**6))


def test_the_best_is_the_nearest_that_was_measured_and_never_untrained_networks() -> None:
    best = _best(_found(9, 4, None, 5, 6))
    assert (best.images, best.distance, best.later) == (200, 4, 2)
    assert _best(_found(1, first=0)) is None
    assert _best(_found(None, None)) is None


def test_what_was_measured_on_a_handful_of_pictures_is_no_best() -> None:
    found = _found(9, 4)
    assert _best([{**one, "compared": 15} for one in found]) is None
    assert _best([{**one, "compared": 100} for one in found]).images == 200


def test_a_run_is_level_where_nothing_improved_over_the_last_third() -> None:
    falling = [100 / k for k in range(1, 21)]
    assert _best(_found(*falling)).level_since is None
    level = [*falling[:8], *[12.6] * 12]
    assert _best(_found(*level)).level_since == 800
    assert _best(_found(*level[:11])).level_since is None  # too few say so


def test_a_few_per_cent_are_no_improvement() -> None:
    """The noise is the same at every evaluation: they scatter less than their errors say."""
    for gain, level in ((0.02, 1300), (0.08, None)):
        found = _found(*[9 * (1 - gain) ** (k / 7) for k in range(20)])
        assert _best(found).level_since == level


def _scores(*distances: float, untrained: bool = True) -> Evaluate:
    """An evaluation every 64 images that finds these distances, after that of untrained networks.

    `untrained`: it is a fresh run, whose networks are measured before.
    """
    left = iter([0.5, *distances] if untrained else distances)
    return lambda draw, early: {"fd_over_r": next(left), "fd_over_r_error": 0.0, "fd": 1.0}


MEASURED = {"images": 512, "log_every": 16, "save_every": 32, "evaluate_every": 64}


def test_the_best_states_weights_stay_and_give_way_to_better_ones(tmp_path: Path) -> None:
    run = new_run(tmp_path, **MEASURED)
    weights: list[list[int]] = []
    record(
        run,
        evaluate=_scores(9, 8, 7, 3, 5, 2, 4, 6),
        on_snapshot=lambda shot: weights.append(list(run.moments("weights"))),
    )
    best = best_of(run)
    assert (best.images, best.distance, best.later) == (384, 2, 2)
    assert run.load_weights().about["images_seen"] == 512
    assert best_weights(run) == run.path("weights", "000000384.safetensors")
    # 320 was never best and is no moment of the history, so it made room; 256 is one.
    kept = set(run.moments("weights"))
    assert 320 not in kept
    assert {256, 384, 512} <= kept
    assert any(320 in moments for moments in weights)


def test_a_better_state_takes_the_place_of_the_best_before_it(tmp_path: Path) -> None:
    run = new_run(tmp_path, **MEASURED)
    record(run, evaluate=_scores(9, 8, 7, 6, 3, 5, 2, 4))
    assert best_of(run).images == 448
    assert 320 not in run.moments("weights")


def test_the_last_weights_stay_though_others_were_better(tmp_path: Path) -> None:
    """They are written twice: when they are measured, and once more when the run is finished."""
    run = new_run(tmp_path, **{**MEASURED, "images": 448})
    record(run, evaluate=_scores(9, 8, 7, 3, 5, 6, 4))
    assert best_of(run).images == 256
    assert run.load_weights().about["images_seen"] == 448


def test_a_resumed_run_keeps_the_same_best_as_one_left_alone(tmp_path: Path) -> None:
    """Killed after a state that was best for a while, and that is made again."""
    scores = (9, 8, 7, 6, 3, 5, 2, 4)
    straight, other = (new_run(tmp_path, name=name, **MEASURED) for name in ("straight", "other"))
    record(straight, evaluate=_scores(*scores))

    class Killed(BaseException):
        pass

    def kill(shot: Any) -> None:
        if shot.images_seen == 336:
            raise Killed

    with pytest.raises(Killed):
        record(other, evaluate=_scores(*scores), on_snapshot=kill)
    assert best_of(other).images == 320
    record(other, resume=True, evaluate=_scores(*scores[5:], untrained=False))
    assert_same_run(straight.folder, other.folder)
    assert sorted(straight.moments("weights")) == sorted(other.moments("weights"))


def test_the_best_of_a_run_can_be_asked_for_on_the_command_line(
    tmp_path: Path, cli: Callable[..., Any]
) -> None:
    run = new_run(tmp_path, **MEASURED)
    out = tmp_path / "x.npy"
    with pytest.raises(RunError, match="has no best state"):
        best_weights(run)
    record(run, evaluate=_scores(9, 8, 7, 6, 3, 5, 4, 4))
    assert cli("sample", run.folder, "--best", "--count=2", f"--out={out}").code == 0
    best, newest = out.read_bytes(), run.newest_weights()
    assert cli("sample", best_weights(run), "--count=2", f"--out={out}").code == 0
    assert out.read_bytes() == best
    assert cli("sample", newest, "--count=2", f"--out={out}").code == 0
    assert out.read_bytes() != best
    is_one_sentence(
        cli("sample", newest, "--best", "--count=2", f"--out={out}"), "--best needs a run's folder"
    )


def test_less_variety_is_drawn_nearer_to_the_average_picture(
    tmp_path: Path, cli: Callable[..., Any]
) -> None:
    import numpy as np

    run = new_run(tmp_path, images=64)
    record(run)

    def drawn(*flags: str) -> Any:
        outcome = cli("sample", run.folder, "--count=16", f"--out={tmp_path / 'x.npy'}", *flags)
        assert outcome.code == 0
        return np.load(tmp_path / "x.npy").astype(float)

    assert (drawn("--psi=1") == drawn()).all()
    assert drawn("--psi=0").std(0).max() == 0
    assert 0 < drawn("--psi=0.5").std(0).mean() < drawn().std(0).mean()
    for flags in (("--psi=3",), ("--psi=0.5", "--place=stops=3,8")):
        is_one_sentence(cli("sample", run.folder, f"--out={tmp_path / 'x.npy'}", *flags), "--psi")


# --- distances of earlier editions ---------------------------------------------------------------


def test_distances_of_earlier_editions_are_told_in_todays_unit(tmp_path: Path) -> None:
    """They took all test pictures' distance as 1 R; now unseen real ones score 1 at any count."""
    old = {"fd": 20.0, "fd_over_r": 16.5}
    new = {"fd": 20.0, "fd_over_r": 8.7, "fd_over_r_error": 0.4}
    for dataset, told in (("mnist", 20 / unit_of("mnist")), ("some/folder", 16.5)):
        run = create_run(tmp_path, RunConfig(dataset=dataset), name=dataset.replace("/", "-"))
        rows = [{"images": 64, **old}, {"images": 128, **new}, {"images": 192, "fd": None}]
        run.path("metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        run.path("quality").mkdir(exist_ok=True)
        for images, found in ((64, old), (128, new)):
            write_json(run.path("quality", f"{images:09}.json"), {**found, "samples": 2500})
        assert [row.get("fd_over_r") for row in run.rows()[0]] == [pytest.approx(told), 8.7, None]
        assert [q["fd_over_r"] for q in qualities(run)] == [pytest.approx(told), 8.7]
