"""Starts trainers as processes of their own, and remembers why one ended.

The page's side of "training and the web page never call each other": the only ways out of here are
the command line and the run's folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import ganmodel
from ganmodel.files import reason, write_json
from ganmodel.runs.folder import LIVE_STATES, Run, RunError
from ganmodel.runs.recorder import EXIT_NOT_WRITABLE

NICENESS = 5  # a page must stay quick while a trainer uses every core
# The same on Windows, where alone they are: a group that Ctrl-C does not reach, a lower priority.
ON_WINDOWS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0
)


class Launcher:
    """The trainers that this process started. Safe to use from several threads."""

    def __init__(self, data_dir: str | Path | None = None) -> None:
        self.data_dir = data_dir
        self._ended: dict[str, str] = {}  # run's name -> why, where the folder may not say it
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}

    def start(self, run: Run, *, resume: bool = False, images: int | None = None) -> None:
        """Starts a trainer on a run's folder; returns as soon as its process exists.

        `images` is a new length for a run that goes on.

        Raises:
            RunError: the process or its log could not be made.
        """
        command = [sys.executable, "-m", "ganmodel", "train", "--run", str(run.folder.resolve())]
        if resume:
            command.append("--resume")
        if images is not None:
            command += ["--images", str(images)]
        if self.data_dir:
            command += ["--data-dir", str(Path(self.data_dir).resolve())]
        root = str(Path(ganmodel.__file__).resolve().parents[1])
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
        try:
            with run.path("log.txt").open("ab") as log:
                child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Uninstalled copies work too, as on a Space that only installs requirements.
                    env={**os.environ, "PYTHONPATH": path},
                    cwd=root,
                    start_new_session=True,  # Ctrl-C on the page must not reach the trainer
                    creationflags=ON_WINDOWS,
                )
        except OSError as error:
            raise RunError(f"The trainer could not be started: {reason(error)}.") from error
        if hasattr(os, "setpriority"):
            # It may have ended already, or the system forbids it: then it is slower, not wrong.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
        self._ended.pop(run.name, None)
        self._children[run.name] = child
        self._started_at[run.name] = time.time()
        threading.Thread(target=self._reap, args=(run, child), daemon=True).start()

    def starting(self, run: Run) -> bool:
        """Whether a trainer of ours lives, be it before it took the run's lock."""
        child = self._children.get(run.name)
        return child is not None and child.poll() is None

    def started_at(self, run: Run) -> float:
        """When a trainer of ours was last started, in seconds since 1970; 0 if none was."""
        return self._started_at.get(run.name, 0.0)

    def wait(self, run: Run, timeout: float) -> bool:
        """Waits until no trainer of ours lives on this run; False after `timeout` seconds."""
        child = self._children.get(run.name)
        with contextlib.suppress(subprocess.TimeoutExpired):
            if child is not None:
                child.wait(timeout)
        return not self.starting(run)

    def why_ended(self, run: Run) -> str | None:
        """Why a trainer of ours ended, where it could not say so itself."""
        return self._ended.get(run.name)

    def _reap(self, run: Run, child: subprocess.Popen[bytes]) -> None:
        code = child.wait()
        if code == 0:
            return
        if code == EXIT_NOT_WRITABLE:
            why = (
                "The trainer could no longer write its folder: the disk is full or its rights "
                "changed. Make room, then resume the run."
            )
        elif code < 0:
            why = (
                f"The trainer was ended from outside ({_signal_name(-code)}), perhaps for want of "
                "memory. Its last weights remain, and Resume goes on from its last checkpoint."
            )
        else:
            why = _last_line(run.path("log.txt")) or f"The trainer ended with exit code {code}."
        self._ended[run.name] = why
        status = run.status()
        if code > 0 and status.get("state", "waiting") in LIVE_STATES:
            with contextlib.suppress(OSError):  # in memory it is kept in any case
                write_json(run.path("status.json"), {**status, "state": "failed", "error": why})


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(path: Path) -> str | None:
    try:
        lines = path.read_text("utf-8", "replace").split("\n")
    except OSError:
        return None
    return next((line.strip()[:500] for line in reversed(lines) if line.strip()), None)
