"""Ends a trainer that does not stop when asked: by SIGTERM, then by SIGKILL.

A trainer that works stops within a step; one that hangs would hold its place in the queue for ever.
What its end means for the run is decided in `launcher`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Protocol

from ganmodel.runs.folder import Run

# Seconds without using the processor, from the request to SIGTERM and from there to SIGKILL.
PATIENCE = (15.0, 15.0)
# So many times as long for one that uses the processor: it may be starting, evaluating, or making a
# step of large networks on a busy machine.
AT_WORK = 4.0
_LOOK_SECONDS = 0.1


class Process(Protocol):
    """A process that can be ended; `subprocess.Popen` is one."""

    pid: int

    def wait(self, timeout: float) -> Any: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


class Foreign:
    """A trainer that another process started, such as an earlier page."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def pid(self) -> int:
        """Its process id; 0 where that is not certain."""
        pid = self.run.status().get("pid")
        return pid if is_trainer(pid, self.run) else 0

    def wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while self.run.is_alive():
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.run.name, timeout)
            time.sleep(_LOOK_SECONDS)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, number: int) -> None:
        if self.run.is_alive() and (pid := self.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, number)


def is_trainer(pid: Any, run: Run) -> bool:
    """Whether a process is this run's trainer, by its command line, since ids are reused.

    Always False on systems without /proc.
    """
    if type(pid) is not int:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"train" in words and os.fsencode(run.folder.resolve()) in words


def insist(process: Process, patience: tuple[float, float]) -> str | None:
    """Waits for a process that was asked to stop, then ends it.

    Returns:
        "SIGTERM" or "SIGKILL", whichever was sent last; None where it ended by itself.
    """
    sent = None
    steps = (("SIGTERM", process.terminate), ("SIGKILL", process.kill))
    for seconds, (name, end) in zip(patience, steps, strict=True):
        if _has_gone(process, seconds):
            return sent
        end()
        sent = name
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience[-1])
    return sent


def _has_gone(process: Process, seconds: float) -> bool:
    """Waits for a process to end; False once it was idle for `seconds`, or worked too long."""
    began = idle_since = time.monotonic()
    worked = processor_seconds(process.pid)
    while time.monotonic() - idle_since < seconds and time.monotonic() - began < AT_WORK * seconds:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(1.0, seconds / 4))
            return True
        works = processor_seconds(process.pid)
        if works is None or works != worked:  # where unknown, it counts as working
            worked, idle_since = works, time.monotonic()
    return False


def processor_seconds(pid: int) -> float | None:
    """How long a process has used processors, all its threads together; None where not known."""
    try:
        # The name, in brackets, may hold anything; user and system time are fields 14 and 15.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return None
