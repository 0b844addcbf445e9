"""Reads the members of a zip or tar archive that may be images; writes nothing to disk.

Archives are untrusted: declared sizes may be wrong, names may contain "..", and a few kilobytes may
unpack to terabytes. So everything is read within `limits`, and a member's name is never used as a
path.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ganmodel.data import limits, refusals
from ganmodel.data.budget import Budget
from ganmodel.data.folders import Choose, Entry, is_beside, too_many_entries
from ganmodel.data.member_names import tar_names, zip_names
from ganmodel.data.readings import Reading
from ganmodel.data.refusals import Refusals, shown
from ganmodel.data.tensors import DataError
from ganmodel.words import Message

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
# Chosen by the file's first bytes, since its suffix is often wrong; no match means a plain tar.
_UNPACKERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, OverflowError, struct.error,
)  # fmt: skip


def is_archive(name: str) -> bool:
    """Whether a file name ends in one of `SUFFIXES`."""
    return name.lower().endswith(SUFFIXES)


def archive_members(
    path: Path, refused: Refusals, reading: Reading, budget: Budget, choose: Choose
) -> Iterator[Entry]:
    """Yields each member that may be an image and that `choose` selects, in archive order.

    The whole archive is listed before the first member is read.

    Raises:
        DataError: not an archive, damaged, or beyond what `limits` or `budget` allow.
    """
    try:
        with path.open("rb") as file:
            start = file.read(6)
            if start.startswith(b"PK"):
                yield from _zip_members(path, refused, reading, choose)
            else:
                tar = _Tar(file, start, path, reading, budget)
                yield from _tar_members(tar, refused, reading, choose)
    except DataError:
        raise
    except _BROKEN as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DataError:
    return DataError("archive-damaged", path=shown(str(path)))


def _too_much(path: Path) -> DataError:
    return DataError(
        "archive-too-large", path=shown(str(path)), most=limits.MOST_TOTAL_BYTES / 2**30
    )


def wanted_name(raw: str, size: int, refused: Refusals, reading: Reading) -> str | None:
    """The normalised path of a member to read, else None.

    Folders and files that are never meant as images are skipped silently; every other skipped
    member is added to `refused`.
    """
    name = raw.replace("\\", "/")  # some Windows programs write backslashes
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    named = tuple(part for part in parts if part != "..")
    if not parts or (named and is_beside(named, reading)):
        return None
    if name.endswith("/") and not size:  # a folder, even if its type field says otherwise
        return None
    if len(name) > limits.MOST_NAME:
        refused.add(name, refusals.NAME_TOO_LONG)
    elif name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts:
        refused.add(name, refusals.CLIMBS)
    elif len(parts) > limits.MOST_DEPTH:
        refused.add(name, refusals.TOO_DEEP)
    elif size > limits.MOST_FILE_BYTES:
        refused.add(name, refusals.TOO_LARGE)
    else:
        return "/".join(parts)
    return None


class _ShortReader(io.BufferedReader):
    """A zip file that refuses reads of more than `most` bytes.

    zipfile reads the whole table of contents in one call, whatever size the file declares.
    """

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(io.FileIO(path))
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > self._most:
            raise zipfile.BadZipFile("its table of contents is too long")
        return super().read(size)


def _zip_members(
    path: Path, refused: Refusals, reading: Reading, choose: Choose
) -> Iterator[Entry]:
    with _ShortReader(path, reading.most_table_bytes) as file, zipfile.ZipFile(file) as packed:
        members = packed.infolist()
        if len(members) > reading.most_entries:
            raise too_many_entries(path, reading)
        meant = [m.filename for m in members] if reading.first else zip_names(members)
        named = [
            (member, name)
            for member, raw in zip(members, meant, strict=True)
            if (name := _zip_name(member, raw, refused, reading)) is not None
        ]
        wanted = choose([name for _, name in named])
        chosen = [(member, name) for member, name in named if name in wanted]
        # zipfile returns at most a member's declared size, so this bound holds for false sizes too.
        if sum(member.file_size for member, _ in chosen) > limits.MOST_TOTAL_BYTES:
            raise _too_much(path)
        for index, (member, name) in enumerate(chosen):
            content = io.BytesIO()
            try:
                with packed.open(member) as unpacked:
                    shutil.copyfileobj(unpacked, content)
            except _BROKEN:
                refused.add(name, refusals.DAMAGED)
                continue
            yield Entry(name, content.getvalue(), (index + 1) / len(chosen))


def _zip_name(member: zipfile.ZipInfo, raw: str, refused: Refusals, reading: Reading) -> str | None:
    if member.is_dir():
        return None
    name = wanted_name(raw, member.file_size, refused, reading)
    if name is None:
        return None
    if stat.S_ISLNK(member.external_attr >> 16):
        refused.add(name, refusals.LINK)
    elif member.flag_bits & 0x1:
        refused.add(name, refusals.LOCKED)
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile limits output per read for deflate only: a kilobyte of bzip2 may unpack to
        # gigabytes in one call.
        refused.add(name, refusals.PACKED_ODDLY)
    else:
        return name
    return None


class _Measured:
    """The decompressed stream that tarfile reads in blocks; raises once it exceeds a size limit."""

    def __init__(self, unpacked: IO[bytes], path: Path, budget: Budget) -> None:
        self._unpacked, self._path, self._budget = unpacked, path, budget
        self.given = 0  # bytes read so far
        self.room = 0  # bytes that tarfile may read before it must return the next member
        self.last = b""

    def read(self, count: int) -> bytes:
        self._budget.check()  # here, because skipped members are decompressed too
        self.last = self._unpacked.read(count)
        self.given += len(self.last)
        self.room -= len(self.last)
        if self.given > limits.MOST_TOTAL_BYTES:
            raise _too_much(self._path)
        if self.room < 0:
            raise tarfile.ReadError("one member's header goes on and on")
        return self.last

    def rest_from(self, offset: int) -> bytes:
        """The bytes of the last block from `offset` (in the decompressed archive) on."""
        return self.last[max(0, offset - (self.given - len(self.last))) :]


class _Tar:
    """A tar archive that can be iterated from the beginning several times."""

    def __init__(
        self, file: IO[bytes], start: bytes, path: Path, reading: Reading, budget: Budget
    ) -> None:
        self._file, self._path, self._reading, self._budget = file, path, reading, budget
        self._unpack = next((u for magic, u in _UNPACKERS.items() if start.startswith(magic)), None)
        self._whole = max(1, os.fstat(file.fileno()).st_size)

    @property
    def done(self) -> float:
        return min(1.0, self._file.tell() / self._whole)

    def members(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        """Yields each member; it must be read before the next one is requested."""
        self._file.seek(0)
        unpacked = self._unpack(self._file) if self._unpack else self._file
        measured = _Measured(unpacked, self._path, self._budget)
        measured.room = limits.MOST_TAR_HEADER_BYTES
        most = self._reading.most_entries
        # Stream mode: skipped members are decompressed block by block, never as a whole.
        with tarfile.open(fileobj=measured, mode="r|") as packed:
            for looked_at in range(most + 1):
                member = packed.next()
                if member is None:
                    # tarfile reports a broken header as the end of the archive, which is really a
                    # block of zeros or the end of the file.
                    if any(measured.rest_from(packed.offset)[: tarfile.BLOCKSIZE]):
                        raise _damaged(self._path)
                    return
                if looked_at == most:
                    raise too_many_entries(self._path, self._reading)
                # Checked before anything is decompressed for the declared size.
                if measured.given + member.size > limits.MOST_TOTAL_BYTES:
                    raise _too_much(self._path)
                measured.room = member.size + limits.MOST_TAR_HEADER_BYTES
                yield packed, member
                packed.members.clear()  # tarfile keeps every header, long ones included


def _tar_members(tar: _Tar, refused: Refusals, reading: Reading, choose: Choose) -> Iterator[Entry]:
    found: list[tuple[str, int | None, Message | None]] = []  # name; size, None for a folder; why
    room = reading.most_table_bytes
    for _, member in tar.members():
        name = member.name[: limits.MOST_NAME + 1]  # longer names are refused anyway
        found.append((name, None if member.isdir() else member.size, _no_file(member)))
        room -= len(name)
        if room < 0:
            raise tarfile.ReadError("its names are too many and too long")
    raw = [name for name, _, _ in found]
    named: dict[int, str] = {}  # index of the member -> its path
    for number, meant in enumerate(raw if reading.first else tar_names(raw)):
        _, size, why = found[number]
        name = None if size is None else wanted_name(meant, size, refused, reading)
        if name is not None and why:
            refused.add(name, why)
        elif name is not None:
            named[number] = name
    chosen = choose(list(named.values()))
    for number, (packed, member) in enumerate(tar.members()):
        if number in named and named[number] in chosen:
            yield Entry(named[number], packed.extractfile(member).read(), tar.done)


def _no_file(member: tarfile.TarInfo) -> Message | None:
    """Why a member is not a readable file; None if it is one."""
    if member.issym() or member.islnk():
        return refusals.LINK
    return None if member.isreg() and not member.issparse() else refusals.NOT_A_FILE
