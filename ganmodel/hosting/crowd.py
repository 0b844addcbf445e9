"""Limits how many runs may wait in the queue, for each address and in all.

`trainer_queue` decides who trains when; the page ensures that a visitor has one run at a time.
Addresses are kept in memory only, so after a restart only the total is limited.
"""

from __future__ import annotations

import threading
from collections.abc import Set

from ganmodel.hosting.limits import Limits
from ganmodel.runs import RunError


class Crowd:
    """Counts waiting runs by the address that queued them. Safe to use from several threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._from: dict[str, str] = {}  # a waiting run's name -> its address

    def check(self, address: str, waiting: Set[str]) -> None:
        """Refuses one more run; `waiting` are the names of the queued runs.

        Raises:
            RunError: too many are waiting, from this address or in all.
        """
        with self._lock:
            self._from = {name: of for name, of in self._from.items() if name in waiting}
            own = sum(of == address for of in self._from.values())
        for count, most, code in (
            (own, self.limits.queued_of_address, "queue-full-here"),
            (len(waiting), self.limits.queued_in_all, "queue-full"),
        ):
            if most is not None and count >= most:
                raise RunError(code, count=count)

    def note(self, address: str, run: str) -> None:
        """Records the address that queued a run."""
        with self._lock:
            self._from[run] = address
