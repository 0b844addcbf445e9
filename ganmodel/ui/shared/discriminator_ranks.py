"""A discriminator's opinion of a picture, as a rank among real ones, for all rooms.

A logit alone means nothing under WGAN and relativistic objectives, so it is compared with those of
the reals. Discriminators are loaded once and cached while they are in use.
"""

from __future__ import annotations

import threading
from pathlib import Path

from cachetools import LRUCache
from torch import Tensor

from ganmodel.sampling import DiscriminatorRank, WeightsError
from ganmodel.ui.shared.reference_data import Kept

RANKS_KEPT = 4


class DiscriminatorRanks:
    """Caches the latest discriminators. Safe to use from several threads."""

    def __init__(self) -> None:
        self._ranks: LRUCache[tuple[str, int], DiscriminatorRank] = LRUCache(RANKS_KEPT)
        self._asking = threading.Lock()

    def share_below(
        self, weights: Path, picture: Tensor, label: Tensor | None, kept: Kept
    ) -> float | None:
        """The share of real pictures that the D in a file finds less real; None without a D.

        Args:
            weights: the file.
            picture: uint8 `(C, S, S)`.
            label: its class `(1,)`, or None.
            kept: the real pictures to compare with.

        Raises:
            FileNotFoundError: these weights have been removed in favour of newer ones.
        """
        try:
            key = (str(weights), weights.stat().st_mtime_ns)
            with self._asking:
                rank = self._ranks.get(key)
                if rank is None:
                    rank = DiscriminatorRank.load(weights, kept.data.images, kept.data.labels)
                    self._ranks[key] = rank
        except (WeightsError, OSError):
            if not weights.exists():
                raise FileNotFoundError(weights) from None
            return None
        return round(rank.share_below(picture[None], label)[0], 3)
