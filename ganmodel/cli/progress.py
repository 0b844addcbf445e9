"""Progress messages of `ganmodel train`: what is being prepared, and how far training is.

They go to the run's folder where a page may show them, else to the terminal or the log. `streams`
ensures that failing to print never ends a run.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ganmodel.words import Words, say, worded

if TYPE_CHECKING:
    from ganmodel.recording import Recorder
    from ganmodel.snapshots import Snapshot


class PreparingTeller:
    """Reports what is being prepared: to the run's folder if there is one, else on stderr.

    On stderr only what reports a share done, since everything else takes a moment.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.recorder = recorder
        self._said: Words = ""
        self._when = 0.0

    def __call__(self, doing: Words, share: float | None = None) -> None:
        if self.recorder is not None:
            now = time.monotonic()
            if doing != self._said or now - self._when > 0.5:
                self.recorder.tell(doing, share)
                self._when = now
        elif share is not None and doing != self._said:
            shown = worded(doing)
            shown = shown[:1].upper() + shown[1:]  # it begins the line here
            print(say("cli.train.preparing", doing=shown), file=sys.stderr)  # noqa: T201
        self._said = doing


class MinuteTeller:
    """Prints once a minute how far a run is, for logs, where there is no progress bar."""

    SECONDS = 60.0

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._next = time.monotonic()

    def __call__(self, snapshot: Snapshot) -> None:
        now, speed = time.monotonic(), self._recorder.status["images_per_second"]
        if snapshot.row is None or now < self._next:
            return
        self._next = now + self.SECONDS
        seen, total = snapshot.images_seen, self._recorder.config.images
        facts = {"seen": min(seen, total), "total": total, "speed": speed or 0}
        if speed:
            left = timedelta(seconds=round(max(0, total - seen) / speed))
            said = say("cli.train.progress-left", **facts, left=str(left))
        else:
            said = say("cli.train.progress", **facts)
        print(said, flush=True)  # noqa: T201


def show_on_bar(bar: Any, snapshot: Snapshot) -> None:
    if snapshot.row:
        shown = {
            say("cli.train.bar-real"): f"{snapshot.row['d_real']:.2f}",
            say("cli.train.bar-fake"): f"{snapshot.row['d_fake']:.2f}",
        }
        bar.set_postfix(shown, refresh=False)
    bar.update(min(snapshot.images_seen, bar.total) - bar.n)  # the last batch may go past
