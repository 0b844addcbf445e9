"""Learning by class: when nobody has to ask for it, and a grid with a class a column."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.config import (
    EDITION,
    PRESETS,
    WITH_CLASSES,
    Layout,
    RunConfig,
    changed_from_preset,
    grid_layout,
    make_config,
)
from ganmodel.data import DATASETS, Data, load_data
from ganmodel.data.limits import FEW_CLASSES
from ganmodel.runs import Run, RunError, create_run, fork_run, layout_of
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.shared.bundled_runs import FIRST, BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import answer_of
from tests.editions import EDITIONS
from tests.support import (
    MINE,
    new_run,
    numbered_images,
    record,
    tiny_config,
    tiny_data,
    tiny_images,
)

OWN = "/srv/pictures"
COLUMNS = 3


# --- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", [*DATASETS, OWN])
def test_quick_learns_by_class_where_data_has_a_few_classes(dataset: str) -> None:
    few = dataset in DATASETS and len(DATASETS[dataset].classes) <= FEW_CLASSES
    assert make_config("quick", dataset=dataset).conditional == few == (dataset in WITH_CLASSES)
    for by_class in (True, False):
        assert make_config("quick", dataset=dataset, conditional=by_class).conditional == by_class
    assert not make_config("quick", dataset=dataset, start_from="w.safetensors").conditional


def test_the_playground_opens_on_classes_and_the_film_stays_the_first() -> None:
    bundled = BundledRuns()
    assert bundled.generators()[0].stem == "mnist-classes"
    assert bundled.all()[0].name == FIRST


def test_no_other_preset_does() -> None:
    others = set(PRESETS) - {"quick"}
    assert not any(make_config(name).conditional for name in others)


@pytest.mark.parametrize("edition", [1, 2])  # classes came with the third
def test_what_was_kept_of_an_earlier_edition_means_what_it_meant(edition: int) -> None:
    """A form or a description that says nothing of classes learns none."""
    assert not make_config("quick", edition=edition).conditional
    assert not RunConfig.from_json({"preset": "quick", "edition": edition}).conditional
    assert not RunConfig.from_json({"preset": "quick"}).conditional
    asked = {"settings": {"preset": "quick", "edition": edition}}
    answer = answer_of(SettingsForm(Path("none")).describe, asked)
    assert (answer["values"]["conditional"], answer["by_class"]) == (False, False)
    assert answer["changed"] == []


@pytest.mark.parametrize(
    ("chosen", "changed"),
    [
        ({}, []),
        ({"conditional": False}, ["conditional"]),
        ({"edition": 2}, []),
        ({"edition": 2, "conditional": True}, ["conditional"]),
        ({"dataset": OWN}, []),
        ({"dataset": OWN, "conditional": True}, []),  # as its folders are
        ({"dataset": OWN, "conditional": True, "edition": 2}, ["conditional"]),
        ({"start_from": "w.safetensors"}, []),
        ({"start_from": "w.safetensors", "conditional": True}, []),
    ],
    ids=str,
)
def test_what_the_data_decides_is_no_change_of_the_preset(
    chosen: dict[str, Any], changed: list[str]
) -> None:
    assert changed_from_preset(make_config("quick", **chosen)) == changed


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["cats/{}", "dogs/{}"], ("cats", "dogs")),
        (["train/cats/{}", "train/dogs/{}"], ("cats", "dogs")),
        (["{}"], ()),
        (["all/{}"], ()),
        (["cats/{}", "dogs/{}", "{}"], ()),  # nothing is left out that nobody spoke of
    ],
    ids=str,
)
def test_own_pictures_have_classes_unasked_where_all_lie_in_folders_of_classes(
    tmp_path: Path, names: list[str], classes: tuple[str, ...]
) -> None:
    for number in range(18):
        path = tmp_path / (names[number % len(names)].format(number) + ".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (28, 28), 10 * number).save(path)
    data = load_data(str(tmp_path), size=28, with_classes=None)
    assert (data.classes, len(data.images)) == (classes, 18)
    assert (data.labels is None) == (classes == ())


# --- the grid ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "classes", "layout"),
    [
        ({}, 0, Layout(100, 10)),
        ({}, 10, Layout(100, 10, 10)),
        ({"sample_count": 64}, 10, Layout(60, 10, 10)),  # whole rows
        ({}, 16, Layout(96, 16, 16)),
        ({}, 17, Layout(100, 10)),
        ({}, 1000, Layout(100, 10)),
        ({"sample_count": 9}, 10, Layout(9, 3)),
        ({"sample_count": 10}, 10, Layout(10, 10, 10)),
        ({"sample_count": 100, "edition": 2}, 10, Layout(100, 10)),
    ],
    ids=str,
)
def test_a_class_is_a_column_where_there_is_room(
    chosen: dict[str, Any], classes: int, layout: Layout
) -> None:
    assert grid_layout(make_config("quick", **chosen), classes) == layout


def shaded(counts: list[int]) -> Data:
    """Images of one shade each, 10 for class 0, 20 for class 1, …, the last class first."""
    labels = torch.cat([torch.full((n,), k) for k, n in reversed([*enumerate(counts)])])
    shades = (10 * (labels + 1)).to(torch.uint8).view(-1, 1, 1, 1)
    names = tuple(f"class {k}" for k in range(len(counts)))
    return Data("shaded", shades.expand(-1, 1, 28, 28).contiguous(), labels, names)


def cells_of(path: Path, columns: int) -> list[np.ndarray]:
    """The pictures of a grid, row by row."""
    sheet = np.asarray(Image.open(path))
    assert sheet.shape[1] == 30 * columns - 2
    tops = range(0, sheet.shape[0], 30)
    return [sheet[y : y + 28, x : x + 28] for y in tops for x in range(0, sheet.shape[1], 30)]


def test_real_pictures_stand_in_the_columns_of_their_classes(tmp_path: Path) -> None:
    """The first of each class; where one has too few, over again."""
    run = new_run(tmp_path, conditional=True, sample_count=13, images=16)
    record(run, data=shaded([20, 2, 9]))
    shades = [int(cell.max()) for cell in cells_of(run.path("reals.png"), COLUMNS)]
    assert shades == [10, 20, 30] * 4
    data = replace(shaded([4, 0, 4]), images=numbered_images(8))  # of one class there is none
    assert torch.equal(data.first_in_turn(6), data.images[:6])


@pytest.fixture(scope="module")
def by_class(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of pictures of somebody's own, in three folders of a class each."""
    folder, runs = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("by-class")
    for number, image in enumerate(tiny_images(18)):
        path = folder / f"class {number % COLUMNS}" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[0].numpy()).save(path)
    config = tiny_config(conditional=True, sample_count=7, dataset=str(folder), image_size=28)
    run = create_run(runs, config, name="run", owner=owner_of(MINE))
    record(run, data=load_data(config.dataset, size=28, with_classes=True))
    return run


