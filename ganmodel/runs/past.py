"""What a run was at earlier moments: measured quality, and when its knobs were set.

Curves and grids are read by `folder`; here is what has to be put together from many files.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganmodel.config import KNOBS, ConfigError, Layout, RunConfig, grid_layout
from ganmodel.data import DATASETS, Known
from ganmodel.files import read_json
from ganmodel.runs.checked import checked_knob_change, checked_origin, checked_quality
from ganmodel.runs.folder import MOST_REQUESTS, Run
from ganmodel.weights import read_about


def qualities(run: Run) -> list[dict[str, Any]]:
    """Every evaluation of a run, in order: `images`, and what `checked_quality` says.

    Without that of untrained networks, since the run may have begun with trained ones.
    """
    found, moments = [], {m: path for m, path in run.moments("quality").items() if m > 0}
    values = run.in_todays_unit([_read(path) for path in moments.values()])
    for images, value in zip(moments, values, strict=True):
        result = checked_quality(value)
        if result is not None:
            found.append({"images": images, **result})
    return found


def untrained_quality(run: Run) -> dict[str, Any] | None:
    """The evaluation of untrained networks of a run's settings, as `checked_quality` gives it.

    None where it was not measured.
    """
    path = run.moments("quality").get(0)
    return None if path is None else checked_quality(_read(path))


def began_at(run: Run) -> int:
    """The images seen where a run began that goes on from another run's checkpoint; else 0."""
    origin = checked_origin(read_json(run.path("origin.json")))
    return origin["moment"] if origin else 0


def knob_changes(run: Run) -> list[dict[str, Any]]:
    """When knobs were set, in order: `images` seen and the new `values` by name.

    At most the newest `MOST_REQUESTS` replies are read.
    """
    paths = sorted(run.path("replies").glob("[0-9]*.json"))[-MOST_REQUESTS:]
    changes = (checked_knob_change(_read(path)) for path in paths)
    return [{"images": images, "values": values} for _, images, values in filter(None, changes)]


def last_knob_change(run: Run, moment: int) -> int | None:
    """The images seen when a knob was last set, up to a moment; None where none was."""
    seen = [change["images"] for change in knob_changes(run) if change["images"] <= moment]
    return max(seen, default=None)


def settings_now(run: Run) -> RunConfig:
    """A run's settings with the knobs as they were last set.

    Raises:
        RunError: the settings cannot be read. Knobs that cannot be read count as not set.
    """
    knobs = run.status().get("knobs")
    return with_knobs(run.config(), knobs if isinstance(knobs, dict) else {})


def settings_at(run: Run, moment: int) -> RunConfig:
    """A run's settings with the knobs as they were at a moment.

    Raises:
        RunError: as `settings_now`.
    """
    changes = knob_changes(run)
    by_hand = {name for change in changes for name in change["values"]}
    known = {k: v for k, v in run.status().get("knobs", {}).items() if k not in by_hand}
    for change in changes:
        if change["images"] <= moment:
            known |= change["values"]
    return with_knobs(run.config(), known)


def with_knobs(config: RunConfig, knobs: Mapping[str, Any]) -> RunConfig:
    """The settings with those knobs set; unchanged where the combination is not valid."""
    try:
        return dataclasses.replace(config, **{k: v for k, v in knobs.items() if k in KNOBS})
    except ConfigError:
        return config


def layout_of(run: Run, config: RunConfig) -> Layout:
    """How the run's grids are laid out; the number of own pictures' classes is in its status."""
    named = DATASETS.get(config.dataset)
    classes = run.status().get("classes", len(named.classes) if named else 0)
    return grid_layout(config, classes if config.conditional else 0)


def _read(path: Path) -> Any:
    """The value in a JSON file, cached until the file changes; None where it is gone."""
    try:
        return _cached(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@functools.lru_cache(maxsize=4096)
def _cached(path: Path, changed: int) -> Any:
    return read_json(path)


def known_data(run: Run) -> Known:
    """What a run knows of the data that it learns from, to recognise it on a resume."""
    for path in reversed(run.moments("checkpoints").values()):
        if about := read_about(path):
            return Known(str(about.get("data", "")))
    weights = run.moments("weights")
    return Known.of(read_about(weights[max(weights)])) if weights else Known()
