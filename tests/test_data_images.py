"""A person's own images: every kind of picture, folders, classes, and what is left out."""

from __future__ import annotations

import contextlib
import io
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.data import (
    LEAST_IMAGES,
    DataError,
    limits,
    load_data,
    missing_reason,
    own_images,
    refusals,
)
from ganmodel.data.pictures import RefusedPictureError, read_picture


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


def corners(picture: np.ndarray) -> list[tuple[int, ...]]:
    """Colours inside the four quarters: upper left, upper right, lower left, lower right."""
    near, far = picture.shape[1] // 4, 3 * picture.shape[1] // 4
    return [tuple(picture[:, y, x].tolist()) for y in (near, far) for x in (near, far)]


RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def fill(folder: Path, count: int = LEAST_IMAGES, start: int = 0) -> None:
    """Grey pictures that can be told apart: number k is 3·k everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(start, start + count):
        Image.new("L", (32, 32), 3 * k).save(folder / f"{k:03}.png")


def greys(images: torch.Tensor) -> list[int]:
    assert (images == images[:, :1, :1, :1]).all()
    return (images[:, 0, 0, 0] // 3).tolist()


# One picture.


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_every_format_keeps_its_colours_in_their_places(kind: str, size: int) -> None:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(kind, {})
    picture = read_picture(packed(quadrants(), kind, **options), size)
    assert picture.shape == (3, size, size)
    assert picture.dtype == np.uint8
    tolerance = 3 if kind == "JPEG" else 0
    for found, expected in zip(corners(picture), [RED, GREEN, BLUE, WHITE], strict=True):
        assert np.allclose(found, expected, rtol=0, atol=tolerance)


def test_shrinking_averages_what_lies_under_a_pixel() -> None:
    """A fine chessboard must become an even grey; picking single pixels would give 0 or 255."""
    board = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    picture = read_picture(packed(board), 32)
    assert picture.shape == (1, 32, 32)
    assert np.abs(picture.astype(int) - 127.5).max() < 2


def test_a_long_picture_is_cut_to_its_centre() -> None:
    """The outer quarters are black, and none of it may be left but the filter's soft edge."""
    for axis in (0, 1):
        pixels = np.zeros((128, 64, 3), np.uint8)
        pixels[32:96] = quadrants()
        picture = read_picture(packed(pixels if axis == 0 else pixels.swapaxes(0, 1).copy()), 32)
        expected = [RED, GREEN, BLUE, WHITE] if axis == 0 else [RED, BLUE, GREEN, WHITE]
        assert corners(picture) == expected
        assert picture.max(axis=0).min() > 200


def test_a_small_picture_grows() -> None:
    """The filter lets a colour swing a little beside an edge."""
    grown = corners(read_picture(packed(quadrants(8, 8)), 32))
    assert np.allclose(grown, [RED, GREEN, BLUE, WHITE], rtol=0, atol=16)


@pytest.mark.parametrize("image", [
    Image.new("1", (40, 40), 1), Image.new("L", (40, 40), 255), Image.new("RGB", (40, 40), WHITE),
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)), Image.new("LA", (40, 40), (9, 0)),
    Image.new("P", (40, 40), 0), Image.fromarray(np.full((40, 40), 65535, np.uint16)),
])  # fmt: skip
def test_white_is_white_in_every_kind_of_picture(image: Image.Image) -> None:
    """Without colour it is one channel, whether stored as grey, in a palette or as three."""
    if image.mode == "P":
        image.putpalette([255, 255, 255])
    picture = read_picture(packed(image), 28)
    assert picture.shape == (1, 28, 28)
    assert (picture == 255).all()


def test_sixteen_bits_are_scaled_to_eight() -> None:
    """Halves and thirds of the range; Pillow's own conversion would clip them all to 255."""
    for value, expected in [(0, 0), (257, 1), (21845, 85), (32768, 128), (65535, 255)]:
        picture = read_picture(packed(np.full((32, 32), value, np.uint16)), 32)
        assert picture.shape == (1, 32, 32)
        assert (picture == expected).all()


@pytest.mark.parametrize(("alpha", "expected"), [(0, 255), (51, 204), (128, 127), (255, 0)])
def test_transparency_shows_white(alpha: int, expected: int) -> None:
    """Red over white: green and blue are 255·(1 - alpha/255)."""
    picture = read_picture(packed(Image.new("RGBA", (64, 64), (255, 0, 0, alpha))), 32)
    picture = np.broadcast_to(picture, (3, 32, 32)).astype(int)
    assert (picture[0] == 255).all()
    assert np.abs(picture[1:] - expected).max() <= 2


