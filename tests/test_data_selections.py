"""Pictures that are left out by hand: told by their names, and the same for a run for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganmodel.data import (
    DataError,
    copies_in,
    copy_for_run,
    copy_of,
    digest,
    fingerprint,
    keep_received,
    leave_out,
    left_out_today,
    load_data,
)
from ganmodel.words import worded
from tests.support_data import greys, pictures, png, write_zip


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """Twenty pictures."""
    folder = tmp_path / "upload"
    folder.mkdir()
    for name, content in pictures(20).items():
        part = folder / ".part"
        part.write_bytes(content)
        keep_received(folder, part, name)
    return folder


def left(folder: Path, *names: str) -> Path:
    leave_out(folder, map(digest, names))
    return copy_of(folder, copy_for_run(folder))


def test_what_is_left_out_is_not_learned_from_and_told(upload: Path) -> None:
    place = left(upload, "003.png", "007.png")
    data = load_data(str(place))
    assert greys(data.images) == [k for k in range(20) if k not in (3, 7)]
    assert tuple(map(worded, data.notes)) == ("2 files were left out (by hand): 003.png, 007.png.",)
    assert fingerprint(data) != fingerprint(load_data(str(upload)))


def test_a_run_keeps_its_pictures_whatever_is_left_out_later(upload: Path) -> None:
    first = left(upload, "003.png")
    second = left(upload, "004.png")
    assert first != second
    assert 3 not in greys(load_data(str(first)).images)
    assert 4 in greys(load_data(str(first)).images)
    leave_out(upload, ())
    assert copy_for_run(upload) == ""
    assert left_out_today(upload) == frozenset()
    assert {*copies_in(upload).values()} == {first, second}
    assert left(upload, "003.png") == first  # the same choice is the same copy
    assert len(load_data(str(upload)).images) == 20


def test_pictures_with_the_same_pixels_stay_two(upload: Path) -> None:
    part = upload / ".part"
    part.write_bytes(png(3))
    keep_received(upload, part, "again.png")
    assert greys(load_data(str(left(upload, "again.png"))).images) == [*range(20)]


def test_members_of_an_archive_can_be_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "upload"
    folder.mkdir()
    part = write_zip(folder / ".part", pictures(20))
    keep_received(folder, part, "mine.zip")
    assert greys(load_data(str(left(folder, "000.png"))).images) == [*range(1, 20)]


def test_a_class_whose_pictures_are_all_left_out_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "upload"
    folder.mkdir()
    members = {**pictures(9, "a/"), **pictures(9, "b/"), **pictures(1, "c/")}
    keep_received(folder, write_zip(folder / ".part", members), "mine.zip")
    assert load_data(str(folder), with_classes=True).classes == ("a", "b", "c")
    assert load_data(str(left(folder, "c/000.png")), with_classes=True).classes == ("a", "b")


def test_too_few_that_stay_are_refused_with_the_reason(upload: Path) -> None:
    place = left(upload, *(f"{k:03}.png" for k in range(5)))
    with pytest.raises(DataError, match=r"15 usable images; at least 16.*5 files.*by hand"):
        load_data(str(place))


def test_a_choice_that_is_damaged_is_refused_in_a_sentence(upload: Path) -> None:
    place = left(upload, "003.png")
    for broken in ("[1]", "{}", "[", "[" * 100_000):
        place.write_text(broken)
        with pytest.raises(DataError, match="left out cannot be read"):
            load_data(str(place))
    place.unlink()
    with pytest.raises(DataError, match="does not exist"):
        load_data(str(place))
