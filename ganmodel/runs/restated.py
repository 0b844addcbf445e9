"""Distances as earlier editions wrote them, in today's unit.

Earlier, 1 R was the distance of all test pictures, while 2,500 drawn pictures were measured. Today
1 R is the distance of 2,500 unseen real pictures. Where that is known of a data set, a distance is
converted. Own pictures were measured with other features then, so their distances stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganmodel.runs.checked import number
from ganmodel.units import unit_of


def is_old(found: Any) -> bool:
    """Whether a row of the curves, or an evaluation, has a distance in the earlier unit."""
    known = isinstance(found, Mapping) and found.get("fd_over_r") is not None
    return known and "fd_over_r_error" not in found


def restated(found: Any, dataset: str) -> Any:
    """The same with `fd_over_r` in today's unit."""
    unit, distance = unit_of(dataset), found.get("fd") if is_old(found) else None
    return {**found, "fd_over_r": distance / unit} if unit and number(distance) else found
