"""Identifies visitors by their browser's secret token, and finds the runs that they may see.

A browser generates its token and keeps it in localStorage; a run stores the token's sha256. The
door makes a `Visitor` of every request, whom the functions here check against what is named.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ganmodel.data import DATASETS
from ganmodel.files import reason, write_bytes
from ganmodel.hosting import TOKEN
from ganmodel.runs import Run, RunError, list_runs
from ganmodel.words import Words

OPEN = "open"  # this file in a run's folder lets everybody watch it
# Of a folder directly below the runs, in any script; hidden ones are not runs.
RUN_NAME = re.compile(r"[^./\\\x00-\x1f\ud800-\udfff][^/\\\x00-\x1f\ud800-\udfff]*")
MOST_NAME = 255  # bytes, the limit of file systems


class Who(Enum):
    """Who may call a route, and so what its function may find for them."""

    ANYONE = "anyone"  # nothing that belongs to somebody; no token is needed
    READER = "reader"  # runs that are one's own, open to all, or opened by a link's key
    OWNER = "owner"  # one's own runs and uploads alone


class HungUpError(Exception):
    """Whoever asked is gone, so the work on the answer ends."""


@dataclass(frozen=True)
class Visitor:
    """Whoever asks: `owner` as a run's folder stores it, None without a token."""

    owner: str | None
    may: Who = Who.OWNER
    gone: threading.Event = field(default_factory=threading.Event)  # set once they hang up

    @property
    def name(self) -> str:
        """The owner that this visitor's runs and uploads have.

        Raises:
            RunError: they have not said who they are.
        """
        if self.owner is None:
            raise RunError("no-token")
        return self.owner

    def check(self) -> None:
        """Ends long work whose asker is gone, by a `HungUpError`."""
        if self.gone.is_set():
            raise HungUpError


def owner_of(token: str) -> str | None:
    """The owner as a run's folder stores it: the token's sha256; None for what is no token."""
    return _hashed(token) if TOKEN.fullmatch(token) else None


def own_run(runs: Path, visitor: Visitor, name: str) -> Run:
    """The visitor's run of that name.

    Raises:
        RunError: no such run, or another visitor's: the answer is the same, so that the
            existence of runs is not revealed.
    """
    if visitor.may is Who.ANYONE:
        raise RuntimeError("a route for anyone asks for somebody's run")
    owner, run = visitor.name, _run_named(runs, name)
    if run is not None and run.owner() == owner:
        return run
    raise RunError("no-such-run")


def _run_named(runs: Path, name: str) -> Run | None:
    """The folder below `runs` of that name, be it a run or not; None for an invalid name."""
    if not RUN_NAME.fullmatch(name):
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
    def title(self) -> Words:
        """The run's title, as this visitor may see it."""
        return self.run.title(for_others=not self.own)


def readable_run(runs: Path, visitor: Visitor, name: str, key: str | None = None) -> Reading:
    """A run that is the visitor's own, is open to all, or that the key of a link opens.

    Raises:
        RunError: none of these.
    """
    if visitor.may is not Who.READER:
        raise RuntimeError("a route that is not for readers asks for a run to read")
    owner, run = visitor.name, _run_named(runs, name)
    if run is not None:
        if run.owner() == owner:
            return Reading(run, own=True)
        if key is None and run.path(OPEN).exists():
            return Reading(run, own=False)
        if key is not None and TOKEN.fullmatch(key) and _link_of(run) == _hashed(key):
            return Reading(run, own=False)
    raise RunError("no-such-run" if key is None else "no-such-link")


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
        raise RunError("no-link", reason=reason(error)) from error
    return key


def _link_of(run: Run) -> str | None:
    return next(iter(run.lines("link")), None)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
