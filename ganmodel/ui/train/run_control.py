"""Starts and steers a visitor's runs: the functions of the Train tab's buttons.

No widget and no Gradio here; values in, values out. `run_view` has what a page shows of a run,
`run_states` the state it is in, and `http.visitors` who owns it.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

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
    Asked,
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
from ganmodel.ui.http.asks import Answer, Ask, Name, Pending
from ganmodel.ui.http.visitors import Visitor, open_to_all, own_run
from ganmodel.ui.train.form.settings_form import DATASET, UPLOAD, Settings, chosen_settings
from ganmodel.ui.train.form.uploads import Uploads
from ganmodel.ui.train.run_states import RunStates
from ganmodel.words import Words, message

STEP_SECONDS = 120.0  # allowed for steps by hand, with large networks
STOP_SECONDS = 60.0  # allowed for a run to end, before a fork of it begins
REPLY_SECONDS = 10.0  # allowed for a trainer to reply to anything else


class Start(Ask):
    """The explicit choices of the form."""

    settings: Settings


class OwnRun(Ask):
    """One of the visitor's runs."""

    run: Name


class SetKnobs(OwnRun):
    """Knobs by name."""

    values: dict[str, float]


class Step(OwnRun):
    """Steps by hand: `times` of D, of G or of both in turn."""

    who: str
    times: int


class Longer(OwnRun):
    """A new length in images."""

    images: int


class Again(OwnRun):
    """A fork with changed settings, from the last checkpoint at or before `before` images."""

    before: float = 0.0
    changes: dict[str, Any]


class Done(Answer):
    """What was done, in a sentence; for steps by hand their `report`."""

    said: Words
    report: dict[str, Any] = {}


class Began(Answer):
    """The run that began, and what is to be said of it."""

    run: str
    said: Words


