"""Rate limits by caller; what is limited, and how a refusal is answered, is decided elsewhere."""

from __future__ import annotations

from cachetools import FIFOCache

BURST_SECONDS = 3.0  # of the rate, that may be used at once after a pause
MOST_KEPT = 20_000  # callers that are counted; the latest


class Bucket:
    """A token bucket for each caller: `rate` calls a second, `burst` seconds of that at once."""

    def __init__(self, rate: float, burst: float = BURST_SECONDS) -> None:
        self.rate = rate
        self.burst = burst
        # First in, first out, so that reading `due` does not keep an entry alive.
        self._free_at: FIFOCache[str, float] = FIFOCache(MOST_KEPT)

    def due(self, who: str, now: float) -> float:
        """Seconds until the next call is allowed; nothing is counted."""
        return max(0.0, self._free_at.get(who, 0.0) - now)

    def take(self, who: str, now: float, most: float) -> float:
        """Seconds that a call has to wait; it is counted unless that is more than `most`."""
        wait = self.due(who, now)
        if wait <= most:
            earliest = max(self._free_at.get(who, 0.0), now - self.burst)
            self._free_at[who] = earliest + 1 / self.rate
        return wait
