"""Requests that pages left in a run's folder, and the replies to them, from the trainer's side.

What a request does to the training is in `request_handler`; how a page leaves one, in
`runs.folder`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganmodel.config import KNOBS, ConfigError, RunConfig
from ganmodel.files import read_json, remove, stamps, write_json
from ganmodel.runs.checked import checked_knob_change
from ganmodel.runs.folder import Run
from ganmodel.snapshots import Steps
from ganmodel.words import message

FILES = ("stop", "requests/*.json")  # that pages leave for a trainer
WHO = ("d", "g", "both")  # takes steps by hand
MOST_STEPS = 100  # by hand in one request, since a person waits for them


class RequestQueue:
    """One run's requests/ and replies/, from the trainer's side."""

    def __init__(self, run: Run) -> None:
        self.run = run
        # Remembered, since replies are looked for before every step.
        self._answered: set[int] = set()

    def unanswered(self) -> list[tuple[int, Any]]:
        """Requests without a reply, in order; None for one that is not JSON."""
        requests = self._requests()
        new = sorted(requests.keys() - self._answered)
        return [(number, read_json(self.run.path("requests", requests[number]))) for number in new]

    def _requests(self) -> dict[int, str]:
        """Every request's number and file name; `_answered` is brought up to date."""
        requests = {
            int(stem): name
            for name in os.listdir(self.run.path("requests"))
            if (stem := name.removesuffix(".json")) != name and stem.isdecimal()
        }
        for number in requests.keys() - self._answered:
            if self._reply_path(number).exists():
                self._answered.add(number)
        return requests

    def reply(self, number: int, **reply: Any) -> None:
        """Writes the reply to a request."""
        write_json(self._reply_path(number), reply)
        self._answered.add(number)

    def _reply_path(self, number: int) -> Path:
        return self.run.path("replies", f"{number:06}.json")

    def left(self) -> dict[str, int]:
        """Requests that lie there now, as `files.stamps` gives them."""
        return stamps(self.run.folder, *FILES)

    def answer_stale(self, left: Mapping[str, int]) -> None:
        """Refuses the requests in `left`, which were meant for an earlier trainer that is gone.

        Later ones are meant for this trainer and stay.
        """
        now = self.left()
        if "stop" in left and now.get("stop") == left["stop"]:
            remove(self.run.path("stop"))
        for number, name in self._requests().items():
            if number not in self._answered and f"requests/{name}" in left:
                self.reply(number, ok=False, error=message("run.trainer-was-gone"))

    def changes_since(self, since: int) -> dict[tuple[int, int], dict[str, float]]:
        """Knobs that were set from a moment on: (rollbacks, images seen) -> their values.

        A resume sets them again at the same step, which makes it exact. Earlier ones are in the
        checkpoint. The number of rollbacks tells attempts at the same images seen apart.
        """
        changes: dict[tuple[int, int], dict[str, float]] = {}
        for path in sorted(self.run.path("replies").glob("[0-9]*.json")):
            change = checked_knob_change(read_json(path))
            if change is not None and change[1] >= since:
                rollbacks, seen, values = change
                changes[rollbacks, seen] = {**changes.get((rollbacks, seen), {}), **values}
        return changes


def checked_knobs(values: Any, config: RunConfig) -> dict[str, float]:
    """The knobs and values of a "set" request, for a run with the settings `config`.

    Raises:
        ConfigError: not a knob, out of range, or not sound together with the other settings.
    """
    if not isinstance(values, dict) or not values:
        raise ConfigError("set-form")
    for name in values:
        if name not in KNOBS:
            raise ConfigError("no-knob", name=f"{name!r:.60}", names=list(KNOBS))
    changed = dataclasses.replace(config, **values)
    return {name: getattr(changed, name) for name in values}


def checked_steps(request: dict[str, Any], paused: bool) -> Steps:
    """The steps by hand of a "step" request.

    Raises:
        ConfigError: the run is not paused, nobody of that name, or too many at once.
    """
    who, times = request.get("who"), request.get("times")
    if not paused:
        raise ConfigError("steps-need-pause")
    if not isinstance(who, str) or who not in WHO:
        raise ConfigError("steps-by-whom", who=f"{who!r:.40}")
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_STEPS:
        raise ConfigError("steps-count", most_steps=MOST_STEPS, times=f"{times!r:.40}")
    return Steps(who, times)