def test_whoever_looks_at_the_grid_knows_its_columns(by_class: Run) -> None:
    layout = Layout(6, COLUMNS, COLUMNS)
    for kind in ("samples", "samples_raw"):
        assert len(cells_of(by_class.moments(kind)[128], COLUMNS)) == layout.count
    view = RunView(RunControl(by_class.folder.parent))
    ask = {"token": MINE, "run": by_class.name}
    news = answer_of(view.watch, ask)
    assert news["layout"] == asdict(layout_of(by_class, by_class.config())) == asdict(layout)
    assert news["about"]["by_class"]
    assert ", by class · " in news["about"]["words"]


def test_the_picture_that_is_chosen_in_the_grid_is_the_one_that_is_looked_at(by_class: Run) -> None:
    """One of them is replaced by a real one, which is then its own closest."""
    run = by_class
    path = run.moments("samples")[128]
    real, *_ = Path(run.config().dataset).rglob("*.png")
    sheet = np.asarray(Image.open(path)).copy()
    sheet[30:58, 30:58] = np.asarray(Image.open(real))
    Image.fromarray(sheet).save(path)
    view, reals = RunView(RunControl(run.folder.parent)), ReferenceData()
    pictures = Grids(view, reals, DiscriminatorRanks(), Offers())
    for index in range(6):
        found = answer_of(
            pictures.sheet, {"token": MINE, "run": run.name, "images": 128, "index": index}
        )
        assert found["class"] == f"class {index % COLUMNS}"
        assert (found["closest"]["distance"] == 0) == (index == 4)
    with pytest.raises(RunError):
        answer_of(pictures.sheet, {"token": MINE, "run": run.name, "images": 128, "index": 6})


def test_a_run_tried_again_knows_its_columns_before_it_begins(by_class: Run) -> None:
    for moment in (0, 64):
        fork = fork_run(by_class.folder.parent, by_class, moment, {"lr_g": 1e-4})
        assert layout_of(fork, fork.config()) == Layout(6, COLUMNS, COLUMNS)
        shutil.rmtree(fork.folder)


def test_a_run_of_an_earlier_edition_keeps_its_grid(tmp_path: Path) -> None:
    data = tiny_data(classes=4)
    made = {}
    for edition in (2, EDITION):
        config = tiny_config(conditional=True, sample_count=9, images=16, edition=edition)
        run = create_run(tmp_path, config, name=f"edition-{edition}")
        record(run, data=data)
        made[edition] = cells_of(run.moments("samples")[16], 3 if edition == 2 else 4)
        assert layout_of(run, config).columns == (3 if edition == 2 else 4)
    assert len(made[2]) == 9
    assert len(made[EDITION]) == 8
    # The same noise and classes, only elsewhere; other batches round a little differently.
    for old, new in zip(made[2], made[EDITION], strict=False):
        assert np.abs(old.astype(int) - new).max() <= 1


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.folder.name)
def test_runs_from_before_are_square_as_they_were(edition: Any, tmp_path: Path) -> None:
    run = Run(edition.unpack(tmp_path / "runs") / edition.facts["run"])
    config = run.config()
    assert layout_of(run, config) == Layout.square(config.sample_count)
