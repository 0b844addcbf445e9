"""A picture's file without what lies in it beside the pixels: profiles, texts, previews, comments.

For files that cannot be decoded as they are because something in them is broken or too large that
no pixel depends on. Only bytes are moved here; what they mean, decoders know.
"""

from __future__ import annotations

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"}  # the last: which side is up
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
_WEBP_SIDE_FLAGS = 0x20 | 0x08 | 0x04  # that there are ICC, EXIF and XMP


def without_side_data(content: bytes) -> bytes | None:
    """The same picture with its pixels alone; None for a format that is not known here."""
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _png(content: bytes) -> bytes:
    kept, place = [_PNG], len(_PNG)
    while place + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if kind in _PNG_KEPT:
            kept.append(content[place:end])
        place = end
    return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    """Without the segments of applications, but for whole ones of JFIF and Adobe, and EXIF."""
    kept, place = [content[:2]], 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], struct.unpack_from(">H", content, place + 2)[0]
        end = place + 2 + length
        if marker == 0xDA:  # the pixels begin
            break
        segment = content[place:end]
        # These say which colours the pixels mean, and which side is up.
        named = segment[4:].startswith((b"JFIF\0", b"Adobe", b"Exif\0\0")) and length >= 14
        if named or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(segment)
        place = end
    return b"".join([*kept, content[place:]])


def _webp(content: bytes) -> bytes:
    kept, place = [], 12
    while place + 8 <= len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        end = place + 8 + length + length % 2
        chunk = content[place:end]
        if kind == b"VP8X" and len(chunk) > 8:
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_SIDE_FLAGS]) + chunk[9:]
        if kind in _WEBP_KEPT:
            kept.append(chunk)
        place = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
