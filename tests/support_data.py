"""Small pictures and archives of them, for the tests of a person's own images."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from ganmodel.data import LEAST_IMAGES

END = bytes(1024)  # two empty blocks close a tar


def packed(image: Image.Image | np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **options)
    return file.getvalue()


def quadrants(height: int = 64, width: int = 64) -> np.ndarray:
    """Red, green; blue, white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = 255, 0, 0
    pixels[: height // 2, width // 2 :] = 0, 255, 0
    pixels[height // 2 :, : width // 2] = 0, 0, 255
    pixels[height // 2 :, width // 2 :] = 255
    return pixels


def png(value: int) -> bytes:
    return packed(Image.new("L", (32, 32), 3 * value))


def pictures(count: int = LEAST_IMAGES, folder: str = "", start: int = 0) -> dict[str, bytes]:
    """Grey pictures that can be told apart: number k is 3·k everywhere."""
    return {f"{folder}{k:03}.png": png(k) for k in range(start, start + count)}


def greys(images: Tensor) -> list[int]:
    assert (images == images[:, :1, :1, :1]).all()
    return (images[:, 0, 0, 0] // 3).tolist()


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
