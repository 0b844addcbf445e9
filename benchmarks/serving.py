"""A checkout's page as a process of its own, with all that it started ended at the end."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The checkout whose page is measured; another one, to compare two with the same script.
ROOT = Path(os.environ.get("GANMODEL_CHECKOUT", Path(__file__).resolve().parents[1]))
PATIENCE = 120.0  # seconds until something that never comes is called missing


@dataclass(frozen=True)
class Served:
    """A page that answers at `url`; `seconds` went by from its process's start to that."""

    url: str
    runs: Path
    seconds: float
    pid: int
    log: Path  # what it prints
    headers: dict[str, str] = field(default_factory=dict)  # that it asks for: none


@contextlib.contextmanager
def serve(root: Path = ROOT, *flags: str) -> Iterator[Served]:
    """A checkout's app.py as a process of its own, on a free port, with an empty runs folder."""
    with tempfile.TemporaryDirectory(prefix="ganmodel-benchmark-") as folder:
        runs, log, port = Path(folder, "runs"), Path(folder, "page.log"), _free_port()
        command = [sys.executable, "app.py", "--port", str(port), "--runs", str(runs)]
        with log.open("wb") as output:
            started = time.perf_counter()
            page = subprocess.Popen(
                [*command, "--host", "127.0.0.1", *flags],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            while not _answers(port):
                if page.poll() is not None or time.perf_counter() - started > PATIENCE:
                    text = log.read_text("utf-8", "replace")[-2000:]
                    raise RuntimeError(f"The page does not answer. Its output ends with:\n{text}")
                time.sleep(0.01)
            seconds = time.perf_counter() - started
            yield Served(f"http://127.0.0.1:{port}/", runs, seconds, page.pid, log)
        finally:
            try:
                _end_trainings(runs)
            finally:
                _end(page)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_trainings(runs: Path) -> None:
    """Ends what still trains below `runs`: trainers outlive their page, on purpose."""
    if not runs.exists():
        return
    sys.path.insert(0, str(ROOT))
    from ganmodel.runs import LIVE_STATES, list_runs  # late: no measurement should wait for torch

    for run in list_runs(runs):
        deadline = time.monotonic() + 30
        while run.state() in LIVE_STATES or run.is_alive():
            if time.monotonic() > deadline:
                # While the lock is held, the pid in the folder is the trainer's own.
                with contextlib.suppress(KeyError, ProcessLookupError):
                    os.kill(run.status()["pid"], signal.SIGKILL)
                break
            run.path("stop").touch()  # again and again: a trainer that just begins clears it
            time.sleep(0.1)
