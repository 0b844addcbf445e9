"""Archives of images, zips and tars alike: read as folders are, and no name or bound believed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganmodel.data import LEAST_IMAGES, DataError, limits, load_data, missing_reason, refusals
from ganmodel.data.archives import SUFFIXES
from ganmodel.words import worded
from tests.support_data import (
    END,
    greys,
    pictures,
    png,
    tar_bytes,
    tar_member,
    write,
    write_tar,
    write_zip,
)

pytestmark = pytest.mark.usefixtures("nothing_is_written")


@pytest.fixture(params=[".zip", ".tar.gz"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Writes the same members as a zip and as a tar."""
    return lambda members: write(tmp_path / f"images{request.param}", members)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_kind_of_archive_is_read_by_name(tmp_path: Path, suffix: str) -> None:
    """Packed backwards, with a directory entry's worth of dots in the names."""
    members = dict(reversed({"./" + k: v for k, v in pictures(20, "faces/").items()}.items()))
    path = write(tmp_path / f"Images{suffix.upper() if suffix == '.zip' else suffix}", members)
    if suffix == ".zip":
        path = path.rename(tmp_path / "Images.zip")
    assert missing_reason(str(path)) is None
    data = load_data(str(path), size=28)
    assert greys(data.images) == list(range(20))
    assert data.images.shape == (20, 1, 28, 28)
    assert (data.labels, data.classes, data.notes, data.name) == (None, (), (), str(path))


def test_an_archive_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", pictures()).rename(tmp_path / "a.tar")
    assert len(load_data(str(path)).images) == LEAST_IMAGES
    path = write_tar(tmp_path / "b.tgz", pictures()).rename(tmp_path / "b.zip")
    assert len(load_data(str(path)).images) == LEAST_IMAGES


def test_top_folders_become_classes_behind_one_that_wraps_them(both: Any) -> None:
    members = {**pictures(8, "pets/dogs/", 8), **pictures(8, "pets/cats/more/"),
               "pets/readme.md": b"about", "__MACOSX/pets/._a.png": b"?", "pets/odd.png": png(60),
               ".DS_Store": b"?"}  # fmt: skip
    data = load_data(str(both(members)), with_classes=True)
    assert data.classes == ("cats", "dogs")
    assert data.labels.tolist() == [0] * 8 + [1] * 8
    assert greys(data.images) == list(range(16))
    assert tuple(map(worded, data.notes)) == (
        "1 file was left out (in no class folder): pets/odd.png.",
    )


def test_an_archive_gives_what_its_folder_gives(both: Any, tmp_path: Path) -> None:
    members = {**pictures(9, "a/"), **pictures(9, "b/", 9), "a/b.png": b"broken"}
    path = both(members)
    folder = tmp_path.parent / f"{tmp_path.name}-folder"
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    one, other = (load_data(str(p), with_classes=True) for p in (path, folder))
    assert (one.images == other.images).all()
    assert (one.labels == other.labels).all()
    assert (one.classes, one.notes) == (other.classes, other.notes)


@pytest.mark.parametrize("name", ["..", "../up.png", "a/../../up.png", "/root.png", "C:/up.png",
                                  "..\\up.png"])  # fmt: skip
def test_a_name_that_climbs_out_is_refused(both: Any, name: str) -> None:
    """The picture is a good one, so only its name can be the reason."""
    data = load_data(str(both({**pictures(), name: png(50)})))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    assert worded(data.notes[0]).startswith(
        "1 file was left out (a name that leads out of the folder)"
    )


def test_bounds_on_depth_name_and_size_hold(both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The too large one is a good picture, but for its tail of zeros."""
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 2000)
    members = {"d/" * 16 + "x.png": png(50), "n" * 1100 + ".png": png(51),
               "large.png": png(52) + bytes(3000)}  # fmt: skip
    data = load_data(str(both({**pictures(), **members})))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    reasons = {worded(note).split("(")[1].split(")")[0] for note in data.notes}
    left_out = (refusals.TOO_DEEP, refusals.NAME_TOO_LONG, refusals.TOO_LARGE)
    assert reasons == set(map(worded, left_out))


def test_too_many_entries_or_bytes_are_refused(both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = both(pictures(20))
    with monkeypatch.context() as bounds:
        bounds.setattr(limits, "MOST_ENTRIES", 19)
        with pytest.raises(DataError, match="more than 19 files and folders"):
            load_data(str(path))
    with monkeypatch.context() as bounds:
        bounds.setattr(limits, "MOST_TOTAL_BYTES", 20 * len(png(0)) // 2)
        with pytest.raises(DataError, match="unpacks to more than"):
            load_data(str(path))
    monkeypatch.setattr(limits, "MOST_ENTRIES", 20)
    assert len(load_data(str(path)).images) == 20


def test_a_name_that_comes_twice_counts_once(both: Any, tmp_path: Path) -> None:
    if both({}).suffix == ".zip":
        path = tmp_path / "images.zip"
        # zipfile warns of writing it again itself.
        write_zip(path, {**pictures(), "999.png": png(70)})
        path.write_bytes(path.read_bytes().replace(b"999.png", b"000.png"))
    else:
        path = tmp_path / "images.tar"
        path.write_bytes(tar_bytes(pictures()) + tar_member("000.png", png(70)) + END)
    data = load_data(str(path))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    assert "a name that was there before" in worded(data.notes[0])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_archive_cut_off_anywhere_is_refused_in_a_sentence(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"whole{suffix}", pictures()).read_bytes()
    path = tmp_path / f"cut{suffix}"
    for part in (0.02, 0.3, 0.62, 0.75):
        path.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(DataError) as caught:
            load_data(str(path))
        assert "damaged" in str(caught.value) or "at least 16" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04junk", b"\x1f\x8bjunk", b"junk" * 999,
                                     b"BZh9junk", b"\xfd7zXZ\x00junk", bytes(9999)])  # fmt: skip
def test_junk_is_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"is not a whole zip or tar archive|no usable image"):
        load_data(str(path))


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_random_damage_never_escapes_as_another_error(tmp_path: Path, suffix: str) -> None:
    whole = np.frombuffer(write(tmp_path / f"whole{suffix}", pictures()).read_bytes(), np.uint8)
    generator, path = np.random.default_rng(0), tmp_path / f"broken{suffix}"
    read = 0
    for _ in range(60):
        broken = whole.copy()
        broken[generator.integers(len(broken), size=3)] = generator.integers(256, size=3)
        path.write_bytes(broken.tobytes())
        try:
            read += len(load_data(str(path)).images) == LEAST_IMAGES
        except DataError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either way is right, per damage
    assert read < 60


def test_an_archive_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "images.zip", pictures())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(DataError):
        load_data(str(path))
