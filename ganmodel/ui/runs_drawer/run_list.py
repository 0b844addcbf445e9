"""The visitor's runs as cards: list, compare two, rename, delete and restore, share.

No Gradio here; values in, values out. The Train tab steers and shows runs.
"""

from __future__ import annotations

import base64
import functools
import io
import time
from pathlib import Path
from typing import Any

from PIL import Image

from ganmodel import texts
from ganmodel.config import PRESETS, RunConfig, differing_settings, names_shipped
from ganmodel.data import DATASETS
from ganmodel.images import UNREADABLE
from ganmodel.runs import (
    LIVE_STATES,
    TRASH,
    Run,
    RunError,
    data_name,
    list_runs,
    origin_of,
    rename_run,
    restore_run,
    trash_run,
)
from ganmodel.ui.http.errors import told
from ganmodel.ui.http.visitors import make_link, own_run, owner_of
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_states import RESUMABLE
from ganmodel.ui.train.run_view import RunView

MOST_RUNS = 60  # in one list; the newest
COMPARED = ("images", "d_real", "d_fake", "loss_d", "loss_g", "fd_over_r")
COMPARED_POINTS = 300
THUMB = 96  # pixels a side, cut from the grid's upper left


class RunList:
    """The functions of the drawer of runs. Safe to use from several threads."""

    def __init__(self, control: RunControl, view: RunView) -> None:
        self.control = control
        self.view = view

    def runs_of(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The visitor's runs, newest first, each as a card; with `count` set, only their number.

        `bundled` are cards of the runs that come with ganmodel.
        """
        found = list_runs(self.control.runs, owner_of(ask.get("token")))
        if ask.get("count"):
            return {"count": len(found)}
        cards = []
        for run in found[:MOST_RUNS]:
            try:
                cards.append(self._card(run))
            except RunError as error:  # its config is damaged, but it can still be deleted
                cards.append({"name": run.name, "title": run.name, "trouble": told(error)})
        bundled = [self._card(run) for run in self.view.bundled.all()]
        return {"count": len(found), "runs": cards, "bundled": bundled}

    def _card(self, run: Run) -> dict[str, Any]:
        config, status, state = run.config(), run.status(), self.view.state(run)
        grids = run.moments("samples")
        origin = origin_of(run)
        return {
            "name": self.view.name_of(run),
            "title": run.title(),
            "state": state,
            "recipe": _recipe(config),
            "data": _data(config),
            "images_seen": min(status.get("images_seen", 0), config.images),
            "images_total": config.images,
            "age": round(max(0.0, time.time() - _born(run))),
            "thumb": _thumb(grids[max(grids)]) if grids else None,
            "verdict": self.view.verdict(run, config, status)["headline"],
            "origin": origin["title"] if origin else None,
            "living": state in LIVE_STATES,
            "resumable": state in RESUMABLE and state not in LIVE_STATES,
            "has_weights": bool(run.moments("weights")),
        }

    def file(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Renames, deletes, restores, resumes or shares a run, as `ask["action"]` says.

        Returns `said`; for "link" the `key` that opens the run for reading.
        """
        token, name, action = ask.get("token"), ask.get("run"), ask.get("action")
        if action == "undo":
            return self._undo(token, name)
        run = own_run(self.control.runs, token, name)
        match action:
            case "rename":
                rename_run(run, ask.get("title"))
                return {"said": texts.RENAMED.format(title=run.title())}
            case "delete":
                title = run.title()
                if self.control.states.of(run) in LIVE_STATES:
                    raise RunError(texts.STILL_TRAINING_DELETE)
                trash_run(run)
                return {"said": texts.DELETED.format(title=title)}
            case "resume":
                return {"said": self.control.resume(token, name)}
            case "link":
                return {"said": texts.LINK_MADE, "key": make_link(run)}
        raise RunError(texts.BAD_CALL)

    def _undo(self, token: Any, name: Any) -> dict[str, Any]:
        try:
            own_run(self.control.runs / TRASH, token, name)
        except RunError:
            raise RunError(texts.GONE) from None
        run = restore_run(self.control.runs, name)
        return {"said": texts.BROUGHT_BACK.format(title=run.title())}

    def reproduce(self, ask: dict[str, Any]) -> dict[str, Any]:
        """A run's settings for the form; a path of uploaded pictures is not sent."""
        run = own_run(self.control.runs, ask.get("token"), ask.get("run"))
        settings = run.config().to_json()
        settings["dataset"] = settings["dataset"] if settings["dataset"] in DATASETS else "own"
        if not names_shipped(settings["start_from"]):
            settings["start_from"] = ""
        return {"settings": settings}

    def compare(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Two runs (`ask["runs"]`, two names) beside each other: curves, and what differs.

        Each is one of the visitor's own or one that comes with ganmodel.
        """
        names = ask.get("runs")
        if not isinstance(names, list) or len(names) != 2:
            raise RunError(texts.COMPARE_TWO)
        asked = {"token": ask.get("token")}
        runs = [self.view.needed(asked | {"run": str(name)}).run for name in names]
        a, b = (run.config() for run in runs)
        differing = [
            {"label": label, "values": [_shown(name, value) for value in values]}
            for name, label, *values in differing_settings(a, b)
        ]
        return {"runs": [self._compared(run) for run in runs], "differing": differing}

    def _compared(self, run: Run) -> dict[str, Any]:
        grids = run.moments("samples")
        return {
            "name": self.view.name_of(run),
            "title": run.title(),
            "curves": self.view.curves(run, COMPARED, COMPARED_POINTS),
            "grid": max(grids) if grids else None,
            "verdict": self.view.verdict(run, run.config(), run.status())["headline"],
        }


def _recipe(config: RunConfig) -> str:
    return PRESETS[config.preset].label if config.preset in PRESETS else config.preset


def _data(config: RunConfig) -> str:
    known = DATASETS.get(config.dataset)
    return known.title if known else data_name(config)


def _shown(name: str, value: Any) -> str:
    if name in ("dataset", "start_from"):
        return Path(value).name
    if isinstance(value, bool):
        return texts.ON if value else texts.OFF
    return f"{value:,}" if isinstance(value, int) else str(value)


def _born(run: Run) -> float:
    try:
        return run.path("config.json").stat().st_mtime
    except OSError:
        return time.time()


@functools.lru_cache(maxsize=256)
def _thumb(path: Path) -> str | None:
    """A few pictures of a grid as a small data URL; the grid of a moment never changes."""
    try:
        with Image.open(path, formats=("PNG",)) as grid:
            side = min(THUMB, *grid.size)
            buffer = io.BytesIO()
            grid.crop((0, 0, side, side)).save(buffer, "PNG")
    except UNREADABLE:
        return None
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
