"""One trainer that has loaded its libraries and waits: it takes the next run, which begins at once.

Importing torch is most of what lies between a click on Start and the first pictures. The process is
a trainer of its own, started by command line as any other (`ganmodel train --wait`), never a fork
of the page. It trains one run and ends with it, so nothing of one run reaches the next.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

# Bytes of free memory below which none is started, and below which one that waits is ended: it
# holds about 0.3 GB itself, and the run that somebody starts takes as much again.
STARTS_ABOVE, ENDS_BELOW = 1.5e9, 0.5e9
EXPECTED_SECONDS = 600.0  # for which it waits after somebody looked at the form
SOON = 1.0  # seconds after such a look, so that the page's own loading is done
NEXT = 5.0  # seconds after one has taken a run, whose first pictures come meanwhile
CONTROL_GROUP = Path("/sys/fs/cgroup")  # a container's share of the memory, on Linux


@dataclass(frozen=True)
class Order:
    """What a waiting trainer is to do: `ganmodel train`'s options of the same names.

    `run`: the run's folder; `log`: where its output goes; `threads`: its share of the cores, None
    for what the environment says.
    """

    run: str
    log: str
    resume: bool = False
    images: int | None = None
    threads: int | None = None

    def as_line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Order:
        return cls(**json.loads(line))


class Spare:
    """The waiting trainer of one page, if there is one. Safe to use from several threads."""

    def __init__(
        self,
        start: Callable[[], subprocess.Popen[bytes]],
        free_memory: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`start`: starts its process; raises OSError where the system has no room for one."""
        self._start = start
        self._free = free_memory or free_bytes
        self._clock = clock
        self._child: subprocess.Popen[bytes] | None = None
        self._until = self._not_before = -float("inf")
        self._lock = threading.Lock()

    def expect(self) -> None:
        """Somebody may start a run soon."""
        with self._lock:
            now = self._clock()
            if self._until < now:
                self._not_before = max(self._not_before, now + SOON)
            self._until = now + EXPECTED_SECONDS

    def keep(self) -> None:
        """Starts it, or ends it, as is due; to be called about every second."""
        with self._lock:
            if self._child is not None and self._child.poll() is not None:
                self._child = None
            now, free = self._clock(), self._free()
            if self._child is not None and (now > self._until or free < ENDS_BELOW):
                self._let_go()
                return
            is_due = self._not_before <= now <= self._until and free >= STARTS_ABOVE
            if self._child is None and is_due:
                with contextlib.suppress(OSError):  # then the next run starts its own
                    self._child = self._start()

    def take(self, order: Order) -> subprocess.Popen[bytes] | None:
        """The process, which now does what is ordered; None where none waits."""
        with self._lock:
            child, self._child = self._child, None
            self._not_before = self._clock() + NEXT
            if child is None or child.stdin is None or child.poll() is not None:
                return None
            try:
                child.stdin.write(order.as_line().encode())
                child.stdin.close()
                child.stdin = None
            except OSError:  # it has just died
                child.kill()
                child.wait()
                return None
            return child

    def end(self) -> None:
        """Ends the one that waits, for good."""
        with self._lock:
            self._until = -float("inf")
            if self._child is not None:
                self._let_go()

    def pid(self) -> int | None:
        with self._lock:
            return self._child.pid if self._child is not None else None

    def _let_go(self) -> None:
        """Without an order it ends by itself."""
        child, self._child = self._child, None
        if child is not None and child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
            threading.Thread(target=child.wait, daemon=True).start()


def free_bytes() -> float:
    """Memory that a new process could use, within this container's share."""
    free = float(psutil.virtual_memory().available)
    with contextlib.suppress(OSError, ValueError):  # no container, or one without a limit
        most = int((CONTROL_GROUP / "memory.max").read_text("ascii"))
        used = int((CONTROL_GROUP / "memory.current").read_text("ascii"))
        free = min(free, float(most - used))
    return free
