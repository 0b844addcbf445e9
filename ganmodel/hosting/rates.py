"""How often each of many may do something; what, and what becomes of the others, is not here."""

from __future__ import annotations

from cachetools import FIFOCache

BURST_SECONDS = 3.0  # of its rate, that somebody may use at once after a rest
MOST_KEPT = 20_000  # of those who are counted; the latest


class Bucket:
    """`rate` times a second for each, and `burst` seconds of that at once after a rest."""

    def __init__(self, rate: float, burst: float = BURST_SECONDS) -> None:
        self.rate = rate
        self.burst = burst
        # Who took something longest ago is forgotten first; asking what is due is no use of it.
        self._free_at: FIFOCache[str, float] = FIFOCache(MOST_KEPT)

    def due(self, who: str, now: float) -> float:
        """Seconds until the next time; nothing is counted."""
        return max(0.0, self._free_at.get(who, 0.0) - now)

    def take(self, who: str, now: float, most: float) -> float:
        """Seconds that this time has to wait; it counts, unless that is more than `most`."""
        wait = self.due(who, now)
        if wait <= most:
            earliest = max(self._free_at.get(who, 0.0), now - self.burst)
            self._free_at[who] = earliest + 1 / self.rate
        return wait
