"""The visitor's runs: a list of them, two compared, renamed, deleted and brought back, shared.

No Gradio here; values in, values out. Steering a run is `desk`'s business, watching one is
`watching`'s.
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
from ganmodel.ui.desk import Desk
from ganmodel.ui.visitors import make_link, own_run, owner_of, told
from ganmodel.ui.watching import Watch

MOST_RUNS = 60  # in one list; the newest
COMPARED = ("images", "d_real", "d_fake", "loss_d", "loss_g", "fd_over_r")
COMPARED_POINTS = 300
THUMB = 96  # pixels a side, cut from the grid's upper left


class Shelf:
    """What the drawer of runs shows and does. Safe to use from several threads."""

    def __init__(self, desk: Desk, watch: Watch) -> None:
        self.desk = desk
        self.watch = watch

    def runs_of(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The visitor's runs, newest first, each as a card; with `count` alone, only how many.

        `films` are cards of the runs that come with ganmodel.
        """
        found = list_runs(self.desk.runs, owner_of(ask.get("token")))
        if ask.get("count"):
            return {"count": len(found)}
        cards = []
        for run in found[:MOST_RUNS]:
            try:
                cards.append(self._card(run))
            except RunError as error:  # its config was damaged: it can be deleted at least
                cards.append({"name": run.name, "title": run.name, "trouble": told(error)})
        films = [self._card(run) for run in self.watch.films.all()]
        return {"count": len(found), "runs": cards, "films": films}

    def _card(self, run: Run) -> dict[str, Any]:
        config, status, state = run.config(), run.status(), self.watch.state(run)
        grids = run.moments("samples")
        origin = origin_of(run)
        return {
            "name": self.watch.name_of(run),
            "title": run.title(),
            "state": state,
            "recipe": _recipe(config),
            "data": _data(config),
            "images_seen": min(status.get("images_seen", 0), config.images),
            "images_total": config.images,
            "age": round(max(0.0, time.time() - _born(run))),
            "thumb": _thumb(grids[max(grids)]) if grids else None,
            "verdict": self.watch.verdict(run, config, status)["headline"],
            "origin": origin["title"] if origin else None,
            "living": state in LIVE_STATES,
            "resumable": state in ("stopped", "died", "failed"),
            "has_weights": bool(run.moments("weights")),
        }

    def file(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Renames, deletes, brings back, resumes or shares a run, as `ask["action"]` says.

        Returns `said`; for "link" the `key` that opens the run for reading.
        """
        token, name, action = ask.get("token"), ask.get("run"), ask.get("action")
        if action == "undo":
            return self._undo(token, name)
        run = own_run(self.desk.runs, token, name)
        match action:
            case "rename":
                rename_run(run, ask.get("title"))
                return {"said": texts.RENAMED.format(title=run.title())}
            case "delete":
                title = run.title()
                if self.desk.state(run) in LIVE_STATES:
                    raise RunError(texts.STILL_TRAINING_DELETE)
                trash_run(run)
                return {"said": texts.DELETED.format(title=title)}
            case "resume":
                return {"said": self.desk.resume(token, name)}
            case "link":
                return {"said": texts.LINK_MADE, "key": make_link(run)}
        raise RunError(texts.BAD_CALL)

    def _undo(self, token: Any, name: Any) -> dict[str, Any]:
        try:
            own_run(self.desk.runs / TRASH, token, name)
        except RunError:
            raise RunError(texts.GONE) from None
        run = restore_run(self.desk.runs, name)
        return {"said": texts.BROUGHT_BACK.format(title=run.title())}

    def reproduce(self, ask: dict[str, Any]) -> dict[str, Any]:
        """A run's settings for the form; a path of uploaded pictures stays here."""
        run = own_run(self.desk.runs, ask.get("token"), ask.get("run"))
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
        runs = [self.watch.needed(asked | {"run": str(name)}).run for name in names]
        a, b = (run.config() for run in runs)
        differing = [
            {"label": label, "values": [_shown(name, value) for value in values]}
            for name, label, *values in differing_settings(a, b)
        ]
        return {"runs": [self._compared(run) for run in runs], "differing": differing}

    def _compared(self, run: Run) -> dict[str, Any]:
        grids = run.moments("samples")
        return {
            "name": self.watch.name_of(run),
            "title": run.title(),
            "curves": self.watch.curves(run, COMPARED, COMPARED_POINTS),
            "grid": max(grids) if grids else None,
            "verdict": self.watch.verdict(run, run.config(), run.status())["headline"],
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
    """A few pictures of a grid as a small data URL; a moment's grid does not change."""
    try:
        with Image.open(path, formats=("PNG",)) as grid:
            side = min(THUMB, *grid.size)
            buffer = io.BytesIO()
            grid.crop((0, 0, side, side)).save(buffer, "PNG")
    except UNREADABLE:
        return None
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
