"""Reading a run's folder, and asking things of its trainer.

Everything here may be called while a trainer writes the same folder; that side is `recorder`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ganmodel.config import ConfigError, RunConfig, read_config
from ganmodel.files import read_json, reason, write_bytes, write_json
from ganmodel.weights import Weights, WeightsError, load_weights

# What state() can say. The first three need a living trainer; "died" is never written by one.
LIVE_STATES = ("waiting", "running", "paused")
STATES = (*LIVE_STATES, "stopped", "finished", "failed", "died")

# What a run makes again and again, each in a folder of that name, named by images seen.
SUFFIXES = {
    "samples": ".png",
    "samples_raw": ".png",
    "weights": ".safetensors",
    "checkpoints": ".safetensors",
    "quality": ".json",
}

# A trainer that was just started needs time to import torch before it takes the lock.
START_SECONDS = 60


class RunError(ValueError):
    """A run cannot be had as asked; the message is one sentence for the person who asked."""


class Run:
    """One run's folder. Holds no state of its own: every call reads the disk as it is now."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def name(self) -> str:
        return self.folder.name

    def title(self) -> str:
        """The name that a visitor gave it; else data, recipe and, where known, when it began."""
        try:
            given = self.path("title").read_text("utf-8").strip()
        except OSError:
            given = ""
        if given:
            return given
        try:
            config = self.config()
        except RunError:
            return self.name
        parts = [Path(config.dataset).name, config.preset]
        with contextlib.suppress(ValueError):
            began = datetime.strptime(self.name[:15], "%Y%m%d-%H%M%S")
            parts.append(f"{began.day} {began:%b %H:%M}")
        return " · ".join(parts)

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def config(self) -> RunConfig:
        """The run's settings; a `RunError` says what is wrong with them."""
        try:
            return read_config(self.path("config.json"))
        except ConfigError as error:
            raise RunError(str(error)) from None

    # --- how it is ---------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """status.json as it was last written, or {} before the first time."""
        status = read_json(self.path("status.json"))
        return status if isinstance(status, dict) else {}

    def is_alive(self) -> bool:
        """Whether a trainer holds the lock now."""
        if not self.path("lock").exists():
            return False
        with _probing:  # two probes of one process must not take each other for the trainer
            try:
                with FileLock(self.path("lock"), timeout=0, is_singleton=False):
                    return False
            except Timeout:
                return True
            except OSError:  # a folder that may only be read: nobody here can be training in it
                return False

    def state(self) -> str:
        """One of `STATES`: what status.json says, unless the lock says that the trainer is gone."""
        written = self.status().get("state", "waiting")
        if written not in STATES:
            return "failed"
        if written not in LIVE_STATES or self.is_alive():
            return written
        if written == "waiting" and self._age() < START_SECONDS:
            return "waiting"
        # The trainer may have ended between the two looks.
        written = self.status().get("state", "waiting")
        return "died" if written in LIVE_STATES else written

    def _age(self) -> float:
        """Seconds since the run was last asked to start."""
        try:
            return time.time() - max(
                self.path(name).stat().st_mtime
                for name in ("config.json", "status.json")
                if self.path(name).exists()
            )
        except (OSError, ValueError):
            return float("inf")

    # --- what it made ------------------------------------------------------------------------

    def rows(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The rows of metrics.jsonl from a byte offset on, and the offset to ask from next.

        A last line without its newline is still being written and is left for the next call.
        """
        try:
            with self.path("metrics.jsonl").open("rb") as file:
                file.seek(offset)
                content = file.read()
        except OSError:
            return [], offset
        whole = content[: content.rfind(b"\n") + 1]
        rows = []
        for line in whole.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # damaged by something else than us: the other rows still stand
            if isinstance(row, dict):
                rows.append(row)
        return rows, offset + len(whole)

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
        """The latest readable weights.

        The newest file may go between finding and opening it, when a newer one replaces it, and
        that newer one is then there.
        """
        for _ in range(3):
            path = self.newest_weights()
            try:
                return load_weights(path)
            except WeightsError:
                if path.exists():
                    raise
        raise RunError(f"The weights of {self.name} changed too fast to be read; try again.")

    # --- asking the trainer ------------------------------------------------------------------

    def ask(self, action: str, **details: Any) -> int:
        """Leaves a request for the trainer; its number is what `reply` wants.

        Raises:
            RunError: the folder cannot be written.
        """
        folder = self.path("requests")
        try:
            folder.mkdir(exist_ok=True)
            taken = (int(p.stem) for p in folder.glob("*.json") if p.stem.isdecimal())
            number = max(taken, default=0) + 1
            draft = folder / f".{secrets.token_hex(4)}.tmp"
            draft.write_text(json.dumps({"action": action, **details}))
            while True:
                try:
                    # Unlike a rename, a link never replaces a request that another page just made.
                    os.link(draft, folder / f"{number:06}.json")
                    break
                except FileExistsError:
                    number += 1
            draft.unlink()
        except OSError as error:
            raise RunError(f"The run {self.name} cannot be asked: {reason(error)}.") from error
        return number

    def reply(self, number: int) -> dict[str, Any] | None:
        """What the trainer answered to that request; None while it has not."""
        reply = read_json(self.path("replies", f"{number:06}.json"))
        return reply if isinstance(reply, dict) else None

    def ask_and_wait(self, action: str, *, timeout: float = 10.0, **details: Any) -> dict[str, Any]:
        """`ask`, then the reply; without one in `timeout` seconds, {"ok": False, "error": …}."""
        if self.state() not in LIVE_STATES:
            return {"ok": False, "error": f"This run is not training: it is {self.state()}."}
        number = self.ask(action, **details)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if (reply := self.reply(number)) is not None:
                return reply
            time.sleep(0.02)
        return {
            "ok": False,
            "error": f"The trainer has not answered within {timeout:.0f} s; it will do as asked "
            "after its current step.",
        }

    # --- whose it is -------------------------------------------------------------------------

    def owner(self) -> str | None:
        """What `create_run` was given as owner; None for a run of the command line."""
        try:
            return self.path("owner").read_text("utf-8").strip() or None
        except OSError:
            return None


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
            write_bytes(folder / "owner", owner.encode())
        # Last, because a folder counts as a run from the moment it has a config.
        write_json(folder / "config.json", config.to_json())
    except OSError as error:
        raise RunError(
            f"The run's folder {folder} cannot be made: {reason(error)}. Name a folder that you "
            "may write."
        ) from error
    return Run(folder)


def new_folder(runs: Path, config: RunConfig) -> Path:
    """A new, empty folder below `runs`, named by the time, the data and the recipe."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    dataset = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(config.dataset).name)
    name = f"{stamp}-{dataset}-{config.preset}"
    for suffix in itertools.count(2):
        try:
            (runs / name).mkdir()
            return runs / name
        except FileExistsError:
            name = f"{stamp}-{dataset}-{config.preset}-{suffix}"
    raise AssertionError("counting ends never")


def list_runs(runs: str | Path, owner: str | None = None) -> list[Run]:
    """The runs below a folder, newest first; with `owner`, only that owner's."""
    try:
        visible = [p for p in Path(runs).iterdir() if not p.name.startswith(".")]
        folders = [p for p in visible if (p / "config.json").is_file()]
    except OSError:
        return []
    found = [Run(p) for p in sorted(folders, key=lambda p: p.name, reverse=True)]
    return [run for run in found if run.owner() == owner] if owner else found


def weights_of(path: str | Path) -> Weights:
    """The weights in a file, or the newest of a run's folder.

    Raises:
        WeightsError, RunError: there are none, or they cannot be used.
    """
    path = Path(path)
    return Run(path).load_weights() if path.is_dir() else load_weights(path)
