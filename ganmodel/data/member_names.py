"""Decodes archive member names whose encoding is not declared.

A zip from Windows holds bytes in its author's code page, one from macOS holds undeclared UTF-8, a
tar holds the encoding of the system that wrote it. So the likeliest encoding is chosen for a whole
archive. The choice depends on the names alone, and names that differ stay different.
"""

from __future__ import annotations

import functools
import itertools
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence

UNICODE_PATH = 0x7075  # id of a zip's extra field that repeats the name in UTF-8
UNLIKELY = 0.5  # a code page with a score below this is rejected
_UTF8_FLAG = 0x800
_WORD = re.compile(r"[^\W\d_]+")
# The earlier page wins where scores are equal. Several Western pages share their letters.
_PAGES = ("gbk", "cp932", "big5", "cp949", "cp437", "cp850", "cp866", "cp1252", "cp1251", "cp852")
# Ranges of common characters in double-byte pages: first and last lead byte, least trail byte, and
# the score of one such character. The page's other characters are rare in names.
_COMMON = {
    "gbk": ((0xB0, 0xD7, 0xA1, 1.0), (0xD8, 0xF7, 0xA1, 0.6)),
    "cp932": ((0x88, 0x97, 0x40, 0.9), (0x98, 0x9F, 0x40, 0.5), (0xE0, 0xEA, 0x40, 0.5)),
    "big5": ((0xA4, 0xC6, 0x40, 0.9), (0xC9, 0xF9, 0x40, 0.4)),
    "cp949": ((0xB0, 0xC8, 0xA1, 1.0),),
}
_RARE = 0.2
# All Korean syllables of cp949 are also Chinese characters in gbk, whose common ones span a wider
# range: a text of a dozen bytes that stays within the Korean range is hardly Chinese.
_SURELY_KOREAN = 6
LOOKED_AT = 500  # names that are scored; every name must be decodable


def zip_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The name of each member: in its declared encoding if it has one, else in the likeliest."""
    told = {i: name for i, m in enumerate(members) if (name := _told(m)) is not None}
    untold = [i for i in range(len(members)) if i not in told]
    # zipfile decodes them as cp437, which maps every byte, so that the bytes can be recovered.
    guessed = likely_names([members[i].orig_filename.encode("cp437") for i in untold])
    names = told | dict(zip(untold, guessed, strict=True))
    return [names[i] for i in range(len(members))]


def tar_names(names: Sequence[str]) -> list[str]:
    """The names as tarfile gives them, or in the likeliest encoding if some are not UTF-8."""
    if not any(map(_is_no_utf8, names)):
        return list(names)
    return likely_names([name.encode("utf-8", "surrogateescape") for name in names])


def likely_names(raw: Sequence[bytes]) -> list[str]:
    """All names decoded with one encoding, the likeliest for all of them together."""
    foreign = sorted({name for name in raw if not name.isascii()})
    scores = {"utf-8": 2.0} if _decoded(foreign, "utf-8") else {}
    for page in () if scores else _PAGES:
        names = _decoded(foreign, page)
        if names is not None:
            scores[page] = _likelihood(names[:: len(names) // LOOKED_AT + 1], page)
    page = max(scores, key=scores.__getitem__, default="cp437")
    page = page if scores.get(page, 0) >= UNLIKELY else "cp437"
    return [name.decode("ascii" if name.isascii() else page) for name in raw]


def _told(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & _UTF8_FLAG or member.orig_filename.isascii():
        return member.filename
    sum_of_name = zlib.crc32(member.orig_filename.encode("cp437"))
    rest = member.extra
    while len(rest) >= 4:
        kind, length = struct.unpack_from("<HH", rest)
        field, rest = rest[4 : 4 + length], rest[4 + length :]
        # The checksum shows whether a program that ignores this field renamed the member since.
        if kind == UNICODE_PATH and len(field) > 5 and field[:1] == b"\1":
            try:
                if struct.unpack_from("<I", field, 1)[0] == sum_of_name:
                    return field[5:].decode()
            except UnicodeDecodeError:
                return None
    return None


def _is_no_utf8(name: str) -> bool:
    return not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name)


def _decoded(names: Sequence[bytes], page: str) -> list[str] | None:
    """The names decoded with `page`; None if that fails, or would make two of them equal."""
    try:
        decoded = [name.decode(page) for name in names]
    except UnicodeDecodeError:
        return None
    return decoded if len(set(decoded)) == len(names) else None


def _likelihood(names: list[str], page: str) -> float:
    """How plausible the decoded names are for the page's languages, 0 to 1; 1.1 if certain."""
    worths, korean = [], set()
    for word in itertools.chain.from_iterable(_words(name) for name in names):
        factor = _consistency(word)
        for letter in word:
            if letter.isascii():
                continue
            worths.append(factor * _worth(letter, page))
            if page == "cp949" and worths[-1] == 1:
                korean.add(letter)
    if not worths:
        return 0.0
    score = sum(worths) / len(worths)
    return score + 0.1 if score == 1 and len(korean) >= _SURELY_KOREAN else score


def _words(name: str) -> Iterable[str]:
    """The words, then each remaining non-ASCII character."""
    yield from _WORD.findall(name)
    yield from (sign for sign in _WORD.sub("", name) if not sign.isascii())


def _consistency(word: str) -> float:
    """A factor up to 1, lower for mixed alphabets, a capital after a lower-case letter, or a Latin
    word mostly of accented letters."""
    scripts = {_script(letter) for letter in word}
    if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
        return 0.2
    factor = 0.7 if len(scripts) > 1 and "LATIN" in scripts else 1.0
    foreign = [letter for letter in word if not letter.isascii()]
    if any(a.islower() and b.isupper() for a, b in itertools.pairwise(foreign)):
        factor *= 0.5
    if scripts == {"LATIN"} and len(foreign) > 3 and 2 * len(foreign) > len(word):
        factor *= 0.5
    return factor


@functools.cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ")[0].split("-")[0]


@functools.cache
def _worth(letter: str, page: str) -> float:
    """How common a character is in names in the page's language, 0 to 1."""
    raw = letter.encode(page)
    script = _script(letter)
    if script in ("HIRAGANA", "KATAKANA"):
        return 1.0 if page == "cp932" else _RARE
    if len(raw) == 2:
        if script in ("FULLWIDTH", "IDEOGRAPHIC"):
            return 0.8
        for first, last, least, worth in _COMMON[page]:
            if first <= raw[0] <= last and raw[1] >= least:
                return worth
        return _RARE
    if script in ("LATIN", "CYRILLIC") and letter.isalpha():
        return 1.0
    return 0.1 if script == "HALFWIDTH" else 0.0
