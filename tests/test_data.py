"""MNIST as it ships, complete, checked and repaired, and its relatives where they are missing."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ganmodel.data import DATASETS, DataError, load_data, missing_reason
from ganmodel.data.shipped import MNIST_FILES, unpack_mnist
from tests.patient import PATIENCE


@pytest.fixture(autouse=True)
def _no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address leads to a port of this machine where nobody listens: refused at once."""
    import torchvision.datasets

    nobody = "http://127.0.0.1:9/"
    for name in ("FashionMNIST", "KMNIST"):
        monkeypatch.setattr(getattr(torchvision.datasets, name), "mirrors", [nobody])
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", nobody + "cifar-10-python.tar.gz")


@pytest.fixture(scope="module")
def own_copy(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked MNIST that the tests of this file may damage."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(data_dir / "MNIST", folder / "MNIST")
    return folder


@pytest.mark.parametrize(("train", "count"), [(True, 60_000), (False, 10_000)])
def test_mnist_is_complete(data_dir: Path, train: bool, count: int) -> None:
    data = load_data("mnist", data_dir, train=train)
    assert data.images.shape == (count, 1, 28, 28)
    assert data.images.dtype == torch.uint8
    assert data.labels.shape == (count,)
    assert data.labels.dtype == torch.int64
    assert torch.bincount(data.labels, minlength=10).min() > count * 0.08
    assert data.classes == tuple("0123456789")


def test_mnist_is_the_real_one(data_dir: Path) -> None:
    """Its published facts: the first labels, and a mean and deviation of 0.1307 and 0.3081."""
    data = load_data("mnist", data_dir)
    assert data.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    scaled = data.images[:, 0].double() / 255
    assert scaled.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert scaled.std().item() == pytest.approx(0.3081, abs=1e-4)


def test_the_packed_files_stay_below_10_mib() -> None:
    import ganmodel

    folder = Path(ganmodel.__file__).parent / "assets" / "mnist"
    packed = sorted(folder.glob("*.xz"))
    assert [p.stem for p in packed] == sorted(MNIST_FILES)
    assert all(p.stat().st_size < 10 * 2**20 for p in packed)
    assert (folder / "LICENSE.md").is_file()


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_a_damaged_file_is_repaired(own_copy: Path, damage: str) -> None:
    name = "t10k-labels-idx1-ubyte"
    path = own_copy / "MNIST" / "raw" / name
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[5000] ^= 1
        path.write_bytes(content)
    elif damage == "truncated":
        path.write_bytes(content[:5000])
    else:
        path.unlink()
    data = load_data("mnist", own_copy, train=False)
    assert data.labels[:5].tolist() == [7, 2, 1, 0, 4]
    unpack_mnist(own_copy)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == MNIST_FILES[name]


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_damaged_kept_tensors_are_made_again(own_copy: Path, content: bytes | None) -> None:
    kept = own_copy / "MNIST" / "test.safetensors"
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert len(load_data("mnist", own_copy, train=False).images) == 10_000
    assert kept.read_bytes() == whole


@pytest.mark.slow
def test_two_processes_unpack_into_one_fresh_folder(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Two trainers started at once on a fresh machine."""
    folder = tmp_path / "fresh"
    script = (
        "import sys; from pathlib import Path; from ganmodel.data.shipped import unpack_mnist; "
        "print('ready', flush=True); sys.stdin.readline(); unpack_mnist(Path(sys.argv[1]))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in both:
        assert child.stdout.readline() == "ready\n"
    for child in both:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in both:
        _, errors = child.communicate(timeout=PATIENCE)
        assert (child.returncode, errors) == (0, "")
    raw = folder / "MNIST" / "raw"
    assert sorted(os.listdir(raw)) == sorted(MNIST_FILES)  # and no temporary file
    for name, sha256 in MNIST_FILES.items():
        assert hashlib.sha256((raw / name).read_bytes()).hexdigest() == sha256


def test_threads_load_at_once(own_copy: Path) -> None:
    (own_copy / "MNIST" / "test.safetensors").unlink()
    counts: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: counts.append(len(load_data("mnist", own_copy, train=False).images))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [10_000] * 3


@pytest.mark.slow
def test_a_second_start_does_without_torchvision(environment: dict[str, str]) -> None:
    """Its import takes over a second, which a click on Start would wait for."""
    script = (
        "import sys; from ganmodel.data import load_data; load_data('mnist'); "
        "print([m for m in sys.modules if m.split('.')[0] in ('torchvision', 'gradio')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("below", ["a file", "a file/deeper"])
def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(
    tmp_path: Path, below: str, cli: Callable[..., Any]
) -> None:
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(DataError, match="--data-dir") as caught:
        load_data("mnist", tmp_path / below)
    message = str(caught.value)
    assert str(tmp_path / below) in message
    assert "55 MB" in message
    assert "\n" not in message
    outcome = cli("train", "--run", tmp_path / "run", "--data-dir", tmp_path / below)
    assert outcome.code == 2
    assert outcome.err.endswith(f"ganmodel: {message}\n")  # after what it was doing
    assert not (tmp_path / "run").exists()


def test_an_unknown_data_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'imagination'.*mnist, fashion-mnist, kmnist"):
        load_data("imagination")


@pytest.mark.parametrize("name", ["fashion-mnist", "kmnist", "cifar10"])
def test_a_data_set_that_is_not_here_says_what_to_do(tmp_path: Path, name: str) -> None:
    place = tmp_path / Path(DATASETS[name].files[0]).parent
    missing = missing_reason(name, tmp_path)
    with pytest.raises(DataError, match=r"could not be downloaded \(no connection") as caught:
        load_data(name, tmp_path)
    for message in (str(missing), str(caught.value)):
        assert "is not on this machine" in message
        assert all(Path(file).name in message for file in DATASETS[name].files)
        assert str(place) in message
        assert "--data-dir" in message
        assert "GANMODEL_DATA" in message
        assert "\n" not in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mnist", "stacked-mnist"])
def test_what_comes_with_the_package_is_always_here(tmp_path: Path, name: str) -> None:
    assert missing_reason(name, tmp_path) is None


def test_files_in_the_place_of_another_set_are_read_as_it(own_copy: Path, tmp_path: Path) -> None:
    """KMNIST has MNIST's layout, so MNIST's own files stand in for it here."""
    shutil.copytree(own_copy / "MNIST" / "raw", tmp_path / "KMNIST" / "raw")
    assert missing_reason("kmnist", tmp_path) is None
    data = load_data("kmnist", tmp_path, train=False)
    assert data.images.shape == (10_000, 1, 28, 28)
    assert data.classes[0] == "o"


@pytest.mark.parametrize("content", [b"", b"\x00\x00\x08\x03" + b"\x00" * 12, b"junk" * 100])
def test_damaged_files_of_another_set_are_refused_in_a_sentence(
    own_copy: Path, tmp_path: Path, content: bytes
) -> None:
    shutil.copytree(own_copy / "MNIST" / "raw", tmp_path / "KMNIST" / "raw")
    (tmp_path / "KMNIST" / "raw" / "t10k-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match="KMNIST"):
        load_data("kmnist", tmp_path, train=False)


def test_the_folder_may_be_named_in_the_environment(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANMODEL_DATA", str(data_dir))
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/no")
    assert len(load_data("mnist", train=False).images) == 10_000
