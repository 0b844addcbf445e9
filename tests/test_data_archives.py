"""Archives of images, harmless and hostile: nothing is written, and no lie is believed."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.data import LEAST_IMAGES, DataError, limits, load_data, missing_reason, refusals
from ganmodel.data.archives import SUFFIXES

GIB = 2**30


def png(value: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (32, 32), 3 * value).save(file, "PNG")
    return file.getvalue()


def pictures(count: int = LEAST_IMAGES, folder: str = "", start: int = 0) -> dict[str, bytes]:
    """Grey pictures that can be told apart: number k is 3·k everywhere."""
    return {f"{folder}{k:03}.png": png(k) for k in range(start, start + count)}


def write_zip(path: Path, members: Mapping[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def tar_member(name: str, content: bytes = b"", **about: Any) -> bytes:
    """A header that may say anything, then the content, filled up to whole blocks."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in about.items():
        setattr(member, key, value)
    return member.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


def tar_bytes(members: Mapping[str, bytes]) -> bytes:
    return b"".join(tar_member(name, content) for name, content in members.items())


END = bytes(1024)  # two empty blocks close a tar


def write_tar(path: Path, members: Mapping[str, bytes]) -> Path:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".xz": "w:xz", ".txz": "w:xz", ".bz2": "w:bz2",
            ".tbz2": "w:bz2"}.get(path.suffix, "w:")  # fmt: skip
    with tarfile.open(path, mode) as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def write(path: Path, members: Mapping[str, bytes]) -> Path:
    return (write_zip if path.suffix == ".zip" else write_tar)(path, members)


