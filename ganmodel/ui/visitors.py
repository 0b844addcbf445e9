"""Who is asking: the secret token of a browser, and which runs it may see.

A browser makes its token up and keeps it in its localStorage; a run keeps the token's sha256. Every
function that the browser can call takes the token from its arguments and comes through here.
"""

from __future__ import annotations

import functools
import hashlib
import json
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
from ganmodel.files import reason, without_folders, write_bytes
from ganmodel.places import PlaceError
from ganmodel.runs import Run, RunError, list_runs
from ganmodel.sampling import WeightsError

log = logging.getLogger(__name__)

TOKEN = re.compile(r"[0-9a-f]{32,64}")
OPEN = "open"  # the file of a run that everybody may watch
# Of a folder right below the runs, whatever letters somebody gave it: hidden ones are not runs.
RUN_NAME = re.compile(r"[^./\\\x00-\x1f\ud800-\udfff][^/\\\x00-\x1f\ud800-\udfff]*")
MOST_NAME = 255  # bytes, as file systems have it

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


def told(error: Exception) -> str:
    """What a visitor reads of an error that they may know of: it names no place on this machine."""
    return without_folders(str(error))


def is_text(value: Any) -> bool:
    """Whether what came from outside can be kept, logged and sent again.

    JSON may hold halves of letters, which are none: no file and no answer takes them.
    """
    try:
        json.dumps(value, ensure_ascii=False, default=lambda other: None).encode()
    except (ValueError, RecursionError):  # a UnicodeEncodeError is a ValueError
        return False
    return True


def own_run(runs: Path, token: Any, name: Any) -> Run:
    """The visitor's run of that name.

    Raises:
        RunError: no such run, or somebody else's: the answer is the same, so that nobody can
            find out which runs there are.
    """
    owner = owner_of(token)
    run = _run_named(runs, name)
    if run is not None and run.owner() == owner:
        return run
    raise RunError(texts.NO_SUCH_RUN)


def _run_named(runs: Path, name: Any) -> Run | None:
    """What lies below `runs` by that name, be it a run or not; None for what is no name."""
    if not isinstance(name, str) or not RUN_NAME.fullmatch(name):
        return None
    folder = runs / name  # which on Windows would lead away for a name such as "C:x"
    return Run(folder) if len(name.encode()) <= MOST_NAME and folder.parent == runs else None


@dataclass(frozen=True)
class Reading:
    """A run that somebody may see, and as whom: its owner, or a reader by a link."""

    run: Run
    own: bool

    @property
    def shows_reals(self) -> bool:
        """Whether real pictures may be shown: somebody's own ones only to their owner."""
        return self.own or self.run.config().dataset in DATASETS

    @property
    def title(self) -> str:
        """What the run is called, to them."""
        return self.run.title(for_others=not self.own)


def readable_run(runs: Path, token: Any, name: Any, key: Any = None) -> Reading:
    """A run that is the visitor's own, is open to all, or that the key of a link opens.

    Raises:
        RunError: neither.
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
    """A run that somebody else shows to everybody."""
    owner, run = owner_of(token), _run_named(runs, name)
    if run is not None and run.path(OPEN).exists() and run.owner() != owner:
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
            if not isinstance(ask, dict) or not is_text(ask):
                raise RunError(texts.BAD_CALL)
            return function(ask)
        except KNOWN_ERRORS as error:
            return {"error": told(error)}
        except Exception:
            log.exception("%s failed", function.__name__)
            return {"error": texts.UNEXPECTED}

    return answer
