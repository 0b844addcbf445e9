"""What stands behind the Train tab: starting, steering and watching a visitor's runs.

No widget and no Gradio here; values in, values out. Whose run is whose is `visitors`' business.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ganmodel.config import RunConfig, make_config
from ganmodel.data import DATASETS, load_data
from ganmodel.images import grid, png
from ganmodel.runs import LIVE_STATES, Launcher, Run, RunError, create_run, list_runs
from ganmodel.sampling import SHIPPED, Sampler, WeightsError
from ganmodel.ui import texts
from ganmodel.ui.visitors import own_run, owner_of

CURVES = ("images", "loss_d", "loss_g", "d_real", "d_fake")
GRID_PICTURES = 64
MOST_POINTS = 500  # of a curve in one answer; a screen shows no more


class Desk:
    """One page's runs folder and the trainers it started. Safe to use from several threads."""

    def __init__(self, runs: Path, data_dir: Path | None = None) -> None:
        self.runs = runs
        self.data_dir = data_dir
        self.launcher = Launcher(data_dir)
        self.most_at_once = max(1, (os.cpu_count() or 2) // 2)  # one run uses about two cores
        self._starting = threading.Lock()

    # --- steering ----------------------------------------------------------------------------

    def start(
        self, token: Any, preset: Any, dataset: Any, objective: Any, images: Any, seed: Any
    ) -> Run:
        """Starts a run with these settings for the visitor.

        Raises:
            ConfigError, DataError, RunError: a sentence on what was wrong, or why not now.
        """
        owner = owner_of(token)
        config = make_config(preset, dataset=dataset, objective=objective, images=images, seed=seed)
        if config.dataset not in DATASETS:  # a visitor names no path on this machine
            raise RunError(texts.NO_SUCH_DATA.format(names=", ".join(DATASETS)))
        with self._starting:  # two quick clicks are two threads
            self._check_room(owner)
            run = create_run(self.runs, config, owner=owner)
            self.launcher.start(run)
        return run

    def resume(self, token: Any, name: Any) -> str:
        """Goes on with a paused run, or starts a new trainer for one that has ended early."""
        run = own_run(self.runs, token, name)
        if self.state(run) in LIVE_STATES:
            return self._ask(run, "resume")
        with self._starting:
            self._check_room(owner_of(token))
            self.launcher.start(run, resume=True)
        return texts.RESUMED

    def pause(self, token: Any, name: Any) -> str:
        return self._ask(own_run(self.runs, token, name), "pause")

    def stop(self, token: Any, name: Any) -> str:
        return self._ask(own_run(self.runs, token, name), "stop")

    def _ask(self, run: Run, action: str) -> str:
        reply = run.ask_and_wait(action)
        if not reply.get("ok"):
            raise RunError(reply.get("error") or texts.UNEXPECTED)
        return texts.DONE[action]

    def _check_room(self, owner: str) -> None:
        busy = [run for run in list_runs(self.runs) if self.state(run) in LIVE_STATES]
        if any(run.owner() == owner for run in busy):
            raise RunError(texts.ALREADY_TRAINING)
        if len(busy) >= self.most_at_once:
            raise RunError(texts.NO_ROOM)

    # --- watching ----------------------------------------------------------------------------

    def state(self, run: Run) -> str:
        """The run's state, with what only the launcher knows of a trainer that it started.

        One that has not taken the lock yet is waiting, not dead; one that ended before it could
        write a word is dead, not waiting.
        """
        state = run.state()
        if state == "died" and self.launcher.starting(run):
            return "waiting"
        if state == "waiting" and self.launcher.why_ended(run):
            return "died"
        return state

    def watch(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What is new of a run since the browser last asked.

        `ask` holds `token`, `run` (a name, or None for the visitor's latest), `offset` into the
        curves and the `history` it belongs to, `samples` (images seen of the newest grid it has, or
        -1) and `reals` (whether it has the real pictures). What is unchanged is left out. Curves
        of another `history` than asked for replace all that came before.
        """
        run = self._watched(ask)
        if run is None:
            return {"run": None}
        config, status = run.config(), run.status()
        state = self.state(run)
        # A resume or a way back cuts the curves off and writes them anew: then from the start.
        history = f"{status.get('pid')}/{len(status.get('notes', []))}"
        offset = _whole(ask.get("offset")) if ask.get("history") == history else 0
        rows, next_offset = run.rows(max(0, offset))
        answer: dict[str, Any] = {
            "run": run.name,
            "settings": _settings_in_words(config),
            "state": state,
            "images_seen": min(status.get("images_seen", 0), config.images),
            "images_total": config.images,
            "images_per_second": status.get("images_per_second"),
            "message": self._message(run, state, status),
            "notes": [note["text"] for note in status.get("notes", [])],
            "curves": thin([[row.get(name) for name in CURVES] for row in rows]),
            "offset": next_offset,
            "history": history,
            "has_weights": bool(run.moments("weights")),
        }
        if samples := newer_grid(run, _whole(ask.get("samples"))):
            answer["samples"] = samples
        if not ask.get("reals") and run.path("reals.png").exists():
            answer["reals"] = data_url(run.path("reals.png").read_bytes())
        return answer

    def welcome(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What is shown before a visitor's first run: the shipped generator, and real data."""
        answer: dict[str, Any] = {"message": texts.WELCOME}
        try:
            sampler = Sampler.load(SHIPPED / "mnist.safetensors")
            pictures = torch.from_numpy(sampler.sample(range(GRID_PICTURES)))
            answer["samples"] = data_url(png(grid(pictures.permute(0, 3, 1, 2))))
        except WeightsError as error:
            answer["message"] = str(error)
        reals = load_data("mnist", self.data_dir).images[:GRID_PICTURES]
        return answer | {"reals": data_url(png(grid(reals)))}

    def _watched(self, ask: dict[str, Any]) -> Run | None:
        owner = owner_of(ask.get("token"))
        if ask.get("run") is not None:
            return own_run(self.runs, ask.get("token"), ask["run"])
        own = list_runs(self.runs, owner)
        living = [run for run in own if self.state(run) in LIVE_STATES]
        return (living or own or [None])[0]

    def _message(self, run: Run, state: str, status: dict[str, Any]) -> str:
        if state == "failed":
            return status.get("error") or self.launcher.why_ended(run) or texts.FAILED
        if state == "died":
            return self.launcher.why_ended(run) or texts.DIED
        if state == "waiting" and status.get("doing"):
            return texts.PREPARING.format(doing=status["doing"])
        return texts.STATES[state]


def newer_grid(run: Run, than: int) -> dict[str, Any] | None:
    """The newest grid, if it is from after `than` images; read again where it just went."""
    moments = run.moments("samples")
    for moment in sorted(moments, reverse=True):
        if moment <= than:
            return None
        try:
            return {"images": moment, "png": data_url(moments[moment].read_bytes())}
        except OSError:
            continue
    return None


def thin(rows: Sequence[Sequence[float | None]], most: int = MOST_POINTS) -> list[list[Any]]:
    """At most `most` rows: neighbours are averaged, each group standing at its last images seen."""
    size = -(-len(rows) // most) if rows else 1
    groups = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [[group[-1][0], *(_mean(column) for column in _columns(group))] for group in groups]


def _columns(group: Sequence[Sequence[float | None]]) -> list[tuple[float | None, ...]]:
    return list(zip(*group, strict=True))[1:]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(f"{sum(known) / len(known):.4g}") if known else None


def data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _whole(value: Any) -> int:
    """A whole number from a browser; -1 where it is none."""
    return value if type(value) is int and value >= -1 else -1


def _settings_in_words(config: RunConfig) -> str:
    return (
        f"{config.dataset} · {config.preset} · {config.objective} · "
        f"{config.images:,} images · start number {config.seed}"
    )