def test_a_transparent_edge_takes_no_colour_from_what_cannot_be_seen() -> None:
    """Green with alpha 0 beside red: where they meet, the mean of red and white, and no green."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :] = 255, 0, 0, 255
    pixels[:, 33:] = 0, 255, 0, 0  # column 16 of 32 is half the one, half the other
    picture = read_picture(packed(pixels), 32).astype(int)
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :] = 255, 0, 0
    red[:, 33:] = 255
    on_white = read_picture(packed(red), 32).astype(int)
    assert (picture[0] > 250).all()
    assert np.abs(picture - on_white).max() <= 4


def test_a_transparent_palette_and_a_transparent_colour_show_white() -> None:
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([1, 2, 3, 4, 5, 6])
    for content in (
        packed(palette, transparency=1),
        packed(palette, "GIF", transparency=1),
        packed(Image.new("RGB", (64, 64), (1, 2, 3)), transparency=(1, 2, 3)),
        packed(Image.new("L", (64, 64), 7), transparency=7),
    ):
        assert (read_picture(content, 32) == 255).all()


def test_cmyk_is_read_as_colour() -> None:
    image = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    picture = read_picture(packed(image, "JPEG", quality=100), 32)
    assert np.allclose(picture.mean((1, 2)), RED, rtol=0, atol=4)


@pytest.mark.parametrize(("orientation", "expected"), [
    (1, [RED, GREEN, BLUE, WHITE]), (2, [GREEN, RED, WHITE, BLUE]), (3, [WHITE, BLUE, GREEN, RED]),
    (4, [BLUE, WHITE, RED, GREEN]), (5, [RED, BLUE, GREEN, WHITE]), (6, [BLUE, RED, WHITE, GREEN]),
    (7, [WHITE, GREEN, BLUE, RED]), (8, [GREEN, WHITE, RED, BLUE]),
])  # fmt: skip
def test_a_photograph_is_turned_upright(orientation: int, expected: list[Any]) -> None:
    """By the EXIF standard's table: 6, say, means that the stored left side is the top."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(packed(quadrants(), exif=exif), 32)
    assert corners(picture) == expected


def test_the_first_picture_of_a_moving_gif_counts() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    content = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert corners(read_picture(content, 32)) == [RED] * 4


def test_a_large_jpeg_looks_as_it_would_decoded_in_full() -> None:
    """It is decoded at a fraction of its size; the reference is all its pixels, shrunk at once."""
    y, x = np.mgrid[:1200, :1600] / 200
    wave = np.stack([np.sin(3 * x + y), np.cos(y * 2), np.sin(x) * np.cos(y)], axis=-1)
    content = packed((127 + 120 * wave).astype(np.uint8), "JPEG", quality=95)
    full = Image.open(io.BytesIO(content)).crop((200, 0, 1400, 1200)).resize((32, 32), 3)
    picture = read_picture(content, 32).transpose(1, 2, 0).astype(int)
    assert np.abs(picture - np.asarray(full).astype(int)).mean() < 2


@pytest.mark.parametrize(("content", "why"), [
    (b"", refusals.NOT_AN_IMAGE), (b"junk" * 99, refusals.NOT_AN_IMAGE),
    (packed(quadrants(), "TIFF"), refusals.NOT_AN_IMAGE),
    (packed(quadrants(), "PPM"), refusals.NOT_AN_IMAGE),
    (packed(quadrants())[:90], refusals.DAMAGED),
    (packed(quadrants(200, 200), "JPEG")[:900], refusals.DAMAGED),
])  # fmt: skip
def test_what_is_no_picture_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(RefusedPictureError, match=why):
        read_picture(content, 32)


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(side: int) -> None:
    """Only the header says so; the 16 pixels behind it would have been called damaged."""
    content = bytearray(packed(Image.new("L", (4, 4))))
    content[16:24] = side.to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(RefusedPictureError, match="more than 50 million pixels"):
        read_picture(bytes(content), 32)


