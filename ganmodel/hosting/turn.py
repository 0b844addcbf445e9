"""One run's turn: what its file `turn` says that it wants, and how long it has had its trainer.

The queue of all runs is in `trainer_queue`.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import Any

from ganmodel import texts
from ganmodel.files import read_json, reason, write_json
from ganmodel.runs import Run, RunError
from ganmodel.runs.checked import count, number

TURN = "turn"  # the file


@dataclass(frozen=True)
class Turn:
    """What a run asked for."""

    since: float = 0.0  # its place: who has less is before it
    began: float | None = None  # when it got its trainer, in seconds since 1970; None: it waits
    resume: bool = False
    images: int | None = None  # a new length
    first: bool = False  # it waits for nobody, and its turn has no end
    made_room: bool = False  # it trained before, and goes on unless it has come to its end
    leaves: bool = False  # it wants no more; its trainer may still be ending


@dataclass
class TurnClock:
    """Since when a run has its trainer, and since when that trains, by the clock that never jumps.

    None: it still gets ready.
    """

    began: float
    trains: float | None = None

    def is_over(self, length: float, now: float) -> bool:
        """Getting ready counts, but half of a turn is left for training at least."""
        if self.trains is None:
            return False
        return now >= max(self.began + length, self.trains + length / 2)


def read_turn(run: Run) -> Turn | None:
    """None where there is no file, or none that can be read: nobody's turn.

    A part of it that is not of its kind is as if it were not there.
    """
    found = read_json(run.path(TURN))
    if not isinstance(found, dict):
        return None
    since, began = _moment(found.get("since")), _moment(found.get("began"))
    flags = {name: found.get(name) is True for name in ("resume", "first", "made_room", "leaves")}
    return Turn(
        _written(run) if since is None else since, began, images=count(found.get("images")), **flags
    )


def _moment(value: Any) -> float | None:
    """Seconds since 1970, so few that somebody still fits behind them; None for anything else."""
    found = number(value)
    return found if found is not None and 0 <= found < 1e11 else None


def _written(run: Run) -> float:
    try:
        return run.path(TURN).stat().st_mtime
    except OSError:
        return 0.0


def write_turn(run: Run, turn: Turn) -> None:
    """Raises a `RunError` where the folder cannot be written."""
    try:
        write_json(run.path(TURN), dataclasses.asdict(turn))
    except OSError as error:
        raise RunError(texts.NO_TURN.format(reason=reason(error))) from error


def forget_turn(run: Run) -> None:
    with contextlib.suppress(OSError):  # where nothing can be removed, nothing can train either
        run.path(TURN).unlink(missing_ok=True)
