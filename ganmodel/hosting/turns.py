"""Who trains when, where trainers are few: one queue that everybody stands in, and turns.

A run that wants a trainer has a file `turn` in its folder that says since when. So the queue is the
folders themselves: a page that ends, or is killed, finds it again at its next start, and lets those
go on whose training it cut off. Where there is no limit, trainers start at once and no file is
written; runs then outlive the page.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.files import read_json, reason, write_json
from ganmodel.hosting.limits import Limits
from ganmodel.runs import Launcher, Run, RunError, checked_turn, list_runs

TURN = "turn"  # the file
LOOK_SECONDS = 0.5  # how often a page should look
STOP_SECONDS = 4.5  # how long a page that ends waits for its trainers to save
START_SECONDS = 5.0  # of a trainer, about; told to those who wait

_Turns = dict[Run, dict[str, Any]]  # runs, and what their files say


@dataclass(frozen=True)
class Waiting:
    """Where a run stands in the queue: how many are before it, and about how long it takes."""

    ahead: int
    seconds: float


class Turns:
    """The queue of one runs folder. Safe to use from several threads."""

    def __init__(self, runs: Path, launcher: Launcher, limits: Limits) -> None:
        self.runs = runs
        self.launcher = launcher
        self.limits = limits
        self._lock = threading.RLock()
        self._closed = False

    def close(self) -> None:
        """Lets every trainer save and end; the next page goes on with them."""
        with self._lock:
            self._closed = True
            living = [run for run in self._wanting() if self.trains(run)]
            for run in living:
                _ask_to_stop(run)
            deadline = time.monotonic() + STOP_SECONDS
            while any(map(self.trains, living)) and time.monotonic() < deadline:
                time.sleep(0.02)

    # --- coming and going ------------------------------------------------------------------------

    def enter(
        self, run: Run, *, resume: bool = False, images: int | None = None, first: bool = False
    ) -> None:
        """Starts a trainer on a run, or puts it at the end of the queue.

        With `first` it waits for nobody and its turn has no end: the run that a class watches.

        Raises:
            RunError: the trainer could not be started, or the folder not be written.
        """
        if self.limits.trainers is None:
            self.launcher.start(run, resume=resume, images=images)
            return
        with self._lock:
            asked = {"resume": resume, "images": images, "first": first}
            _write(run, {"since": time.time(), "began": None, **asked})
            self.look()

    def leave(self, run: Run) -> None:
        """Takes a run out of the queue, and out of those that may go on after a restart."""
        with self._lock:
            run.path(TURN).unlink(missing_ok=True)

    def waiting(self, run: Run) -> Waiting | None:
        """Where a run stands in the queue; None for one that trains or does not want to."""
        if self.limits.trainers is None or not run.path(TURN).exists():
            return None
        with self._lock:
            wanting = self._wanting()
            queue = [
                other.name
                for other, turn in wanting.items()
                if not self.trains(other) and not (turn.get("began") and self._has_ended(other))
            ]
            if run.name not in queue:
                return None
            ahead = queue.index(run.name)
            return Waiting(ahead, self._seconds_until(ahead, wanting))

    def wants(self, run: Run) -> bool:
        """Whether a run trains or waits here, known at once however many others there are."""
        return self.limits.trainers is not None and run.path(TURN).exists()

    def queued(self) -> set[str]:
        """The names of the runs that wait for their turn."""
        if self.limits.trainers is None:
            return set()
        with self._lock:
            return {run.name for run in self._wanting() if not self.trains(run)}

    def trains(self, run: Run) -> bool:
        """Whether a trainer lives on a run, be it one that an earlier page started."""
        return self.launcher.starting(run) or run.is_alive()

    def _seconds_until(self, ahead: int, wanting: _Turns) -> float:
        """About how long until a place is free for the run with `ahead` before it."""
        length, now = self.limits.turn_seconds or 0.0, time.time()
        begun = [
            turn.get("trains") or turn.get("began") or 0.0
            for run, turn in wanting.items()
            if self.trains(run)
        ]
        left = sorted(max(0.0, length - (now - began)) for began in begun)
        places = self.limits.trainers or 1
        left = ([0.0] * (places - len(left)) + left)[:places]
        rounds, place = divmod(ahead, places)
        return left[place] + rounds * (length + START_SECONDS)

    # --- looking after them ----------------------------------------------------------------------

    def look(self) -> None:
        """Lets go whose training has ended, ends turns that are over, and starts the next."""
        with self._lock:
            if not self._closed and self.limits.trainers is not None:
                self._look(self.limits.trainers)

    def _look(self, trainers: int) -> None:
        training, queue = {}, {}
        for run, turn in self._wanting().items():
            if self.trains(run):
                training[run] = self._noted(run, turn)
            elif turn.get("began") and self._has_ended(run):
                self.leave(run)
            else:
                queue[run] = turn
        now = time.time()
        for run in self._over(training, queue)[: len(queue)]:  # nobody makes room for nobody
            # It goes on later, behind those that wait, exactly where it stopped.
            _write(run, {"since": now, "began": None, "resume": True, "images": None})
            _ask_to_stop(run)
        for run, turn in list(queue.items())[: max(0, trainers - len(training))]:
            # One that had begun was cut off when a page ended, or was killed.
            resume = bool(turn.get("resume") or turn.get("began"))
            _write(run, {**turn, "began": now, "trains": None})
            try:
                self.launcher.start(run, resume=resume, images=turn.get("images"))
            except RunError:
                self.leave(run)
                raise

    def _noted(self, run: Run, turn: dict[str, Any]) -> dict[str, Any]:
        """The turn with the time since when it really trains: a start takes some seconds."""
        status = run.status()
        if turn.get("began") and not turn.get("trains"):
            if status.get("state") == "waiting" or status.get("updated", 0) < turn["began"]:
                return turn
            turn = {**turn, "trains": time.time()}
            _write(run, turn)
        return turn

    def _over(self, training: _Turns, queue: _Turns) -> list[Run]:
        """Those that train and should make room, the longest turn first."""
        first = sum(bool(turn.get("first")) for turn in queue.values())
        length, now = self.limits.turn_seconds, time.time()
        turns = [(turn["trains"], run) for run, turn in training.items() if _may_end(turn)]
        turns.sort(key=lambda pair: pair[0])
        done = [run for since, run in turns if length is not None and now - since >= length]
        return done or [run for _, run in turns[:first]]

    def _has_ended(self, run: Run) -> bool:
        """Whether training has come to its end, and was not cut off with an earlier page."""
        return run.state() in ("finished", "failed") or self.launcher.why_ended(run) is not None

    def _wanting(self) -> _Turns:
        """Runs that train or want to, with what their files say; who came first is first."""
        found = {}
        for run in list_runs(self.runs):
            turn = checked_turn(read_json(run.path(TURN)))
            if turn is not None:
                found[run] = turn
        return dict(sorted(found.items(), key=_order))


def _order(item: tuple[Run, dict[str, Any]]) -> tuple[bool, float]:
    """The host's run first; one that cannot say since when it waits, behind those that can."""
    since = item[1].get("since")
    return not item[1].get("first"), math.inf if since is None else since


def _may_end(turn: dict[str, Any]) -> bool:
    """Whether this turn can be over: it trains, is not the first's, and was not ended yet."""
    return bool(turn.get("trains")) and not turn.get("first")


def _write(run: Run, turn: dict[str, Any]) -> None:
    try:
        write_json(run.path(TURN), turn)
    except OSError as error:
        raise RunError(texts.NO_TURN.format(reason=reason(error))) from error


def _ask_to_stop(run: Run) -> None:
    with contextlib.suppress(RunError):  # a folder that can't be written: its trainer ends too
        run.ask("stop")
