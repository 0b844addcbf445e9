"""The queue of runs that take turns to train where trainers are limited.

A run's request is a file in its folder, see `turn`, so the queue outlives the page: at its next
start a page resumes the runs whose training was cut off. Of several pages on one runs folder one
keeps the queue; when it ends, another takes over. Without a limit, trainers start at once and
outlive the page; only the runs that the system ended are resumed at the next start.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ganmodel.hosting.limits import Limits
from ganmodel.hosting.turn import TURN, Turn, TurnClock, forget_turn, read_turn, write_turn
from ganmodel.runs import LIVE_STATES, Launcher, Run, RunError, list_runs
from ganmodel.words import Words, message

KEEPER = ".keeper"  # a lock file in the runs folder, held by the page that keeps the queue
LOOK_SECONDS = 0.5  # how often a page should call `look`
STOP_SECONDS = 4.5  # how long a page that ends waits for its trainers to save
START_SECONDS = 5.0  # a trainer's usual start-up time, for the displayed waiting time
MOST_START_SECONDS = 30.0  # the same on a busy machine, before the trainer reads its data
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """A run's place in the queue: how many are before it, and the expected wait in seconds."""

    ahead: int
    seconds: float


_Turns = dict[Run, Turn]  # in the order of the queue


class TrainerQueue:
    """The queue of one runs folder. Safe to use from several threads."""

    def __init__(self, runs: Path, launcher: Launcher, limits: Limits) -> None:
        self.runs = runs
        self.launcher = launcher
        self.limits = limits
        self._lock = threading.RLock()
        self._keeper = FileLock(runs / KEEPER, timeout=0, thread_local=False, is_singleton=False)
        self._clocks: dict[str, TurnClock] = {}  # run's name -> its turn's clock, while it trains
        self._left: dict[str, Words] = {}  # run's name -> why it was taken out of the queue
        self._looked = self._closed = False

    def close(self) -> None:
        """Stops all trainers of a limited queue, so that they save; the next page resumes them."""
        living = []
        with self._lock:
            self._closed = True
            if self.limits.trainers is not None and self._keeps():
                living = [run for run in self._wanting() if self.trains(run)]
        for run in living:
            _ask_to_stop(run)
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(self.trains, living)) and time.monotonic() < deadline:
            time.sleep(0.02)
        self._keeper.release()

    def _keeps(self) -> bool:
        """Whether this page keeps the queue, or can take it over now."""
        try:
            if not self._keeper.is_locked and self.runs.is_dir():
                self._keeper.acquire()
        except Timeout:
            return False
        except (OSError, NotImplementedError):  # the file system has no locks, or is not writable
            return True
        return True

    # --- entering and leaving --------------------------------------------------------------------

    def enter(
        self, run: Run, *, resume: bool = False, images: int | None = None, first: bool = False
    ) -> None:
        """Starts a trainer on a run, or puts it at the end of the queue.

        With `first` it goes before all others and its turn has no end: the run that a class
        watches.

        Raises:
            RunError: the trainer could not be started, or the folder cannot be written.
        """
        with self._lock:
            self._left.pop(run.name, None)
            turn = Turn(self._behind_all(), resume=resume, images=images, first=first)
            if self.limits.trainers is None:
                with contextlib.suppress(RunError):  # then its trainer reports why
                    write_turn(run, dataclasses.replace(turn, began=time.time()))
                self._start(run, turn)
                return
            write_turn(run, turn)
            trouble = self._look(self.limits.trainers) if self._looks() else {}
            if run.name in trouble:
                raise trouble[run.name]

    def leave(self, run: Run) -> None:
        """Withdraws a run: it is not started or resumed any more.

        While its trainer is still alive, it occupies a trainer's place.
        """
        with self._lock:
            turn = read_turn(run)
            if turn is not None and self.limits.trainers is not None and self.trains(run):
                with contextlib.suppress(RunError):
                    write_turn(run, dataclasses.replace(turn, leaves=True))
                    return
            forget_turn(run)

    def waiting(self, run: Run) -> Waiting | None:
        """A run's place in the queue; None for one that is not queued.

        A preempted run is queued at once, though its trainer may still be saving.
        """
        if self.limits.trainers is None or read_turn(run) is None:
            return None
        with self._lock:
            wanting = self._wanting()
            queue = [other.name for other, turn in wanting.items() if self._is_queued(other, turn)]
            if run.name not in queue:
                return None
            ahead = queue.index(run.name)
            return Waiting(ahead, self._seconds_until(ahead, wanting))

    def place_of_next(self) -> Waiting | None:
        """The place of a run that would enter now; None where it would train at once."""
        if self.limits.trainers is None:
            return None
        with self._lock:
            wanting = self._wanting()
            ahead = sum(self._is_queued(run, turn) for run, turn in wanting.items())
            if len(wanting) < self.limits.trainers:
                return None
            return Waiting(ahead, self._seconds_until(ahead, wanting))

    def wants(self, run: Run) -> bool:
        """Whether a run trains or is queued; takes one file system access."""
        return self.limits.trainers is not None and run.path(TURN).exists()

    def queued(self) -> set[str]:
        """The names of the queued runs."""
        if self.limits.trainers is None:
            return set()
        with self._lock:
            wanting = self._wanting()
            return {run.name for run, turn in wanting.items() if self._is_queued(run, turn)}

    def _is_queued(self, run: Run, turn: Turn) -> bool:
        """Whether a run with this turn waits for a trainer."""
        if turn.leaves:
            return False
        if not self.trains(run):
            return not self._has_ended(run, turn)
        return turn.began is None or self._has_stopped(run)

    def trains(self, run: Run) -> bool:
        """Whether a run has a living trainer, started by this page or an earlier one."""
        return self.launcher.starting(run) or run.is_alive()

    def why_left(self, run: Run) -> Words | None:
        """Why a run was taken out of the queue, unless its visitor asked for it."""
        return self._left.get(run.name)

    def _seconds_until(self, ahead: int, wanting: _Turns) -> float:
        """Expected wait in seconds of the run with `ahead` before it."""
        length, now = self.limits.turn_seconds or 0.0, time.monotonic()
        left = []
        for run, turn in wanting.items():
            if self.trains(run):
                clock = self._clocks.get(run.name)
                passed = now - clock.began if clock else time.time() - (turn.began or 0.0)
                left.append(min(length, max(0.0, length - passed)))
        places = self.limits.trainers or 1
        left = ([0.0] * (places - len(left)) + sorted(left))[:places]
        rounds, place = divmod(ahead, places)
        return left[place] + rounds * (length + START_SECONDS)

    # --- the periodic update ---------------------------------------------------------------------

    def look(self) -> None:
        """Dequeues finished runs, preempts those whose turn has expired, starts the next.

        Without a limit, its first call resumes the runs that the system ended.
        """
        with self._lock:
            if not self._looks():
                self._looked = True  # the page that keeps the queue has done it
                return
            if self.limits.trainers is None:
                trouble = self._look_after_own()
            else:
                trouble = self._look(self.limits.trainers)
        for error in trouble.values():
            log.warning("A run could not go on: %s", error)

    def _looks(self) -> bool:
        return not self._closed and self._keeps()

    def _look_after_own(self) -> dict[str, RunError]:
        """`look` without a limit. Returns the runs that could not be started, by name, and why."""
        trouble: dict[str, RunError] = {}
        for run, turn in self._wanting().items() if not self._looked else ():
            if self.trains(run) or turn.began is None:
                continue
            status = run.status()
            by_wish = status.get("state") == "stopped" and not status.get("interrupted")
            if by_wish or self._has_ended(run, turn):
                forget_turn(run)
                continue
            try:
                self._start(run, dataclasses.replace(turn, resume=True))
            except RunError as error:
                trouble[run.name] = error
        self._looked = True
        for run in self.launcher.ended():
            turn = read_turn(run)
            if turn is not None and self._has_ended(run, turn):
                forget_turn(run)
        return trouble

    def _look(self, trainers: int) -> dict[str, RunError]:
        """`look` with a limit. Returns the runs that could not be started, by name, and why."""
        training, queue = {}, {}
        for run, turn in self._wanting().items():
            if self.trains(run):
                training[run] = turn
            elif turn.leaves or self._has_ended(run, turn):
                forget_turn(run)
            else:
                queue[run] = turn
        self._clocks = {run.name: self._clock(run) for run in training}
        self._end_never_ready(training)
        # A paused run of a class's host occupies no place, and may stay paused for any time.
        holding = [run for run, turn in training.items() if not (turn.first and _is_paused(run))]
        for run in self._to_preempt(training, queue, len(holding) - trainers):
            self._preempt(run)
        trouble: dict[str, RunError] = {}
        for run, turn in list(queue.items())[: max(0, trainers - len(holding))]:
            # One that had begun was cut off when a page ended.
            turn = dataclasses.replace(turn, resume=turn.resume or turn.began is not None)
            try:
                write_turn(run, dataclasses.replace(turn, began=time.time()))
            except RunError:
                break  # on a full disk no run can train: they stay queued
            try:
                self._start(run, turn)
            except RunError as error:
                self._left[run.name] = error.message
                trouble[run.name] = error
        return trouble

    def _start(self, run: Run, turn: Turn) -> None:
        """Starts a trainer; a run that cannot have one is dequeued."""
        try:
            self.launcher.start(run, resume=turn.resume, images=turn.images)
        except RunError:
            forget_turn(run)
            raise

    def _clock(self, run: Run) -> TurnClock:
        clock = self._clocks.get(run.name) or TurnClock(time.monotonic())
        trains = run.status().get("state") in ("running", "paused")
        if clock.trains is None and trains and self._has_spoken(run):
            clock.trains = time.monotonic()
        return clock

    def _end_never_ready(self, training: _Turns) -> None:
        """Ends trainers that read their data for too long: they hang, or would restart for ever."""
        if self.limits.reading_seconds is None:
            return
        most = self.limits.reading_seconds + MOST_START_SECONDS
        for run, turn in training.items():
            clock = self._clocks[run.name]
            if clock.trains is None and time.monotonic() - clock.began > most and not turn.leaves:
                why = self._left[run.name] = message("run.never-ready")
                self.leave(run)
                _ask_to_stop(run)
                self.launcher.insist(run, why)

    def _to_preempt(self, training: _Turns, queue: _Turns, surplus: int) -> list[Run]:
        """The training runs that should make room, those with the longest turn first.

        `surplus`: by how many the trainers exceed the limit.
        """
        length, now = self.limits.turn_seconds, time.monotonic()
        ending = sum(turn.began is None or turn.leaves for turn in training.values())
        may = [
            run
            for run, turn in training.items()
            if not (turn.first or turn.leaves or turn.began is None)
            and self._clocks[run.name].trains is not None
            and run.status().get("state") in LIVE_STATES  # else it is about to end by itself
        ]
        may.sort(key=lambda run: self._clocks[run.name].began)
        over = [run for run in may if length and self._clocks[run.name].is_over(length, now)]
        at_once = sum(turn.first for turn in queue.values()) + max(0, surplus) - ending
        # None is preempted while no run waits.
        return max(over[: max(0, len(queue) - ending)], may[: max(0, at_once)], key=len)

    def _preempt(self, run: Run) -> None:
        """Stops a run's trainer and queues the run again; it resumes exactly where it stopped."""
        if _is_paused(run):  # resuming it would undo its visitor's pause
            self._left[run.name] = message("run.pause-made-room")
            self.leave(run)
        else:
            with contextlib.suppress(RunError):  # then it keeps its old place in the queue
                write_turn(run, Turn(self._behind_all(), resume=True, made_room=True))
        _ask_to_stop(run)
        self.launcher.insist(run)

    def _has_ended(self, run: Run, turn: Turn) -> bool:
        """Whether training finished or failed, rather than being cut off with an earlier page."""
        if turn.began is None and not turn.made_room:  # its status is from before it was queued
            return False
        if run.status().get("state") in ("finished", "failed"):
            return True
        return self.launcher.why_ended(run) is not None and not self.launcher.was_cut_off(run)

    def _has_stopped(self, run: Run) -> bool:
        """Whether the living trainer has already written its last status."""
        return run.status().get("state") == "stopped" and self._has_spoken(run)

    def _has_spoken(self, run: Run) -> bool:
        """Whether the status was written by the living trainer, not by an earlier one."""
        return not self.launcher.starting(run) or self.launcher.has_spoken(run)

    def _wanting(self) -> _Turns:
        """Runs that train or are queued, in the order of the queue."""
        requests = ((run, read_turn(run)) for run in list_runs(self.runs))
        found = [(run, turn) for run, turn in requests if turn is not None]
        return dict(sorted(found, key=lambda entry: (not entry[1].first, entry[1].since)))

    def _behind_all(self) -> float:
        """A time later than every queued run's, whatever the clock does."""
        return max([time.time(), *(turn.since + 1e-3 for turn in self._wanting().values())])


def _is_paused(run: Run) -> bool:
    return run.status().get("state") == "paused"


def _ask_to_stop(run: Run) -> None:
    with contextlib.suppress(RunError):  # if a folder cannot be written, its trainer ends too
        run.ask("stop")
