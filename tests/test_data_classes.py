"""Classes by folder: which folders count, in which order, called what; and earlier runs' orders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.data import DataError, Known, fingerprint, load_data
from ganmodel.data.classes import class_folders, class_names, in_order
from ganmodel.runs import known_data
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.weights import load_weights
from tests.support import Crash, crash_at, new_run, record, tiny_config
from tests.support_data import packed, pictures, quadrants, write_zip


@pytest.mark.parametrize(("names", "classes"), [
    ("a/1 b/1", "a b"), ("all/pets/a/1 all/pets/b/1", "a b"), ("1 pets/a/1 pets/b/1", "a b"),
    ("1 2 a/1 b/1", "a b"), ("1 a/1", "a"), ("a/1", ""),
    ("train/a/1 train/b/1 test/a/1", "a b"), ("x/Train/a/1 x/Train/b/1 x/VAL/1", "a b"),
    ("train/1 test/1", "test train"), ("train/a/1 other/a/1", "other train"),
])  # fmt: skip
def test_the_topmost_folders_that_are_not_around_everything_are_the_classes(
    names: str, classes: str
) -> None:
    """A stray file beside a wrapping folder, and a split for training and testing, hide none."""
    assert in_order(set(class_folders(names.split()).values())) == classes.split()


def test_numbers_in_names_of_classes_count_as_numbers() -> None:
    assert in_order(["10", "9", "1", "2"]) == ["1", "2", "9", "10"]
    assert in_order(["week 10", "week 9b", "week", "b2", "b10a", "B"]) == [
        "B", "b2", "b10a", "week", "week 9b", "week 10",
    ]  # fmt: skip
    assert in_order(["01", "1", "001"]) == ["001", "01", "1"]  # equal numbers, but not names


def test_no_two_classes_are_called_the_same() -> None:
    """Long ones by what differs, such that show nothing by a number, and the same every time."""
    long = [f"{who} kingfisher of the northern river valleys" for who in ("Common", "Great")]
    names = class_names([*long, "\u202e", "\u2028", "a", "x" * 60 + "1", "x" * 60 + "1" + "\n"])
    assert len(set(names)) == 7
    assert names[:2] == (
        "Common kingfisher of the northern river…", "Great kingfisher of the northern river…",
    )  # fmt: skip
    assert class_names(["Vo\u0308gel"]) == ("Vögel",)  # as macOS writes it in two characters


def test_a_run_of_an_earlier_edition_finds_its_data_again(tmp_path: Path) -> None:
    """Its classes were ordered by letters, its zips' names read otherwise, and fewer files used.

    The earlier order is written down here, and its fingerprint taken from a reading by it.
    """
    members = {f"{k}/{name}": c for k in (1, 2, 10) for name, c in pictures(6, start=6 * k).items()}
    members["@eaDir/1.png"] = members["1/006.png"]
    path = str(write_zip(tmp_path / "a.zip", members))
    today = load_data(path, with_classes=True)
    assert today.classes == ("1", "2", "10")
    then = load_data(path, with_classes=True, known=Known(classes=("1", "10", "2", "@eaDir")))
    assert then.classes == ("1", "10", "2", "@eaDir")
    assert len(then.images) == 19
    known = Known(fingerprint(then))
    assert load_data(path, with_classes=True, known=known).classes == then.classes
    # Of data that are really others, what everybody reads; by a run of today, too.
    for known in (Known("0" * 32), Known(fingerprint(today)), Known(classes=today.classes)):
        assert load_data(path, with_classes=True, known=known).classes == today.classes
    with pytest.raises(DataError, match="no usable image"):
        load_data(str(write_zip(tmp_path / "b.zip", {})), known=known)


def test_a_run_of_an_earlier_edition_goes_on_with_its_classes_and_pictures(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """It was begun with classes 1, 10, 2, and without the TIFF that lies there, too."""
    for k in (1, 2, 10):
        (tmp_path / "data" / str(k)).mkdir(parents=True)
        for name, content in pictures(8, start=8 * k).items():
            (tmp_path / "data" / str(k) / name).write_bytes(content)
    (tmp_path / "data" / "2" / "b.tif").write_bytes(packed(quadrants(), "TIFF"))
    path, order = str(tmp_path / "data"), ("1", "10", "2")
    then = load_data(path, size=28, with_classes=True, known=Known(classes=order))
    run = new_run(tmp_path, "run", dataset=path, conditional=True, image_size=28)
    with pytest.raises(Crash):
        record(run, data=then, on_snapshot=crash_at(80))
    assert cli("train", "--run", run.folder, "--resume").code == 0
    about = load_weights(run.newest_weights()).about
    assert (about["images_seen"], tuple(about["classes"])) == (128, order)
    for known in (known_data(run), Known.of(about)):
        assert ReferenceData().of(run.config(), known).data.classes == order


def test_whether_real_pictures_need_a_download_is_known_before_they_are_asked_for(
    tmp_path: Path,
) -> None:
    reals = ReferenceData(tmp_path)
    assert reals.is_here(tiny_config(dataset="mnist"))
    assert not reals.is_here(tiny_config(dataset="fashion-mnist"))
    assert list(tmp_path.iterdir()) == []
