"""The page's periodic chores, such as updating the queue and expiring uploads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Caretaker:
    """Runs each chore at its interval in seconds, all in one thread, until `stop`.

    A chore that fails is logged and tried again at its next time; the others go on.
    """

    def __init__(self, chores: dict[Callable[[], object], float]) -> None:
        self._chores = chores
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="caretaker")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once the chore that is running, if any, has ended."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        tick = min(self._chores.values())
        rounds = {chore: max(1, round(every / tick)) for chore, every in self._chores.items()}
        count = 0
        while not self._stopped.is_set():
            for chore, every in rounds.items():
                if count % every == 0:
                    try:
                        chore()
                    except Exception:
                        log.exception("A chore failed: %s", chore.__name__)
            count += 1
            self._stopped.wait(tick)
