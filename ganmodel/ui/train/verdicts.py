"""The coach's verdicts on runs, computed once for all who watch the same run.

`health` judges; this module reads new rows as they are written, and caches verdicts.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from ganmodel.config import RunConfig
from ganmodel.judging import verdict_of
from ganmodel.runs import Run, settings_at, with_knobs

# Beyond so many rows one more changes little, and judging them takes some milliseconds.
MANY_ROWS, JUDGED_EVERY = 500, 4.0  # seconds
MOST_RUNS = 8  # that are cached; a run of 5,000 rows takes about 5 MB


@dataclass
class _Known:
    """A run's rows so far, and the verdict on them."""

    history: tuple[Any, ...]
    knobs: dict[str, float] = field(default_factory=dict)  # as they were at the time of the verdict
    rows: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    verdict: dict[str, Any] | None = None
    judged: float = 0.0  # when, by the monotonic clock
    judged_rows: int = 0


class Verdicts:
    """Reads the rows of watched runs. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: LRUCache[str, _Known] = LRUCache(MOST_RUNS)
        self._lock = threading.Lock()

    def newest(self, run: Run, config: RunConfig, status: dict[str, Any]) -> dict[str, Any]:
        """The coach's verdict on the run as it is now, as JSON values; see `health.Verdict`."""
        with self._lock:
            known = self._read(run, status)
            grew = len(known.rows) > known.judged_rows  # also of rows too early to be judged
            measured = any("fd_over_r" in row for row in known.rows[known.judged_rows :])
            few = len(known.rows) < MANY_ROWS
            late = few or measured or time.monotonic() - known.judged > JUDGED_EVERY
            knobs = status.get("knobs", {})
            if known.verdict is None or knobs != known.knobs or (grew and late):
                known.verdict = dataclasses.asdict(
                    verdict_of(run, known.rows, with_knobs(config, knobs))
                )
                known.knobs = dict(knobs)
                known.judged, known.judged_rows = time.monotonic(), len(known.rows)
            return known.verdict

    def until(self, run: Run) -> int | None:
        """The images seen at the last row that `newest` judged; None where there was none."""
        with self._lock:
            known = self._known.get(str(run.folder))
            return (
                known.rows[known.judged_rows - 1]["images"] if known and known.judged_rows else None
            )

    def at(self, run: Run, status: dict[str, Any], images: int) -> dict[str, Any]:
        """The verdict when the run had seen that many images, with its knobs as they were then."""
        with self._lock:
            known = self._read(run, status)
            rows = [row for row in known.rows if row["images"] <= images]
        return dataclasses.asdict(verdict_of(run, rows, settings_at(run, images)))

    def _read(self, run: Run, status: dict[str, Any]) -> _Known:
        """The run's rows so far; from the start after a resume or a rollback."""
        key = str(run.folder)
        history = (status.get("pid"), len(status.get("notes", [])))
        known = self._known.get(key)
        if known is None or known.history != history:
            known = self._known[key] = _Known(history)
        rows, known.offset = run.rows(known.offset)
        known.rows += rows
        return known
