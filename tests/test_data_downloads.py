"""Downloads, for real, from a server on this machine: whole, told of, or not at all."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import pickle
import struct
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganmodel.data import DATASETS, Budget, BudgetError, DataError, downloads, load_data
from ganmodel.words import Message, worded
from tests.patient import PATIENCE

COUNTS = {"train": 20, "t10k": 10}
NOBODY = "http://127.0.0.1:9/"  # refuses at once


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served."""
    monkeypatch.setenv("no_proxy", "*")
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _images(split: str) -> np.ndarray:
    shape = (COUNTS[split], 28, 28)
    return np.random.default_rng(COUNTS[split]).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def kmnist(site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A KMNIST of 20 and 10 pictures on the site, behind a mirror that nobody answers at."""
    from torchvision.datasets import KMNIST

    folder, address = site
    resources, size = [], 0
    for split, count in COUNTS.items():
        images = struct.pack(">4i", 0x803, count, 28, 28) + _images(split).tobytes()
        labels = struct.pack(">2i", 0x801, count) + bytes(k % 10 for k in range(count))
        for part, content in (("images-idx3", images), ("labels-idx1", labels)):
            file = folder / f"{split}-{part}-ubyte.gz"
            file.write_bytes(gzip.compress(content))
            resources.append((file.name, hashlib.md5(file.read_bytes()).hexdigest()))
            size += file.stat().st_size
    monkeypatch.setattr(KMNIST, "resources", resources)
    monkeypatch.setattr(KMNIST, "mirrors", [NOBODY, address])
    changed = replace(DATASETS["kmnist"], counts=(20, 10), download_bytes=size)
    monkeypatch.setitem(DATASETS, "kmnist", changed)
    return folder


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_data_set_that_is_not_here_is_downloaded_once(
    kmnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Only the files themselves are left; nothing is printed; a second start asks nobody."""
    here, told = tmp_path / "not yet" / "data", []
    data = load_data("kmnist", here, tell=lambda *what: told.append(what))
    assert np.array_equal(data.images[:, 0].numpy(), _images("train"))
    assert data.labels.tolist() == [k % 10 for k in range(20)]
    assert _files(here) == sorted([*DATASETS["kmnist"].files, "KMNIST/train.safetensors"])
    assert [p.name for p in here.iterdir()] == ["KMNIST"]
    assert capfd.readouterr() == ("", "")

    fractions = [done for doing, done in told if worded(doing).startswith("downloading KMNIST")]
    assert fractions[0] == 0
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    doing, done = told[-1]
    assert (worded(doing), done) == ("reading KMNIST", None)

    monkeypatch.setattr(downloads, "_fetch", None)
    assert np.array_equal(
        load_data("kmnist", here, train=False).images[:, 0].numpy(), _images("t10k")
    )


@pytest.mark.parametrize("damage", ["cut off", "another file", "absent"])
def test_a_bad_download_leaves_nothing_and_says_so(
    kmnist: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the four is bad: the three good ones must not stay as if they were a data set."""
    from torchvision.datasets import KMNIST

    monkeypatch.setattr(KMNIST, "mirrors", KMNIST.mirrors[1:])
    last = kmnist / "t10k-labels-idx1-ubyte.gz"
    whole = last.read_bytes()
    if damage == "absent":
        last.unlink()
    else:
        last.write_bytes(whole[:-10] if damage == "cut off" else gzip.compress(b"<html>hello"))
    says = "answered 404" if damage == "absent" else "is not the file that was published"
    here = tmp_path / "data"
    with pytest.raises(DataError, match=f"could not be downloaded .*{says}.*Put its 4 files"):
        load_data("kmnist", here)
    assert list(here.iterdir()) == []
    last.write_bytes(whole)
    assert len(load_data("kmnist", here).images) == 20


def test_a_download_that_was_killed_is_not_taken_for_the_data_set(
    kmnist: Path, tmp_path: Path
) -> None:
    """Its files are moved into place one by one at the end; here the process died after two."""
    here = tmp_path / "data"
    load_data("kmnist", here)
    (here / "KMNIST" / "train.safetensors").unlink()
    for name in DATASETS["kmnist"].files[:2]:
        (here / name).unlink()
    assert len(load_data("kmnist", here).images) == 20


def test_a_download_whose_time_is_over_goes_on_from_there(
    kmnist: Path, tmp_path: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one that takes longer than a run may get ready would begin anew with every run.

    Its time is over after two files and a part of the third, by what it tells of its progress.
    """
    here, asked, over = tmp_path / "data", [], threading.Event()
    whole = _Handler.send_head

    def partly(self: _Handler) -> Any:
        """`Range: bytes=N-`, which the standard library's server does not know."""
        asked.append((self.path, self.headers.get("Range")))
        if (wanted := self.headers.get("Range")) is None:
            return whole(self)
        rest = (kmnist / self.path[1:]).read_bytes()[int(wanted[6:-1]) :]
        self.send_response(206)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        return io.BytesIO(rest)

    monkeypatch.setattr(_Handler, "send_head", partly)
    monkeypatch.setattr(downloads, "_CHUNK_BYTES", 500)
    first = sum(len((kmnist / f"train-{part}-ubyte.gz").read_bytes())
                for part in ("images-idx3", "labels-idx1"))  # fmt: skip
    size = DATASETS["kmnist"].download_bytes

    def tell(doing: Message, done: float | None) -> None:
        if done is not None and done * size > first + 600:
            over.set()

    with pytest.raises(BudgetError, match="What has come is kept: start again, and it goes on"):
        load_data("kmnist", here, tell=tell, budget=Budget(cancelled=over))
    assert [path.name for path in here.iterdir()] == [".KMNIST.begun"]
    before = len(asked)
    assert len(load_data("kmnist", here).images) == 20
    third, fourth = "/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"
    assert asked[before:] == [(third, "bytes=1000-"), (fourth, None)]
    assert [path.name for path in here.iterdir()] == ["KMNIST"]


def test_a_server_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torchvision's own download would wait for ever: this test would not end."""
    from torchvision.datasets import KMNIST

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"a little")
            self.wfile.flush()
            ended.wait(PATIENCE)

        def log_message(self, *_: object) -> None:
            """Keeps the test's output clean."""

    ended = threading.Event()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(downloads, "SILENCE_SECONDS", 0.2)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(KMNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        with pytest.raises(DataError, match=r"no connection to 127\.0\.0\.1"):
            load_data("kmnist", tmp_path / "data")
        ended.set()
        server.shutdown()


def test_a_folder_that_cannot_be_written_is_named(kmnist: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be downloaded into .*a file.*--data-dir"):
        load_data("kmnist", tmp_path / "a file" / "data")


def test_cifar10_is_downloaded_and_unpacked(
    site: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import CIFAR10

    folder, address = site
    pixels = np.random.default_rng(0).integers(0, 256, (6, 2, 3, 32, 32), dtype=np.uint8)
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    contents = {
        name: pickle.dumps({"data": batch.reshape(2, 3072), "labels": [3, 4]})
        for name, batch in zip(names, pixels, strict=True)
    }
    contents["batches.meta"] = pickle.dumps({"label_names": list("abcdefghij")})
    with tarfile.open(folder / CIFAR10.filename, "w:gz") as packed:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in contents.items()}
    sent = (folder / CIFAR10.filename).read_bytes()
    monkeypatch.setattr(CIFAR10, "url", address + CIFAR10.filename)
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(sent).hexdigest())
    monkeypatch.setattr(CIFAR10, "train_list", [[name, md5[name]] for name in names[:5]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5["batches.meta"]})
    monkeypatch.setitem(DATASETS, "cifar10", replace(DATASETS["cifar10"], counts=(10, 2)))

    here = tmp_path / "data"
    data = load_data("cifar10", here)
    assert np.array_equal(data.images.numpy(), pixels[:5].reshape(10, 3, 32, 32))
    assert _files(here) == sorted(
        [*DATASETS["cifar10"].files, "cifar-10-batches-py/train.safetensors"]
    )
