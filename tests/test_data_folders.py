"""A person's own folder of images: its order, its classes, what is left out, and its path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from ganmodel.config import SIZES
from ganmodel.data import (
    LEAST_IMAGES,
    DataError,
    formats,
    limits,
    load_data,
    missing_reason,
    own_images,
    refusals,
)
from ganmodel.words import worded
from tests.support_data import greys, packed, quadrants


def fill(folder: Path, count: int = LEAST_IMAGES, start: int = 0) -> None:
    """Grey pictures that can be told apart: number k is 3·k everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(start, start + count):
        Image.new("L", (32, 32), 3 * k).save(folder / f"{k:03}.png")


# A folder.


def test_a_folder_is_read_in_the_order_of_names_through_all_its_folders(tmp_path: Path) -> None:
    """Written in another order than read; sizes and labels as promised."""
    fill(tmp_path / "b" / "deep", 6, start=10)
    fill(tmp_path / "a", 10)
    fill(tmp_path, 4, start=20)
    data = load_data(str(tmp_path), size=28)
    # "020.png" sorts before "a/000.png".
    assert greys(data.images) == [20, 21, 22, 23, *range(10), *range(10, 16)]
    assert data.images.shape == (20, 1, 28, 28)
    assert data.images.dtype == torch.uint8
    assert (data.labels, data.classes, data.notes) == (None, (), ())
    assert data.name == str(tmp_path)
    assert missing_reason(str(tmp_path)) is None
    test = load_data(str(tmp_path), train=False)
    assert test.images.shape == (20, 1, 32, 32)


def test_one_coloured_picture_makes_three_channels_of_all(tmp_path: Path) -> None:
    fill(tmp_path)
    Image.fromarray(quadrants()).save(tmp_path / "999.jpg")
    images = load_data(str(tmp_path)).images
    assert images.shape == (LEAST_IMAGES + 1, 3, 32, 32)
    assert greys(images[:-1]) == list(range(LEAST_IMAGES))
    assert (images[:-1] == images[:-1, :1]).all()


def test_folders_become_classes_by_name(tmp_path: Path) -> None:
    fill(tmp_path / "dogs" / "large", 5, start=10)
    fill(tmp_path / "dogs", 5, start=15)
    fill(tmp_path / "cats", 8)
    data = load_data(str(tmp_path), with_classes=True)
    assert data.classes == ("cats", "dogs")
    assert data.labels.tolist() == [0] * 8 + [1] * 10
    assert data.labels.dtype == torch.int64
    assert greys(data.images) == [*range(8), *range(15, 20), *range(10, 15)]


def test_a_single_wrapping_folder_is_looked_through(tmp_path: Path) -> None:
    fill(tmp_path / "pets" / "all" / "cats", 10)
    fill(tmp_path / "pets" / "all" / "dogs", 10, start=10)
    (tmp_path / "readme.txt").write_text("about pets")
    assert load_data(str(tmp_path), with_classes=True).classes == ("cats", "dogs")


def test_files_outside_the_class_folders_are_counted(tmp_path: Path) -> None:
    fill(tmp_path / "cats", 10)
    fill(tmp_path / "dogs", 10, start=10)
    fill(tmp_path, 5, start=20)
    data = load_data(str(tmp_path), with_classes=True)
    assert len(data.images) == len(data.labels) == 20
    assert tuple(map(worded, data.notes)) == (
        "5 files were left out (in no class folder): 020.png, 021.png, 022.png and 2 more.",
    )


@pytest.mark.parametrize(("folder", "says"), [("", "0 folders"), ("cats", "0 folders")])
def test_fewer_than_two_classes_are_refused(tmp_path: Path, folder: str, says: str) -> None:
    """A single folder wraps everything, so what it holds lies in no class folder."""
    fill(tmp_path / folder, 20)
    with pytest.raises(DataError, match=f"{says} of images where 2 to 1,000 are needed"):
        load_data(str(tmp_path), with_classes=True)


