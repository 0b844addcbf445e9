"""Decides when something is due, as a function of the images seen alone.

Schedules never depend on the clock or on the planned length, so that a run that is repeated,
resumed or lengthened has the same moments (numbers of images seen).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

KEPT_CHECKPOINTS = 8  # log-spaced ones, besides the newest two
# Moments of additional evaluations before the first regular one.
FIRST_EVALUATIONS = (8_192, 16_384, 32_768)
# Before this moment evaluations are frequent, so each uses fewer pictures. benchmarks/measuring.py
# measures the fraction of time that they take.
EARLY_UNTIL = 100_000


def crosses(before: int, after: int, every: int) -> bool:
    """Whether counting from `before` to `after` reaches or passes a multiple of `every`."""
    return before // every != after // every


def whole_rows(every: int, unit: int) -> int:
    """`every`, rounded to a multiple of `unit`, the distance between two rows; 0 stays 0."""
    return unit * max(1, round(every / unit)) if every else 0


def first_evaluations(every: int, unit: int) -> set[int]:
    """The moments of evaluations before the first regular one at `every`; none if that is 0.

    They are `FIRST_EVALUATIONS`, rounded to whole rows of `unit` images. `every` must be a multiple
    of `unit`.
    """
    moments = {whole_rows(moment, unit) for moment in FIRST_EVALUATIONS}
    return {moment for moment in moments if moment < every}


def history_moment(before: int, after: int, unit: int) -> bool:
    """Whether a moment of the weights' history lies in `(before, after]`.

    The moments are `unit` times 1, 2, 3, 4, 6, 8, 12, 16, 23 …: two for each doubling, so that the
    early part of training, where most changes, is as well covered as the long late part.
    """
    moments = (unit * math.ceil(2 ** (k / 2)) for k in range(80))
    return any(before < moment <= after for moment in moments)


def sample_moment(before: int, after: int, unit: int, *, trained: bool = False) -> bool:
    """Whether a new grid is due in `(before, after]`: every `unit` at first, then less often.

    The interval is 4 to 8 % of the images seen, at most 16 units. It is `unit` times a power of
    two, so that there is no gap where a longer interval begins. With networks that start `trained`,
    change is not concentrated at the beginning: the interval starts to grow after 200 units instead
    of 25.
    """
    share = 0.01 if trained else 0.08
    gap = 2 ** max(0, min(4, math.floor(math.log2(share * after / unit))))
    return crosses(before, after, unit * gap)


def kept_checkpoints(moments: Iterable[int], unit: int) -> set[int]:
    """The moments of checkpoints to keep: the newest two and the first in each of the last eight
    doublings.

    A moment's doubling is the k >= 0 with `unit * 2**k <= moment < unit * 2**(k + 1)`. The choice
    is stable: a checkpoint that was deleted would not be selected later. Interruptions of a run do
    not affect it: the first checkpoint in a doubling is a scheduled one, and moments below `unit`
    are kept among the newest two only.
    """
    ordered = sorted(moments)
    first_in: dict[int, int] = {}
    for moment in ordered:
        if moment >= unit:
            first_in.setdefault(math.floor(math.log2(moment / unit)), moment)
    spaced = [first_in[k] for k in sorted(first_in)][-KEPT_CHECKPOINTS:]
    return {*ordered[-2:], *spaced}
