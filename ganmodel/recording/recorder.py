"""The trainer's side of a run: tells how it is going, and answers requests.

It takes snapshots as values and hands out `controls` as a function; how training works is not
known here. What belongs to a moment of the training is written by `artifacts`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from filelock import FileLock, Timeout

from ganmodel import texts
from ganmodel.config import ConfigError, RunConfig, warnings
from ganmodel.data import Data, fingerprint
from ganmodel.files import reason, write_json
from ganmodel.memory import is_want_of_memory
from ganmodel.networks import NetworkSpec
from ganmodel.recording.artifacts import Artifacts
from ganmodel.recording.clock import Clock
from ganmodel.recording.report import report_in_words
from ganmodel.recording.request_queue import RequestQueue, checked_knobs, checked_steps
from ganmodel.runs.folder import SUFFIXES, Run, RunError
from ganmodel.skeleton import sizes
from ganmodel.snapshots import (
    Draw,
    Evaluate,
    Snapshot,
    Steps,
    StopTraining,
    TrainingFailedError,
    TrainState,
)

PAUSE_POLL_SECONDS = 0.05
MOST_THREADS = 1024  # that a run's folder can ask for
log = logging.getLogger(__name__)  # the trainer's process sends it to log.txt
FOLDERS = (*SUFFIXES, "requests", "replies")
# What a row of the curves repeats of an evaluation, where it found it.
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
        self.paused = False
        self.training = False  # set once training is about to begin: from then on a stop saves
        self.interrupted = False
        self.rollbacks = 0
        self.status: dict[str, Any] = {}
        self.knobs: dict[str, float] = {}  # as set by requests so far
        self._ordered: tuple[int, Steps] | None = None  # a request for steps, and its number
        self._told = 0.0  # when the page last heard how far they are
        self._lock = FileLock(run.path("lock"), is_singleton=False)
        self._replay: dict[tuple[int, int], dict[str, float]] = {}
        self._artifacts: Artifacts | None = None  # known once the data is
        self._clock = Clock()
        self._requests = RequestQueue(run)
        self._left = self._requests.left() if left is None else left

    def __enter__(self) -> Recorder:
        try:
            self._lock.acquire(timeout=2)  # a page's look whether it is free lasts microseconds
        except Timeout:
            raise RunError(
                f"The run {self.run.name} is training already, in another process."
            ) from None
        except OSError as error:
            raise NotWritableError(self._not_writable(error)) from error
        try:
            self._check_may_begin()
        except RunError:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._note_interrupted()
        self._lock.release()

    def _note_interrupted(self) -> None:
        """Who interrupts a run has stopped it; a resume goes on from its newest checkpoint."""
        ended = {"state": "stopped", "error": None, "interrupted": True}
        self.status = {**self.run.status(), **self.status, **ended}
        self.status.pop("doing", None)
        with contextlib.suppress(OSError):
            self._write_status()

    # --- beginning ---------------------------------------------------------------------------

    def _check_may_begin(self) -> None:
        old = self.run.status()
        seen = old.get("images_seen", 0)
        if self.images is not None and self.images <= seen:
            raise RunError(
                f"The run {self.run.name} has seen {seen:,} images already: give more than that "
                f"with --images, not {self.images:,}."
            )
        if old.get("state") == "finished" and self.images is None:
            raise RunError(
                f"The run {self.run.name} has finished: {seen:,} images. Go on with it by "
                "--resume and more --images, or start a new run."
            )
        if old and old.get("state") != "waiting" and not self.resume:
            raise RunError(
                f"The run {self.run.name} began already: add --resume to go on with it, "
                "or name another folder."
            )

    def tell(self, doing: str, share: float | None = None) -> None:
        """Says what is being done before training can begin; `share` of it is done, 0 to 1."""
        shown = doing if share is None else f"{doing}, {share:.0%}"
        with contextlib.suppress(OSError):  # begin() says what is wrong with the folder
            write_json(
                self.run.path("status.json"),
                {**self.run.status(), "state": "waiting", "doing": shown, "pid": os.getpid()},
            )

    def fail(self, message: str) -> None:
        """Notes why training cannot begin."""
        self.status = self.run.status()
        self._end_with(message)

    def begin(self, data: Data) -> TrainState | None:
        """Prepares the folder. The state to go on from, or None for a fresh start.

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
                self.rollbacks = state.facts["rollbacks"]
                self.knobs = dict(state.facts["knobs"])
                rows = [row for row in self.run.rows()[0] if row["images"] <= state.images_seen]
                trained = rows[-1].get("seconds") if rows else None
                self._clock.start(state.images_seen, trained or 0.0)
                row_goes_on = state.facts["steps_in_row"] > 0
                artifacts.discard_after(state.images_seen, row_goes_on=row_goes_on)
            settled = ("threads", "precision", *["repeats"] * (state is not None))
            self._replay = self._requests.changes_since(state.images_seen if state else 0)
            artifacts.write_reals(data)
            self.status = {
                "state": "running",
                "images_seen": state.images_seen if state else 0,
                "images_total": self.config.images,
                "images_per_second": None,
                "seconds": self._clock.seconds,
                "pid": os.getpid(),
                "error": None,
                "knobs": self.knobs,
                "networks": sizes(spec),
                "classes": spec.classes,
                **{name: old[name] for name in settled if name in old},
                "notes": old.get("notes", []) if state else [],
                "evaluation_seconds": old.get("evaluation_seconds", 0.0) if state else 0.0,
                "by_hand": sum(int(row.get("by_hand") or 0) for row in self.run.rows()[0]),
            }
            if state is None:
                for text in (*warnings(self.config), *data.notes):
                    self._say(0, text)
            self._write_status()
        except OSError as error:
            raise NotWritableError(self._not_writable(error)) from error
        return state

    def _compute_as(self, old: Mapping[str, Any]) -> None:
        """A run without a checkpoint begins again as it began: other threads make other bits."""
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
        changes = self._replay.pop((self.rollbacks, images_seen), {})
        self.knobs.update(changes)
        self.status["knobs"] = self.knobs
        while True:
            stopping = self.interrupted or self.run.path("stop").exists()
            for number, request in self._requests.unanswered():
                stopping |= self._answer(number, request, images_seen, changes)
                if self._ordered is not None:  # what was asked after it, after it
                    break
            if stopping:
                raise StopTraining
            if self._ordered is not None:
                return dataclasses.replace(self._ordered[1], changes=changes)
            if not self.paused:
                return changes
            before = time.monotonic()
            time.sleep(PAUSE_POLL_SECONDS)
            self._clock.skip(time.monotonic() - before)

    def _answer(
        self, number: int, request: Any, images_seen: int, changes: dict[str, float]
    ) -> bool:
        """Does as asked and replies. True if the run is to stop."""
        action = request.get("action") if isinstance(request, dict) else None
        if action == "stop":
            self._requests.reply(number, ok=True, images_seen=images_seen)
            return True
        if action in ("pause", "resume"):
            self.paused = action == "pause"
            self.status.update(
                state="paused" if self.paused else "running", images_seen=images_seen
            )
            self._write_status()
            self._requests.reply(number, ok=True, images_seen=images_seen)
        elif action == "set":
            try:
                now = dataclasses.replace(self.config, **self.knobs)
                values = checked_knobs(request.get("values"), now)
            except ConfigError as error:
                self._requests.reply(number, ok=False, error=str(error))
                return False
            # The reply is the record that a resume replays, so it is written before the change.
            self._requests.reply(
                number, ok=True, images_seen=images_seen, rollbacks=self.rollbacks, set=values
            )
            changes.update(values)
            self.knobs.update(values)
            self.status["knobs"] = self.knobs
            self._write_status()
        elif action == "step":
            try:
                order = checked_steps(request, self.paused)
            except ConfigError as error:
                self._requests.reply(number, ok=False, error=str(error))
                return False
            self._ordered = number, dataclasses.replace(order, go_on=self._go_on)
        else:
            self._requests.reply(
                number,
                ok=False,
                error="A request must be a JSON object whose action is stop, pause, resume, "
                "set or step.",
            )
        return False

    def _go_on(self, taken: int, images_seen: int) -> bool:
        """Whether steps by hand may go on: nobody has asked to stop. Tells how far they are."""
        now = time.monotonic()
        if now - self._told > 0.5:
            self._told = now
            self.status["doing"] = f"{taken} of {self._ordered[1].times} steps by hand"
            self.status["images_seen"] = images_seen
            self._write_status()
        asked = (request for _, request in self._requests.unanswered() if isinstance(request, dict))
        stopping = any(request.get("action") == "stop" for request in asked)
        return not (stopping or self.interrupted or self.run.path("stop").exists())

    def _answer_steps(self, snapshot: Snapshot) -> None:
        """Replies to the order of steps, now that all they made is on the disk."""
        number, _ = self._ordered
        self._ordered = None
        report = dict(snapshot.report)
        if "error" in report:
            self._requests.reply(number, ok=False, error=report["error"])
            return
        report["words"] = report_in_words(report)
        self._requests.reply(number, ok=True, images_seen=snapshot.images_seen, report=report)

    def evaluate(self, measure: Evaluate, draw: Draw, early: bool) -> dict[str, Any]:
        """Calls `measure`; how long it takes is noted, and left out of the training's speed."""
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
            self._end_with(str(error))
            raise
        except BaseException as error:
            if is_want_of_memory(error):
                self._end_with(texts.TOO_LITTLE_MEMORY)
                raise TrainingFailedError(texts.TOO_LITTLE_MEMORY) from error
            if isinstance(error, OSError):
                message = self._not_writable(error)
                self._end_with(message)
                raise NotWritableError(message) from error
            if not isinstance(error, KeyboardInterrupt):
                log.exception("The trainer failed.")
                self._end_with(f"The trainer failed: {type(error).__name__}: {error}")
            raise

    def _end_with(self, message: str) -> None:
        self.status.update(state="failed", error=message)
        with contextlib.suppress(OSError):  # a full disk: the exit code must tell
            self._write_status()

    def _write(self, snapshot: Snapshot) -> None:
        seen, row = snapshot.images_seen, None
        if snapshot.rolled_back:
            self.rollbacks += 1
            self._artifacts.discard_after(seen)
            self._clock.start(seen)
            self._say(seen, snapshot.rolled_back)
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
        self._write_status()
        if snapshot.report is not None:
            self._answer_steps(snapshot)

    def _say(self, images_seen: int, text: str) -> None:
        note = {"images": images_seen, "text": text}
        if note not in self.status["notes"]:
            self.status["notes"].append(note)
        log.warning(text)

    def _write_status(self) -> None:
        write_json(self.run.path("status.json"), {**self.status, "updated": time.time()})

    def _not_writable(self, error: OSError) -> str:
        return (
            f"The run's folder {self.run.name} cannot be written: {reason(error)}. "
            "Make room or choose another folder, then resume the run."
        )
