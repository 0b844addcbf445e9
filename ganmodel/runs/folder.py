"""Reads a run's folder, sends requests to its trainer, and creates and lists runs.

Everything here may be called while a trainer writes to the folder by means of `recording`.
`checked` validates the content of files, so that a damaged folder does not cause errors elsewhere.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ganmodel.config import ConfigError, RunConfig, read_config
from ganmodel.data import DATASETS
from ganmodel.errors import KnownError
from ganmodel.files import read_json, reason, remove, write_bytes, write_json
from ganmodel.runs.checked import LIVE_STATES, checked_row, checked_status
from ganmodel.runs.data_names import data_name
from ganmodel.runs.keeping import read_newest
from ganmodel.runs.restated import is_old, restated
from ganmodel.weights import Weights, load_weights
from ganmodel.words import Words, message

# Folders of files named by images seen, with the files' suffixes.
SUFFIXES = {
    "samples": ".png",
    "samples_raw": ".png",
    "weights": ".safetensors",
    "checkpoints": ".safetensors",
    "quality": ".json",
    "copies": ".png",
}
CHECKPOINT_FORMAT = 2  # incremented when a trainer could not resume from older ones

# Requests to one run: its trainer lists them before each step, and pages show what they set.
MOST_REQUESTS = 2_000

# A trainer that was just started needs time to import torch before it takes the lock.
START_SECONDS = 60
LONGEST_LINE = 120  # characters of a title, an owner, a link's key
# A run's name begins with its start time in UTC, so that names sort by time in every time zone.
# Older names, without the Z, are in local time.
STAMP = "%Y%m%dT%H%M%SZ"
STAMPED = re.compile(r"(\d{4})(\d\d)(\d\d)[T-](\d\d)(\d\d)(\d\d)(Z?)-")


class RunError(KnownError, ValueError):
    """A run cannot do what was requested; the message is one sentence for the user."""


FORMAT = 2  # of a run's folder: incremented when what a trainer goes on from changes


class Run:
    """One run's folder. Holds no state of its own: every call reads the disk."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def name(self) -> str:
        return self.folder.name

    def title(self, *, for_others: bool = False) -> Words:
        """The title that a visitor gave it; else data, preset and, if known, the start time.

        With `for_others`, the owner's name for own data is not shown.
        """
        if given := self.lines("title"):
            return given[0]
        try:
            config = self.config()
        except RunError:
            return self.name
        own = config.dataset not in DATASETS
        data = message("page.own-pictures") if own and for_others else data_name(config)
        if began := began_by_name(self.name):
            when = began.isoformat()
            return message("page.run-title", data=data, recipe=config.preset, when=when)
        return message("page.run-title-undated", data=data, recipe=config.preset)

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def lines(self, name: str) -> list[str]:
        """The printable lines of a small file such as `title`; [] if it is missing."""
        try:
            with self.path(name).open("rb") as file:
                content = file.read(8 * LONGEST_LINE)
        except OSError:
            return []
        found = []
        for line in content.splitlines():
            with contextlib.suppress(UnicodeDecodeError):
                found.append(line.decode().strip()[:LONGEST_LINE])
        return [line for line in found if line and line.isprintable()]

    def config(self) -> RunConfig:
        """The run's settings; a `RunError` says what is wrong with them."""
        try:
            return read_config(self.path("config.json"))
        except ConfigError as error:
            raise RunError(error.code, **error.values) from None

    # --- status ------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """The content of status.json, see `checked_status`; {} before it is first written."""
        return checked_status(read_json(self.path("status.json")))

    def is_alive(self) -> bool:
        """Whether a trainer holds the lock now."""
        if not self.path("lock").exists():
            return False
        with _probing:  # otherwise two threads' probes would take each other for the trainer
            try:
                with FileLock(self.path("lock"), timeout=0, is_singleton=False):
                    return False
            except Timeout:
                return True
            except OSError:  # a read-only folder: no trainer can write to it
                return False

    def state(self) -> str:
        """The state in status.json, one of `STATES`; "died" if a live one's lock is free."""
        written = self._written()
        if written not in LIVE_STATES or self.is_alive():
            return written
        if written == "waiting" and self._may_start():
            return "waiting"
        # Read again, since the trainer may have ended between the two reads.
        written = self._written()
        return "died" if written in LIVE_STATES else written

    def _written(self) -> str:
        """The state in status.json; "waiting" before it exists, "failed" where it is unreadable."""
        known = self.status().get("state")
        if known is None and os.path.lexists(self.path("status.json")):
            return "running" if self.is_alive() else "failed"
        return known or "waiting"

    def _may_start(self) -> bool:
        """Whether the run was created or updated so recently that its trainer may still start."""
        newest = 0.0
        for name in ("config.json", "status.json"):
            with contextlib.suppress(OSError):
                newest = max(newest, self.path(name).stat().st_mtime)
        # abs(): a time in the future comes from another machine's clock.
        return abs(time.time() - newest) < START_SECONDS

    # --- results -----------------------------------------------------------------------------

    def rows(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The rows of metrics.jsonl from a byte offset on, and the offset for the next call.

        A last line without a newline is still being written, and is left for the next call.
        """
        try:
            with self.path("metrics.jsonl").open("rb") as file:
                file.seek(offset)
                content = file.read()
        except OSError:
            return [], offset
        whole = content[: content.rfind(b"\n") + 1]
        # A damaged line is skipped.
        rows = [row for line in whole.splitlines() if (row := checked_row(line)) is not None]
        return self.in_todays_unit(rows), offset + len(whole)

    def in_todays_unit(self, found: list[Any]) -> list[Any]:
        """Rows or evaluations of this run, with earlier editions' distances in today's unit."""
        if not any(map(is_old, found)):
            return found
        try:
            dataset = self.config().dataset
        except RunError:  # the config is unreadable, so the data set is unknown
            return found
        return [restated(one, dataset) for one in found]

    def moments(self, kind: str) -> dict[int, Path]:
        """Moment -> file, ascending; `kind` is a folder's name in `SUFFIXES`."""
        suffix = SUFFIXES[kind]
        try:
            names = os.listdir(self.path(kind))
        except OSError:
            return {}
        found = {
            int(stem): self.path(kind, name)
            for name in names
            if (stem := name.removesuffix(suffix)) != name and stem.isdecimal()
        }
        return dict(sorted(found.items()))

    def newest_weights(self) -> Path:
        """The file with the newest weights; a `RunError` if there are none yet."""
        moments = self.moments("weights")
        if not moments:
            raise RunError("run-without-weights", name=self.name)
        return moments[max(moments)]

    def load_weights(self) -> Weights:
        """The newest weights; a `RunError` or `WeightsError` if there are no usable ones."""
        return read_newest(self.newest_weights, load_weights)

    # --- requests to the trainer -------------------------------------------------------------

    def ask(self, action: str, **details: Any) -> int:
        """Queues a request for the trainer and returns its number, for `reply`.

        Raises:
            RunError: the folder cannot be written, or there are `MOST_REQUESTS` requests already
                ("stop" is always accepted).
        """
        folder, request = self.path("requests"), {"action": action, **details}
        try:
            folder.mkdir(exist_ok=True)
            taken = (int(p.stem) for p in folder.glob("*.json") if p.stem.isdecimal())
            number = max(taken, default=0) + 1
            if number > MOST_REQUESTS and action != "stop":
                raise RunError("asked-too-often", most_requests=MOST_REQUESTS)
            while not self._leave(number, request):
                number += 1
        except OSError as error:
            raise RunError("run-not-asked", name=self.name, reason=reason(error)) from error
        return number

    def _leave(self, number: int, request: dict[str, Any]) -> bool:
        """Writes a request under a number; False if another process has taken that number.

        A separate file claims the number first, since a rename would replace an existing request,
        and some file systems have no hard links.
        """
        target = self.path("requests", f"{number:06}.json")
        claim = self.path("requests", f".{number:06}.claim")
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            return False
        try:
            if target.exists():
                return False
            write_bytes(target, json.dumps(request).encode())
        finally:
            remove(claim)
        return True

    def reply(self, number: int) -> dict[str, Any] | None:
        """The trainer's reply to a request; None if there is none yet."""
        reply = read_json(self.path("replies", f"{number:06}.json"))
        return reply if isinstance(reply, dict) else None

    # --- owner -------------------------------------------------------------------------------

    def owner(self) -> str | None:
        """The owner that was passed to `create_run`; None for a run of the command line."""
        return next(iter(self.lines("owner")), None)

    def set_owner(self, owner: str) -> None:
        """Writes the owner twice, so that it can be read even if one line is damaged.

        Raises:
            OSError: the file cannot be written.
        """
        write_bytes(self.path("owner"), f"{owner}\n{owner}\n".encode())


_probing = threading.Lock()


def create_run(
    runs: str | Path,
    config: RunConfig,
    *,
    name: str | None = None,
    owner: str | None = None,
) -> Run:
    """Creates a folder below `runs` with the config and, if given, the owner, for a trainer.

    Raises:
        RunError: the folder cannot be created, or one of that name is not empty.
    """
    folder = Path(runs) / (name or "unnamed")
    try:
        Path(runs).mkdir(parents=True, exist_ok=True)
        if name is None:
            folder = new_folder(Path(runs), config)
        elif folder.is_dir() and any(folder.iterdir()):
            raise RunError("run-folder-exists", folder=str(folder))
        else:
            folder.mkdir(exist_ok=True)
        if owner:
            Run(folder).set_owner(owner)
        # Written last, because a folder with a config counts as a run.
        write_json(folder / "config.json", config.to_json())
    except OSError as error:
        raise RunError("run-folder-not-made", folder=str(folder), reason=reason(error)) from error
    return Run(folder)


def new_folder(runs: Path, config: RunConfig) -> Path:
    """Creates an empty folder below `runs`, named by the time, the data and the preset.

    Own data is called "own" there, because names of runs are part of URLs, for which user-supplied
    names are not suited.
    """
    stamp = datetime.now(UTC).strftime(STAMP)
    dataset = config.dataset if config.dataset in DATASETS else "own"
    name = f"{stamp}-{dataset}-{config.preset}"
    for suffix in itertools.count(2):
        try:
            (runs / name).mkdir()
            return runs / name
        except FileExistsError:
            name = f"{stamp}-{dataset}-{config.preset}-{suffix}"
    raise AssertionError("counting ends never")


def list_runs(runs: str | Path, owner: str | None = None) -> list[Run]:
    """The runs below a folder, newest first; with `owner`, only that owner's.

    Unreadable folders are skipped.
    """
    try:
        paths = [path for path in Path(runs).iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            changed = (path / "config.json").stat().st_mtime
            began = began_by_name(path.name)
            since = began.timestamp() if began else changed
            found.append(((since, changed, path.name), Run(path)))
    found.sort(key=lambda entry: entry[0], reverse=True)
    return [run for _, run in found if not owner or run.owner() == owner]


def began_by_name(name: str) -> datetime | None:
    """The start time in a run's name; None for a name without one."""
    stamp = STAMPED.match(name)
    if stamp is None:
        return None
    *parts, zone = stamp.groups()
    try:
        began = datetime(*map(int, parts))
        return began.replace(tzinfo=UTC) if zone else began.astimezone()
    except (ValueError, OverflowError, OSError):  # invalid, or out of the system's range
        return None


def weights_of(path: str | Path) -> Weights:
    """The weights in a file, or the newest in a run's folder.

    Raises:
        WeightsError, RunError: there are none, or they cannot be used.
    """
    path = Path(path)
    return Run(path).load_weights() if path.is_dir() else load_weights(path)
