"""What a run was at earlier moments: measured quality, and where its knobs were turned.

The curves and the grids are read by `folder`; here is what has to be put together from many files.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from ganmodel.files import read_json
from ganmodel.runs.folder import Run

# Of an evaluation, what a page shows.
SHOWN = (
    "fd", "fd_over_r", "precision", "recall", "precision_real", "recall_real", "kid",
    "classes", "classes_covered", "class_kl", "histogram", "nearest_over_real",
)  # fmt: skip


def qualities(run: Run) -> list[dict[str, Any]]:
    """Every evaluation of a run, in order: `images` and what is in `SHOWN`, None if not known."""
    return [
        {"images": images, **_quality(path, path.stat().st_mtime_ns)}
        for images, path in run.moments("quality").items()
        if path.exists()
    ]


@functools.lru_cache(maxsize=4096)
def _quality(path: Path, changed: int) -> dict[str, Any]:
    """An evaluation's file, read once as long as it does not change."""
    found = read_json(path) or {}
    return {name: found.get(name) for name in SHOWN}


def knob_changes(run: Run) -> list[dict[str, Any]]:
    """Where knobs were turned, in order: `images` seen and the new `values` by name."""
    changes = []
    for path in sorted(run.path("replies").glob("[0-9]*.json")):
        reply = _reply(path)
        if reply is not None:
            changes.append(reply)
    return changes


@functools.lru_cache(maxsize=4096)
def _reply(path: Path) -> dict[str, Any] | None:
    """What a request did to the knobs; a reply is written once and never changes."""
    reply = read_json(path)
    if not isinstance(reply, dict) or not reply.get("ok") or "set" not in reply:
        return None
    return {"images": reply["images_seen"], "values": reply["set"]}
