"""The state of a run as the page shows it, and the sentence that goes with it.

Most of it is in the run's folder; this page adds what only it knows: the place in the queue, and
how a trainer ended that it started.
"""

from __future__ import annotations

from typing import Any

from ganmodel.hosting import TrainerQueue
from ganmodel.runs import Launcher, Run, what_is_left
from ganmodel.words import Message, Words, message

ENDED = ("stopped", "finished", "failed")
# States from which a run can be resumed.
RESUMABLE = ("paused", "stopped", "died", "failed")


class RunStates:
    """Determines the states of one page's runs. Safe to use from several threads."""

    def __init__(self, queue: TrainerQueue, launcher: Launcher) -> None:
        self.stopped_because: dict[str, Words] = {}  # run's name -> why the page stopped it
        self._queue = queue
        self._launcher = launcher

    def of(self, run: Run) -> str:
        """The state of a run, one of `runs.STATES`.

        A trainer that has just been started is "waiting" although it does not hold the lock yet;
        one that ended before it could write its status has "died".
        """
        # Read before the queue is asked: a run that stopped in between may be queued again.
        state = run.state()
        if self._queue.waiting(run):
            return "waiting"
        starting = self._launcher.starting(run)
        if state == "died" and starting:
            return "waiting"
        if state in ENDED and starting and not self._launcher.has_spoken(run):
            return "waiting"  # it is being resumed, and has not written its status yet
        if state == "waiting" and self._launcher.why_ended(run):
            return "died"
        return state

    def words(self, run: Run, state: str, status: dict[str, Any]) -> Words:
        """The state in a sentence, with a second one where Resume cannot reproduce every bit.

        Args:
            run: the run.
            state: as returned by `of`.
            status: its status.json.
        """
        sentence = self._sentence(run, state, status)
        if status.get("repeats") is False and state in RESUMABLE:
            return [sentence, message("page.not-repeated")]
        return sentence

    def _sentence(self, run: Run, state: str, status: dict[str, Any]) -> Words:
        place = self._queue.waiting(run)
        if place is not None:
            return message("page.queued", place=place.ahead + 1, time=about(place.seconds))
        if state == "failed":
            return status.get("error") or self._launcher.why_ended(run) or message("page.failed")
        if state == "died":
            return self._launcher.why_ended(run) or [message("page.died"), what_is_left(run)]
        if state == "stopped":
            why = self.stopped_because.get(run.name) or self._queue.why_left(run)
            if why:
                return why
            if not run.moments("weights"):
                return message("page.never-began")
        if state in ("waiting", "paused") and status.get("doing"):
            id = "page.preparing" if state == "waiting" else "page.stepping"
            return message(id, doing=status["doing"])
        return message(f"page.states.{state}")


def about(seconds: float) -> Message:
    """A time that nobody knows exactly, in the unit that suits it."""
    if seconds < 90:
        return message("page.seconds", n=round(seconds))
    return message("page.minutes", n=round(seconds / 60))
