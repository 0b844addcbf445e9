"""The formats of pictures that are read, in the one list that every sentence, file dialogue and
decoder goes by.

What is in it is what people keep pictures in and Pillow decodes without running, fetching or
guessing anything: no EPS, PDF, SVG or WMF, which run or fetch, and no TGA, which has no signature,
so that any file might pass for one. Decoding is `pictures`' business.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple


class Format(NamedTuple):
    """One format; `vetted` says that strangers' files of it are decoded, too."""

    name: str  # as people call it
    pillow: str  # as Pillow does
    endings: tuple[str, ...]  # of file names, in small letters
    vetted: bool = False


# Vetted are the few that a browser sends, whose decoders are attacked and mended all the time. The
# others are for a person's own files: libtiff and the decoders of AVIF and HEIC had their flaws.
FORMATS = (
    Format("PNG", "PNG", (".png", ".apng"), vetted=True),
    Format("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), vetted=True),
    Format("WebP", "WEBP", (".webp",), vetted=True),
    Format("GIF", "GIF", (".gif",), vetted=True),
    Format("BMP", "BMP", (".bmp", ".dib"), vetted=True),
    Format("TIFF", "TIFF", (".tif", ".tiff")),
    Format("AVIF", "AVIF", (".avif", ".avifs")),
    Format("PPM", "PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm")),
)
VETTED = tuple(one for one in FORMATS if one.vetted)
HEIC = Format("HEIC", "HEIF", (".heic", ".heif", ".hif"))


@functools.cache
def formats(trusted: bool) -> tuple[Format, ...]:
    """What is read of files that are one's own, or else of a stranger's.

    HEIC is among them where the extra `heif` is installed.
    """
    if not trusted:
        return VETTED
    return (*FORMATS, HEIC) if _reads_heic() else FORMATS


@functools.cache
def _reads_heic() -> bool:
    try:
        import pillow_heif  # an optional extra, see pyproject.toml
    except (ImportError, OSError):  # not there, or without the library that it wraps
        return False
    pillow_heif.register_heif_opener()
    return True


def named(some: Sequence[Format]) -> str:
    """Their names as the middle of a sentence: "PNG, JPEG or GIF"."""
    *names, last = [one.name for one in some]
    return f"{', '.join(names)} or {last}"


def endings(some: Sequence[Format]) -> tuple[str, ...]:
    """What the names of their files end in."""
    return tuple(ending for one in some for ending in one.endings)


def looks_like_picture(name: str) -> bool:
    """Whether a file's name ends as a picture's does; without an ending it may be one."""
    _, dot, ending = name.rpartition("/")[2].rpartition(".")
    return not dot or f".{ending.lower()}" in endings((*FORMATS, HEIC))
