"""Trying again: a new run that goes on from an earlier moment of another, with changed settings.

Only files are copied here; the new run's trainer resumes from them as it would from its own. Where
nothing is changed, it makes the same bits as the run that it came from.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganmodel.config import KNOBS, ConfigError, RunConfig, check_setting
from ganmodel.files import read_json, reason, write_bytes, write_json
from ganmodel.runs.folder import SUFFIXES, Run, RunError, new_folder
from ganmodel.weights import WeightsError, load_tensors, save_tensors

# What may differ from the run before: whatever leaves the networks, the data, the rule and the
# state of the optimizers as they are.
FORK_SETTINGS = (
    *KNOBS, "batch_size", "r1_every", "clip", "beta1", "beta2", "momentum", "ema_half_life",
    "lr_hold", "augment", "images", "evaluate_every",
)  # fmt: skip


def fork_moments(run: Run) -> list[int]:
    """The moments, in images seen, that a new run can begin from, in order; 0 is always one."""
    return [0, *run.moments("checkpoints")]


def origin_of(run: Run) -> dict[str, Any] | None:
    """Where a run began that tries another one again: `run`, its `title`, `moment`, `changes`."""
    origin = read_json(run.path("origin.json"))
    return origin if isinstance(origin, dict) else None


def fork_run(
    runs: Path, origin: Run, moment: int, changes: Mapping[str, Any], *, owner: str | None = None
) -> Run:
    """A run's folder that goes on from a checkpoint of `origin`, once a trainer resumes it.

    Args:
        runs: the folder of runs that the new one comes into.
        moment: one of `fork_moments(origin)`; from 0 the new run starts afresh, not resumes.
        changes: new values of settings in `FORK_SETTINGS`. A knob that was turned by hand before
            the moment keeps its value unless it is among them; one turned later does not count.
        owner: as in `create_run`.

    Raises:
        ConfigError: a setting that cannot change, or a value that is not sound.
        RunError: no such checkpoint, a damaged one, or no room for the folder.
    """
    config = _changed(origin.config(), moment, changes)
    path = origin.moments("checkpoints").get(moment)
    if path is None and moment != 0:
        raise RunError(
            f"The run {origin.title()} keeps no checkpoint of {moment:,} images any more: choose "
            "another moment."
        )
    draft = runs / f".{secrets.token_hex(8)}.tmp"
    try:
        draft.mkdir(parents=True)
        if path is not None:
            _copy_past(origin, Run(draft), moment)
            _copy_checkpoint(path, draft / "checkpoints" / path.name, changes)
            _write_status(origin, Run(draft), config, moment)
        about = {"run": origin.name, "title": origin.title(), "moment": moment}
        write_json(draft / "origin.json", {**about, "changes": dict(changes)})
        if owner:
            write_bytes(draft / "owner", owner.encode())
        write_json(draft / "config.json", config.to_json())
        folder = new_folder(runs, config)
        os.replace(draft, folder)  # whole, or not at all
    except WeightsError as error:
        raise RunError(f"There is no going on from {moment:,} images: {error}") from None
    except OSError as error:
        raise RunError(f"The new run's folder cannot be made: {reason(error)}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Run(folder)


def _changed(config: RunConfig, moment: int, changes: Mapping[str, Any]) -> RunConfig:
    for name in changes:
        if name not in FORK_SETTINGS:
            raise ConfigError(
                f"{name!r:.60} cannot change in the middle of a training; only "
                f"{', '.join(FORK_SETTINGS)} can."
            )
    changed = dataclasses.replace(config, **changes)
    if changed.images <= moment:
        raise ConfigError(
            f"A run that goes on from {moment:,} images must be longer than that, but its length "
            f"is {check_setting('images', changed.images):,}."
        )
    return changed


def _copy_past(origin: Run, fork: Run, moment: int) -> None:
    """All that the run made up to the moment, but its checkpoints."""
    for kind in SUFFIXES:
        fork.path(kind).mkdir()
        for images, path in origin.moments(kind).items():
            if images <= moment and kind != "checkpoints":
                _link(path, fork.path(kind, path.name))
    if origin.path("reals.png").exists():
        _link(origin.path("reals.png"), fork.path("reals.png"))
    rows, _ = origin.rows()
    kept = [json.dumps(row) + "\n" for row in rows if row["images"] <= moment]
    write_bytes(fork.path("metrics.jsonl"), "".join(kept).encode())


def _link(path: Path, copy: Path) -> None:
    """The same file under a second name, since none is ever changed in place; a copy elsewhere."""
    try:
        os.link(path, copy)
    except FileNotFoundError:  # newer weights replaced it just now
        return
    except OSError:
        shutil.copyfile(path, copy)


def _copy_checkpoint(path: Path, copy: Path, changes: Mapping[str, Any]) -> None:
    """The checkpoint, without the knobs that are chosen anew: its knobs outweigh a config's."""
    about, tensors = load_tensors(path, "a checkpoint")
    facts = about.get("facts")
    if not isinstance(facts, dict):
        raise WeightsError(f"{path.name} is damaged: it does not say what it holds.")
    knobs = {k: v for k, v in facts.get("knobs", {}).items() if k not in changes}
    save_tensors(copy, tensors, {**about, "facts": {**facts, "knobs": knobs}})


def _write_status(origin: Run, fork: Run, config: RunConfig, moment: int) -> None:
    old = origin.status()
    status = {
        "state": "waiting",
        "images_seen": moment,
        "images_total": config.images,
        "notes": [note for note in old.get("notes", []) if note["images"] <= moment],
        "evaluation_seconds": old.get("evaluation_seconds", 0.0),
    }
    write_json(fork.path("status.json"), status)
