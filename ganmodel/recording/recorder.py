"""The trainer's side of a run's folder, from its lock to its last status.

It takes snapshots as values and hands out `controls` as a function; how training works is not known
here. Files of a moment are written by `artifacts`, requests carried out by `request_handler`.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from filelock import FileLock, Timeout

from ganmodel.config import RunConfig, warnings
from ganmodel.data import Data, fingerprint
from ganmodel.files import reason, write_json
from ganmodel.memory import is_want_of_memory
from ganmodel.networks import NetworkSpec
from ganmodel.recording.artifacts import Artifacts
from ganmodel.recording.clock import Clock
from ganmodel.recording.request_handler import RequestHandler
from ganmodel.recording.request_queue import RequestQueue
from ganmodel.recording.status import Status
from ganmodel.runs.folder import FORMAT, SUFFIXES, Run, RunError
from ganmodel.skeleton import sizes
from ganmodel.snapshots import (
    Draw,
    Evaluate,
    Snapshot,
    Steps,
    TrainingFailedError,
    TrainState,
)
from ganmodel.words import Words, message

MOST_THREADS = 1024  # that a status.json is believed
log = logging.getLogger(__name__)  # the trainer's process sends it to log.txt
FOLDERS = (*SUFFIXES, "requests", "replies")
# What a row of the curves repeats of an evaluation, where that has it.
IN_ROWS = (
    "fd", "fd_over_r", "fd_over_r_error", "compared",
    "kid", "precision", "recall", "density", "coverage",
    "nearest_over_real", "copied", "copying",
    "classes", "classes_covered", "class_kl",
)  # fmt: skip


class NotWritableError(RunError):
    """The run's folder can no longer be written; training has ended."""