def test_one_class_beside_loose_files_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "cats", 20)
    fill(tmp_path, 20, start=20)
    with pytest.raises(DataError, match="1 folder of images"):
        load_data(str(tmp_path), with_classes=True)


def test_too_many_classes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLASSES", 3)
    for k in range(4):
        fill(tmp_path / str(k), 5, start=5 * k)
    with pytest.raises(DataError, match="4 folders of images where 2 to 3 are needed"):
        load_data(str(tmp_path), with_classes=True)


def test_what_is_left_out_is_grouped_counted_and_named(tmp_path: Path) -> None:
    fill(tmp_path)
    for k in range(5):
        (tmp_path / f"film{k}.mp4").write_bytes(b"moving pictures")
    (tmp_path / "cut.png").write_bytes(packed(quadrants())[:90])
    for beside in (".DS_Store", "Thumbs.db", "labels.csv", "notes.txt", "data.json", "a.MD", "._a",
                   "IMG_1.AAE", "IMG_2.xmp"):  # fmt: skip
        (tmp_path / beside).write_bytes(b"not meant as an image")
    for beside in ("__MACOSX", ".hidden", "@eaDir", ".@__thumb", "$RECYCLE.BIN", "#recycle",
                   "System Volume Information", ".ipynb_checkpoints"):  # fmt: skip
        fill(tmp_path / "deep" / beside, 1)
    data = load_data(str(tmp_path))
    assert len(data.images) == LEAST_IMAGES
    assert tuple(map(worded, data.notes)) == (
        "1 file was left out (damaged): cut.png.",
        f"5 files were left out ({worded(refusals.not_an_image(formats(trusted=True)))}): "
        "film0.mp4, film1.mp4, film2.mp4 and 2 more.",
    )


@pytest.mark.parametrize("count", [0, 1, LEAST_IMAGES - 1])
def test_too_few_images_are_refused_with_what_was_wrong(tmp_path: Path, count: int) -> None:
    fill(tmp_path, count)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError) as caught:
        load_data(str(tmp_path))
    found = {0: "no usable image;", 1: "1 usable image;"}.get(count, f"{count} usable images;")
    message = str(caught.value)
    assert found in message
    assert "at least 16" in message
    assert "remembers them all" in message
    assert "broken.png" in message


def test_copies_are_noted_and_kept(tmp_path: Path) -> None:
    fill(tmp_path / "a")
    fill(tmp_path / "b", 3)
    data = load_data(str(tmp_path))
    assert len(data.images) == LEAST_IMAGES + 3
    assert tuple(map(worded, data.notes)) == (
        "3 of the 19 images are exact copies of others; all are kept.",
    )


def test_links_of_ones_own_are_followed_and_of_strangers_only_inside(tmp_path: Path) -> None:
    """The outer pictures are good ones, so only the link can be the reason."""
    folder, outside = tmp_path / "mine", tmp_path / "outside"
    fill(folder)
    fill(outside, 2, start=50)
    (folder / "out.png").symlink_to(outside / "050.png")
    (folder / "out").symlink_to(outside)
    (folder / "nothing.png").symlink_to(tmp_path / "nothing")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    (folder / "around").symlink_to(folder)
    (folder / "within.png").symlink_to(folder / "000.png")
    (folder / "within").mkdir()
    (folder / "within" / "above").symlink_to(folder)
    data = load_data(str(folder), trusted=False)
    assert greys(data.images) == [*range(LEAST_IMAGES), 0]
    assert worded(data.notes[0]).startswith(
        "6 files were left out (a link to a folder, to nothing or out"
    )
    data = load_data(str(folder))
    assert greys(data.images) == [*range(LEAST_IMAGES), 50, 50, 51, 0]
    assert tuple(map(worded, data.notes[:2])) == (
        "2 files were left out (a link to a folder that it lies in): around, within/above.",
        "2 files were left out (a link that leads to nothing): circle.png, nothing.png.",
    )


