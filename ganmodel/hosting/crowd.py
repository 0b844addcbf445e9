"""How many runs may wait in the queue: of one address, and of all together.

Who trains when is decided in `trainer_queue`; that a visitor has one run at once, by the page.
Addresses are kept in memory alone, so after a restart only the total is limited.
"""

from __future__ import annotations

import threading
from collections.abc import Set

from ganmodel import texts
from ganmodel.hosting.limits import Limits
from ganmodel.runs import RunError


class Crowd:
    """Counts waiting runs by the address that queued them. Safe to use from several threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._from: dict[str, str] = {}  # a waiting run's name -> its address

    def check(self, address: str, waiting: Set[str]) -> None:
        """Refuses one more run; `waiting` are the names of those in the queue.

        Raises:
            RunError: too many wait, from this address or in all.
        """
        with self._lock:
            self._from = {name: of for name, of in self._from.items() if name in waiting}
            own = sum(of == address for of in self._from.values())
        for count, most, words in (
            (own, self.limits.queued_of_address, texts.QUEUE_FULL_HERE),
            (len(waiting), self.limits.queued_in_all, texts.QUEUE_FULL),
        ):
            if most is not None and count >= most:
                raise RunError(words.format(count=count))

    def note(self, address: str, run: str) -> None:
        """Remembers which address put a run into the queue."""
        with self._lock:
            self._from[run] = address
