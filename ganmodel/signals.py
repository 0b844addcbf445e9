"""Installs a handler for the signals that ask a process to end; callers supply the handler."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any


def hear_the_end(handle: Callable[[int, Any], object]) -> None:
    """Installs `handle` for SIGINT (Ctrl-C), SIGTERM (supervisors) and SIGHUP (closed terminals).

    An ignored SIGHUP stays ignored, since nohup ignores it so that its program outlives the
    terminal. An ignored SIGINT is handled nevertheless: shells ignore it for background jobs, but a
    SIGINT sent to one explicitly is meant to end it. Windows has no SIGHUP.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
            continue
        signal.signal(number, handle)
