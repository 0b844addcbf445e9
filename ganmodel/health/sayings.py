"""Formats numbers for the coach's sentences."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def short(value: float) -> str:
    """Three digits, without an exponent where a person would write none."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:,.{min(digits, 4)}f}"
    return f"{value:.0e}"


def times(distance: float) -> str:
    """A distance in R as a person reads it, 9× or 1.4×; the page's `inTimes` rounds alike."""
    digits = 0 if distance >= 9.95 else 1
    return f"{distance:,.{digits}f}".removesuffix(".0") + "×"
