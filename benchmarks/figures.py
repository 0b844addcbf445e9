"""What the benchmarks' command lines and reports share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least `percent` of 100 of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def at_least(low: int) -> Callable[[str], int]:
    """For argparse: a whole number from `low` up."""

    def whole_number(text: str) -> int:
        if (value := int(text)) < low:
            raise ValueError(text)
        return value

    whole_number.__name__ = f"whole number from {low}"
    return whole_number
