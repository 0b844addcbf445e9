"""The trainer that waits: a run that it takes is as any other, and it costs no more than it may."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ganmodel.runs import Launcher, Run, create_run, expected_throughput
from ganmodel.runs.spare import (
    ENDS_BELOW,
    EXPECTED_SECONDS,
    NEXT,
    SOON,
    STARTS_ABOVE,
    Order,
    Spare,
    free_bytes,
)
from ganmodel.words import worded
from tests.patient import PATIENCE
from tests.support import tiny_config, wait_until

TELLS = "import sys; line = sys.stdin.readline(); print(line, end='', flush=True)"


class Times:
    now = 0.0
    free = 2 * STARTS_ABOVE

    def later(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def spare(times: Times) -> Iterator[Spare]:
    """Of processes that repeat what they are told."""

    def start() -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", TELLS], stdin=pipe, stdout=pipe)

    made = Spare(start, lambda: times.free, lambda: times.now)
    yield made
    made.end()


def expected(spare: Spare, times: Times) -> int:
    """The process that waits once somebody has looked at the form."""
    spare.expect()
    times.later(SOON)
    spare.keep()
    found = spare.pid()
    assert found is not None
    return found


ORDER = Order("/runs/a", "/runs/a/log.txt", resume=True, images=900, threads=1)


def test_an_order_says_all_that_the_command_line_would() -> None:
    assert Order.from_line(ORDER.as_line()) == ORDER


def test_nobody_waits_before_somebody_looks_or_long_after(spare: Spare, times: Times) -> None:
    spare.keep()
    assert spare.pid() is None
    spare.expect()
    spare.keep()
    assert spare.pid() is None  # the page still loads
    waiting = psutil.Process(expected(spare, times))
    times.later(EXPECTED_SECONDS - 1)
    spare.expect()  # somebody looks again
    times.later(2)
    spare.keep()
    assert spare.pid() == waiting.pid
    times.later(EXPECTED_SECONDS)
    spare.keep()
    assert spare.pid() is None
    wait_until(lambda: not waiting.is_running(), what="the end of the one that waited")


def test_one_takes_one_order_and_the_next_waits_a_little_later(spare: Spare, times: Times) -> None:
    first = expected(spare, times)
    taken = spare.take(ORDER)
    assert taken is not None
    assert taken.pid == first
    assert Order.from_line(taken.communicate(timeout=PATIENCE)[0].decode()) == ORDER
    assert spare.take(ORDER) is None
    spare.keep()
    assert spare.pid() is None
    times.later(NEXT)
    spare.keep()
    assert spare.pid() not in (None, first)


def test_none_waits_where_memory_is_short(spare: Spare, times: Times) -> None:
    times.free = STARTS_ABOVE - 1
    spare.expect()
    times.later(SOON)
    spare.keep()
    assert spare.pid() is None
    times.free = STARTS_ABOVE
    expected(spare, times)
    times.free = ENDS_BELOW + 1
    spare.keep()
    assert spare.pid() is not None  # what it takes itself does not end it
    times.free = ENDS_BELOW - 1
    spare.keep()
    assert spare.pid() is None


def test_one_that_died_is_not_ordered_and_is_replaced(spare: Spare, times: Times) -> None:
    dead = psutil.Process(expected(spare, times))
    dead.kill()
    wait_until(lambda: dead.status() == psutil.STATUS_ZOMBIE, what="its end")
    assert spare.take(ORDER) is None
    times.later(NEXT)
    assert expected(spare, times) != dead.pid


def test_a_system_that_starts_no_process_is_no_trouble(times: Times) -> None:
    def start() -> subprocess.Popen[bytes]:
        raise OSError

    spare = Spare(start, lambda: times.free, lambda: times.now)
    spare.expect()
    times.later(SOON)
    spare.keep()
    assert spare.take(ORDER) is None


def test_free_memory_is_that_of_this_machine_at_most() -> None:
    assert 0 < free_bytes() <= psutil.virtual_memory().total


# --- real trainers --------------------------------------------------------------------------------


def trained(folder: Path, launcher: Launcher, *, waiting: bool) -> Run:
    run = create_run(folder, tiny_config(images=640, save_every=256), name="run")
    assert (launcher.spare.pid() is not None) is waiting
    launcher.start(run)
    wait_until(lambda: run.state() == "finished", what="the end of the run")
    return run


def waits(launcher: Launcher) -> psutil.Process:
    launcher.spare.expect()
    wait_until(lambda: launcher.spare.keep() or launcher.spare.pid(), what="a waiting trainer")
    return psutil.Process(launcher.spare.pid())


@pytest.mark.slow
def test_a_run_of_a_trainer_that_waited_has_the_same_bits(tmp_path: Path, data_dir: Path) -> None:
    launcher = Launcher(data_dir)
    cold = trained(tmp_path / "cold", launcher, waiting=False)
    waiting = waits(launcher)
    # One that waits takes no run's share of the speed.
    assert expected_throughput(cold.config(), 1, 28, 0, cold.folder.parent).beside == 0
    warm = trained(tmp_path / "warm", launcher, waiting=True)
    assert warm.status()["pid"] == waiting.pid
    for kind in ("weights", "samples", "checkpoints"):
        moments = cold.moments(kind)
        assert moments.keys() == warm.moments(kind).keys()
        for moment, path in moments.items():
            assert path.read_bytes() == warm.moments(kind)[moment].read_bytes(), (kind, moment)
    began = warm.path("config.json").stat().st_mtime
    assert warm.status()["seconds"] <= warm.path("status.json").stat().st_mtime - began
    times = ("seconds", "images_per_second")
    rows = [[{k: v for k, v in row.items() if k not in times} for row in run.rows()[0]]
            for run in (cold, warm)]  # fmt: skip
    assert rows[0] == rows[1]
    assert "Finished" in warm.path("log.txt").read_text()
    assert launcher.spare.pid() is None


@pytest.mark.slow
def test_one_that_waits_ends_with_its_page_and_without_a_word(tmp_path: Path) -> None:
    launcher = Launcher()
    waiting = waits(launcher)
    launcher.spare.end()
    wait_until(lambda: not waiting.is_running(), what="its end")


@pytest.mark.slow
def test_why_it_failed_is_told_as_of_any_other(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = Launcher(data_dir)
    waits(launcher)
    run = create_run(tmp_path, tiny_config(dataset=str(tmp_path / "gone.zip")), name="run")
    launcher.start(run)
    wait_until(lambda: run.state() == "failed", what="the failure")
    assert "gone.zip" in worded(run.status()["error"])
    wait_until(lambda: "gone.zip" in run.path("log.txt").read_text(), what="its last words")
