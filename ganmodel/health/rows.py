"""Statistics of the curves' rows, for the coach's signs, which interpret them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from ganmodel.objectives import OBJECTIVES

Row = Mapping[str, Any]

WINDOW = 16  # rows that a sign looks at
SURE_REAL, SURE_FAKE = 0.92, 0.08  # D's beliefs
SURE_PICKS = 0.985  # how often D picks the real one of a pair
FIRST_ROWS = 2  # which are not representative


def believes(objective: str) -> bool:
    """Whether D has a belief in each picture, rather than only in pairs of them."""
    return OBJECTIVES[objective].belief is not None


def middle(rows: Sequence[Row], name: str) -> float | None:
    """The median of a column's known values; None without any."""
    known = column(rows, name)
    return median(known) if known else None


def column(rows: Sequence[Row], name: str) -> list[float]:
    """A column's known values, in order."""
    return [row[name] for row in rows if row.get(name) is not None]


def newest(rows: Sequence[Row], name: str) -> Row | None:
    """The last row with a value in the column."""
    return next((row for row in reversed(rows) if row.get(name) is not None), None)


def with_picks(rows: Sequence[Row], objective: str) -> list[float]:
    """How often D picked the real one of a pair, row by row.

    Earlier editions recorded it only for objectives whose logits have no absolute meaning, in the
    column of D's belief.
    """
    name = "d_real" if not believes(objective) and not column(rows[-1:], "picks") else "picks"
    return column(rows, name)


def d_is_sure(row: Row, objective: str) -> bool:
    """Whether D classifies nearly every picture correctly."""
    picks = with_picks([row], objective)
    if picks and picks[0] < SURE_PICKS:
        return False
    if not believes(objective):
        return bool(picks)
    real, fake = row.get("d_real"), row.get("d_fake")
    if real is None or fake is None:
        return False
    return real >= SURE_REAL and fake <= SURE_FAKE


def by_itself(rows: Sequence[Row]) -> list[Row]:
    """The rows without steps by hand: a swing while the other side rests does not count."""
    return [row for row in rows if not row.get("by_hand")]


def calmest(rows: Sequence[Row], name: str, objective: str) -> float | None:
    """The lowest median of a window before the last one.

    Rows in which D had won do not count, since nothing moved there, nor do the first rows.
    """
    found, rows = [], by_itself(rows)
    for start in range(FIRST_ROWS, len(rows) - WINDOW, WINDOW):
        window = [row for row in rows[start : start + WINDOW] if not d_is_sure(row, objective)]
        if len(window) > WINDOW // 2:
            found.append(middle(window, name))
    return min((value for value in found if value), default=None)


def reversals(values: Sequence[float], least: float) -> int:
    """How often a curve reversed after it had gone `least` or more one way.

    A steady rise or fall, however steep, has none.
    """
    if not values:
        return 0
    count, way, low, high = 0, 0, values[0], values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
        if way >= 0 and value <= high - least:
            count, way, low = count + (way > 0), -1, value
            high = value
        elif way <= 0 and value >= low + least:
            count, way, high = count + (way < 0), 1, value
            low = value
    return count


def evaluations(rows: Sequence[Row]) -> list[Row]:
    """The rows that hold a distance, in order."""
    return [row for row in rows if row.get("fd_over_r") is not None]


def before(found: Sequence[Row], span: float) -> Row | None:
    """Of evaluations in order, the last that had seen `span` times fewer images than the newest.

    5 % more images are tolerated, since evaluations lie at whole rows.
    """
    images = found[-1]["images"] * 1.05 / span
    return next((row for row in reversed(found[:-1]) if row["images"] <= images), None)


def slope(found: Sequence[Row]) -> float | None:
    """How the logarithm of the distance changed for a doubling of the images; None where unknown.

    Of evaluations in order: the newest against the one from half as many images. -0.7 is half the
    distance.
    """
    earlier = before(found, 2.0) if found else None
    if earlier is None or min(found[-1]["fd_over_r"], earlier["fd_over_r"]) <= 0:
        return None
    ratio = found[-1]["fd_over_r"] / earlier["fd_over_r"]
    return math.log(ratio) / math.log2(found[-1]["images"] / earlier["images"])
