"""Forks: a new run that continues another run from an earlier moment, with changed settings.

Copies files only; the new run's trainer resumes from them as from its own. Without changes it
computes the same bits as its origin.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ganmodel.config import KNOBS, ConfigError, RunConfig
from ganmodel.files import move, read_json, reason, write_bytes, write_json
from ganmodel.runs.checked import checked_earlier, checked_origin
from ganmodel.runs.folder import CHECKPOINT_FORMAT, SUFFIXES, Run, RunError, new_folder
from ganmodel.runs.past import began_at
from ganmodel.weights import WeightsError, load_tensors, save_tensors
from ganmodel.words import message

# A list, oldest first: before the moment `until`, the `settings` had the values given there.
EARLIER = "earlier.json"
# The settings that may differ from the origin's: those on which networks, data, objective and the
# format of the optimizers' state do not depend.
FORK_SETTINGS = (
    *KNOBS, "batch_size", "r1_every", "clip", "beta1", "beta2", "momentum", "ema_half_life",
    "lr_hold", "augment", "images", "evaluate_every",
)  # fmt: skip


def fork_moments(run: Run) -> list[int]:
    """The moments that a new run can begin from, ascending; 0 is always one."""
    return [0, *run.moments("checkpoints")]


def origin_of(run: Run) -> dict[str, Any] | None:
    """A fork's origin as `run`, its `title`, `moment` and `changes`; None for other runs."""
    return checked_origin(read_json(run.path("origin.json")))


def fork_run(
    runs: Path,
    origin: Run,
    moment: int,
    changes: Mapping[str, Any],
    *,
    owner: str | None = None,
    check: Callable[[RunConfig], object] = lambda config: None,
) -> Run:
    """Creates a run that continues from a checkpoint of `origin` once a trainer resumes it.

    Args:
        runs: the folder of runs in which to create it.
        moment: one of `fork_moments(origin)`; at 0 the new run is started, not resumed. If `origin`
            is a fork itself, moments before its beginning belong to its own origin and have that
            run's settings.
        changes: new values of settings in `FORK_SETTINGS`. A knob that was set before the moment
            keeps its value unless `changes` has it; knobs set later are ignored. Without a new
            length, a fork from the end of a run gets its length again on top.
        owner: as in `create_run`.
        check: called with the settings that the new run begins with, changed knobs included; if it
            raises, no run is created.

    Raises:
        ConfigError: a setting that cannot change, or an invalid value.
        RunError: no such checkpoint, a damaged one, one whose settings are no longer known, or the
            folder cannot be created.
    """
    before = _config_at(origin, moment)
    config = _changed(before, moment, changes)
    check(config)
    draft = Run(runs / f".{secrets.token_hex(8)}.tmp")  # listings of runs skip dotfiles
    try:
        draft.folder.mkdir(parents=True)
        if moment != 0:
            facts = _copy(origin, draft, moment, config, changes)
            check(dataclasses.replace(config, **facts["knobs"]))
            write_json(draft.path(EARLIER), _earlier(origin, moment, before, config))
        else:
            _compute_alike(origin, draft)
        about = {"run": origin.name, "title": origin.title(), "moment": moment}
        write_json(draft.path("origin.json"), {**about, "changes": dict(changes)})
        if owner:
            draft.set_owner(owner)
        write_json(draft.path("config.json"), config.to_json())
        return Run(_in_place(draft, runs, config))
    except OSError as error:
        raise RunError("fork-folder-not-made", reason=reason(error)) from error
    finally:
        shutil.rmtree(draft.folder, ignore_errors=True)


def _config_at(run: Run, moment: int) -> RunConfig:
    """A run's settings at a moment; before the beginning of a fork, its origin's."""
    config, known = run.config(), _earlier_of(run)
    if 0 < moment < began_at(run) and not any(moment < part["until"] for part in known):
        raise RunError("settings-of-moment-unknown", title=run.title(), run=began_at(run))
    for part in reversed(known):
        if 0 < moment < part["until"]:
            config = dataclasses.replace(config, **part["settings"])
    return config


def _earlier_of(run: Run) -> list[dict[str, Any]]:
    """The valid entries of `EARLIER`."""
    return checked_earlier(read_json(run.path(EARLIER)))


def _earlier(
    origin: Run, moment: int, before: RunConfig, config: RunConfig
) -> list[dict[str, Any]]:
    """The content of a new run's `EARLIER`: its origin's entries, and the old values of settings
    that change at the moment."""
    settings = {
        name: getattr(before, name)
        for name in FORK_SETTINGS
        if getattr(before, name) != getattr(config, name)
    }
    past = [part for part in _earlier_of(origin) if part["until"] <= moment]
    return [*past, {"until": moment, "settings": settings}]


