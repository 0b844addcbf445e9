"""Names in archives that do not say how they are written: read as meant, and never made equal."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ganmodel.data import load_data
from ganmodel.data.member_names import likely_names, zip_names
from tests.support_data import END, pictures, tar_member, write_zip

MEANT = {
    "utf-8": "Vögel été 猫 кошка",
    "gbk": "猫 狗 照片 新建文件夹",
    "big5": "照片 貓 臺灣 風景",
    "cp932": "写真 花 ひらがな カタカナ",
    "cp949": "고양이 강아지 폴더",
    "cp437": "Vögel été Käse Blüte",
    "cp850": "ação mão Ölbild",
    "cp866": "кошка Собака Новая",
    "cp1251": "кошка Собака Новая",
    "cp1252": "Vögel été naïve",
    "cp852": "źrebię żaba łoś",
}


@pytest.mark.parametrize(("page", "words"), MEANT.items())
def test_names_are_read_in_the_letters_that_they_were_written_in(page: str, words: str) -> None:
    """With ASCII names among them, which every code page shares."""
    meant = [f"{word}/{k}.png" for k, word in enumerate(words.split())] + ["plain/1.png"]
    assert likely_names([name.encode(page) for name in meant]) == meant


def test_two_names_that_differ_stay_two() -> None:
    """cp932 has some letters twice: both ways of writing one are other names to the archive."""
    twice = [b"\x81\xe6.png", b"\x87\x9a.png"]
    assert {name.decode("cp932") for name in twice} == {"∵.png"}
    assert len(set(likely_names(twice))) == 2
    every_byte = [bytes([k]) + b".png" for k in range(128, 256)]
    assert len(set(likely_names(every_byte))) == 128


def test_what_a_zip_says_of_a_name_counts(tmp_path: Path) -> None:
    """A second name in UTF-8, unless its sum shows that the first was changed later; the flag."""
    raw = "фото.png".encode("cp866")
    field = b"\1" + struct.pack("<I", zlib.crc32(raw)) + "photo-é.png".encode()
    member = zipfile.ZipInfo(raw.decode("cp437"))
    member.extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert zip_names([member]) == ["photo-é.png"]
    member.extra = member.extra.replace(b"\1", b"\1\0", 1)
    assert zip_names([member]) == ["фото.png"]
    flagged = zipfile.ZipInfo("été.png")
    flagged.flag_bits = 0x800
    assert zip_names([member, flagged]) == ["фото.png", "été.png"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_class_names_of_a_foreign_archive_are_legible(tmp_path: Path, kind: str) -> None:
    path, members = tmp_path / f"a.{kind}", {**pictures(8, "猫/"), **pictures(8, "狗/", 8)}
    raw = [name.encode("gbk") for name in members]  # ten bytes each
    if kind == "zip":
        plain = [f"{k:06}.png" for k in range(16)]
        content = write_zip(path, dict(zip(plain, members.values(), strict=True))).read_bytes()
        for stands_for, name in zip(plain, raw, strict=True):
            content = content.replace(stands_for.encode(), name)
    else:
        names = [name.decode("utf-8", "surrogateescape") for name in raw]
        content = b"".join(map(tar_member, names, members.values())) + END
    path.write_bytes(content)
    assert load_data(str(path), with_classes=True).classes == ("狗", "猫")
