"""Reads a run's files with `runs` and passes them to the coach's diagnosis in `health`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganmodel.config import RunConfig
from ganmodel.health import Verdict, diagnose
from ganmodel.runs import Run, last_knob_change, untrained_quality


def verdict_of(run: Run, rows: Sequence[Mapping[str, Any]], settings: RunConfig) -> Verdict:
    """The verdict on a run's first rows, given its settings at the last of them."""
    knob_set = last_knob_change(run, rows[-1]["images"]) if rows else None
    notes = run.status().get("notes", [])
    return diagnose(rows, settings.to_json(), notes, untrained_quality(run), knob_set)
