"""One request to a run's trainer, and whether its reply has come.

`Run.ask` leaves the request in the run's folder, `recording` answers it. Nothing here waits.
"""

from __future__ import annotations

from typing import Any

from ganmodel.runs.checked import checked_words
from ganmodel.runs.folder import LIVE_STATES, Run, RunError
from ganmodel.words import message

LOOKS = 10  # for a reply, between two looks whether the run still trains


class Asked:
    """A request that was sent to a training run.

    Raises:
        RunError: the run does not train, or its folder cannot be written.
    """

    def __init__(self, run: Run, action: str, **details: Any) -> None:
        if (state := run.state()) not in LIVE_STATES:
            raise RunError("not-training", state=message(f"drawer.states.{state}"))
        self._run = run
        self._number = run.ask(action, **details)
        self._looks = 0

    def reply(self) -> dict[str, Any] | None:
        """The trainer's reply; None while there is none.

        Raises:
            RunError: the trainer refused, or the run ended before it replied.
        """
        self._looks += 1
        # Before the reply is looked for: a trainer may reply and end in between.
        state = self._run.state() if self._looks % LOOKS == 0 else None
        reply = self._run.reply(self._number)
        if reply is not None:
            if not reply.get("ok"):
                raise RunError("trainer-said", sentence=checked_words(reply.get("error")) or "")
            return reply
        if state is not None and state not in LIVE_STATES:
            raise RunError("ended-before", state=message(f"drawer.states.{state}"))
        return None
