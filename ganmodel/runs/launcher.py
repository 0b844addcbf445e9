"""Starts trainers as processes of their own, ends those that hang, and remembers why one ended.

Page and trainer never call each other: the page starts one by command line, and they talk through
the run's folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ganmodel
from ganmodel.files import reason, write_json
from ganmodel.runs.folder import LIVE_STATES, Run, RunError
from ganmodel.runs.sharing import THREADS, living, threads_beside
from ganmodel.runs.spare import Order, Spare
from ganmodel.runs.stopping import PATIENCE, Foreign, insist
from ganmodel.words import Message, Words, message

NICENESS = 5  # a page must stay quick while a trainer uses every core
EXIT_NOT_WRITABLE = 74  # EX_IOERR of sysexits.h: the trainer could not write its folder
EXIT_INTERRUPTED = 128 + signal.SIGINT  # a signal came before there was anything to save
# Exit codes of trainers that the system ended, as when a machine shuts down.
_BY_THE_SYSTEM = (
    EXIT_INTERRUPTED,
    *(-getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)),
)
# Windows alone: a process group that Ctrl-C does not reach, and a lower priority.
ON_WINDOWS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0
)


class Launcher:
    """The trainers that this process started. Safe to use from several threads."""

    def __init__(
        self,
        data_dir: str | Path | None = None,
        *,
        reading_seconds: int | None = None,
        reading_pixels: int | None = None,
        trusted: bool = True,
        patience: tuple[float, float] = PATIENCE,
    ) -> None:
        """For trainers with these options.

        Args:
            data_dir: the folder that torchvision reads.
            reading_seconds, reading_pixels: limits on reading its data; None: the defaults.
            trusted: whether its pictures come from whoever runs this machine, see `load_data`.
            patience: how long to wait for one that was asked to stop, see `stopping`.
        """
        self.data_dir = data_dir
        self.patience = patience
        self._flags = [] if trusted else ["--untrusted"]
        for flag, value in (("seconds", reading_seconds), ("pixels", reading_pixels)):
            if value is not None:
                self._flags += [f"--reading-{flag}", str(value)]
        self._ended: dict[str, Words] = {}  # run's name -> why, where its status may not say so
        self._cut_off: set[str] = set()  # names of runs that the system ended by a signal
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._runs: dict[str, Run] = {}
        self._heard: dict[str, Any] = {}  # run's name -> its status' time when it was started
        self._asked: dict[int | str, Words | None] = {}  # process id or run's name -> see `insist`
        self._asking = threading.Lock()
        self.spare = Spare(self._start_spare)

    def start(self, run: Run, *, resume: bool = False, images: int | None = None) -> None:
        """Starts a trainer on a run's folder; returns as soon as its process exists.

        `images` is a new length for a run that goes on.

        Raises:
            RunError: the process or its log could not be made.
        """
        threads, heard = self._threads(run), run.status().get("updated")
        folder, log = str(run.folder.resolve()), run.path("log.txt")
        flags = ["--run", folder, *(["--resume"] if resume else [])]
        flags += [] if images is None else ["--images", str(images)]
        try:
            with log.open("ab") as output:
                child = self.spare.take(
                    Order(folder, str(log.resolve()), resume, images, threads)
                ) or self._spawn(flags, threads, stdin=subprocess.DEVNULL, stdout=output)
        except OSError as error:
            raise RunError("trainer-not-started", reason=reason(error)) from error
        self._ended.pop(run.name, None)
        self._cut_off.discard(run.name)
        self._heard[run.name] = heard
        self._children[run.name], self._runs[run.name] = child, run
        threading.Thread(target=self._reap, args=(run, child), daemon=True).start()

    def _start_spare(self) -> subprocess.Popen[bytes]:
        return self._spawn(["--wait"], None, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _spawn(
        self, flags: Sequence[str], threads: int | None, *, stdin: int, stdout: Any
    ) -> subprocess.Popen[bytes]:
        """A trainer's process.

        Raises:
            OSError: the system could not make it.
        """
        command = [sys.executable, "-m", "ganmodel", "train", *flags]
        if self.data_dir:
            command += ["--data-dir", str(Path(self.data_dir).resolve())]
        root = str(Path(ganmodel.__file__).resolve().parents[1])
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
        child = subprocess.Popen(
            [*command, *self._flags],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            # Uninstalled copies work too, as on a Space that only installs requirements.
            env={
                **os.environ,
                "PYTHONPATH": path,
                **({} if threads is None else {THREADS: str(threads)}),
            },
            cwd=root,
            start_new_session=True,  # Ctrl-C on the page must not reach the trainer
            creationflags=ON_WINDOWS,
        )
        if hasattr(os, "setpriority"):
            # It may have ended already, or the system forbids it: then it is slower, not wrong.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
        return child

    def _threads(self, run: Run) -> int | None:
        """Its share of the cores; None for all of them, where it trains alone."""
        others = {other.name for other in living(run.folder.parent)}
        others |= {name for name, known in self._runs.items() if self._child(known)}
        others.discard(run.name)
        return threads_beside(len(others)) if others else None

    def starting(self, run: Run) -> bool:
        """Whether a trainer of this process trains on a run, or is about to take its lock.

        One that has written its last status is only ending.
        """
        if self._child(run) is None:
            return False
        return run.status().get("state") in LIVE_STATES or not self.has_spoken(run)

    def _child(self, run: Run) -> subprocess.Popen[bytes] | None:
        """The living process of a trainer that this launcher started; None without."""
        child = self._children.get(run.name)
        return child if child is not None and child.poll() is None else None

    def ended(self) -> list[Run]:
        """The runs whose trainers, started here, have ended."""
        return [run for run in list(self._runs.values()) if self._child(run) is None]

    def has_spoken(self, run: Run) -> bool:
        """Whether the last trainer started here has written a status since.

        Compared with the status before its start, so the clock may jump.
        """
        return run.status().get("updated") != self._heard.get(run.name)

    def insist(self, run: Run, why: Words | None = None) -> None:
        """Ends a run's trainer that was asked to stop, if it does not in time; returns at once.

        `why`: what the run's status says then; without it, that the trainer hung.
        """
        child = self._child(run)
        key = run.name if child is None else child.pid
        with self._asking:
            if key in self._asked:
                return
            self._asked[key] = why
        threading.Thread(target=self._insist, args=(run, child, key), daemon=True).start()

    def _insist(self, run: Run, child: subprocess.Popen[bytes] | None, key: int | str) -> None:
        sent = insist(child or Foreign(run), self.patience)
        if child is None:  # nobody reaps it
            why = self._asked.pop(key, None)
            if sent and not run.is_alive():
                self._note_end(run, "failed", why or [message("run.hung"), what_is_left(run)])

    def why_ended(self, run: Run) -> Words | None:
        """Why a trainer started here ended, where it could not write so itself."""
        return self._ended.get(run.name)

    def was_cut_off(self, run: Run) -> bool:
        """Whether the system ended the last trainer started here, rather than a person."""
        return run.name in self._cut_off

    def _reap(self, run: Run, child: subprocess.Popen[bytes]) -> None:
        code = child.wait()
        asked = child.pid in self._asked
        why = self._asked.pop(child.pid, None)
        if code == 0 or self._children.get(run.name) is not child:  # a newer one has the run
            return
        if asked and code in (-signal.SIGTERM, EXIT_INTERRUPTED):
            self._note_end(run, "failed" if why else "stopped", why)
        elif asked and _signal_name(-code) == "SIGKILL":
            self._note_end(run, "failed", why or [message("run.hung"), what_is_left(run)])
        elif code == EXIT_INTERRUPTED:  # it has said so
            self._cut_off.add(run.name)
        else:
            if code in _BY_THE_SYSTEM:
                self._cut_off.add(run.name)
            self._explain(run, code)

    def _explain(self, run: Run, code: int) -> None:
        """Notes why a trainer ended, by its exit code and what it printed."""
        if code == EXIT_NOT_WRITABLE:
            why: Words = message("run.not-writable")
        elif code < 0:
            ended = message("run.ended-from-outside", signal=_signal_name(-code))
            why = [ended, what_is_left(run)]
        else:
            last = _last_line(run.path("log.txt"))
            why = last or message("run.ended-with-code", code=code)
        if code > 0 and run.status().get("state", "waiting") in LIVE_STATES:
            self._note_end(run, "failed", why)
        else:
            self._ended[run.name] = why

    def _note_end(self, run: Run, state: str, why: Words | None) -> None:
        """Writes how a run ended for a trainer that could not."""
        if why:
            self._ended[run.name] = why
        status = {"images_seen": 0, **run.status(), "state": state, "error": why}
        status.pop("doing", None)
        with contextlib.suppress(OSError):  # in memory it is kept in any case
            write_json(run.path("status.json"), status)


def what_is_left(run: Run) -> Message:
    """What a run still has whose trainer ended without a word."""
    return message("run.weights-remain" if run.moments("weights") else "run.nothing-yet")


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
