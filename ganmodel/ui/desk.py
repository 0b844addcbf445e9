"""What stands behind the Train tab's buttons: starting and steering a visitor's runs.

No widget and no Gradio here; values in, values out. What a page sees of a run is in `watching`;
whose run is whose, `visitors`' business.
"""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.config import SETTINGS, RunConfig, check_setting, make_config
from ganmodel.data import DATASETS
from ganmodel.files import write_json
from ganmodel.hosting import Limits, Turns, make_room
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
from ganmodel.ui.visitors import open_to_all, own_run, owner_of

STEP_SECONDS = 120.0  # how long a page waits for steps by hand; large networks take their time
STOP_SECONDS = 60.0  # and for a run to end, before another begins from it
UPLOAD = "upload:"  # what a choice of own pictures begins with, before the upload's name
ENDED = ("stopped", "finished", "failed")


class Desk:
    """One page's runs folder and the trainers it started. Safe to use from several threads."""

    def __init__(
        self,
        runs: Path,
        data_dir: Path | None = None,
        limits: Limits | None = None,
        host: str | None = None,
    ) -> None:
        """`host`: the owner, see `owner_of`, whose runs a class watches; None without a class."""
        self.runs = runs
        self.data_dir = data_dir
        self.limits = limits or Limits()
        self.host = host
        self.launcher = Launcher(data_dir)
        self.turns = Turns(runs, self.launcher, self.limits)
        self.uploads = Uploads(runs)
        self._starting = threading.Lock()

    # --- steering ----------------------------------------------------------------------------

    def start(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Starts a run for the visitor; `ask` holds `token` and `settings`, the explicit choices.

        Returns its name as `run`, and as `said` what had to go to make room for it.

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
        shown = owner == self.host
        if not shown:
            self._check_settings(config)
        with self._starting:  # two quick clicks are two threads
            self._check_free(owner)
            removed = make_room(self.runs, owner, self.limits, self._lives)
            run = create_run(self.runs, config, owner=owner)
            if shown:
                open_to_all(run)
            self.turns.enter(run, first=shown)
        said = texts.MADE_ROOM.format(titles=", ".join(removed)) if removed else ""
        return {"run": run.name, "said": said}

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
            case "pause":
                self._ask(run, "pause")
                return {"said": texts.DONE["pause"]}
            case "stop":
                return {"said": self._stop(run)}
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
            self._check_free(owner_of(token))
            self.turns.enter(run, resume=True, first=run.owner() == self.host)
        return texts.RESUMED

    def expire_uploads(self) -> None:
        """Removes the uploads whose time is over, where there is such a time."""
        if self.limits.upload_seconds is not None:
            self.uploads.expire(self.limits.upload_seconds)

    def _stop(self, run: Run) -> str:
        """Ends a run's training, or takes it out of the queue where it has not begun."""
        waited = self.turns.waiting(run) is not None
        self.turns.leave(run)  # or it would go on at the page's next start
        if not waited:
            self._ask(run, "stop")
        elif not run.status():
            write_json(run.path("status.json"), {"state": "stopped", "images_seen": 0})
        return texts.DONE["stop" if not waited else "leave"]

    def _longer(self, run: Run, images: Any) -> str:
        """Goes on with a run that has ended, to a length of `images`."""
        images = check_setting("images", images)
        self._check_setting("images", images)
        seen = run.status().get("images_seen", 0)
        if images <= seen:
            raise RunError(texts.NOT_LONGER.format(images=images, seen=seen))
        if self.state(run) in LIVE_STATES:
            raise RunError(texts.STILL_TRAINING)
        with self._starting:
            self._check_free(run.owner() or "")
            self.turns.enter(run, resume=True, images=images, first=run.owner() == self.host)
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
        shown = run.owner() == self.host
        if shown:
            open_to_all(fork)
        try:
            self._end(run)
            with self._starting:
                self._check_free(run.owner() or "", besides=fork)
                self.turns.enter(fork, resume=moment > 0, first=shown)
        except RunError:
            shutil.rmtree(fork.folder, ignore_errors=True)  # it never began
            raise
        return fork

    def _end(self, run: Run) -> None:
        """Stops a run and waits until its trainer is gone; its place is needed."""
        if self.state(run) in LIVE_STATES:
            self._stop(run)
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

    def _check_free(self, owner: str, besides: Run | None = None) -> None:
        """Refuses a visitor's second run at once; `besides` is the new one itself."""
        own = list_runs(self.runs, owner)
        others = [run for run in own if besides is None or run.name != besides.name]
        if any(self._lives(run) for run in others):
            raise RunError(texts.ALREADY_TRAINING)

    def _check_settings(self, config: RunConfig) -> None:
        for name in self.limits.settings:
            self._check_setting(name, getattr(config, name))

    def _check_setting(self, name: str, value: float) -> None:
        """Refuses what would take too much of a machine that many share."""
        low, high = self.limits.settings.get(name, (value, value))
        if value and not low <= value <= high:  # 0 is off, or never
            label = SETTINGS[name].metadata["label"]
            raise RunError(
                texts.NOT_ON_THIS_PAGE.format(label=label, low=low, high=high, value=value)
            )

    def _lives(self, run: Run) -> bool:
        return self.state(run) in LIVE_STATES

    # --- how a run is ------------------------------------------------------------------------

    def state(self, run: Run) -> str:
        """The run's state, with what only the launcher knows of a trainer that it started.

        One that has not taken the lock yet is waiting, not dead; one that ended before it could
        write a word is dead, not waiting.
        """
        if self.turns.waiting(run):
            return "waiting"
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
        place = self.turns.waiting(run)
        if place is not None:
            return texts.QUEUED.format(place=place.ahead + 1, time=texts.about(place.seconds))
        if state == "failed":
            return status.get("error") or self.launcher.why_ended(run) or texts.FAILED
        if state == "died":
            return self.launcher.why_ended(run) or texts.DIED
        if state == "stopped" and not run.moments("weights"):
            return texts.NEVER_BEGAN
        if state in ("waiting", "paused") and status.get("doing"):
            return texts.PREPARING.format(doing=status["doing"])
        return texts.STATES[state]
