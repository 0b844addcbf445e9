"""Identifies visitors by their browser's secret token, and finds the runs that they may see.

A browser generates its token and keeps it in localStorage; a run stores the token's sha256. Every
function that the browser can call takes the token from its request and checks it here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.data import DATASETS
from ganmodel.files import reason, write_bytes
from ganmodel.runs import Run, RunError, list_runs

TOKEN = re.compile(r"[0-9a-f]{32,64}")
OPEN = "open"  # this file in a run's folder lets everybody watch it
# Of a folder directly below the runs, in any script; hidden ones are not runs.
RUN_NAME = re.compile(r"[^./\\\x00-\x1f\ud800-\udfff][^/\\\x00-\x1f\ud800-\udfff]*")
MOST_NAME = 255  # bytes, the limit of file systems


def owner_of(token: Any) -> str:
    """The owner as a run's folder stores it: the token's sha256.

    Raises:
        RunError: not a token that the page generated.
    """
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise RunError(texts.NO_TOKEN)
    return _hashed(token)


def own_run(runs: Path, token: Any, name: Any) -> Run:
    """The visitor's run of that name.

    Raises:
        RunError: no such run, or another visitor's: the answer is the same, so that the
            existence of runs is not revealed.
    """
    owner = owner_of(token)
    run = _run_named(runs, name)
    if run is not None and run.owner() == owner:
        return run
    raise RunError(texts.NO_SUCH_RUN)


def _run_named(runs: Path, name: Any) -> Run | None:
    """The folder below `runs` of that name, be it a run or not; None for an invalid name."""
    if not isinstance(name, str) or not RUN_NAME.fullmatch(name):
        return None
    folder = runs / name  # on Windows, a name such as "C:x" would lead elsewhere
    return Run(folder) if len(name.encode()) <= MOST_NAME and folder.parent == runs else None


@dataclass(frozen=True)
class Reading:
    """A run that a visitor may see, as its owner or as a reader of a link."""

    run: Run
    own: bool

    @property
    def shows_reals(self) -> bool:
        """Whether real pictures may be shown: own pictures only to their owner."""
        return self.own or self.run.config().dataset in DATASETS

    @property
    def title(self) -> str:
        """The run's title, as this visitor may see it."""
        return self.run.title(for_others=not self.own)


def readable_run(runs: Path, token: Any, name: Any, key: Any = None) -> Reading:
    """A run that is the visitor's own, is open to all, or that the key of a link opens.

    Raises:
        RunError: none of these.
    """
    if key is None:
        shown = _open_run(runs, token, name)
        return shown or Reading(own_run(runs, token, name), own=True)
    owner = owner_of(token)
    if (run := _run_named(runs, name)) is not None:
        if run.owner() == owner:
            return Reading(run, own=True)
        if isinstance(key, str) and TOKEN.fullmatch(key) and _link_of(run) == _hashed(key):
            return Reading(run, own=False)
    raise RunError(texts.NO_SUCH_LINK)


def _open_run(runs: Path, token: Any, name: Any) -> Reading | None:
    """Another visitor's run that is open to all."""
    owner, run = owner_of(token), _run_named(runs, name)
    if run is not None and run.path(OPEN).exists() and run.owner() != owner:
        return Reading(run, own=False)
    return None


def open_to_all(run: Run) -> None:
    """Lets everybody who opens the page watch the run; only its owner can steer it."""
    run.path(OPEN).touch()


def open_runs(runs: Path) -> list[Run]:
    """The runs that everybody may watch, newest first."""
    return [run for run in list_runs(runs) if run.path(OPEN).exists()]


def make_link(run: Run) -> str:
    """A key with which anybody may read the run. An older key becomes invalid.

    Raises:
        RunError: the run's folder cannot be written.
    """
    key = secrets.token_hex(16)
    try:
        write_bytes(run.path("link"), _hashed(key).encode())
    except OSError as error:
        raise RunError(texts.NO_LINK.format(reason=reason(error))) from error
    return key


def _link_of(run: Run) -> str | None:
    return next(iter(run.lines("link")), None)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
