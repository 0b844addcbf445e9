"""When something is due, as a function of the images seen alone.

Schedules never depend on the clock or on the planned length, so that a run can be repeated, resumed
and lengthened with everything falling on the same moments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

KEPT_CHECKPOINTS = 8  # log-spaced ones, besides the newest two
# Quality is measured here, too, where the regular evaluations begin later; in images seen.
FIRST_EVALUATIONS = (8_192, 16_384, 32_768)
# Before that many images evaluations come thick, so each makes do with less. See
# benchmarks/measuring.py for the share of the time that they take.
EARLY_UNTIL = 100_000


def crosses(before: int, after: int, every: int) -> bool:
    """Whether counting from `before` to `after` reaches or passes a multiple of `every`."""
    return before // every != after // every


def whole_rows(every: int, unit: int) -> int:
    """`every`, rounded to a multiple of `unit`, the distance between two rows; 0 stays 0."""
    return unit * max(1, round(every / unit)) if every else 0


def first_evaluations(every: int, unit: int) -> set[int]:
    """When quality is measured before it first is at `every`, a whole number of rows; 0 is never.

    At whole rows as well: `FIRST_EVALUATIONS`, as far as rows are short enough to tell them apart.
    """
    moments = {whole_rows(moment, unit) for moment in FIRST_EVALUATIONS}
    return {moment for moment in moments if moment < every}


def history_moment(before: int, after: int, unit: int) -> bool:
    """Whether a moment of the weights' history lies in `(before, after]`.

    The moments are `unit` times 1, 2, 3, 4, 6, 8, 12, 16, 23 …: two for each doubling, so that the
    early, eventful part of training has as many as the long late one.
    """
    moments = (unit * math.ceil(2 ** (k / 2)) for k in range(80))
    return any(before < moment <= after for moment in moments)


def sample_moment(before: int, after: int, unit: int, *, trained: bool = False) -> bool:
    """Whether a new grid is due in `(before, after]`: every `unit` at first, then ever less often.

    The distance between two grids grows with the images seen, 4 to 8 % of them, to 16 units at the
    most. It is a power of two, so that a longer distance leaves no hole where it begins. Networks
    that come `trained` have no early part that is the eventful one: then it begins to grow after
    200 units, not after 25.
    """
    share = 0.01 if trained else 0.08
    gap = 2 ** max(0, min(4, math.floor(math.log2(share * after / unit))))
    return crosses(before, after, unit * gap)


def kept_checkpoints(moments: Iterable[int], unit: int) -> set[int]:
    """Which checkpoints stay: the newest two, and the first in each of the last eight doublings.

    A moment's doubling is k >= 0 where `unit * 2**k <= moment < unit * 2**(k + 1)`; the choice is
    stable: one that was let go is never missed later. Where a run was interrupted leaves no mark:
    the first in a doubling is one that was due, and before the first that is due none is spaced.
    """
    ordered = sorted(moments)
    first_in: dict[int, int] = {}
    for moment in ordered:
        if moment >= unit:
            first_in.setdefault(math.floor(math.log2(moment / unit)), moment)
    spaced = [first_in[k] for k in sorted(first_in)][-KEPT_CHECKPOINTS:]
    return {*ordered[-2:], *spaced}
