"""Fixtures that the tests share: one thread, a data folder, the command line, real trainers."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

# Several test processes share the cores, and two threads in step both wait when one loses its core.
# Set before torch is imported; trainers and pages started by tests inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

import ganmodel
from ganmodel.cli import main
from ganmodel.data import load_data
from ganmodel.files import write_json
from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.runs import create_run
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.weights import save_weights
from tests.support import MINE, grow, record, tiny_config

ROOT = Path(ganmodel.__file__).resolve().parents[1]
SLOW = pytest.mark.slow  # of a whole file


torch.set_num_threads(1)  # as the trainers below: sums of more threads round differently

# How long an example takes says nothing about what is claimed of it.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for processes throughout begin, beside the browser tests, which wait, too:
    beside tests that compute, a trainer of low priority would hardly get a turn."""
    items.sort(key=lambda item: getattr(getattr(item, "module", None), "pytestmark", None) != SLOW)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    torch.set_flush_denormal(False)  # the command line sets it for its process


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds MNIST unpacked: GANMODEL_DATA where it is set, else one of our own."""
    shared = tmp_path_factory.getbasetemp().parent  # by the processes of one call of pytest
    if named := os.environ.get("GANMODEL_DATA"):
        folder = Path(named)
    elif "PYTEST_XDIST_WORKER" in os.environ:
        folder = shared / "data"
    else:
        folder = tmp_path_factory.mktemp("data")
    with FileLock(shared / "data.lock"):
        load_data("mnist", folder)
    return folder


@pytest.fixture
def nothing_is_written(tmp_path: Path) -> Iterator[None]:
    """Asserts at the end that the test's folder holds archives alone."""
    yield
    outside = {"zip", "tar", "gz", "tgz", "xz", "txz", "bz2", "tbz2"}
    assert all(p.suffix[1:] in outside for p in tmp_path.rglob("*")), "something was unpacked"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> Callable[..., Outcome]:
    """Runs one command in this process: its exit code and what it printed."""
    monkeypatch.setenv("GANMODEL_DATA", str(data_dir))

    def call(*arguments: Any) -> Outcome:
        handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        handlers = {number: signal.getsignal(number) for number in handled}
        streams = sys.stdout, sys.stderr
        loggers = list(logging.getLogger().handlers)
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leave:  # argparse's way out
            code = leave.code
        finally:
            torch.set_flush_denormal(False)
            logging.getLogger().handlers[:] = loggers
            sys.stdout, sys.stderr = streams
            for number, handler in handlers.items():
                signal.signal(number, handler)
        printed = capfd.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """For a process of its own: this copy of ganmodel, the unpacked data, one thread."""
    path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
    return {
        **os.environ,
        "PYTHONPATH": path,
        "GANMODEL_DATA": str(data_dir),
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


@pytest.fixture
def run_trainer(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `ganmodel train --run FOLDER FLAGS…` as a process; kills what is left at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *flags: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ganmodel", "train", "--run", str(folder), *flags]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        child = subprocess.Popen(command, env=environment, cwd=tmp_path, text=True, **options)
        started.append(child)
        return child

    yield start
    for child in started:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.communicate()


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with one finished run, "mine", that belongs to the token MINE."""
    runs = tmp_path_factory.mktemp("trained") / "runs"
    record(create_run(runs, tiny_config(), name="mine", owner=owner_of(MINE)))
    return runs


@pytest.fixture
def finished(trained_once: Path, tmp_path: Path) -> Path:
    """The same as a copy, which a test may change."""
    return Path(shutil.copytree(trained_once, tmp_path / "runs"))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes along: "mnist" with its film, "mnist-classes" of four classes, a broken file."""
    folder = tmp_path_factory.mktemp("shipped") / "weights"
    folder.mkdir()
    for name, classes in (("mnist", 0), ("mnist-classes", 4)):
        config = tiny_config(conditional=classes > 0)
        spec = NetworkSpec.of(config, 1, classes=classes)
        G, D = build_pair(spec, 0)
        grow(G)  # else all its pictures are the same grey
        tensors = {f"G_ema.{key}": tensor for key, tensor in G.state_dict().items()}
        tensors |= {f"D.{key}": tensor for key, tensor in D.state_dict().items()}
        about = {"images_seen": 7, "dataset": "mnist", "config": config.to_json()}
        if classes:
            about["classes"] = ["zero", "one", "two", "three"]
        save_weights(folder / f"{name}.safetensors", tensors, spec, about)
    (folder / "broken.safetensors").write_bytes(b"not weights")
    film = create_run(folder / "runs", tiny_config(images=7), name="mnist")
    write_json(film.path("status.json"), {"state": "finished", "images_seen": 7})
    film.path("weights").mkdir()
    for moment in (0, 3):
        G, _ = build_pair(NetworkSpec.of(film.config(), 1), moment)
        grow(G)
        halved = {f"G_ema.{key}": _halved(tensor) for key, tensor in G.state_dict().items()}
        about = {"images_seen": moment, "dataset": "mnist", "config": film.config().to_json()}
        save_weights(film.path("weights", f"{moment:09}.safetensors"), halved, G.spec, about)
    return folder


def _halved(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.half() if tensor.is_floating_point() else tensor


@pytest.fixture
def generators(finished: Path, shipped: Path) -> Generators:
    return Generators(finished, BundledRuns(shipped))
