"""Hostile zips: bombs, liars, locked and overlapping members, links; no lie is believed."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from ganmodel.data import LEAST_IMAGES, DataError, limits, load_data
from ganmodel.words import worded
from tests.support_data import pictures, png, write_zip

pytestmark = pytest.mark.usefixtures("nothing_is_written")


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
    assert tuple(map(worded, data.notes)) == ("1 file was left out (damaged): liar.png.",)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_zipfile_does_not_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = write_zip(tmp_path / "images.zip", pictures())
    with zipfile.ZipFile(path, "a", method) as packed:
        packed.writestr("odd.png", png(50))
    data = load_data(str(path))
    assert len(data.images) == LEAST_IMAGES
    assert tuple(map(worded, data.notes)) == (
        "1 file was left out (packed by another method than deflate): odd.png.",
    )


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
    assert tuple(map(worded, load_data(str(path)).notes)) == (
        "1 file was left out (a link): link.png.",
    )
