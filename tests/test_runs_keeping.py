"""Weights that a trainer replaces: opened all the same, and kept where something leads back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from ganmodel.runs import Run, RunError, create_run, keep, read_newest
from ganmodel.runs.keeping import MOST_KEPT
from ganmodel.snapshots import Snapshot
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.place_in_png import Recall
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.runs_drawer.downloads import Downloads
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import Kept
from ganmodel.weights import WeightsError
from tests.asking import answer_of
from tests.support import MINE, new_run, record, tiny_config, tiny_data

PASSING = 80  # images seen, where a run that saves every 16 keeps its weights for 16 more


def ask(**more: Any) -> dict[str, Any]:
    return {"token": MINE, "generator": "run:mine", "place": "stops=3,8&at=0.5", **more}


def replaced_after_looking(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """As if a trainer replaced the newest weights each time that somebody has just listed them."""
    listed, left = Run.moments, [times]

    def moments(run: Run, kind: str) -> dict[int, Path]:
        found = listed(run, kind)
        if kind == "weights" and found and left[0]:
            left[0] -= 1
            newest = found[max(found)]
            newest.rename(newest.with_stem(f"{max(found) + 1:09}"))
        return found

    monkeypatch.setattr(Run, "moments", moments)


def test_a_live_runs_weights_are_opened_though_they_are_replaced_meanwhile(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, generators = Run(finished / "mine"), Generators(finished, BundledRuns(finished / "none"))
    renders, downloads = Renders(generators, Offers()), Downloads(finished, Offers())
    wanted = {"token": MINE, "run": "mine", "what": "weights"}
    for read in (
        run.load_weights,
        lambda: answer_of(Drawing(generators).draw, ask()),
        lambda: answer_of(renders.keep, ask(form="png")),
        lambda: answer_of(generators.keep_moment, ask()),
        lambda: answer_of(downloads.download, wanted),
    ):
        with monkeypatch.context() as patch:
            replaced_after_looking(patch, 3)
            read()
    gone, picture = run.path("weights", "000000001.safetensors"), torch.zeros(1, 28, 28)
    with pytest.raises(FileNotFoundError):  # so that another D is asked, and none left out
        DiscriminatorRanks().share_below(gone, picture, None, Kept(tiny_data()))


def test_what_is_there_and_unreadable_is_told_at_once_and_what_is_always_gone_in_the_end(
    tmp_path: Path,
) -> None:
    looks: list[int] = []

    def look() -> Path:
        looks.append(1)
        return tmp_path / f"{len(looks)}"

    with pytest.raises(WeightsError, match="changed too fast"):
        read_newest(look, lambda path: path.read_bytes())
    with pytest.raises(IsADirectoryError):
        read_newest(lambda: tmp_path, lambda path: path.read_bytes())


def test_a_picture_kept_while_a_run_trains_leads_back_when_it_has_gone_on(tmp_path: Path) -> None:
    """And so does a link; weights that nobody refers to make room as before."""
    run = create_run(tmp_path, tiny_config(save_every=16), name="mine", owner=owner_of(MINE))
    generators, offers = Generators(tmp_path, BundledRuns(tmp_path / "none")), Offers()
    renders = Renders(generators, offers)
    kept: dict[str, Any] = {}

    def keep_some(snapshot: Snapshot) -> None:
        if snapshot.images_seen == PASSING and snapshot.weights:
            kept.update(answer_of(renders.keep, ask(form="png"))[-1])

    record(run, on_snapshot=keep_some)
    assert kept["kept"]
    content = b"".join(offers.take(kept["address"].rpartition("/")[2]).pieces)
    found = answer_of(Recall(generators).recall, {"token": MINE}, content)
    assert found == {"generator": "run:mine", "moment": PASSING, "place": "stops=3,8&at=0.5"}
    other = new_run(tmp_path, "other", save_every=16)
    record(other)
    assert PASSING not in other.moments("weights")


def test_a_run_keeps_so_many_moments_and_says_when_it_keeps_no_more(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, generators = Run(finished / "mine"), Generators(finished, BundledRuns(finished / "none"))
    newest = run.newest_weights()
    assert answer_of(generators.keep_moment, ask()) == {
        "moment": 128, "file": "runs/mine/weights/000000128.safetensors", "kept": True,
    }  # fmt: skip
    assert not run.path("kept").exists()  # the last of a finished run stays anyhow
    passing = [newest.with_stem(f"{moment:09}") for moment in range(200, 202 + MOST_KEPT)]
    for path in passing:
        path.touch()
    assert [keep(path) for path in passing] == [True] * MOST_KEPT + [False] * 2
    assert keep(passing[0])  # is kept already
    with pytest.raises(FileNotFoundError):
        keep(newest.with_stem("000000999"))


def test_of_a_moment_that_is_gone_the_nearest_is_drawn_and_named(finished: Path) -> None:
    generators = Generators(finished, BundledRuns(finished / "none"))
    assert answer_of(Drawing(generators).draw, ask(moment=10**6))["moment"] == 128
    told = answer_of(generators.generator, ask(moment=10**6))
    assert (told["moment"], 10**6 in told["moments"]) == (128, False)
    for path in Run(finished / "mine").moments("weights").values():
        path.unlink()
    with pytest.raises(RunError, match="no weights"):
        answer_of(Drawing(generators).draw, ask(moment=128))
