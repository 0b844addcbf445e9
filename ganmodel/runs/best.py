"""A run's best moment: when its pictures were nearest to the real ones, and whether anything has
improved since.

The trainer keeps its weights; whether to stop there is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganmodel.runs.folder import Run, RunError
from ganmodel.runs.past import qualities
from ganmodel.units import LEAST_COMPARED

LEAST_LATER = 4  # evaluations without improvement before a run is called level
HARDLY = 0.97  # of the earlier distance, below which a distance has improved
SPAN = 1.5  # a run is level if nothing improved since images seen / SPAN


@dataclass(frozen=True)
class Best:
    """The best of a run's evaluations."""

    images: int
    distance: float  # in R
    later: int  # evaluations since, none of which was better
    # The images seen since when distances have improved by a few per cent at most; None where they
    # improved, or too few were measured.
    level_since: int | None


def best_of(run: Run) -> Best | None:
    """The best of a run's evaluations; None where nothing was measured, or its weights are gone."""
    return best_among(qualities(run), run.moments("weights"))


def best_weights(run: Run) -> Path:
    """The weights of a run's best moment.

    Raises:
        RunError: no weights of an evaluated moment are kept.
    """
    best = best_of(run)
    if best is None:
        raise RunError("no-best", name=run.name)
    return run.moments("weights")[best.images]


def best_among(found: Sequence[Mapping[str, Any]], kept: Container[int]) -> Best | None:
    """The best of evaluations in order, each with `images` and `fd_over_r`, of those `kept`.

    Evaluations on fewer than `LEAST_COMPARED` pictures are left out, and that of untrained networks
    at 0 images, too.
    """
    known = [one for one in found if one["images"] > 0 and _tells(one)]
    there = [one for one in known if one["images"] in kept]
    if not there:
        return None
    best = min(there, key=_distance)
    later = sum(one["images"] > best["images"] for one in known)
    return Best(best["images"], best["fd_over_r"], later, _level_since(known))


def _level_since(known: Sequence[Mapping[str, Any]]) -> int | None:
    newest = known[-1]["images"]
    before = [one for one in known if one["images"] <= newest / SPAN]
    after = known[len(before) :]
    if not before or len(after) < LEAST_LATER:
        return None
    was, now = (min(part, key=_distance) for part in (before, after))
    return was["images"] if _distance(now) > HARDLY * _distance(was) else None


def _distance(found: Mapping[str, Any]) -> float:
    return found["fd_over_r"]


def _tells(found: Mapping[str, Any]) -> bool:
    compared = found.get("compared")
    enough = compared is None or compared >= LEAST_COMPARED  # earlier editions told no number
    return enough and found.get("fd_over_r") is not None
