"""What a distance is told in: 1 R, and from how many pictures on it says anything.

What real pictures score is measured by `benchmarks/real_scores.py` and read here; how distances are
computed is `metrics`' business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

UNIT = 2_500  # 1 R is what so many unseen real pictures score: as many as the curves look at
LEAST_COMPARED = 50  # pictures on a side; fewer cannot tell fog from a picture

REAL_SCORES = Path(__file__).resolve().parent / "assets" / "classifiers" / "real.json"


@cache
def real_scores() -> Sequence[Mapping[str, Any]]:
    """What unseen real pictures of known data score, one entry a data set: see the file."""
    return json.loads(REAL_SCORES.read_text("utf-8"))


def unit_of(dataset: str) -> float | None:
    """1 R of a data set, as a Fréchet distance; None where only its pictures tell."""
    return next((s["fd"][str(UNIT)] for s in real_scores() if s["data"] == dataset), None)
