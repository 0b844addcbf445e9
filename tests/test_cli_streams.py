"""A command whose terminal knows few letters, whose reader has gone, or that has none at all."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganmodel.cli.streams import PLAIN, ForgivingStream, prepare_streams
from ganmodel.cli.train import listen
from ganmodel.memory import is_want_of_memory
from ganmodel.recording import Recorder
from ganmodel.runs import create_run
from ganmodel.training import train
from tests.support import is_one_sentence, tiny_config, tiny_data

CLI = [sys.executable, "-m", "ganmodel"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_every_word_of_ours_can_be_printed_where_few_letters_are_known(encoding: str) -> None:
    prepare_streams()
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding=encoding, errors=PLAIN)
    terminal.write("N×H×W×C … “as it is” – 3 ≤ z, Blümchen, 数")
    terminal.flush()
    told = raw.getvalue().decode(encoding).replace("×", "x").replace("ü", "u")
    for fine, plain in (("…", "..."), ("–", "-"), ("“", '"'), ("”", '"')):
        told = told.replace(fine, plain)
    assert told == 'NxHxWxC ... "as it is" - 3 <= z, Blumchen, ?'


def test_help_for_a_reader_who_has_gone_ends_without_a_word(environment: dict[str, str]) -> None:
    """As `ganmodel train --help | head -1`. Python's own end would be a complaint and 120."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*CLI, "train", "--help"], env=environment, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode in (0, 141)  # argparse itself forgives where nothing is buffered


def test_without_standard_streams_nothing_prints_into_a_file_of_ours(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The next file that is opened would get the number of a stream that is closed."""
    script = (
        "import os; [os.close(n) for n in range(3)]\n"
        "import sys; sys.stdin = sys.stdout = sys.stderr = None\n"
        "from ganmodel.cli import main\n"
        "assert main(['--version']) == 0\n"
        f"file = open({str(tmp_path / 'ours')!r}, 'w')\n"
        "os.write(1, b'noise'); os.write(2, b'noise'); print('noise'); file.write('ours')\n"
    )
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == 0
    assert (tmp_path / "ours").read_text() == "ours"


def test_what_is_printed_to_a_lost_reader_is_lost_and_nothing_fails() -> None:
    read, write = os.pipe()
    stream = ForgivingStream(os.fdopen(write, "w"))
    os.close(read)
    for _ in range(2):
        stream.write("a line\n")
        stream.flush()
    stream.close()  # as Python's own end, which flushes what is left


def test_a_result_that_cannot_be_written_is_one_sentence(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        outcome = cli("--version")
        monkeypatch.undo()
    assert outcome.code == 1


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Half a gigabyte more than this process has asked for so far, while a test runs."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    asked_for = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (asked_for + 2**29, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.skipif(sys.platform != "linux", reason="bounds its own memory as Linux does")
def test_pictures_beyond_the_memory_are_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, shipped: Path, little_memory: None
) -> None:
    walk = ["walk", shipped / "mnist.safetensors", "--frames", 1000, "--scale", 64]
    is_one_sentence(cli(*walk, "--out", tmp_path / "strip.png"), "too little memory", code=1)


def test_want_of_memory_is_known_whoever_wanted_it() -> None:
    for ask in (lambda: torch.empty(2**60), lambda: np.empty(2**55), lambda: bytearray(2**62)):
        with pytest.raises((RuntimeError, MemoryError)) as caught:
            ask()
        assert is_want_of_memory(caught.value)
    assert not is_want_of_memory(RuntimeError("shapes cannot be multiplied"))


# --- signals ---------------------------------------------------------------------------------


def test_a_run_interrupted_for_the_second_time_is_stopped_and_goes_on(tmp_path: Path) -> None:
    run, data = create_run(tmp_path, tiny_config(), name="run"), tiny_data()

    def interrupted(recorder: Recorder) -> Any:
        for snapshot in train(recorder.config, data):
            yield snapshot
            if snapshot.images_seen == 48:  # between two checkpoints
                raise KeyboardInterrupt

    def begin_and_interrupt() -> None:
        with Recorder(run) as recorder:
            recorder.begin(data)
            recorder.record(interrupted(recorder))

    with pytest.raises(KeyboardInterrupt):
        begin_and_interrupt()
    assert run.state() == "stopped"
    assert run.status()["error"] is None
    with Recorder(run, resume=True) as recorder:
        state = recorder.begin(data)
        assert state.images_seen == 32
        assert recorder.record(train(recorder.config, data, state=state)) == "finished"


def test_a_run_interrupted_while_it_prepares_is_stopped(tmp_path: Path) -> None:
    run = create_run(tmp_path, tiny_config(), name="run")

    def prepare_and_interrupt() -> None:
        with Recorder(run) as recorder:
            recorder.tell("reading images", 0.5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_and_interrupt()
    assert run.state() == "stopped"
    assert run.status()["interrupted"]
    assert "doing" not in run.status()


def test_a_closed_terminal_saves_as_ctrl_c_does_but_under_nohup_nothing_ends(
    tmp_path: Path,
) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    hang_up = signal.getsignal(signal.SIGHUP)
    try:
        with Recorder(create_run(tmp_path, tiny_config(), name="run")) as recorder:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup leaves it
            listen(recorder)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            listen(recorder)
            recorder.training = True
            signal.raise_signal(signal.SIGHUP)
            assert recorder.interrupted
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in (before | {signal.SIGHUP: hang_up}).items():
            signal.signal(number, handler)