def test_class_folders_may_be_links(tmp_path: Path) -> None:
    fill(tmp_path / "real" / "night", 8)
    fill(tmp_path / "real" / "day", 8, start=8)
    (tmp_path / "mine").mkdir()
    for name in ("day", "night"):
        (tmp_path / "mine" / name).symlink_to(tmp_path / "real" / name)
    data = load_data(str(tmp_path / "mine"), with_classes=True)
    assert data.classes == ("day", "night")
    assert greys(data.images) == [*range(8, 16), *range(8)]


def test_a_folder_may_itself_be_named_by_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    assert len(load_data(str(tmp_path / "link")).images) == LEAST_IMAGES


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening it would block for ever."""
    fill(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    assert tuple(map(worded, load_data(str(tmp_path)).notes)) == (
        "1 file was left out (neither a file nor a folder): pipe.png.",
    )


def test_every_bound_on_a_folder_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "mine")
    fill(tmp_path / "mine" / "a" / "b" / "c", 1, start=50)
    (tmp_path / "mine" / "large.png").write_bytes(bytes(3000))
    fill(tmp_path / "mine" / ("n" * 40), 1, start=60)
    monkeypatch.setattr(limits, "MOST_DEPTH", 3)
    monkeypatch.setattr(limits, "MOST_NAME", 30)
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 2000)
    data = load_data(str(tmp_path / "mine"))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    reasons = {worded(note).split("(")[1].split(")")[0] for note in data.notes}
    left_out = (refusals.TOO_DEEP, refusals.NAME_TOO_LONG, refusals.TOO_LARGE)
    assert reasons == set(map(worded, left_out))

    monkeypatch.setattr(limits, "MOST_ENTRIES", 10)
    with pytest.raises(DataError, match="more than 10 files and folders"):
        load_data(str(tmp_path / "mine"))


def test_a_strangers_file_names_are_made_safe_to_show(tmp_path: Path) -> None:
    fill(tmp_path)
    for name in ("a\nb\x1b[31m.png", "turn\u202eed.png", "l" * 99 + ".png", b"bad\xff.png"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"no picture")
    (note,) = map(worded, load_data(str(tmp_path)).notes)
    assert note.isprintable()
    assert "ab[31m.png" in note
    assert "bad.png" in note
    assert "…" + "l" * 35 + ".png" in note
    assert note.encode()


# A path.


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing.zip", "x" * 5000 + "/", "a/\0"])
def test_a_path_that_leads_nowhere_is_refused(name: str) -> None:
    assert "does not exist" in str(missing_reason(name))
    with pytest.raises(DataError, match="does not exist"):
        load_data(name)


def test_a_file_that_is_no_archive_is_refused_with_the_known_kinds(tmp_path: Path) -> None:
    (tmp_path / "thesis.pdf").write_bytes(b"%PDF")
    reason = str(missing_reason(str(tmp_path / "thesis.pdf")))
    assert "neither a folder nor an archive" in reason
    assert ".tar.gz" in reason


@pytest.mark.parametrize("size", [0, 27, 63, "32"])
def test_a_size_that_no_network_takes_is_refused(tmp_path: Path, size: Any) -> None:
    with pytest.raises(DataError, match=f"{SIZES[-2]} or {SIZES[-1]}"):
        load_data(str(tmp_path), size=size)


def test_reading_reports_rise_to_one_and_keep_their_distance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no distance every file is reported, with an endless one only the start and the end."""
    fill(tmp_path, 20)
    for k in range(20):
        (tmp_path / f"junk{k:02}.png").write_bytes(b"no picture")
    for distance, expected in [(0, [*(k / 40 for k in range(1, 41)), 1]), (1e12, [1 / 40, 1])]:
        monkeypatch.setattr(own_images, "_SECONDS_BETWEEN_REPORTS", distance)
        told: list[tuple[str, float | None]] = []
        load_data(str(tmp_path), tell=lambda *what: told.append(what))  # noqa: B023
        assert [worded(doing) for doing, _ in told] == ["reading images"] * len(told)
        assert [done for _, done in told] == pytest.approx(expected)
