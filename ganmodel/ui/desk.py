"""What stands behind the Train tab's buttons: starting and steering a visitor's runs.

No widget and no Gradio here; values in, values out. What a page sees of a run is in `watching`;
whose run is whose, `visitors`' business.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

from ganmodel import texts
from ganmodel.config import KNOBS, RunConfig, check_setting, make_config
from ganmodel.data import DATASETS
from ganmodel.files import write_json
from ganmodel.hosting import (
    Crowd,
    Limits,
    Quotas,
    TrainerQueue,
    calling_address,
    check_change,
    check_run,
)
from ganmodel.runs import (
    LIVE_STATES,
    Launcher,
    Run,
    RunError,
    check_start,
    create_run,
    expected_bytes,
    fork_moments,
    fork_run,
    list_runs,
    settings_now,
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
        self.address = ""  # by which others reach the page, where whoever serves it knows
        self.launcher = Launcher(
            data_dir,
            reading_seconds=self.limits.reading_seconds,
            reading_pixels=self.limits.reading_pixels,
            trusted=self.limits.trusted,
        )
        self.turns = TrainerQueue(runs, self.launcher, self.limits)
        self.uploads = Uploads(
            runs,
            self.limits.examining_seconds,
            self.limits.reading_pixels,
            trusted=self.limits.trusted,
        )
        self.quotas = Quotas(
            runs, self.limits, self._is_busy, self.uploads.ledger, self.expire_uploads
        )
        self.crowd = Crowd(self.limits)
        self._starting = self.quotas.lock  # two quick clicks are two threads
        self._outgrown: dict[str, str] = {}  # run's name -> why it was stopped, in a sentence

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
            upload = dataset.removeprefix(UPLOAD)
            chosen["dataset"] = self.uploads.dataset(ask.get("token"), upload)
        elif (
            not isinstance(dataset, str) or dataset not in DATASETS
        ):  # a visitor names no path on this machine
            raise RunError(texts.NO_SUCH_DATA.format(names=", ".join(DATASETS)))
        config = make_config(preset, **chosen)
        check_start(config)
        check_run(config, self.limits_of(owner))
        shown = owner == self.host
        with self._starting:
            said = self._make_way(owner, config)
            run = create_run(self.runs, config, owner=owner)
            if shown:
                open_to_all(run)
            self._enter(run)
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
                self._set(run, ask.get("values"))
                return {"said": texts.DONE["set"]}
            case "step":
                wanted = {"who": ask.get("who"), "times": ask.get("times")}
                reply = self._ask(run, "step", timeout=STEP_SECONDS, **wanted)
                return {"said": texts.DONE["step"], "report": reply["report"]}
            case "longer":
                return {"said": self._longer(run, ask.get("images"))}
            case "again":
                again, said = self._again(run, ask.get("before"), ask.get("changes"))
                return {"said": f"{texts.DONE['again']} {said}".rstrip(), "run": again.name}
        raise RunError(texts.BAD_CALL)

    def resume(self, token: Any, name: Any) -> str:
        """Goes on with a paused run, or starts a new trainer for one that has ended early."""
        run = own_run(self.runs, token, name)
        config = settings_now(run)
        check_run(config, self.limits_of(run.owner()))
        if self.state(run) in LIVE_STATES:
            self._ask(run, "resume")
            return texts.DONE["resume"]
        with self._starting:
            said = self._make_way(owner_of(token), config, run)
            self._enter(run, resume=True)
        return f"{texts.RESUMED} {said}".rstrip()

    def expire_uploads(self) -> None:
        """Removes the uploads whose time is over, where there is such a time."""
        if self.limits.upload_seconds is not None:
            self.uploads.expire(self.limits.upload_seconds)

    def stop_outgrown(self) -> None:
        """Stops the runs that outgrow their visitor's share of the disk while they train."""
        with self._starting:
            training = [
                run
                for run in list_runs(self.runs)
                if run.status().get("state") in LIVE_STATES and run.is_alive()
            ]
            for run, why in self.quotas.outgrown(training).items():
                self._outgrown[run.name] = why
                self.turns.leave(run)
                with contextlib.suppress(RunError):  # a folder that can't be written grows no more
                    run.ask("stop")
                self.launcher.insist(run)

    def limits_of(self, owner: str | None) -> Limits:
        """What holds for a visitor: for the host of a class there are no limits."""
        return Limits() if self.host is not None and owner == self.host else self.limits

    def _set(self, run: Run, values: Any) -> None:
        """TrainerQueue knobs of a run that trains; what no trainer takes, it says itself."""
        limits = self.limits_of(run.owner())
        if isinstance(values, dict) and set(values) <= set(KNOBS):
            check_change(settings_now(run), values, limits)
        self._ask(run, "set", values=values)

    def _stop(self, run: Run) -> str:
        """Ends a run's training, or takes it out of the queue where it has not begun."""
        waited, lives = self.turns.waiting(run) is not None, self._lives(run)
        self.turns.leave(run)  # or it would go on at the page's next start
        if not lives:
            self._ask(run, "stop")  # which says how it is
        elif not waited:
            run.ask("stop")
            self.launcher.insist(run)
        elif (status := run.status()).get("state", "waiting") == "waiting":  # it never began
            write_json(run.path("status.json"), {"images_seen": 0, **status, "state": "stopped"})
        return texts.DONE["stop" if not waited else "leave"]

    def _longer(self, run: Run, images: Any) -> str:
        """Goes on with a run that has ended, to a length of `images`."""
        images = check_setting("images", images)
        config = check_change(settings_now(run), {"images": images}, self.limits_of(run.owner()))
        seen = run.status().get("images_seen", 0)
        if images <= seen:
            raise RunError(texts.NOT_LONGER.format(images=images, seen=seen))
        if self.state(run) in LIVE_STATES:
            raise RunError(texts.STILL_TRAINING)
        with self._starting:
            said = self._make_way(run.owner() or "", config, run)
            self._enter(run, resume=True, images=images)
        return f"{texts.RESUMED} {said}".rstrip()

    def _again(self, run: Run, before: Any, changes: Any) -> tuple[Run, str]:
        """A new run from the last checkpoint at or before `before` images, with changed settings.

        The run it comes from is stopped first where it still trains; its weights stay. Also what
        had to go to make room.
        """
        if not isinstance(changes, dict):
            raise RunError(texts.BAD_CALL)
        moments = fork_moments(run)
        before = before if isinstance(before, int | float) else 0
        moment = max(m for m in moments if m <= max(0, before))
        owner = run.owner() or ""
        check = partial(check_run, limits=self.limits_of(owner))
        fork = fork_run(self.runs, run, moment, changes, owner=owner or None, check=check)
        if owner == self.host:
            open_to_all(fork)
        try:
            with self._starting:
                said = self._make_way(owner, fork.config(), fork, besides=run)
            self._end(run)
            with self._starting:
                self._check_free(owner, besides=(fork,))
                self._enter(fork, resume=moment > 0)
        except RunError:
            shutil.rmtree(fork.folder, ignore_errors=True)  # it never began
            raise
        return fork, said

    def _make_way(
        self, owner: str, config: RunConfig, run: Run | None = None, besides: Run | None = None
    ) -> str:
        """Lets a visitor's run begin, or go on, if nothing speaks against it now.

        Args:
            owner: the visitor; the settings are within what they may choose.
            config: the run's settings.
            run: its folder, where there is one already.
            besides: the run that it tries again, which makes way for it.

        Returns:
            What had to go, in a sentence, or "".

        Raises:
            RunError: one trains already, the queue is full, or the disk.
        """
        kept = [one for one in (run, besides) if one is not None]
        self._check_free(owner, kept)
        shared = self.limits_of(owner) is self.limits
        if shared:
            self.crowd.check(calling_address(), self.turns.queued())
        size = expected_bytes(config) if self.limits.bytes_each else 0
        if run is not None:
            size = max(0, size - self.quotas.size_of(run))
        more = 1 if run is None else 0
        removed = self.quotas.make_room(owner, size=size, more=more, spare=kept, shared=shared)
        return texts.MADE_ROOM.format(titles=", ".join(removed)) if removed else ""

    def _enter(self, run: Run, *, resume: bool = False, images: int | None = None) -> None:
        """Starts a trainer, or puts the run into the queue."""
        self._outgrown.pop(run.name, None)
        self.crowd.note(calling_address(), run.name)
        first = self.host is not None and run.owner() == self.host
        self.turns.enter(run, resume=resume, images=images, first=first)

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

    def _check_free(self, owner: str, besides: Collection[Run] = ()) -> None:
        """Refuses a visitor's second run at once; `besides` do not count."""
        names = {run.name for run in besides}
        others = [run for run in list_runs(self.runs, owner) if run.name not in names]
        if any(self._lives(run) for run in others):
            raise RunError(texts.ALREADY_TRAINING)

    def _lives(self, run: Run) -> bool:
        return self.state(run) in LIVE_STATES

    def _is_busy(self, run: Run) -> bool:
        return self.turns.wants(run) or self._lives(run)

    # --- how a run is ------------------------------------------------------------------------

    def state(self, run: Run) -> str:
        """The run's state, with what only the launcher knows of a trainer that it started.

        One that has not taken the lock yet is waiting, not dead; one that ended before it could
        write a word is dead, not waiting.
        """
        state = run.state()  # before the queue: who has stopped by now may have gone into it
        if self.turns.waiting(run):
            return "waiting"
        starting = self.launcher.starting(run)
        if state == "died" and starting:
            return "waiting"
        if state in ENDED and starting and not self.launcher.has_spoken(run):
            return "waiting"  # it goes on, and has not said so yet
        if state == "waiting" and self.launcher.why_ended(run):
            return "died"
        return state

    def message(self, run: Run, state: str, status: dict[str, Any]) -> str:
        """How the run is, in a sentence; and a word on what Resume cannot do, beside it."""
        said = self._said_of(run, state, status)
        if status.get("repeats") is False and state in ("paused", "stopped", "died", "failed"):
            return f"{said} {texts.NOT_REPEATED}"
        return said

    def _said_of(self, run: Run, state: str, status: dict[str, Any]) -> str:
        place = self.turns.waiting(run)
        if place is not None:
            return texts.QUEUED.format(place=place.ahead + 1, time=texts.about(place.seconds))
        if state == "failed":
            return status.get("error") or self.launcher.why_ended(run) or texts.FAILED
        if state == "died":
            return self.launcher.why_ended(run) or texts.DIED
        if state == "stopped" and run.name in self._outgrown:
            return self._outgrown[run.name]
        if state == "stopped" and (why := self.turns.why_left(run)):
            return why
        if state == "stopped" and not run.moments("weights"):
            return texts.NEVER_BEGAN
        if state in ("waiting", "paused") and status.get("doing"):
            said = texts.PREPARING if state == "waiting" else texts.STEPPING
            return said.format(doing=status["doing"])
        return texts.STATES[state]
