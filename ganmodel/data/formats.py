"""The supported image formats, in one list that sentences, file dialogues and decoders share.

Listed are common formats that Pillow decodes without executing code, fetching anything or guessing
the format. So EPS, PDF, SVG and WMF are left out, and so is TGA, which has no signature, so that
any file might pass for one. `pictures` decodes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

from ganmodel.words import Message, message


class Format(NamedTuple):
    """One format; if `vetted`, untrusted files of it are decoded, too."""

    name: str  # for people
    pillow: str  # Pillow's name
    endings: tuple[str, ...]  # file name suffixes, in lower case
    vetted: bool = False


# Vetted: the few formats that browsers upload, whose decoders are attacked and patched all the
# time. The others are for the user's own files: libtiff and the decoders of AVIF and HEIC have had
# vulnerabilities.
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
    """The formats that are decoded: all of them for trusted files, else only `VETTED`.

    HEIC is among the trusted ones if the extra `heif` is installed.
    """
    if not trusted:
        return VETTED
    return (*FORMATS, HEIC) if _reads_heic() else FORMATS


@functools.cache
def _reads_heic() -> bool:
    try:
        import pillow_heif  # an optional extra, see pyproject.toml
    except (ImportError, OSError):  # not installed, or the library that it wraps is missing
        return False
    pillow_heif.register_heif_opener()
    return True


def named(some: Sequence[Format]) -> Message:
    """The formats' names joined for a sentence: "PNG, JPEG or GIF"."""
    *names, last = [one.name for one in some]
    return message("joins.or", names=names, last=last)


def endings(some: Sequence[Format]) -> tuple[str, ...]:
    """The file name suffixes of these formats."""
    return tuple(ending for one in some for ending in one.endings)


def looks_like_picture(name: str) -> bool:
    """Whether a file name has an image suffix; a name without any suffix counts, too."""
    _, dot, ending = name.rpartition("/")[2].rpartition(".")
    return not dot or f".{ending.lower()}" in endings((*FORMATS, HEIC))
