"""What stands behind the Train tab's buttons: starting and steering a visitor's runs.

No widget and no Gradio here; values in, values out. What a page sees of a run is in `watching`;
whose run is whose, `visitors`' business.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.config import check_setting, make_config
from ganmodel.data import DATASETS
from ganmodel.runs import (
    LIVE_STATES,
    Launcher,
    Run,
    RunError,
    create_run,
    fork_moments,
    fork_run,
    list_runs,
)
from ganmodel.ui.settings_form import chosen_settings
from ganmodel.ui.uploads import Uploads
from ganmodel.ui.visitors import own_run, owner_of

STEP_SECONDS = 120.0  # how long a page waits for steps by hand; large networks take their time
STOP_SECONDS = 60.0  # and for a run to end, before another begins from it
UPLOAD = "upload:"  # what a choice of own pictures begins with, before the upload's name
ENDED = ("stopped", "finished", "failed")


class Desk:
    """One page's runs folder and the trainers it started. Safe to use from several threads."""

    def __init__(self, runs: Path, data_dir: Path | None = None) -> None:
        self.runs = runs
        self.data_dir = data_dir
        self.launcher = Launcher(data_dir)
        self.uploads = Uploads(runs)
        self.most_at_once = max(1, (os.cpu_count() or 2) // 2)  # one run uses about two cores
        self._starting = threading.Lock()

    # --- steering ----------------------------------------------------------------------------

    def start(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Starts a run for the visitor; `ask` holds `token` and `settings`, the explicit choices.

        Returns its name as `run`.

        Raises:
            ConfigError, DataError, RunError: a sentence on what was wrong, or why not now.
        """
        owner = owner_of(ask.get("token"))
        preset, chosen = chosen_settings(ask)
        dataset = chosen.get("dataset", "mnist")
        if isinstance(dataset, str) and dataset.startswith(UPLOAD):
            path = self.uploads.path_of(ask.get("token"), dataset.removeprefix(UPLOAD))
            chosen["dataset"] = str(path)
        elif (
            not isinstance(dataset, str) or dataset not in DATASETS
        ):  # a visitor names no path on this machine
            raise RunError(texts.NO_SUCH_DATA.format(names=", ".join(DATASETS)))
        config = make_config(preset, **chosen)
        with self._starting:  # two quick clicks are two threads
            self._check_room(owner)
            run = create_run(self.runs, config, owner=owner)
            self.launcher.start(run)
        return {"run": run.name}

    def act(self, ask: dict[str, Any]) -> dict[str, Any]:
        """One of the buttons on a visitor's run.

        `ask` holds `token`, `run`, `action` and what that needs: `values` (knobs) for "set", `who`
        and `times` for "step", `images` for "longer", `before` and `changes` for "again". Returns
        `said`, a sentence; for steps their `report`; for "again" the new `run`.

        Raises:
            ConfigError, RunError: a sentence on why not.
        """
        run = own_run(self.runs, ask.get("token"), ask.get("run"))
        match ask.get("action"):
            case "pause" | "stop" as action:
                self._ask(run, action)
                return {"said": texts.DONE[action]}
            case "resume":
                return {"said": self.resume(ask.get("token"), run.name)}
            case "set":
                self._ask(run, "set", values=ask.get("values"))
                return {"said": texts.DONE["set"]}
            case "step":
                wanted = {"who": ask.get("who"), "times": ask.get("times")}
                reply = self._ask(run, "step", timeout=STEP_SECONDS, **wanted)
                return {"said": texts.DONE["step"], "report": reply["report"]}
            case "longer":
                return {"said": self._longer(run, ask.get("images"))}
            case "again":
                again = self._again(run, ask.get("before"), ask.get("changes"))
                return {"said": texts.DONE["again"], "run": again.name}
        raise RunError(texts.BAD_CALL)

    def resume(self, token: Any, name: Any) -> str:
        """Goes on with a paused run, or starts a new trainer for one that has ended early."""
        run = own_run(self.runs, token, name)
        if self.state(run) in LIVE_STATES:
            self._ask(run, "resume")
            return texts.DONE["resume"]
        with self._starting:
            self._check_room(owner_of(token))
            self.launcher.start(run, resume=True)
        return texts.RESUMED

    def _longer(self, run: Run, images: Any) -> str:
        """Goes on with a run that has ended, to a length of `images`."""
        images = check_setting("images", images)
        seen = run.status().get("images_seen", 0)
        if images <= seen:
            raise RunError(texts.NOT_LONGER.format(images=images, seen=seen))
        if self.state(run) in LIVE_STATES:
            raise RunError(texts.STILL_TRAINING)
        with self._starting:
            self._check_room(run.owner() or "")
            self.launcher.start(run, resume=True, images=images)
        return texts.RESUMED

    def _again(self, run: Run, before: Any, changes: Any) -> Run:
        """A new run from the last checkpoint at or before `before` images, with changed settings.

        The run it comes from is stopped first where it still trains; its weights stay.
        """
        if not isinstance(changes, dict):
            raise RunError(texts.BAD_CALL)
        moments = fork_moments(run)
        before = before if isinstance(before, int | float) else 0
        moment = max(m for m in moments if m <= max(0, before))
        fork = fork_run(self.runs, run, moment, changes, owner=run.owner())
        try:
            self._end(run)
            with self._starting:
                self._check_room(run.owner() or "", besides=fork)
                self.launcher.start(fork, resume=moment > 0)
        except RunError:
            shutil.rmtree(fork.folder, ignore_errors=True)  # it never began
            raise
        return fork

    def _end(self, run: Run) -> None:
        """Stops a run and waits until its trainer is gone; its place is needed."""
        if self.state(run) in LIVE_STATES:
            run.ask("stop")
        deadline = time.monotonic() + STOP_SECONDS
        while self.state(run) in LIVE_STATES:
            if time.monotonic() > deadline:
                raise RunError(texts.DOES_NOT_STOP)
            time.sleep(0.05)

    def _ask(self, run: Run, action: str, timeout: float = 10.0, **details: Any) -> dict[str, Any]:
        reply = run.ask_and_wait(action, timeout=timeout, **details)
        if not reply.get("ok"):
            raise RunError(reply.get("error") or texts.UNEXPECTED)
        return reply

    def _check_room(self, owner: str, besides: Run | None = None) -> None:
        """Refuses one more run where there is no room for it; `besides` is the new one itself."""
        others = [r for r in list_runs(self.runs) if besides is None or r.name != besides.name]
        busy = [run for run in others if self.state(run) in LIVE_STATES]
        if any(run.owner() == owner for run in busy):
            raise RunError(texts.ALREADY_TRAINING)
        if len(busy) >= self.most_at_once:
            raise RunError(texts.NO_ROOM)

    # --- how a run is ------------------------------------------------------------------------

    def state(self, run: Run) -> str:
        """The run's state, with what only the launcher knows of a trainer that it started.

        One that has not taken the lock yet is waiting, not dead; one that ended before it could
        write a word is dead, not waiting.
        """
        state = run.state()
        if state == "died" and self.launcher.starting(run):
            return "waiting"
        if state in ENDED and self.launcher.starting(run):  # it goes on, and has not said so yet
            since, updated = self.launcher.started_at(run), run.status().get("updated", 0)
            return "waiting" if updated < since else state
        if state == "waiting" and self.launcher.why_ended(run):
            return "died"
        return state

    def message(self, run: Run, state: str, status: dict[str, Any]) -> str:
        """How the run is, in a sentence."""
        if state == "failed":
            return status.get("error") or self.launcher.why_ended(run) or texts.FAILED
        if state == "died":
            return self.launcher.why_ended(run) or texts.DIED
        if state in ("waiting", "paused") and status.get("doing"):
            return texts.PREPARING.format(doing=status["doing"])
        return texts.STATES[state]
