"""Tensors to pictures: the one conversion between [-1, 1] and bytes, grids, PNG, GIF and MP4.

Where the tensors come from is not known here.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor


def to_bytes(images: Tensor) -> Tensor:
    """float `(N, C, H, W)` in [-1, 1] to uint8 of the same shape; values outside are clipped."""
    return images.add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


def from_bytes(images: Tensor) -> Tensor:
    """uint8 `(N, C, H, W)` to float32 in [-1, 1]; `to_bytes` undoes it exactly."""
    return images.float().div_(127.5).sub_(1)


def grid(images: Tensor, columns: int | None = None, padding: int = 2, shade: int = 0) -> Tensor:
    """Lays uint8 `(N, C, H, W)` out as one picture `(H', W', C)`, row by row.

    `columns` defaults to the most nearly square layout; cells are `padding` pixels apart, and the
    gaps and empty cells have the grey value `shade`.
    """
    count, channels, height, width = images.shape
    columns = columns or max(1, math.ceil(math.sqrt(count)))
    rows = max(1, math.ceil(count / columns))
    sheet = torch.full(
        (
            channels,
            rows * (height + padding) - padding,
            columns * (width + padding) - padding,
        ),
        shade,
        dtype=torch.uint8,
    )
    for index, image in enumerate(images):
        top = index // columns * (height + padding)
        left = index % columns * (width + padding)
        sheet[:, top : top + height, left : left + width] = image
    return sheet.permute(1, 2, 0).contiguous()


def picture_of(pixels: Tensor | np.ndarray) -> Image.Image:
    """uint8 `(H, W, C)` with 1 or 3 channels as a Pillow image, grey or RGB."""
    array = np.asarray(pixels)
    return Image.fromarray(np.ascontiguousarray(array[..., 0] if array.shape[-1] == 1 else array))


def png(picture: Tensor | np.ndarray, entries: Mapping[str, str] | None = None) -> bytes:
    """A uint8 picture `(H, W, C)` with 1 or 3 channels as a PNG file's bytes.

    `entries` are texts that the file carries by name, before its pixels.
    """
    buffer, carried = io.BytesIO(), PngInfo()
    for name, text in (entries or {}).items():
        carried.add_text(name, text)
    picture_of(picture).save(buffer, "PNG", pnginfo=carried)
    return buffer.getvalue()


def webp(picture: Tensor | np.ndarray) -> bytes:
    """As `png`, as lossless WebP: a grid of digits is about a tenth smaller."""
    buffer = io.BytesIO()
    pixels = np.asarray(picture)
    colour = np.broadcast_to(pixels, (*pixels.shape[:2], 3))  # the format knows no grey
    Image.fromarray(np.ascontiguousarray(colour)).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def enlarge(pictures: np.ndarray, factor: int) -> np.ndarray:
    """`(N, H, W, C)` with every pixel as a square of `factor` by `factor`: nothing is blurred."""
    return pictures.repeat(factor, axis=1).repeat(factor, axis=2)


def gif(frames: np.ndarray, frames_per_second: float) -> bytes:
    """uint8 `(N, H, W, C)` as a GIF that repeats for ever.

    GIF counts hundredths of a second, so the speed is met to that.
    """
    pictures = [picture_of(frame) for frame in frames]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=max(10, round(100 / frames_per_second) * 10),
        loop=0,
        disposal=1,
    )
    return buffer.getvalue()


def mp4(frames: np.ndarray, frames_per_second: float) -> bytes:
    """uint8 `(N, H, W, C)` as an MP4 (H.264) that every browser plays; H and W must be even."""
    import av  # late: only films need it

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=round(frames_per_second))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "18"}
        for frame in frames:
            colour = np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(colour, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()
