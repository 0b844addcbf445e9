"""Strips an image file of metadata: profiles, texts, previews, comments.

For files that cannot be decoded because metadata is damaged or too large. Whole chunks or segments
are copied or dropped; no pixels are decoded.
"""

from __future__ import annotations

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"}  # eXIf: the orientation
_WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
_WEBP_SIDE_FLAGS = 0x20 | 0x08 | 0x04  # the presence of ICC, EXIF and XMP


def without_side_data(content: bytes) -> bytes | None:
    """The file with only what its pixels need; None for formats other than PNG, JPEG and WebP."""
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
    """Drops comments and application segments, except complete JFIF, Adobe and EXIF ones."""
    kept, place = [content[:2]], 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], struct.unpack_from(">H", content, place + 2)[0]
        end = place + 2 + length
        if marker == 0xDA:  # start of scan: pixel data follows
            break
        segment = content[place:end]
        # These define the colour space and the orientation.
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