class RunControl:
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
        self.address = ""  # at which others reach the page, where `serving` knows it
        self.launcher = Launcher(
            data_dir,
            reading_seconds=self.limits.reading_seconds,
            reading_pixels=self.limits.reading_pixels,
            trusted=self.limits.trusted,
        )
        self.queue = TrainerQueue(runs, self.launcher, self.limits)
        self.uploads = Uploads(runs)
        self.quotas = Quotas(
            runs, self.limits, self._is_busy, self.uploads.ledger, self.expire_uploads
        )
        self.crowd = Crowd(self.limits)
        self.states = RunStates(self.queue, self.launcher)
        self._starting = self.quotas.lock  # two quick clicks are two threads

    # --- what visitors ask for -------------------------------------------------------------------

    def start(self, visitor: Visitor, ask: Start) -> Began:
        """Starts a run; what was removed to make room for it is said.

        Raises:
            ConfigError, DataError, RunError: what was wrong, or why not now.
        """
        owner = visitor.name
        preset, chosen = chosen_settings(ask.settings)
        dataset = chosen.get("dataset", DATASET)
        if isinstance(dataset, str) and dataset.startswith(UPLOAD):
            chosen["dataset"] = self.uploads.dataset(visitor, dataset.removeprefix(UPLOAD))
        elif not isinstance(dataset, str) or dataset not in DATASETS:
            # Anything else might be a path, and a visitor names none on this machine.
            raise RunError("no-such-data", names=list(DATASETS))
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
        return Began(run=run.name, said=said)

    def pause(self, visitor: Visitor, ask: OwnRun) -> Pending[Done]:
        """Pauses a training run."""
        run = own_run(self.runs, visitor, ask.run)
        return self._asked(run, "pause", Done(said=message("page.done.pause")))

    def resume(self, visitor: Visitor, ask: OwnRun) -> Pending[Done] | Done:
        """Continues a paused run, or starts a new trainer for one that ended early."""
        run = own_run(self.runs, visitor, ask.run)
        config = settings_now(run)
        check_run(config, self.limits_of(run.owner()))
        if self.states.of(run) in LIVE_STATES:
            return self._asked(run, "resume", Done(said=message("page.done.resume")))
        with self._starting:
            said = self._make_way(visitor.name, config, run)
            self._enter(run, resume=True)
        return Done(said=[message("page.resumed"), *said])

    def stop(self, visitor: Visitor, ask: OwnRun) -> Pending[Done] | Done:
        """Stops a run, or removes it from the queue."""
        return self._stop(own_run(self.runs, visitor, ask.run))

    def set(self, visitor: Visitor, ask: SetKnobs) -> Pending[Done]:
        """Sets knobs of a training run; its trainer reports values that it does not accept."""
        run = own_run(self.runs, visitor, ask.run)
        if ask.values.keys() <= set(KNOBS):
            check_change(settings_now(run), ask.values, self.limits_of(run.owner()))
        return self._asked(run, "set", Done(said=message("page.done.set")), values=ask.values)

    def step(self, visitor: Visitor, ask: Step) -> Pending[Done]:
        """Trains some steps of a paused run."""
        run = own_run(self.runs, visitor, ask.run)
        done = Done(said=message("page.done.step"))
        return self._asked(run, "step", done, STEP_SECONDS, who=ask.who, times=ask.times)

    def longer(self, visitor: Visitor, ask: Longer) -> Done:
        """Resumes a run that has ended, up to a new length."""
        run = own_run(self.runs, visitor, ask.run)
        images = check_setting("images", ask.images)
        config = check_change(settings_now(run), {"images": images}, self.limits_of(run.owner()))
        seen = run.status().get("images_seen", 0)
        if images <= seen:
            raise RunError("not-longer", images=images, seen=seen)
        if self.states.of(run) in LIVE_STATES:
            raise RunError("still-training")
        with self._starting:
            said = self._make_way(visitor.name, config, run)
            self._enter(run, resume=True, images=images)
        return Done(said=[message("page.resumed"), *said])

    def again(self, visitor: Visitor, ask: Again) -> Pending[Began]:
        """Starts a fork of a run, which is stopped first if it still trains; its weights stay."""
        run, owner = own_run(self.runs, visitor, ask.run), visitor.name
        moment = max(m for m in fork_moments(run) if m <= max(0, ask.before))
        check = partial(check_run, limits=self.limits_of(owner))
        fork = fork_run(self.runs, run, moment, ask.changes, owner=owner, check=check)
        if owner == self.host:
            open_to_all(fork)

        def fail() -> None:
            shutil.rmtree(fork.folder, ignore_errors=True)  # it never began

        try:
            with self._starting:
                said = self._make_way(owner, fork.config(), fork, besides=run)
            if self._lives(run):
                self._stop(run)
        except RunError:
            fail()
            raise

        def look() -> Began | None:
            if self._lives(run):
                return None
            try:
                with self._starting:
                    self._check_free(owner, besides=(fork,))
                    self._enter(fork, resume=moment > 0)
            except RunError:
                fail()
                raise
            return Began(run=fork.name, said=[message("page.done.again"), *said])

        return Pending(look, STOP_SECONDS, RunError("does-not-stop"), fail)

    # --- the page's chores -----------------------------------------------------------------------

    def expire_uploads(self) -> None:
        """Removes expired uploads, where uploads expire."""
        if self.limits.upload_seconds is not None:
            self.uploads.expire(self.limits.upload_seconds)

    def stop_outgrown(self) -> None:
        """Stops training runs whose visitor has used up their share of the disk."""
        with self._starting:
            training = [
                run
                for run in list_runs(self.runs)
                if run.status().get("state") in LIVE_STATES and run.is_alive()
            ]
            for run, why in self.quotas.outgrown(training).items():
                self.states.stopped_because[run.name] = why
                self.queue.leave(run)
                with contextlib.suppress(RunError):  # an unwritable folder does not grow
                    run.ask("stop")
                self.launcher.insist(run)

    def limits_of(self, owner: str | None) -> Limits:
        """The limits of a visitor; the host of a class has none."""
        return Limits() if self.host is not None and owner == self.host else self.limits

    def _stop(self, run: Run) -> Pending[Done] | Done:
        """Stops a run, or removes it from the queue."""
        waited, lives = self.queue.waiting(run) is not None, self._lives(run)
        self.queue.leave(run)  # or it would go on at the page's next start
        done = Done(said=message("page.done.leave" if waited else "page.done.stop"))
        if not lives:
            return self._asked(run, "stop", done)  # its refusal tells the state
        if not waited:
            run.ask("stop")
            self.launcher.insist(run)
        elif (status := run.status()).get("state", "waiting") == "waiting":  # it never began
            write_json(run.path("status.json"), {"images_seen": 0, **status, "state": "stopped"})
        return done

    def _make_way(
        self, owner: str, config: RunConfig, run: Run | None = None, besides: Run | None = None
    ) -> list[Words]:
        """Checks that a visitor's run may begin or go on now, and makes room for it on the disk.

        Args:
            owner: the visitor; the settings are within their limits.
            config: the run's settings.
            run: its folder, where there is one already.
            besides: the run that it forks from, which is stopped for it.

        Returns:
            What was deleted for it, in a sentence, if anything was.

        Raises:
            RunError: the visitor trains already, or the queue or the disk is full.
        """
        kept = [one for one in (run, besides) if one is not None]
        self._check_free(owner, kept)
        shared = self.limits_of(owner) is self.limits
        if shared:
            self.crowd.check(calling_address(), self.queue.queued())
        size = expected_bytes(config) if self.limits.bytes_each else 0
        if run is not None:
            size = max(0, size - self.quotas.size_of(run))
        more = 1 if run is None else 0
        removed = self.quotas.make_room(owner, size=size, more=more, spare=kept, shared=shared)
        return [message("page.made-room", titles=removed)] if removed else []

    def _enter(self, run: Run, *, resume: bool = False, images: int | None = None) -> None:
        """Starts a trainer, or puts the run into the queue."""
        self.states.stopped_because.pop(run.name, None)
        self.crowd.note(calling_address(), run.name)
        first = self.host is not None and run.owner() == self.host
        self.queue.enter(run, resume=resume, images=images, first=first)

    def _asked(
        self, run: Run, action: str, done: Done, seconds: float = REPLY_SECONDS, **details: Any
    ) -> Pending[Done]:
        """Asks a run's trainer: `done` once it has replied, with what it reports."""
        request = Asked(run, action, **details)

        def look() -> Done | None:
            reply = request.reply()
            if reply is not None and "report" in reply:
                return done.model_copy(update={"report": reply["report"]})
            return None if reply is None else done

        return Pending(look, seconds, RunError("no-reply-yet", seconds=seconds))

    def _check_free(self, owner: str, besides: Collection[Run] = ()) -> None:
        """Raises a `RunError` if the visitor trains already; `besides` do not count."""
        names = {run.name for run in besides}
        others = [run for run in list_runs(self.runs, owner) if run.name not in names]
        if any(self._lives(run) for run in others):
            raise RunError("already-training")

    def _lives(self, run: Run) -> bool:
        return self.states.of(run) in LIVE_STATES

    def _is_busy(self, run: Run) -> bool:
        return self.queue.wants(run) or self._lives(run)