def test_random_damage_never_escapes_as_another_error() -> None:
    generator = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        whole = np.frombuffer(packed(quadrants(40, 40), kind), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            broken[generator.integers(len(broken), size=8)] = generator.integers(256, size=8)
            with contextlib.suppress(RefusedPictureError):
                assert read_picture(broken.tobytes(), 28).shape[1:] == (28, 28)


# A folder.


def test_a_folder_is_read_in_the_order_of_names_through_all_its_folders(tmp_path: Path) -> None:
    """Written in another order than read; sizes and labels as promised."""
    fill(tmp_path / "b" / "deep", 6, start=10)
    fill(tmp_path / "a", 10)
    fill(tmp_path, 4, start=20)
    data = load_data(str(tmp_path), size=28)
    # "020.png" sorts before "a/000.png".
    assert greys(data.images) == [20, 21, 22, 23, *range(10), *range(10, 16)]
    assert data.images.shape == (20, 1, 28, 28)
    assert data.images.dtype == torch.uint8
    assert (data.labels, data.classes, data.notes) == (None, (), ())
    assert data.name == str(tmp_path)
    assert missing_reason(str(tmp_path)) is None
    test = load_data(str(tmp_path), train=False)
    assert test.images.shape == (20, 1, 32, 32)


def test_one_coloured_picture_makes_three_channels_of_all(tmp_path: Path) -> None:
    fill(tmp_path)
    Image.fromarray(quadrants()).save(tmp_path / "999.jpg")
    images = load_data(str(tmp_path)).images
    assert images.shape == (LEAST_IMAGES + 1, 3, 32, 32)
    assert greys(images[:-1]) == list(range(LEAST_IMAGES))
    assert (images[:-1] == images[:-1, :1]).all()


def test_folders_become_classes_by_name(tmp_path: Path) -> None:
    fill(tmp_path / "dogs" / "large", 5, start=10)
    fill(tmp_path / "dogs", 5, start=15)
    fill(tmp_path / "cats", 8)
    data = load_data(str(tmp_path), with_classes=True)
    assert data.classes == ("cats", "dogs")
    assert data.labels.tolist() == [0] * 8 + [1] * 10
    assert data.labels.dtype == torch.int64
    assert greys(data.images) == [*range(8), *range(15, 20), *range(10, 15)]


def test_a_single_wrapping_folder_is_looked_through(tmp_path: Path) -> None:
    fill(tmp_path / "pets" / "all" / "cats", 10)
    fill(tmp_path / "pets" / "all" / "dogs", 10, start=10)
    (tmp_path / "readme.txt").write_text("about pets")
    assert load_data(str(tmp_path), with_classes=True).classes == ("cats", "dogs")


def test_files_outside_the_class_folders_are_counted(tmp_path: Path) -> None:
    fill(tmp_path / "cats", 10)
    fill(tmp_path / "dogs", 10, start=10)
    fill(tmp_path, 5, start=20)
    data = load_data(str(tmp_path), with_classes=True)
    assert len(data.images) == len(data.labels) == 20
    assert data.notes == (
        "5 files were left out (in no class folder): 020.png, 021.png, 022.png and 2 more.",
    )


@pytest.mark.parametrize(("folder", "says"), [("", "0 folders"), ("cats", "0 folders")])
def test_fewer_than_two_classes_are_refused(tmp_path: Path, folder: str, says: str) -> None:
    """A single folder wraps everything, so what it holds lies in no class folder."""
    fill(tmp_path / folder, 20)
    with pytest.raises(DataError, match=f"{says} of images where 2 to 1,000 are needed"):
        load_data(str(tmp_path), with_classes=True)


def test_one_class_beside_loose_files_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "cats", 20)
    fill(tmp_path, 20, start=20)
    with pytest.raises(DataError, match="1 folder of images"):
        load_data(str(tmp_path), with_classes=True)


def test_too_many_classes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CLASSES", 3)
    for k in range(4):
        fill(tmp_path / str(k), 5, start=5 * k)
    with pytest.raises(DataError, match="4 folders of images where 2 to 3 are needed"):
        load_data(str(tmp_path), with_classes=True)


def test_what_is_left_out_is_grouped_counted_and_named(tmp_path: Path) -> None:
    fill(tmp_path)
    for k in range(5):
        (tmp_path / f"film{k}.mp4").write_bytes(b"moving pictures")
    (tmp_path / "cut.png").write_bytes(packed(quadrants())[:90])
    for beside in (".DS_Store", "Thumbs.db", "labels.csv", "notes.txt", "data.json", "a.MD"):
        (tmp_path / beside).write_bytes(b"not meant as an image")
    fill(tmp_path / "__MACOSX", 3)
    fill(tmp_path / ".hidden", 3)
    data = load_data(str(tmp_path))
    assert len(data.images) == LEAST_IMAGES
    assert data.notes == (
        "1 file was left out (damaged): cut.png.",
        "5 files were left out (not a PNG, JPEG, WebP, GIF or BMP image): "
        "film0.mp4, film1.mp4, film2.mp4 and 2 more.",
    )


@pytest.mark.parametrize("count", [0, 1, LEAST_IMAGES - 1])
def test_too_few_images_are_refused_with_what_was_wrong(tmp_path: Path, count: int) -> None:
    fill(tmp_path, count)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError) as caught:
        load_data(str(tmp_path))
    found = {0: "no usable image;", 1: "1 usable image;"}.get(count, f"{count} usable images;")
    message = str(caught.value)
    assert found in message
    assert "at least 16" in message
    assert "remembers them all" in message
    assert "broken.png" in message


