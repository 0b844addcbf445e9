"""More pictures than fit: an even sample of them, chosen by listing alone, and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ganmodel.data import DataError, limits, load_data
from ganmodel.data.refusals import Refusals
from ganmodel.data.thinning import thinned
from ganmodel.words import worded
from tests.support_data import greys, pictures, write


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz"])
def test_of_too_many_an_even_sample_is_read_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Three quarters of the pictures lie in one class; of the others, every byte is wrong."""
    members = {**pictures(60, "many/"), **pictures(20, "some/", 60)}
    members = {name: c if k % 4 == 0 else b"?" for k, (name, c) in enumerate(members.items())}
    if kind == "folder":
        for name, content in members.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        path = tmp_path
    else:
        path = write(tmp_path / f"a.{kind}", members)
    monkeypatch.setattr(limits, "MOST_IMAGES", 20)
    told: list[str] = []
    data = load_data(str(path), with_classes=True, tell=lambda doing, _: told.append(worded(doing)))
    assert set(told) == {"reading an even sample, 20 of 80 images"}
    assert greys(data.images) == list(range(0, 80, 4))
    assert data.labels.tolist() == [0] * 15 + [1] * 5
    (note,) = data.notes
    assert worded(note).startswith("Of 80 pictures, 20 are used")


def test_what_is_no_picture_by_its_name_takes_no_picture_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every second file is a mask as an array: an even step over all would take only those."""
    monkeypatch.setattr(limits, "MOST_IMAGES", 50)
    names = [f"{k:03}.{ending}" for k in range(50) for ending in ("npy", "JPG")]
    refused = Refusals()
    chosen, notes = thinned(names, refused)
    assert chosen == {name for name in names if name.endswith("JPG")}
    assert notes == ()
    (left_out,) = map(worded, refused.notes())
    assert left_out.startswith("50 files were left out (a name that does not end")
    nameless = [name.partition(".")[0] + "0" * (name[-1] == "y") for name in names]
    assert len(thinned(nameless, Refusals())[0]) == 50


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_a_strangers_listing_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path: Any = tmp_path
    if kind == "folder":
        for name, content in pictures(20).items():
            (tmp_path / name).write_bytes(content)
    else:
        path = write(tmp_path / f"a.{kind}", pictures(20))
    monkeypatch.setattr(limits, "MOST_ENTRIES_OF_STRANGERS", 19)
    assert len(load_data(str(path)).images) == 20
    with pytest.raises(DataError, match="more than 19 files and folders"):
        load_data(str(path), trusted=False)
