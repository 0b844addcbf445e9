"""A run's status.json as its trainer writes it: how the run is going, for whoever watches."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from typing import Any

from ganmodel.files import write_json
from ganmodel.runs.folder import Run
from ganmodel.words import Words, message, worded

log = logging.getLogger(__name__)  # the trainer's process sends it to log.txt


class Status:
    """The content of one run's status.json: `values` are changed, then written as a whole."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.values: dict[str, Any] = {}  # empty until training begins

    def write(self, **changes: Any) -> None:
        """Takes over the changes and replaces the file.

        Raises:
            OSError: the file cannot be written.
        """
        self.values.update(changes)
        self._replace({**self.values, "updated": time.time()})

    def note(self, images_seen: int, text: Words) -> None:
        """Adds a sentence to the run's notes, once, and logs it; written with the next `write`."""
        note = {"images": images_seen, "text": text}
        if note not in self.values["notes"]:
            self.values["notes"].append(note)
        log.warning(worded(text))

    def prepare(self, doing: Words, share: float | None = None) -> None:
        """Writes what is being done before training begins; `share` of it is done, 0 to 1."""
        shown = doing
        if share is not None:
            shown = message("run.doing-share", doing=doing, share=share)
        waiting = {"state": "waiting", "doing": shown, "pid": os.getpid()}
        with contextlib.suppress(OSError):  # beginning says what is wrong with the folder
            self._replace({**self._run.status(), **waiting})

    def fail(self, why: Words) -> None:
        """Writes why the run failed; on a full disk the trainer's exit code must tell."""
        self.values = self.values or self._run.status()
        with contextlib.suppress(OSError):
            self.write(state="failed", error=why)

    def interrupt(self) -> None:
        """Writes that a signal ended the run; a resume goes on from its newest checkpoint."""
        self.values = {**self._run.status(), **self.values}
        self.values.pop("doing", None)
        with contextlib.suppress(OSError):
            self.write(state="stopped", error=None, interrupted=True)

    def _replace(self, values: dict[str, Any]) -> None:
        write_json(self._run.path("status.json"), values)