class Recorder:
    """Holds a run's lock from `with` to its end, and writes what `record` is given.

    Used by the trainer's process as:

        with Recorder(run, resume=False) as recorder:
            state = recorder.begin(data)
            recorder.record(train(config, data, state=state, controls=recorder.controls))
    """

    def __init__(
        self,
        run: Run,
        *,
        resume: bool = False,
        images: int | None = None,
        left: Mapping[str, int] | None = None,
    ) -> None:
        """Takes over a run's folder.

        Args:
            run: the folder, with its config.json.
            resume: go on from the newest checkpoint.
            images: the run's new length, where it is to go on for longer.
            left: the requests that lay there when this trainer was called for, meant for an earlier
                one, see `RequestQueue.left`; read now if not given. What is asked while this one
                still reads its data counts.
        """
        self.run = run
        self.images = images
        self.config: RunConfig = run.config()
        self.resume = resume
        self.training = False  # set as training begins: from then on a stop saves first
        self.interrupted = False
        self._lock = FileLock(run.path("lock"), is_singleton=False)
        self._artifacts: Artifacts | None = None  # known once the data is
        self._handler: RequestHandler | None = None  # likewise
        self._status = Status(run)
        self._clock = Clock()
        self._requests = RequestQueue(run)
        self._left = self._requests.left() if left is None else left

    def __enter__(self) -> Recorder:
        try:
            self._lock.acquire(timeout=2)  # a page that probes the lock holds it for microseconds
        except Timeout:
            raise RunError("trains-in-another-process", name=self.run.name) from None
        except OSError as error:
            raise self._not_writable(error) from error
        try:
            self._check_may_begin()
        except RunError:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._status.interrupt()
        self._lock.release()

    @property
    def status(self) -> dict[str, Any]:
        """What status.json says, or will with its next replacement."""
        return self._status.values

    # --- beginning ---------------------------------------------------------------------------

    def _check_may_begin(self) -> None:
        old = self.run.status()
        seen, made_as = old.get("images_seen", 0), old.get("format", 1)
        if made_as > FORMAT:
            told = {"made_as": made_as, "known": FORMAT}
            raise RunError("folder-of-newer", name=self.run.name, **told)
        if self.images is not None and self.images <= seen:
            raise RunError("seen-already", name=self.run.name, seen=seen, images=self.images)
        if old.get("state") == "finished" and self.images is None:
            raise RunError("finished-already", name=self.run.name, seen=seen)
        if old and old.get("state") != "waiting" and not self.resume:
            raise RunError("began-already", name=self.run.name)

    def tell(self, doing: Words, share: float | None = None) -> None:
        """Shows what is being done before training begins; `share` of it is done, 0 to 1."""
        self._status.prepare(doing, share)

    def fail(self, why: Words) -> None:
        """Notes why training cannot begin."""
        self._status.fail(why)

    def begin(self, data: Data) -> TrainState | None:
        """Prepares the folder; returns the state to go on from, or None for a fresh start.

        Raises:
            RunError: the data is not what the run began with.
        """
        old = self.run.status()
        images, classes = data.images, list(data.classes)
        spec = NetworkSpec.of(self.config, images.shape[1], images.shape[2], len(classes))
        about = {"classes": classes} if spec.classes else {}
        artifacts = Artifacts(self.run, self.config, spec, about, fingerprint(data))
        self._artifacts = artifacts
        try:
            for name in FOLDERS:
                self.run.path(name).mkdir(exist_ok=True)
            if self.resume:  # before a first start, everything counts
                self._requests.answer_stale(self._left)
            state = artifacts.newest_state()
            if self.images is not None:
                self.config = dataclasses.replace(self.config, images=self.images)
                artifacts.config = self.config
                write_json(self.run.path("config.json"), self.config.to_json())
            if state is None:
                artifacts.discard_after(-1)
                self._compute_as(old)
            else:
                rows = [row for row in self.run.rows()[0] if row["images"] <= state.images_seen]
                trained = rows[-1].get("seconds") if rows else None
                self._clock.start(state.images_seen, trained or 0.0)
                row_goes_on = state.progress.steps_in_row > 0
                artifacts.discard_after(state.images_seen, row_goes_on=row_goes_on)
            self._handler = RequestHandler(
                self.run,
                self._requests,
                self.config,
                state,
                self._status,
                self._clock,
                lambda: self.interrupted,
            )
            artifacts.write_reals(data)
            self._status.values = self._first_status(old, state, spec)
            if state is None:
                for text in (*warnings(self.config), *data.notes):
                    self._status.note(0, text)
            self._status.write()
        except OSError as error:
            raise self._not_writable(error) from error
        return state

    def _first_status(
        self, old: Mapping[str, Any], state: TrainState | None, spec: NetworkSpec
    ) -> dict[str, Any]:
        """The status as training begins; what was settled or noted `old` stays."""
        kept = ("threads", "precision", *["repeats"] * (state is not None))
        return {
            "format": FORMAT,
            "state": "running",
            "images_seen": state.images_seen if state else 0,
            "images_total": self.config.images,
            "images_per_second": None,
            "seconds": self._clock.seconds,
            "pid": os.getpid(),
            "error": None,
            "knobs": self._handler.knobs,
            "networks": sizes(spec),
            "classes": spec.classes,
            **{name: old[name] for name in kept if name in old},
            "notes": old.get("notes", []) if state else [],
            "evaluation_seconds": old.get("evaluation_seconds", 0.0) if state else 0.0,
            "by_hand": sum(int(row.get("by_hand") or 0) for row in self.run.rows()[0]),
        }

    def _compute_as(self, old: Mapping[str, Any]) -> None:
        """A run without a checkpoint starts again with its own threads and precision."""
        threads = old.get("threads")
        if type(threads) is int and 0 < threads <= MOST_THREADS:
            torch.set_num_threads(threads)
        if self.config.precision == "auto" and old.get("precision") in ("float32", "bf16"):
            self.config = dataclasses.replace(self.config, precision=old["precision"])

    # --- while it trains ---------------------------------------------------------------------

    def controls(self, images_seen: int) -> dict[str, float] | Steps:
        """Reads and answers requests; returns changed knobs, waits while paused.

        Steps by hand are an order to `train`; their request is answered once they are written.

        Raises:
            StopTraining: the run was asked to stop, or `interrupted` was set by a signal.
        """
        return self._handler.controls(images_seen)

    def evaluate(self, measure: Evaluate, draw: Draw, early: bool) -> dict[str, Any]:
        """Calls `measure`; its time is noted, and excluded from the training's speed."""
        before = time.monotonic()
        result = measure(draw, early)
        passed = time.monotonic() - before
        self._clock.skip(passed)
        self.status["evaluation_seconds"] = round(self.status["evaluation_seconds"] + passed, 3)
        return result

    def record(
        self,
        snapshots: Iterable[Snapshot],
        on_snapshot: Callable[[Snapshot], None] = lambda snapshot: None,
    ) -> str:
        """Writes every snapshot until training ends; returns the last state, as in status.json.

        Raises:
            NotWritableError: the folder cannot be written (the disk is full, say).
            TrainingFailedError, Exception: what training raised; its reason is in status.json.
        """
        try:
            for snapshot in snapshots:
                self._write(snapshot)
                on_snapshot(snapshot)
            return self.status["state"]
        except TrainingFailedError as error:
            self._status.fail(error.message)
            raise
        except BaseException as error:
            if is_want_of_memory(error):
                too_little = TrainingFailedError("too-little-memory")
                self._status.fail(too_little.message)
                raise too_little from error
            if isinstance(error, OSError):
                not_writable = self._not_writable(error)
                self._status.fail(not_writable.message)
                raise not_writable from error
            if not isinstance(error, KeyboardInterrupt):
                log.exception("The trainer failed.")
                kind = type(error).__name__
                self._status.fail(message("run.trainer-failed", kind=kind, error=str(error)))
            raise

    def _write(self, snapshot: Snapshot) -> None:
        seen, row = snapshot.images_seen, None
        if snapshot.rolled_back:
            self._handler.rollbacks += 1
            self._artifacts.discard_after(seen)
            self._clock.start(seen)
            self._status.note(seen, snapshot.rolled_back)
        if snapshot.changed:
            knobs = ", ".join(f"{name} {value:g}" for name, value in snapshot.changed.items())
            log.info("At %s images: %s.", f"{seen:,}", knobs)
        if snapshot.row is not None:
            by_hand = int(snapshot.row.get("by_hand") or 0)
            self._clock.count(seen, by_hand=by_hand > 0)
            found = snapshot.quality or {}
            quality = {name: found[name] for name in IN_ROWS if name in found}
            row = {"images": seen, **snapshot.row, **quality, **self._clock.facts()}
            row = {k: v if v is not None and math.isfinite(v) else None for k, v in row.items()}
            self.status.update(self._clock.facts())
            self.status["by_hand"] += by_hand
        if snapshot.settled is not None:
            repeated = self.status.get("repeats", True)  # what came before was computed otherwise
            self.status.update(snapshot.settled)
            self.status["repeats"] &= repeated
        self._artifacts.write(snapshot, row)
        self.status["images_seen"] = seen
        self.status.pop("doing", None)
        if snapshot.ended:
            self.status["state"] = snapshot.ended
            self.status["interrupted"] = self.interrupted  # by a signal, and not by a request
        self._status.write()
        if snapshot.report is not None:
            self._handler.answer_steps(snapshot)

    def _not_writable(self, error: OSError) -> NotWritableError:
        return NotWritableError("run-not-writable", name=self.run.name, reason=reason(error))
