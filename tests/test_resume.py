"""Real trainers as processes: killed, interrupted, out of room, and continued bit for bit."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.runs import EXIT_NOT_WRITABLE, Launcher, Run, create_run
from ganmodel.runs.launcher import NICENESS
from ganmodel.words import worded
from tests.patient import PATIENCE
from tests.support import (
    ask_and_wait,
    assert_same_run,
    read_tensors,
    tiny_config,
    wait_until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX"),
]
# Long enough to be caught in the middle: a few seconds on a busy core.
LENGTH = {"images": 3200, "log_every": 64, "save_every": 512}
# A penalty that is not in every step, a schedule, classes and augmentation: whatever draws random
# numbers or counts. Every rule's own resume is exact in memory, which other tests show.
KILLED: dict[str, Any] = {
    "r1_gamma": 0.2,
    "r1_every": 5,
    "lr_hold": 1000,
    "conditional": True,
    "augment": "translation",
}

Start = Callable[..., "subprocess.Popen[str]"]


def _new(tmp_path: Path, name: str, **chosen: Any) -> Run:
    return create_run(tmp_path, tiny_config(**{**LENGTH, **chosen}), name=name)


def _wait_for_images(run: Run, images: int, child: subprocess.Popen[str]) -> None:
    def there() -> bool:
        assert child.poll() is None, f"ended before {images} images"
        return run.status().get("images_seen", 0) >= images

    wait_until(there, what=f"image {images}")


def _finish(child: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = child.communicate(timeout=PATIENCE)
    return child.returncode, out, err


def test_killed_then_interrupted_and_resumed_twice_equals_straight(
    tmp_path: Path, run_trainer: Start, cli: Callable[..., Any]
) -> None:
    """Every checkpoint's tensors, every curve, every picture; killed at a random moment, then ended
    by Ctrl-C. The straight run is this process's, and so is the end of the other, of which two
    processes trained the most: equal bits cannot come from what they share in memory."""
    straight, run = _new(tmp_path, "straight", **KILLED), _new(tmp_path, "run", **KILLED)
    moment = random.SystemRandom().randint(100, straight.config().images // 3)
    child = run_trainer(run.folder)
    _wait_for_images(run, moment, child)
    child.kill()
    assert _finish(child)[0] == -signal.SIGKILL
    wait_until(lambda: run.state() == "died", what="the state died")
    run.load_weights().generator()

    child = run_trainer(run.folder, "--resume")
    wait_until(run.is_alive, what="the second trainer")
    # Held until all is ready, it can't come to its end before it is interrupted.
    run.ask("pause")
    wait_until(lambda: run.state() == "paused", what="the pause")
    assert ask_and_wait(run, "resume")["ok"]
    child.send_signal(signal.SIGINT)
    code, out, err = _finish(child)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("Stopped: ")
    seen = run.status()["images_seen"]
    assert seen < 3200
    assert run.state() == "stopped"
    assert run.status()["interrupted"]  # so that a page knows that nobody wished it
    assert run.load_weights().about["images_seen"] == seen

    assert cli("train", "--run", straight.folder).code == 0
    assert cli("train", "--run", run.folder, "--resume").code == 0
    assert_same_run(straight.folder, run.folder)


def test_a_trainer_killed_under_a_page_is_seen_as_died_with_the_reason(
    tmp_path: Path, data_dir: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run, launcher = _new(tmp_path, "run", images=10**8), Launcher(data_dir)
    launcher.start(run)
    assert launcher.starting(run)
    wait_until(lambda: run.status().get("images_seen", 0) > 100, what="training")
    # A terminal's Ctrl-C reaches the page's process group, and the trainer is in none of it.
    pid = run.status()["pid"]
    assert os.getpgid(pid) == pid
    assert os.getpriority(os.PRIO_PROCESS, pid) == NICENESS  # the page comes first
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: run.state() == "died", what="the state died")
    why = worded(wait_until(lambda: launcher.why_ended(run), what="the reason"))
    assert "SIGKILL" in why
    assert "want of memory" in why
    assert "weights remain" in why
    assert not launcher.starting(run)
    run.load_weights().generator()


def test_a_trainer_killed_before_its_first_picture_promises_no_weights(tmp_path: Path) -> None:
    run, launcher = _new(tmp_path, "run"), Launcher()
    launcher.start(run)
    os.kill(launcher._child(run).pid, signal.SIGKILL)
    why = worded(wait_until(lambda: launcher.why_ended(run), what="the reason"))
    assert why.endswith("It had drawn nothing yet; Resume starts it again.")


def _limit(size: int) -> Callable[[], None]:
    """Files may grow to `size` bytes: what a full disk does, and it holds for root too."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_room_ends_with_its_exit_code_and_a_sentence(tmp_path: Path, run_trainer: Start) -> None:
    """At a checkpoint; at the first weights, see the next test."""
    run = _new(tmp_path, "run")
    code, _, err = _finish(run_trainer(run.folder, preexec_fn=_limit(40_000)))
    assert code == EXIT_NOT_WRITABLE == 74
    assert err.startswith("ganmodel: The run's folder ")
    assert "larger than allowed" in err
    assert err.count("\n") == 1
    assert run.state() == "failed"
    assert worded(run.status()["error"]) in err
    assert not list(run.folder.rglob("*.tmp"))  # nothing half-written
    for path in run.moments("weights").values():
        read_tensors(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_the_exit_code_tells_where_not_even_the_log_can_be_written(
    tmp_path: Path, run_trainer: Start
) -> None:
    run = _new(tmp_path, "run")
    with open("/dev/full", "w") as full:
        child = run_trainer(run.folder, preexec_fn=_limit(12_000), stdout=full, stderr=full)
        child.wait(PATIENCE)
    assert child.returncode == EXIT_NOT_WRITABLE
    assert run.state() == "failed"
    assert "larger than allowed" in worded(run.status()["error"])
