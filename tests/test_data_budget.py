"""What reading data may cost: pixels in all, seconds, and whether anybody still waits for it."""

from __future__ import annotations

import io
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganmodel.data import Budget, BudgetError, limits, load_data, read_picture
from ganmodel.data.budget import Watched


def png(side: int, grey: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), grey).save(buffer, "PNG")
    return buffer.getvalue()


def folder_of(path: Path, count: int = 20, side: int = 100) -> Path:
    path.mkdir()
    for k in range(count):
        (path / f"{k}.png").write_bytes(png(side, k))
    return path


def archives_of(folder: Path) -> list[Path]:
    packed, tarred = folder.with_suffix(".zip"), folder.with_suffix(".tar.gz")
    with zipfile.ZipFile(packed, "w") as file:
        for path in folder.iterdir():
            file.write(path, path.name)
    with tarfile.open(tarred, "w:gz") as file:
        file.add(folder, ".")
    return [folder, packed, tarred]


def test_pictures_may_have_so_many_pixels_in_all_wherever_they_come_from(tmp_path: Path) -> None:
    """Each of them is small enough, and so is what they take on the disk."""
    for path in archives_of(folder_of(tmp_path / "pictures")):
        assert len(load_data(str(path), budget=Budget(pixels=200_000)).images) == 20
        with pytest.raises(BudgetError, match=r"more than 0 million pixels in all.*fewer or small"):
            load_data(str(path), budget=Budget(pixels=199_999))


def test_a_page_gives_far_less_than_ones_own_machine_which_has_a_bound_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_TOTAL_PIXELS", 199_999)
    with pytest.raises(BudgetError):
        load_data(str(folder_of(tmp_path / "pictures")))


def test_reading_ends_when_its_time_is_over_or_nobody_waits_for_it(tmp_path: Path) -> None:
    nobody = threading.Event()
    nobody.set()
    for path in archives_of(folder_of(tmp_path / "pictures")):
        with pytest.raises(BudgetError, match="longer than the 0 s that it may take here"):
            load_data(str(path), budget=Budget(seconds=0))
        with pytest.raises(BudgetError, match="asked for again"):
            load_data(str(path), budget=Budget(cancelled=nobody))


def test_what_is_passed_over_in_an_archive_costs_time_too(tmp_path: Path) -> None:
    """Nothing of it is a picture, but a tar is unpacked from its beginning to its end."""
    path = tmp_path / "texts.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        about = tarfile.TarInfo("long.txt")
        about.size = 2**20
        file.addfile(about, io.BytesIO(bytes(about.size)))
    with pytest.raises(BudgetError, match="longer than"):
        load_data(str(path), budget=Budget(seconds=0))


def test_one_picture_cannot_keep_a_decoder_busy_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pixels are few enough, but a decoder may go over them again and again."""
    content, looks = png(2000), []
    monkeypatch.setattr(Budget, "check", lambda self: looks.append(self))
    read_picture(content, 28)
    budget = Budget()
    assert Watched(content, budget).read(10) == content[:10]
    assert looks[-1] is budget
    assert len(looks) > 5


def test_a_trainer_is_told_what_reading_may_cost(tmp_path: Path, cli: Any) -> None:
    folder = folder_of(tmp_path / "pictures")
    for flag, value, said in (
        ("--reading-pixels", 199_999, "pixels in all"),
        ("--reading-seconds", 0, "--reading-seconds must be from 1"),
    ):
        outcome = cli("train", "--dataset", folder, "--run", tmp_path / "run", flag, value)
        assert outcome.code == 2
        assert said in outcome.err
