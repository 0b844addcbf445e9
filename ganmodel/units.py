"""The unit of reported distances, 1 R, and the least number of pictures for a meaningful distance.

`benchmarks/real_scores.py` measures the distances of real pictures, which are read here; `metrics`
computes distances.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

UNIT = 2_500  # 1 R is the distance of this many unseen real pictures, the number the curves use
LEAST_COMPARED = 50  # pictures on either side; with fewer, noise and pictures score alike

REAL_SCORES = Path(__file__).resolve().parent / "assets" / "classifiers" / "real.json"


@cache
def real_scores() -> Sequence[Mapping[str, Any]]:
    """The distances of unseen real pictures, one entry for each known data set; see the file."""
    return json.loads(REAL_SCORES.read_text("utf-8"))


def unit_of(dataset: str) -> float | None:
    """1 R of a data set, as a Fréchet distance; None if it must be measured on its pictures."""
    return next((s["fd"][str(UNIT)] for s in real_scores() if s["data"] == dataset), None)
