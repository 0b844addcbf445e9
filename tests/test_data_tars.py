"""Hostile tars: links and devices, false headers, bombs, broken ends; no lie is believed."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest

from ganmodel.data import LEAST_IMAGES, DataError, limits, load_data
from ganmodel.words import worded
from tests.support_data import END, greys, pictures, tar_bytes, tar_member

pytestmark = pytest.mark.usefixtures("nothing_is_written")

GIB = 2**30


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
    assert tuple(map(worded, data.notes)) == (
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