def _changed(config: RunConfig, moment: int, changes: Mapping[str, Any]) -> RunConfig:
    for name in changes:
        if name not in FORK_SETTINGS:
            names = list(FORK_SETTINGS)
            raise ConfigError("no-fork-setting", name=f"{name!r:.60}", names=names)
    if config.images <= moment:
        config = dataclasses.replace(config, images=moment + config.images)
    changed = dataclasses.replace(config, **changes)
    if changed.images <= moment:
        raise ConfigError("fork-too-short", moment=moment, images=changed.images)
    return changed


def _in_place(draft: Run, runs: Path, config: RunConfig) -> Path:
    """Moves the draft atomically to a new run folder, and returns that."""
    folder = new_folder(runs, config)
    try:
        move(draft.folder, folder)
    except OSError:
        folder.rmdir()
        raise
    return folder


def _copy(
    origin: Run, fork: Run, moment: int, config: RunConfig, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Copies the origin up to the moment, while its trainer may be training or rolling back.

    Returns the facts of its checkpoint.
    """
    path = origin.moments("checkpoints").get(moment)
    gone = RunError("no-checkpoint-of-moment", title=origin.title(), moment=moment)
    if path is None:
        raise gone
    for kind in SUFFIXES:
        fork.path(kind).mkdir()
    try:
        facts = _copy_checkpoint(path, fork.path("checkpoints", path.name), config, changes)
    except WeightsError:
        if not path.exists():
            raise gone from None
        raise RunError("checkpoint-damaged", moment=moment) from None
    _copy_past(origin, fork, moment)
    _write_status(origin, fork, config, facts)
    if not path.exists():  # the trainer rolled back meanwhile, so some copied files are invalid
        raise gone
    return facts


def _copy_checkpoint(
    path: Path, copy: Path, config: RunConfig, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Copies a checkpoint without the knobs in `changes`, since its knobs override the config's.

    Returns its facts.

    Raises:
        WeightsError: the checkpoint cannot be read.
        RunError: the checkpoint has the format of another version.
        ConfigError: the knobs and the new settings cannot be combined.
    """
    about, tensors = load_tensors(path, message("weights.checkpoint"))
    if about.get("format") != CHECKPOINT_FORMAT:
        raise RunError("fork-of-another-version")
    facts = about["facts"]
    facts["knobs"] = {k: v for k, v in facts["knobs"].items() if k not in changes}
    dataclasses.replace(config, **facts["knobs"])
    save_tensors(copy, tensors, about)
    return facts


def _copy_past(origin: Run, fork: Run, moment: int) -> None:
    """Copies all files and rows up to the moment, except its checkpoint, copied separately."""
    for kind in SUFFIXES:
        for images, path in origin.moments(kind).items():
            if images < moment or (images == moment and kind != "checkpoints"):
                _link(path, fork.path(kind, path.name))
    _link(origin.path("reals.png"), fork.path("reals.png"))
    rows, _ = origin.rows()
    kept = [json.dumps(row) + "\n" for row in rows if row.get("images", moment + 1) <= moment]
    write_bytes(fork.path("metrics.jsonl"), "".join(kept).encode())


def _link(path: Path, copy: Path) -> None:
    """Makes a hard link, since files are never changed in place; a copy if links are impossible."""
    try:
        os.link(path, copy)
    except FileNotFoundError:  # it was just removed in favour of newer weights
        return
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(path, copy)


def _compute_alike(origin: Run, fork: Run) -> None:
    """Copies what the bits depend on to a fork from moment 0, which has no checkpoint."""
    old = origin.status()
    alike = {name: old[name] for name in ("threads", "precision", "classes") if name in old}
    if alike:
        write_json(fork.path("status.json"), {"state": "waiting", **alike})


def _write_status(origin: Run, fork: Run, config: RunConfig, facts: Mapping[str, Any]) -> None:
    """Writes the status of a run that waits to be resumed, with the notes made by the moment.

    A rollback's note carries the moment that training was rolled back to. A checkpoint of that same
    moment was mostly saved before the rollback, so the note is kept only if the checkpoint counts
    rollbacks.
    """
    old, moment = origin.status(), facts["images_seen"]
    until = moment if facts["rollbacks"] else moment - 1
    status = {
        "state": "waiting",
        "images_seen": moment,
        "images_total": config.images,
        "notes": [note for note in old.get("notes", []) if note["images"] <= until],
        "evaluation_seconds": old.get("evaluation_seconds", 0.0),
        **{name: old[name] for name in ("classes",) if name in old},
    }
    write_json(fork.path("status.json"), status)
