"""Starts and steers a visitor's runs: the functions of the Train tab's buttons.

No widget and no Gradio here; values in, values out. `run_view` has what a page shows of a run,
`run_states` the state it is in, and `http.visitors` who owns it.
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
from ganmodel.ui.http.visitors import open_to_all, own_run, owner_of
from ganmodel.ui.train.form.settings_form import DATASET, UPLOAD, chosen_settings
from ganmodel.ui.train.form.uploads import Uploads
from ganmodel.ui.train.run_states import RunStates

STEP_SECONDS = 120.0  # allowed for steps by hand, with large networks
STOP_SECONDS = 60.0  # allowed for a run to end, before a fork of it begins


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
        self.states = RunStates(self.queue, self.launcher)
        self._starting = self.quotas.lock  # two quick clicks are two threads

    def start(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Starts a run for the visitor; `ask` holds `token` and `settings`, the explicit choices.

        Returns its name as `run`, and as `said` what was removed to make room for it.

        Raises:
            ConfigError, DataError, RunError: a sentence on what was wrong, or why not now.
        """
        owner = owner_of(ask.get("token"))
        preset, chosen = chosen_settings(ask)
        dataset = chosen.get("dataset", DATASET)
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
        """Performs the action of one of the buttons on a visitor's run.

        `ask` holds `token`, `run`, `action` and its arguments: `values` (knobs) for "set", `who`
        and `times` for "step", `images` for "longer", `before` and `changes` for "again". Returns
        `said`, a sentence; for steps their `report`; for "again" the new `run`.

        Raises:
            ConfigError, RunError: a sentence that says why it cannot be done.
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
        """Continues a paused run, or starts a new trainer for one that ended early."""
        run = own_run(self.runs, token, name)
        config = settings_now(run)
        check_run(config, self.limits_of(run.owner()))
        if self.states.of(run) in LIVE_STATES:
            self._ask(run, "resume")
            return texts.DONE["resume"]
        with self._starting:
            said = self._make_way(owner_of(token), config, run)
            self._enter(run, resume=True)
        return f"{texts.RESUMED} {said}".rstrip()

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

    def _set(self, run: Run, values: Any) -> None:
        """Sets knobs of a training run; its trainer reports values that it does not accept."""
        limits = self.limits_of(run.owner())
        if isinstance(values, dict) and set(values) <= set(KNOBS):
            check_change(settings_now(run), values, limits)
        self._ask(run, "set", values=values)

    def _stop(self, run: Run) -> str:
        """Stops a run, or removes it from the queue."""
        waited, lives = self.queue.waiting(run) is not None, self._lives(run)
        self.queue.leave(run)  # or it would go on at the page's next start
        if not lives:
            self._ask(run, "stop")  # its refusal tells the state
        elif not waited:
            run.ask("stop")
            self.launcher.insist(run)
        elif (status := run.status()).get("state", "waiting") == "waiting":  # it never began
            write_json(run.path("status.json"), {"images_seen": 0, **status, "state": "stopped"})
        return texts.DONE["stop" if not waited else "leave"]

    def _longer(self, run: Run, images: Any) -> str:
        """Resumes a run that has ended, up to a length of `images`."""
        images = check_setting("images", images)
        config = check_change(settings_now(run), {"images": images}, self.limits_of(run.owner()))
        seen = run.status().get("images_seen", 0)
        if images <= seen:
            raise RunError(texts.NOT_LONGER.format(images=images, seen=seen))
        if self.states.of(run) in LIVE_STATES:
            raise RunError(texts.STILL_TRAINING)
        with self._starting:
            said = self._make_way(run.owner() or "", config, run)
            self._enter(run, resume=True, images=images)
        return f"{texts.RESUMED} {said}".rstrip()

    def _again(self, run: Run, before: Any, changes: Any) -> tuple[Run, str]:
        """A new run from the last checkpoint at or before `before` images, with changed settings.

        The original run is stopped first if it still trains; its weights stay. Also returns what
        was removed to make room.
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
        """Checks that a visitor's run may begin or go on now, and makes room for it on the disk.

        Args:
            owner: the visitor; the settings are within their limits.
            config: the run's settings.
            run: its folder, where there is one already.
            besides: the run that it forks from, which is stopped for it.

        Returns:
            What was deleted for it, in a sentence, or "".

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
        return texts.MADE_ROOM.format(titles=", ".join(removed)) if removed else ""

    def _enter(self, run: Run, *, resume: bool = False, images: int | None = None) -> None:
        """Starts a trainer, or puts the run into the queue."""
        self.states.stopped_because.pop(run.name, None)
        self.crowd.note(calling_address(), run.name)
        first = self.host is not None and run.owner() == self.host
        self.queue.enter(run, resume=resume, images=images, first=first)

    def _end(self, run: Run) -> None:
        """Stops a run and waits until its trainer has ended."""
        if self.states.of(run) in LIVE_STATES:
            self._stop(run)
        deadline = time.monotonic() + STOP_SECONDS
        while self.states.of(run) in LIVE_STATES:
            if time.monotonic() > deadline:
                raise RunError(texts.DOES_NOT_STOP)
            time.sleep(0.05)

    def _ask(self, run: Run, action: str, timeout: float = 10.0, **details: Any) -> dict[str, Any]:
        reply = run.ask_and_wait(action, timeout=timeout, **details)
        if not reply.get("ok"):
            raise RunError(reply.get("error") or texts.UNEXPECTED)
        return reply

    def _check_free(self, owner: str, besides: Collection[Run] = ()) -> None:
        """Raises a `RunError` if the visitor trains already; `besides` do not count."""
        names = {run.name for run in besides}
        others = [run for run in list_runs(self.runs, owner) if run.name not in names]
        if any(self._lives(run) for run in others):
            raise RunError(texts.ALREADY_TRAINING)

    def _lives(self, run: Run) -> bool:
        return self.states.of(run) in LIVE_STATES

    def _is_busy(self, run: Run) -> bool:
        return self.queue.wants(run) or self._lives(run)