def greys(images: Any) -> list[int]:
    assert (images == images[:, :1, :1, :1]).all()
    return (images[:, 0, 0, 0] // 3).tolist()


@pytest.fixture(params=[".zip", ".tar.gz"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Writes the same members as a zip and as a tar."""
    return lambda members: write(tmp_path / f"images{request.param}", members)


@pytest.fixture(autouse=True)
def _nothing_is_written(tmp_path: Path) -> Any:
    yield
    outside = {"zip", "tar", "gz", "tgz", "xz", "txz", "bz2", "tbz2"}
    assert all(p.suffix[1:] in outside for p in tmp_path.rglob("*")), "something was unpacked"


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
    assert data.notes == ("1 file was left out (in no class folder): pets/odd.png.",)


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


@pytest.mark.parametrize("name", ["../up.png", "a/../../up.png", "/root.png", "C:/up.png",
                                  "..\\up.png"])  # fmt: skip
def test_a_name_that_climbs_out_is_refused(both: Any, name: str) -> None:
    """The picture is a good one, so only its name can be the reason."""
    data = load_data(str(both({**pictures(), name: png(50)})))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    assert data.notes[0].startswith("1 file was left out (a name that leads out of the folder)")


def test_bounds_on_depth_name_and_size_hold(both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The too large one is a good picture, but for its tail of zeros."""
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 2000)
    members = {"d/" * 16 + "x.png": png(50), "n" * 1100 + ".png": png(51),
               "large.png": png(52) + bytes(3000)}  # fmt: skip
    data = load_data(str(both({**pictures(), **members})))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    reasons = {note.split("(")[1].split(")")[0] for note in data.notes}
    assert reasons == {refusals.TOO_DEEP, refusals.NAME_TOO_LONG, refusals.TOO_LARGE}


def test_too_many_entries_images_or_bytes_are_refused(
    both: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = both(pictures(20))
    with monkeypatch.context() as bounds:
        bounds.setattr(limits, "MOST_IMAGES", 19)
        with pytest.raises(DataError, match="more than 19 images"):
            load_data(str(path))
    with monkeypatch.context() as bounds:
        bounds.setattr(limits, "MOST_ENTRIES", 19)
        with pytest.raises(DataError, match="more than 19 files and folders"):
            load_data(str(path))
    with monkeypatch.context() as bounds:
        bounds.setattr(limits, "MOST_TOTAL_BYTES", 20 * len(png(0)) // 2)
        with pytest.raises(DataError, match="unpacks to more than"):
            load_data(str(path))
    monkeypatch.setattr(limits, "MOST_IMAGES", 20)
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
    assert "a name that was there before" in data.notes[0]


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


# Zips.


def test_a_member_with_a_password_is_said_to_be_locked(tmp_path: Path) -> None:
    """The flag is what says so; Python cannot write a locked one itself."""
    path = write_zip(tmp_path / "locked.zip", pictures())
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 1)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"no usable image.*16 files were left out \(locked with"):
        load_data(str(path))


def test_a_real_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Genuine: about 3 MB hold 3 GB of zeros in 48 members; it is refused by the declared sum."""
    path, zeros = tmp_path / "bomb.zip", bytes(limits.MOST_FILE_BYTES)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("00.png", zeros)
    one = path.read_bytes()
    directory = one.index(b"PK\x01\x02")
    local, entry = one[:directory], one[directory : one.index(b"PK\x05\x06")]
    locals_, entries = b"", b""
    for k in range(48):
        name = f"{k:02}.png".encode()
        entries += entry[:42] + struct.pack("<I", len(locals_)) + name
        locals_ += local[:30] + name + local[36:]
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 48, 48, len(entries), len(locals_), 0)
    path.write_bytes(locals_ + entries + end)
    with zipfile.ZipFile(path) as packed:
        assert sum(m.file_size for m in packed.infolist()) > 700 * path.stat().st_size
    with pytest.raises(DataError, match="unpacks to more than 2 GiB"):
        load_data(str(path))


def test_a_member_that_unpacks_to_more_than_it_says_is_stopped_there(tmp_path: Path) -> None:
    """A good picture with a gigabyte of zeros behind it, declared as the picture's size alone."""
    path, picture = tmp_path / "liar.zip", png(9)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in pictures().items():
            packed.writestr(name, content)
        packed.writestr("liar.png", picture + bytes(limits.MOST_FILE_BYTES))
    content = bytearray(path.read_bytes())
    true, said = (struct.pack("<I", n) for n in (limits.MOST_FILE_BYTES + len(picture), 100))
    assert content.count(true) == 2
    path.write_bytes(content.replace(true, said))
    data = load_data(str(path))
    assert len(data.images) == LEAST_IMAGES
    assert data.notes == ("1 file was left out (damaged): liar.png.",)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_zipfile_does_not_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = write_zip(tmp_path / "images.zip", pictures())
    with zipfile.ZipFile(path, "a", method) as packed:
        packed.writestr("odd.png", png(50))
    data = load_data(str(path))
    assert len(data.images) == LEAST_IMAGES
    assert data.notes == ("1 file was left out (packed by another method than deflate): odd.png.",)


def test_members_that_overlap_are_counted_as_often_as_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 48 entries point at one packed picture: what counts is what comes out."""
    path = write_zip(tmp_path / "overlap.zip", {"00.png": png(5) + bytes(100_000)})
    one = path.read_bytes()
    directory, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    entries = b"".join(
        one[directory:end].replace(b"00.png", f"{k:02}.png".encode()) for k in range(48)
    )
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 48, 48, len(entries), directory, 0)
    path.write_bytes(one[:directory] + entries + tail)
    monkeypatch.setattr(limits, "MOST_TOTAL_BYTES", 4_000_000)
    with pytest.raises(DataError, match="unpacks to more than"):
        load_data(str(path))


def test_a_table_of_contents_without_end_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "images.zip", pictures(200))
    monkeypatch.setattr(limits, "MOST_ZIP_TABLE_BYTES", 5_000)
    with pytest.raises(DataError, match="is not a whole zip"):
        load_data(str(path))
    monkeypatch.setattr(limits, "MOST_ZIP_TABLE_BYTES", 20_000)
    assert len(load_data(str(path)).images) == 200


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "images.zip", pictures())
    link = zipfile.ZipInfo("link.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    assert load_data(str(path)).notes == ("1 file was left out (a link): link.png.",)


# Tars.


def test_links_devices_and_sparse_files_in_a_tar_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.tar"
    path.write_bytes(
        tar_bytes(pictures())
        + tar_member("sym.png", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        + tar_member("hard.png", type=tarfile.LNKTYPE, linkname="000.png")
        + tar_member("pipe.png", type=tarfile.FIFOTYPE)
        + tar_member("disk.png", type=tarfile.BLKTYPE, devmajor=8)
        + tar_member("holes.png", type=tarfile.GNUTYPE_SPARSE)
        + tar_member("folder", type=tarfile.DIRTYPE)
        + END
    )
    data = load_data(str(path))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    assert data.notes == (
        "2 files were left out (a link): sym.png, hard.png.",
        "3 files were left out (neither a file nor a folder): pipe.png, disk.png, holes.png.",
    )


@pytest.mark.parametrize("claimed", [3 * GIB, 2**42])
def test_a_header_that_claims_far_more_than_is_there_is_refused_at_once(
    tmp_path: Path, claimed: int
) -> None:
    path = tmp_path / "claims.tar.gz"
    member = tarfile.TarInfo("huge.png")
    member.size = claimed
    path.write_bytes(
        gzip.compress(tar_bytes(pictures()) + member.tobuf(tarfile.GNU_FORMAT) + bytes(9999))
    )
    with pytest.raises(DataError, match="unpacks to more than 2 GiB"):
        load_data(str(path))


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each read of a .gz gave."""
    given, read = [], gzip.GzipFile.read

    def measured(self: gzip.GzipFile, size: int = -1) -> bytes:
        content = read(self, size)
        given.append(len(content))
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", measured)
    return given


def test_a_tar_that_unpacks_to_gigabytes_is_stopped_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unpacked: list[int]
) -> None:
    """Each member is modest and no image at all; only their sum is too much. All of it would be
    64 MB: no more than the bound and a block may have been unpacked."""
    monkeypatch.setattr(limits, "MOST_TOTAL_BYTES", 8_000_000)
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for k in range(64):
            packed.write(tar_member(f"{k}.txt", bytes(1_000_000)))
    with pytest.raises(DataError, match="unpacks to more than"):
        load_data(str(path))
    assert 0 < sum(unpacked) <= 8_000_000 + tarfile.RECORDSIZE


def test_a_name_of_megabytes_is_not_collected(tmp_path: Path, unpacked: list[int]) -> None:
    """tarfile reads a long name whole: 300 MB of it, packed into 300 kB."""
    path = tmp_path / "name.tar.gz"
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 300_000_000
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.write(tar_bytes(pictures()) + long.tobuf(tarfile.GNU_FORMAT))
        for _ in range(30):
            packed.write(b"n" * 10_000_000)
    with pytest.raises(DataError, match="is not a whole zip or tar archive"):
        load_data(str(path))
    assert 0 < sum(unpacked) < 2 * limits.MOST_TAR_HEADER_BYTES


def test_a_broken_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    """tarfile alone would quietly give the sixteen images before it."""
    path = tmp_path / "broken.tar"
    later = bytearray(tar_bytes(pictures(4, start=30)))
    later[150] ^= 1  # in the header's own sum
    path.write_bytes(tar_bytes(pictures()) + later + END)
    with tarfile.open(path) as packed:
        assert len(packed.getmembers()) == LEAST_IMAGES
    with pytest.raises(DataError, match="damaged"):
        load_data(str(path))


def test_a_tar_without_its_closing_blocks_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "open.tar"
    path.write_bytes(tar_bytes(pictures()))
    assert len(load_data(str(path)).images) == LEAST_IMAGES


def test_an_archive_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "images.zip", pictures())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(DataError):
        load_data(str(path))
