"""Curves in as many points as a screen shows; the rows that they come from stay as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

MOST_POINTS = 400  # of a curve in one answer; a screen shows no more


def thin(rows: Sequence[Sequence[float | None]], most: int = MOST_POINTS) -> list[list[Any]]:
    """At most `most` rows: neighbours are averaged, each group at its last row's images seen."""
    size = -(-len(rows) // most) if rows else 1
    groups = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [[group[-1][0], *(_mean(column) for column in _columns(group))] for group in groups]


def _columns(group: Sequence[Sequence[float | None]]) -> list[tuple[float | None, ...]]:
    return list(zip(*group, strict=True))[1:]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = sum(known) / len(known)
    return float(f"{mean:.4g}") if math.isfinite(mean) else None
