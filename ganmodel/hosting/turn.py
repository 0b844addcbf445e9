"""One run's turn: the request in its file `turn`, and how long it has had its trainer.

The queue of all runs is in `trainer_queue`.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import Any

from ganmodel.files import read_json, reason, write_json
from ganmodel.runs import Run, RunError
from ganmodel.runs.checked import count, number

TURN = "turn"  # the file


@dataclass(frozen=True)
class Turn:
    """A run's request for a trainer."""

    since: float = 0.0  # seconds since 1970; the queue is ordered by it
    began: float | None = None  # when it got its trainer, in seconds since 1970; None: queued
    resume: bool = False
    images: int | None = None  # a new length
    first: bool = False  # before all others, without an end of its turn
    made_room: bool = False  # it was preempted, and is resumed unless it has finished
    leaves: bool = False  # withdrawn; its trainer may still be ending


@dataclass
class TurnClock:
    """When a run got its trainer, and when that began to train, by the monotonic clock."""

    began: float
    trains: float | None = None  # None: it is still reading its data

    def is_over(self, length: float, now: float) -> bool:
        """Reading data counts towards the turn, but at least half of it is for training."""
        if self.trains is None:
            return False
        return now >= max(self.began + length, self.trains + length / 2)


def read_turn(run: Run) -> Turn | None:
    """A run's turn; None where there is no readable file.

    A value of the wrong type counts as missing.
    """
    found = read_json(run.path(TURN))
    if not isinstance(found, dict):
        return None
    since, began = _time(found.get("since")), _time(found.get("began"))
    flags = {name: found.get(name) is True for name in ("resume", "first", "made_room", "leaves")}
    return Turn(
        _written(run) if since is None else since, began, images=count(found.get("images")), **flags
    )


def _time(value: Any) -> float | None:
    """Seconds since 1970, with room for later ones; None for anything else."""
    found = number(value)
    return found if found is not None and 0 <= found < 1e11 else None


def _written(run: Run) -> float:
    try:
        return run.path(TURN).stat().st_mtime
    except OSError:
        return 0.0


def write_turn(run: Run, turn: Turn) -> None:
    """Replaces the run's file. Raises a `RunError` where the folder cannot be written."""
    try:
        write_json(run.path(TURN), dataclasses.asdict(turn))
    except OSError as error:
        raise RunError("no-turn", reason=reason(error)) from error


def forget_turn(run: Run) -> None:
    """Removes the run's file."""
    with contextlib.suppress(OSError):  # where nothing can be removed, nothing can train either
        run.path(TURN).unlink(missing_ok=True)