def test_copies_are_noted_and_kept(tmp_path: Path) -> None:
    fill(tmp_path / "a")
    fill(tmp_path / "b", 3)
    data = load_data(str(tmp_path))
    assert len(data.images) == LEAST_IMAGES + 3
    assert data.notes == ("3 of the 19 images are exact copies of others; all are kept.",)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """The stranger's picture is a good one, so only the link can be the reason."""
    folder, outside = tmp_path / "mine", tmp_path / "outside"
    fill(folder)
    fill(outside, 2, start=50)
    (folder / "out.png").symlink_to(outside / "050.png")
    (folder / "out").symlink_to(outside)
    (folder / "nothing.png").symlink_to(tmp_path / "nothing")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    (folder / "around").symlink_to(folder)
    (folder / "within.png").symlink_to(folder / "000.png")
    data = load_data(str(folder))
    assert greys(data.images) == [*range(LEAST_IMAGES), 0]
    assert data.notes[0].startswith("5 files were left out (a link to a folder, to nothing or out")


def test_a_folder_may_itself_be_named_by_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    assert len(load_data(str(tmp_path / "link")).images) == LEAST_IMAGES


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening it would block for ever."""
    fill(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    assert load_data(str(tmp_path)).notes == (
        "1 file was left out (neither a file nor a folder): pipe.png.",
    )


def test_every_bound_on_a_folder_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "mine")
    fill(tmp_path / "mine" / "a" / "b" / "c", 1, start=50)
    (tmp_path / "mine" / "large.png").write_bytes(bytes(3000))
    fill(tmp_path / "mine" / ("n" * 40), 1, start=60)
    monkeypatch.setattr(limits, "MOST_DEPTH", 3)
    monkeypatch.setattr(limits, "MOST_NAME", 30)
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 2000)
    data = load_data(str(tmp_path / "mine"))
    assert greys(data.images) == list(range(LEAST_IMAGES))
    reasons = {note.split("(")[1].split(")")[0] for note in data.notes}
    assert reasons == {refusals.TOO_DEEP, refusals.NAME_TOO_LONG, refusals.TOO_LARGE}

    monkeypatch.setattr(limits, "MOST_IMAGES", LEAST_IMAGES - 1)
    with pytest.raises(DataError, match="more than 15 images"):
        load_data(str(tmp_path / "mine"))
    monkeypatch.setattr(limits, "MOST_ENTRIES", 10)
    with pytest.raises(DataError, match="more than 10 files and folders"):
        load_data(str(tmp_path / "mine"))


def test_a_strangers_file_names_are_made_safe_to_show(tmp_path: Path) -> None:
    fill(tmp_path)
    for name in ("a\nb\x1b[31m.png", "turn\u202eed.png", "l" * 99 + ".png", b"bad\xff.png"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"no picture")
    (note,) = load_data(str(tmp_path)).notes
    assert note.isprintable()
    assert "ab[31m.png" in note
    assert "bad.png" in note
    assert "…" + "l" * 35 + ".png" in note
    assert note.encode()


# A path.


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing.zip", "x" * 5000 + "/", "a/\0"])
def test_a_path_that_leads_nowhere_is_refused(name: str) -> None:
    assert "does not exist" in missing_reason(name)
    with pytest.raises(DataError, match="does not exist"):
        load_data(name)


def test_a_file_that_is_no_archive_is_refused_with_the_known_kinds(tmp_path: Path) -> None:
    (tmp_path / "thesis.pdf").write_bytes(b"%PDF")
    reason = missing_reason(str(tmp_path / "thesis.pdf"))
    assert "neither a folder nor an archive" in reason
    assert ".tar.gz" in reason


@pytest.mark.parametrize("size", [0, 27, 64, "32"])
def test_a_size_that_no_network_takes_is_refused(tmp_path: Path, size: Any) -> None:
    with pytest.raises(DataError, match="28 or 32"):
        load_data(str(tmp_path), size=size)


def test_reading_reports_rise_to_one_and_keep_their_distance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no distance every file is reported, with an endless one only the start and the end."""
    fill(tmp_path, 20)
    for k in range(20):
        (tmp_path / f"junk{k:02}.png").write_bytes(b"no picture")
    for distance, expected in [(0, [*(k / 40 for k in range(1, 41)), 1]), (1e12, [1 / 40, 1])]:
        monkeypatch.setattr(own_images, "_SECONDS_BETWEEN_REPORTS", distance)
        told: list[tuple[str, float | None]] = []
        load_data(str(tmp_path), tell=lambda *what: told.append(what))  # noqa: B023
        assert [doing for doing, _ in told] == ["reading images"] * len(told)
        assert [done for _, done in told] == pytest.approx(expected)
