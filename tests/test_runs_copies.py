"""What is shown where a generator copies: its pictures above those that they copy."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ganmodel.metrics import EARLY, Features, Reference, evaluate, pairs_of
from ganmodel.runs import Run, RunError, create_run, qualities
from ganmodel.snapshots import PAIRS, Draw
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import make_link, owner_of
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import answer_of
from tests.planted import drawn_pictures
from tests.support import MINE, OTHER, data_of, is_one_sentence, record, tiny_config

MADE = {"token": MINE, "run": "mine", "kind": "copies", "images": 64}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of 40 pictures of the visitor MINE, by a generator that was handed its data."""
    runs = tmp_path_factory.mktemp("copied") / "runs"
    data = data_of(drawn_pictures(40, 1, 28)[0])
    reference = Reference(Features.for_data("own", 1, 28), data.images)

    def copied(count: int) -> Tensor:
        return data.images[torch.arange(count) % 40]

    def measure(draw: Draw, early: bool) -> dict[str, Any]:
        result = evaluate(copied, reference, effort=EARLY)
        return {**result, PAIRS: pairs_of(result, copied, reference)}

    (runs.parent / "pictures").mkdir()
    config = tiny_config(images=64, evaluate_every=64, dataset=str(runs.parent / "pictures"))
    run = create_run(runs, config, name="mine", owner=owner_of(MINE))
    record(run, evaluate=measure, data=data)
    return run


def pictures_of(run: Run) -> Grids:
    control, reals = RunControl(run.folder.parent), ReferenceData()
    return Grids(
        RunView(control, BundledRuns(run.folder / "none")), reals, DiscriminatorRanks(), Offers()
    )


def test_a_copier_is_named_with_its_share_and_each_copy_stands_above_its_original(run: Run) -> None:
    found = qualities(run)[-1]
    assert (found["images"], found["copying"]) == (64, 1)
    assert found["copied"] > 0.95
    assert run.rows()[0][-1]["copying"] == 1
    pixels = np.asarray(Image.open(run.moments("copies")[64]))
    pixels = pixels if pixels.ndim == 2 else pixels[..., 0]
    assert (pixels[:28, :28] == pixels[30:58, :28]).all()  # two pixels lie between
    reals = drawn_pictures(40, 1, 28)[0][:, 0].numpy()
    assert any((pixels[:28, :28] == real).all() for real in reals)


def test_the_owner_sees_them_and_a_reader_never_does(run: Run) -> None:
    pictures = pictures_of(run)
    sent = answer_of(pictures.picture, MADE)
    assert np.asarray(Image.open(io.BytesIO(sent.content))).shape[0] == 58
    key = make_link(run)
    with pytest.raises(RunError, match="not shown"):
        answer_of(pictures.picture, {**MADE, "token": OTHER, "key": key})


def test_they_go_with_the_moment_that_they_belong_to(run: Run, tmp_path: Path) -> None:
    """A resume from before that makes it anew, by a trainer that measures nothing."""
    again = Run(shutil.copytree(run.folder, tmp_path / "again"))
    again.moments("checkpoints")[64].unlink()
    record(again, resume=True, length=96, data=data_of(drawn_pictures(40, 1, 28)[0]))
    assert again.status()["images_seen"] == 96
    assert 64 not in again.moments("copies")


def test_the_command_line_draws_them(tmp_path: Path, cli: Callable[..., Any], run: Run) -> None:
    """Above the training pictures that an honest generator comes nearest to, too."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, picture in enumerate(drawn_pictures(40, 1, 28)[0]):
        Image.fromarray(picture[0].numpy()).save(folder / f"{index}.png")
    weights, out = run.newest_weights(), tmp_path / "pairs.png"
    flags = ("--dataset", folder, "--samples=64", "--pairs", out)
    outcome = cli("evaluate", weights, *flags)
    assert outcome.code == 0
    assert "copies of training pictures" in outcome.out
    assert Image.open(out).height == 58
    for number in range(6, 40):
        (folder / f"{number}.png").unlink()
    is_one_sentence(cli("evaluate", weights, *flags), "at least")
