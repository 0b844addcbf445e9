"""Reading a run's folder, and asking things of its trainer.

Everything here may be called while a trainer writes the same folder; that side is `recorder`. What
a file says passes through `checked`, so that a damaged folder is no trouble to anybody else.
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
from ganmodel.files import read_json, reason, remove, write_bytes, write_json
from ganmodel.runs.checked import LIVE_STATES, checked_row, checked_status
from ganmodel.runs.data_names import OTHERS_SEE, data_name
from ganmodel.runs.keeping import read_newest
from ganmodel.runs.restated import is_old, restated
from ganmodel.weights import Weights, load_weights

# Folders of files named by images seen, with the files' suffixes.
SUFFIXES = {
    "samples": ".png",
    "samples_raw": ".png",
    "weights": ".safetensors",
    "checkpoints": ".safetensors",
    "quality": ".json",
    "copies": ".png",
}
CHECKPOINT_FORMAT = 2  # raised when a trainer of today could not go on from an older one

# Of one run: a trainer looks at all of them before each step, and a page shows what they set.
MOST_REQUESTS = 2_000

# A trainer that was just started needs time to import torch before it takes the lock.
START_SECONDS = 60
LONGEST_LINE = 120  # letters of a title, an owner, a link's key
# A run's name begins with when it began, in UTC, so that names sort by time in every time zone.
# Names without the Z are older ones, in local time.
STAMP = "%Y%m%dT%H%M%SZ"
STAMPED = re.compile(r"(\d{4})(\d\d)(\d\d)[T-](\d\d)(\d\d)(\d\d)(Z?)-")


class RunError(ValueError):
    """A run cannot do what was asked; the message is one sentence for the person who asked."""


LOOKS = 10  # for a reply, between two probes whether the trainer lives


class Run:
    """One run's folder. Holds no state of its own: every call reads the disk."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def name(self) -> str:
        return self.folder.name

    def title(self, *, for_others: bool = False) -> str:
        """The name that a visitor gave it; else data, preset and, where known, when it began.

        `for_others`: without the name that its owner gave own data.
        """
        if given := self.lines("title"):
            return given[0]
        try:
            config = self.config()
        except RunError:
            return self.name
        own = config.dataset not in DATASETS
        parts = [OTHERS_SEE if own and for_others else data_name(config), config.preset]
        if began := began_by_name(self.name):
            with contextlib.suppress(ValueError, OverflowError, OSError):
                began = began.astimezone()  # where that is out of range, it stays as it is
            parts.append(f"{began.day} {began:%b %H:%M}")
        return " · ".join(parts)

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def lines(self, name: str) -> list[str]:
        """The readable lines of a small file such as `title`; [] without any."""
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
            raise RunError(str(error)) from None

    # --- how it is ---------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """The content of status.json, see `checked_status`; {} before that is first written."""
        return checked_status(read_json(self.path("status.json")))

    def is_alive(self) -> bool:
        """Whether a trainer holds the lock now."""
        if not self.path("lock").exists():
            return False
        with _probing:  # so that two probes of one process do not take each other for the trainer
            try:
                with FileLock(self.path("lock"), timeout=0, is_singleton=False):
                    return False
            except Timeout:
                return True
            except OSError:  # a read-only folder: nobody can be training in it
                return False

    def state(self) -> str:
        """One of `STATES`: status.json's, unless a free lock shows that the trainer is gone."""
        written = self._written()
        if written not in LIVE_STATES or self.is_alive():
            return written
        if written == "waiting" and self._may_start():
            return "waiting"
        # The trainer may have ended between the two looks.
        written = self._written()
        return "died" if written in LIVE_STATES else written

    def _written(self) -> str:
        """The state in status.json; "waiting" before it exists, "failed" where it is unreadable."""
        known = self.status().get("state")
        if known is None and os.path.lexists(self.path("status.json")):
            return "running" if self.is_alive() else "failed"
        return known or "waiting"

    def _may_start(self) -> bool:
        """Whether a trainer may be about to take the lock, since the run was started just now."""
        newest = 0.0
        for name in ("config.json", "status.json"):
            with contextlib.suppress(OSError):
                newest = max(newest, self.path(name).stat().st_mtime)
        # A file time in the future comes from another clock.
        return abs(time.time() - newest) < START_SECONDS

    # --- what it made ------------------------------------------------------------------------

    def rows(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The rows of metrics.jsonl from a byte offset on, and the offset for the next call.

        A last line without its newline is still being written and is left for the next call.
        """
        try:
            with self.path("metrics.jsonl").open("rb") as file:
                file.seek(offset)
                content = file.read()
        except OSError:
            return [], offset
        whole = content[: content.rfind(b"\n") + 1]
        # A damaged line is left out; the others count.
        rows = [row for line in whole.splitlines() if (row := checked_row(line)) is not None]
        return self.in_todays_unit(rows), offset + len(whole)

    def in_todays_unit(self, found: list[Any]) -> list[Any]:
        """Rows or evaluations of this run, with distances of earlier editions restated."""
        if not any(map(is_old, found)):
            return found
        try:
            dataset = self.config().dataset
        except RunError:  # its data is not known any more
            return found
        return [restated(one, dataset) for one in found]

    def moments(self, kind: str) -> dict[int, Path]:
        """Images seen -> file, in order; `kind` is a folder's name in `SUFFIXES`."""
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
        """The file with the latest weights; a `RunError` where there are none yet."""
        moments = self.moments("weights")
        if not moments:
            raise RunError(
                f"The run {self.name} has no weights yet; they come with its first picture."
            )
        return moments[max(moments)]

    def load_weights(self) -> Weights:
        """The latest weights; a `RunError` or `WeightsError` where there are no usable ones."""
        return read_newest(self.newest_weights, load_weights)

    # --- asking the trainer ------------------------------------------------------------------

    def ask(self, action: str, **details: Any) -> int:
        """Leaves a request for the trainer; returns its number, for `reply`.

        Raises:
            RunError: the folder cannot be written, or there are `MOST_REQUESTS` requests already;
                "stop" is always taken.
        """
        folder, request = self.path("requests"), {"action": action, **details}
        try:
            folder.mkdir(exist_ok=True)
            taken = (int(p.stem) for p in folder.glob("*.json") if p.stem.isdecimal())
            number = max(taken, default=0) + 1
            if number > MOST_REQUESTS and action != "stop":
                raise RunError(
                    f"This run was asked {MOST_REQUESTS:,} things already, as many as one run "
                    "takes: stop it, and try again from here as a new run."
                )
            while not self._leave(number, request):
                number += 1
        except OSError as error:
            raise RunError(f"The run {self.name} cannot be asked: {reason(error)}.") from error
        return number

    def _leave(self, number: int, request: dict[str, Any]) -> bool:
        """Writes a request under a number; False where another page has that number.

        A separate file claims the number first: a rename would replace an existing request, and
        some file systems have no hard links.
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
        """The trainer's reply to a request; None before it comes."""
        reply = read_json(self.path("replies", f"{number:06}.json"))
        return reply if isinstance(reply, dict) else None

    def ask_and_wait(self, action: str, *, timeout: float = 10.0, **details: Any) -> dict[str, Any]:
        """`ask`, then the reply; without one in `timeout` seconds, {"ok": False, "error": …}."""
        if self.state() not in LIVE_STATES:
            return {"ok": False, "error": f"This run is not training: it is {self.state()}."}
        number = self.ask(action, **details)
        deadline = time.monotonic() + timeout
        looks = 0
        while time.monotonic() < deadline:
            looks += 1
            gone = looks % LOOKS == 0 and self.state() not in LIVE_STATES
            if (reply := self.reply(number)) is not None:
                return reply
            if gone:
                return {"ok": False, "error": f"The run ended before that: it is {self.state()}."}
            time.sleep(0.02)
        return {
            "ok": False,
            "error": f"The trainer has not answered within {timeout:.0f} s; it will do as asked "
            "after its current step.",
        }

    # --- whose it is -------------------------------------------------------------------------

    def owner(self) -> str | None:
        """The owner that `create_run` was given; None for a run of the command line."""
        return next(iter(self.lines("owner")), None)

    def set_owner(self, owner: str) -> None:
        """Writes the owner twice, so that it is known though one line is damaged.

        Raises:
            OSError: it cannot be written.
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
    """A new folder below `runs` that holds only the config, ready for a trainer.

    Raises:
        RunError: the folder cannot be made, or one of that name holds a run already.
    """
    folder = Path(runs) / (name or "unnamed")
    try:
        Path(runs).mkdir(parents=True, exist_ok=True)
        if name is None:
            folder = new_folder(Path(runs), config)
        elif folder.is_dir() and any(folder.iterdir()):
            raise RunError(
                f"{folder} exists already: add --resume to go on with it, or name another folder."
            )
        else:
            folder.mkdir(exist_ok=True)
        if owner:
            Run(folder).set_owner(owner)
        # Last, because a folder with a config counts as a run.
        write_json(folder / "config.json", config.to_json())
    except OSError as error:
        raise RunError(
            f"The run's folder {folder} cannot be made: {reason(error)}. Name a folder that you "
            "may write."
        ) from error
    return Run(folder)


def new_folder(runs: Path, config: RunConfig) -> Path:
    """A new, empty folder below `runs`, named by the time, the data and the preset.

    Own data is called "own" there: the name that a person gave it is no identifier, and names of
    runs are in addresses.
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

    Unreadable folders are left out.
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
    """When a run began, by its name; None for a name without a time."""
    stamp = STAMPED.match(name)
    if stamp is None:
        return None
    *parts, zone = stamp.groups()
    try:
        began = datetime(*map(int, parts))
        return began.replace(tzinfo=UTC) if zone else began.astimezone()
    except (ValueError, OverflowError, OSError):  # no date, or none that the system knows
        return None


def weights_of(path: str | Path) -> Weights:
    """The weights in a file, or the newest of a run's folder.

    Raises:
        WeightsError, RunError: there are none, or they cannot be used.
    """
    path = Path(path)
    return Run(path).load_weights() if path.is_dir() else load_weights(path)
