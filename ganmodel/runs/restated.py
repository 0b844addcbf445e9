"""Distances as earlier editions wrote them, in today's unit.

They took what all of a data set's test pictures score as 1 R, and compared 2,500 drawn pictures
with it. Today 1 R is what 2,500 unseen real pictures score, so that these score 1. Where that is
known of a data set, the distance is restated; pictures of one's own were seen with other eyes then,
and their distances stand as they were written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganmodel.runs.checked import number
from ganmodel.units import unit_of


def is_old(found: Any) -> bool:
    """Whether a row of the curves, or an evaluation, has a distance in the unit of before."""
    known = isinstance(found, Mapping) and found.get("fd_over_r") is not None
    return known and "fd_over_r_error" not in found


def restated(found: Any, dataset: str) -> Any:
    """The same with `fd_over_r` in today's unit."""
    unit, distance = unit_of(dataset), found.get("fd") if is_old(found) else None
    return {**found, "fd_over_r": distance / unit} if unit and number(distance) else found
