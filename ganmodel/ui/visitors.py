"""Who is asking: the secret token of a browser, and which runs it may see.

A browser makes its token up and keeps it in its localStorage; a run keeps the token's sha256. Every
function that the browser can call takes the token from its arguments and comes through here.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.config import ConfigError
from ganmodel.data import DATASETS, DataError
from ganmodel.files import reason, write_bytes
from ganmodel.places import PlaceError
from ganmodel.runs import Run, RunError, list_runs
from ganmodel.sampling import WeightsError

log = logging.getLogger(__name__)

TOKEN = re.compile(r"[0-9a-f]{32,64}")
OPEN = "open"  # the file of a run that everybody may watch
RUN_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,120}")

# What a visitor may cause and can be told about in the error's own sentence.
KNOWN_ERRORS = (ConfigError, DataError, PlaceError, RunError, WeightsError)


def owner_of(token: Any) -> str:
    """What a run's folder remembers of a browser.

    Raises:
        RunError: not a token that our page made.
    """
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise RunError(texts.NO_TOKEN)
    return _hashed(token)


def own_run(runs: Path, token: Any, name: Any) -> Run:
    """The visitor's run of that name.

    Raises:
        RunError: no such run, or somebody else's: the answer is the same, so that nobody can
            find out which runs there are.
    """
    owner = owner_of(token)
    if isinstance(name, str) and RUN_NAME.fullmatch(name):
        run = Run(runs / name)
        if run.owner() == owner:
            return run
    raise RunError(texts.NO_SUCH_RUN)


@dataclass(frozen=True)
class Reading:
    """A run that somebody may see, and as whom: its owner, or a reader by a link."""

    run: Run
    own: bool

    @property
    def shows_reals(self) -> bool:
        """Whether real pictures may be shown: somebody's own ones only to their owner."""
        return self.own or self.run.config().dataset in DATASETS


def readable_run(runs: Path, token: Any, name: Any, key: Any = None) -> Reading:
    """A run that is the visitor's own, is open to all, or that the key of a link opens.

    Raises:
        RunError: neither.
    """
    if key is None:
        shown = _open_run(runs, token, name)
        return shown or Reading(own_run(runs, token, name), own=True)
    owner = owner_of(token)
    if isinstance(name, str) and RUN_NAME.fullmatch(name):
        run = Run(runs / name)
        if run.owner() == owner:
            return Reading(run, own=True)
        if isinstance(key, str) and TOKEN.fullmatch(key) and _link_of(run) == _hashed(key):
            return Reading(run, own=False)
    raise RunError(texts.NO_SUCH_LINK)


def _open_run(runs: Path, token: Any, name: Any) -> Reading | None:
    """A run that somebody else shows to everybody."""
    owner = owner_of(token)
    if isinstance(name, str) and RUN_NAME.fullmatch(name):
        run = Run(runs / name)
        if run.path(OPEN).exists() and run.owner() != owner:
            return Reading(run, own=False)
    return None


def open_to_all(run: Run) -> None:
    """Lets everybody who opens the page watch the run, and nobody but its owner steer it."""
    run.path(OPEN).touch()


def open_runs(runs: Path) -> list[Run]:
    """The runs that everybody may watch, newest first."""
    return [run for run in list_runs(runs) if run.path(OPEN).exists()]


def make_link(run: Run) -> str:
    """A key that opens the run for reading, to everybody who has it. An older one ends.

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


def answers_in_sentences(function: Callable[..., Any]) -> Callable[..., Any]:
    """For functions that JavaScript calls: trouble becomes {"error": sentence}.

    Gradio turns any exception of a server function into a bare HTTP 500.
    """

    @functools.wraps(function)
    def answer(ask: Any) -> Any:
        try:
            if not isinstance(ask, dict):
                raise RunError(texts.BAD_CALL)
            return function(ask)
        except KNOWN_ERRORS as error:
            return {"error": str(error)}
        except Exception:
            log.exception("%s failed", function.__name__)
            return {"error": texts.UNEXPECTED}

    return answer
