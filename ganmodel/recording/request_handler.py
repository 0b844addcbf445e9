"""Carries out what pages ask of a training: pause, resume, stop, set knobs, take steps by hand.

It is asked between two training steps, since nothing changes within one. How requests are read and
answered is in `request_queue`.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from ganmodel.config import ConfigError, RunConfig
from ganmodel.recording.clock import Clock
from ganmodel.recording.report import said_of
from ganmodel.recording.request_queue import RequestQueue, checked_knobs, checked_steps
from ganmodel.recording.status import Status
from ganmodel.runs.checked import checked_words
from ganmodel.runs.folder import Run
from ganmodel.snapshots import Snapshot, Steps, StopTraining, TrainState
from ganmodel.words import message

PAUSE_POLL_SECONDS = 0.05
PROGRESS_SECONDS = 0.5  # between two reports of how many steps by hand were taken


class RequestHandler:
    """Answers one run's requests while it trains."""

    def __init__(
        self,
        run: Run,
        requests: RequestQueue,
        config: RunConfig,
        state: TrainState | None,
        status: Status,
        clock: Clock,
        interrupted: Callable[[], bool],
    ) -> None:
        """For a training that begins now.

        Args:
            run: whose file `stop` ends the training, too.
            requests: those of this run.
            config: the run's settings.
            state: what the training goes on from; None where it begins afresh.
            status: where pauses, knobs and progress are shown.
            clock: what leaves pauses out.
            interrupted: whether a signal asked the training to end.
        """
        self._run = run
        self._requests = requests
        self._config = config
        self._status = status
        self._clock = clock
        self._interrupted = interrupted
        self.paused = False
        self.rollbacks: int = state.progress.rollbacks if state else 0
        self.knobs: dict[str, float] = dict(state.progress.knobs) if state else {}
        self._replay = requests.changes_since(state.images_seen if state else 0)
        self._ordered: tuple[int, Steps] | None = None  # a request for steps, and its number
        self._reported = 0.0  # when the progress of steps by hand was last written

    def controls(self, images_seen: int) -> dict[str, float] | Steps:
        """Reads and answers requests; returns changed knobs, waits while paused.

        Steps by hand are returned as an order; their request is answered by `answer_steps`.

        Raises:
            StopTraining: the run was asked to stop, or a signal came.
        """
        changes = self._replay.pop((self.rollbacks, images_seen), {})
        self.knobs.update(changes)
        self._status.values["knobs"] = self.knobs
        while True:
            stopping = self._must_stop()
            for number, request in self._requests.unanswered():
                stopping |= self._answer(number, request, images_seen, changes)
                if self._ordered is not None:  # later requests are read after the steps
                    break
            if stopping:
                raise StopTraining
            if self._ordered is not None:
                return dataclasses.replace(self._ordered[1], changes=changes)
            if not self.paused:
                return changes
            before = time.monotonic()
            time.sleep(PAUSE_POLL_SECONDS)
            self._clock.skip(time.monotonic() - before)

    def answer_steps(self, snapshot: Snapshot) -> None:
        """Replies to the order of steps, once all that they made is on the disk."""
        number, _ = self._ordered
        self._ordered = None
        report = dict(snapshot.report)
        if "error" in report:
            self._requests.reply(number, ok=False, error=report["error"])
            return
        report["words"] = said_of(report)
        self._requests.reply(number, ok=True, images_seen=snapshot.images_seen, report=report)

    def _must_stop(self) -> bool:
        return self._interrupted() or self._run.path("stop").exists()

    def _answer(
        self, number: int, request: Any, images_seen: int, changes: dict[str, float]
    ) -> bool:
        """Carries out one request and replies; True if the run is to stop.

        Knobs that it sets are added to `changes`.
        """
        action = request.get("action") if isinstance(request, dict) else None
        try:
            if action == "stop":
                self._requests.reply(number, ok=True, images_seen=images_seen)
            elif action in ("pause", "resume"):
                self.paused = action == "pause"
                state = "paused" if self.paused else "running"
                self._status.write(state=state, images_seen=images_seen)
                self._requests.reply(number, ok=True, images_seen=images_seen)
            elif action == "set":
                changes.update(self._set(number, request.get("values"), images_seen))
            elif action == "step":
                order = checked_steps(request, self.paused)
                self._ordered = number, dataclasses.replace(order, go_on=self._go_on)
            else:
                raise ConfigError("request-form")
        except ConfigError as error:
            # Its values may be of the request, which anybody may have written.
            why = checked_words(error.message) or str(error)
            self._requests.reply(number, ok=False, error=why)
        return action == "stop"

    def _set(self, number: int, asked: Any, images_seen: int) -> dict[str, float]:
        """Sets knobs and replies; returns their new values.

        Raises:
            ConfigError: they are not sound.
        """
        values = checked_knobs(asked, dataclasses.replace(self._config, **self.knobs))
        # The reply is the record that a resume replays, so it is written before the change.
        self._requests.reply(
            number, ok=True, images_seen=images_seen, rollbacks=self.rollbacks, set=values
        )
        self.knobs.update(values)
        self._status.write(knobs=self.knobs)
        return values

    def _go_on(self, taken: int, images_seen: int) -> bool:
        """Whether steps by hand may go on, since nobody asked to stop; shows their progress."""
        now = time.monotonic()
        if now - self._reported > PROGRESS_SECONDS:
            self._reported = now
            times = self._ordered[1].times
            doing = message("run.steps-by-hand", taken=taken, times=times)
            self._status.write(doing=doing, images_seen=images_seen)
        asked = (request for _, request in self._requests.unanswered() if isinstance(request, dict))
        return not (any(request.get("action") == "stop" for request in asked) or self._must_stop())
