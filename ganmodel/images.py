"""Converts tensors to pictures: the only conversion between [-1, 1] and uint8, grids, PNG, WebP,
GIF and MP4."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

PADDING = 2  # pixels between the pictures of a grid
MOST_GIF_SPEED = 50.0  # frames per second: a delay of 2/100 s each
# What Pillow raises for files that are damaged or not images.
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def to_bytes(images: Tensor) -> Tensor:
    """float `(N, C, H, W)` in [-1, 1] to uint8 of the same shape; other values are clipped."""
    return images.add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


def from_bytes(images: Tensor) -> Tensor:
    """uint8 `(N, C, H, W)` to float32 in [-1, 1]; `to_bytes` undoes it exactly."""
    return images.float().div_(127.5).sub_(1)


def grid(
    images: Tensor, columns: int | None = None, padding: int = PADDING, shade: int = 0
) -> Tensor:
    """Arranges uint8 `(N, C, H, W)` as one picture `(H', W', C)`, row by row.

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

    `entries` (name -> text) are stored in the file's text chunks, before the pixels.
    """
    buffer, carried = io.BytesIO(), PngInfo()
    for name, text in (entries or {}).items():
        carried.add_text(name, text)
    picture_of(picture).save(buffer, "PNG", pnginfo=carried)
    return buffer.getvalue()


def pictures_in(content: bytes, side: int) -> Tensor:
    """The pictures of a PNG without gaps, uint8 `(N, C, side, side)`, row by row.

    Undoes `png(grid(pictures, columns, padding=0))`.

    Raises:
        one of `UNREADABLE`: not a PNG, or not made of whole pictures of that side.
    """
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        pixels = np.array(image)
    if pixels.dtype != np.uint8 or side < 1 or any(n % side for n in pixels.shape[:2]):
        raise ValueError("not a sheet of such pictures")
    rows, columns = (n // side for n in pixels.shape[:2])
    cells = torch.from_numpy(pixels).view(rows, side, columns, side, -1)
    return cells.permute(0, 2, 4, 1, 3).flatten(0, 1).contiguous()


def webp(picture: Tensor | np.ndarray) -> bytes:
    """Like `png`, but as lossless WebP: a grid of digits is about a tenth smaller."""
    buffer = io.BytesIO()
    pixels = np.asarray(picture)
    colour = np.broadcast_to(pixels, (*pixels.shape[:2], 3))  # WebP has no greyscale mode
    Image.fromarray(np.ascontiguousarray(colour)).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def enlarge(pictures: np.ndarray, factor: int) -> np.ndarray:
    """`(N, H, W, C)` enlarged by `factor` with nearest-neighbour interpolation."""
    return pictures.repeat(factor, axis=1).repeat(factor, axis=2)


def gif(
    frames: np.ndarray,
    frames_per_second: float,
    scale: int = 1,
    each: Callable[[], object] = lambda: None,
) -> bytes:
    """uint8 `(N, H, W, C)` as an endlessly repeating GIF, each pixel `scale` by `scale`.

    GIF delays are whole hundredths of a second, and players replace a delay of 1/100 s by 10/100 s.
    Up to `MOST_GIF_SPEED` every frame is kept; above it frames are dropped to keep the film's
    length. A speed between two whole delays is met on average. `each` is called before every frame;
    what it raises ends the work.
    """
    shown, durations = _gif_times(len(frames), frames_per_second)
    # Pillow keeps every frame until the end: this allocation fails at once if memory is too small,
    # not after minutes of work.
    np.empty((len(shown), *(scale * side for side in frames.shape[1:3])), np.uint8)
    pictures = (picture_of(frame) for frame in _enlarged(frames[shown], scale, each))
    buffer = io.BytesIO()
    next(pictures).save(
        buffer,
        "GIF",
        save_all=True,
        append_images=pictures,
        duration=durations,
        loop=0,
        disposal=1,
    )
    return buffer.getvalue()


def _gif_times(count: int, frames_per_second: float) -> tuple[list[int], list[int]]:
    """The indices of the frames that a GIF keeps, and the duration of each in milliseconds."""
    speed = min(frames_per_second, MOST_GIF_SPEED)
    kept = max(1, round(count * speed / frames_per_second))
    ends = [round(100 * (index + 1) / speed) for index in range(kept)]  # in hundredths
    durations = [10 * (end - start) for start, end in zip([0, *ends], ends, strict=False)]
    return [index * count // kept for index in range(kept)], durations


def mp4(
    frames: np.ndarray,
    frames_per_second: float,
    scale: int = 1,
    each: Callable[[], object] = lambda: None,
) -> bytes:
    """uint8 `(N, H, W, C)` as an MP4 (H.264) that every browser plays; H and W must be even.

    Each pixel becomes `scale` by `scale`. The index (moov atom) comes first, so that a browser can
    start playing before the whole file is loaded. `each` is called before every frame; what it
    raises ends the work.
    """
    import av  # late: only films need it

    buffer = io.BytesIO()
    index_bytes = 8_192 + 64 * len(frames)  # reserved; about 20 bytes a frame are used
    options = {"moov_size": str(index_bytes)}
    with av.open(buffer, "w", format="mp4", container_options=options) as container:
        stream = container.add_stream("libx264", rate=round(frames_per_second))
        stream.height, stream.width = (scale * side for side in frames.shape[1:3])
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "18"}
        for frame in _enlarged(frames, scale, each):
            colour = np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(colour, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def _enlarged(frames: np.ndarray, scale: int, each: Callable[[], object]) -> Iterator[np.ndarray]:
    """Enlarges frames one at a time, since a whole long film would take gigabytes."""
    for frame in frames:
        each()
        yield enlarge(frame[None], scale)[0]
