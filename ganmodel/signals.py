"""The signals that ask a process to end; what it does then, whoever listens decides."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any


def hear_the_end(handle: Callable[[int, Any], object]) -> None:
    """Has `handle` called for Ctrl-C, a supervisor's SIGTERM and a closed terminal's SIGHUP.

    nohup has SIGHUP ignored so that its program outlives the terminal: then it stays ignored. A
    shell has SIGINT ignored for what it starts behind itself, but who sends one all the same means
    it. Windows has no SIGHUP.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
            continue
        signal.signal(number, handle)
