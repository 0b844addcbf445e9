"""The visitor's runs as cards: list, compare two, rename, delete and restore, share.

No Gradio here; values in, values out. The Train tab steers and shows runs.
"""

from __future__ import annotations

import base64
import functools
import io
import time
from pathlib import Path
from typing import Annotated, Any

from PIL import Image
from pydantic import Field

from ganmodel.config import differing_settings, names_shipped
from ganmodel.data import DATASETS
from ganmodel.images import UNREADABLE
from ganmodel.runs import (
    LIVE_STATES,
    TRASH,
    Run,
    RunError,
    list_runs,
    origin_of,
    rename_run,
    restore_run,
    trash_run,
)
from ganmodel.ui.http.asks import Answer, Ask, Name, Refusal
from ganmodel.ui.http.visitors import Visitor, make_link, own_run
from ganmodel.ui.train.run_control import OwnRun, RunControl
from ganmodel.ui.train.run_states import RESUMABLE
from ganmodel.ui.train.run_view import OfRun, Row, RunView
from ganmodel.ui.train.run_words import data_of, recipe_of
from ganmodel.words import Words, message

MOST_RUNS = 60  # in one list; the newest
COMPARED = ("images", "d_real", "d_fake", "loss_d", "loss_g", "fd_over_r")
COMPARED_POINTS = 300
LONGEST_SENT = 4_000  # letters of a title that a visitor sends; it is shortened
THUMB = 96  # pixels a side, cut from the grid's upper left


class ListRuns(Ask):
    """With `count`, only the number of runs is wanted."""

    count: bool = False


class Card(Answer):
    """A run in the list; `trouble` is why it can only be deleted."""

    name: str
    title: Words
    trouble: Refusal | None = None
    state: str = ""
    recipe: Words = ""
    data: Words = ""
    images_seen: int = 0
    images_total: int = 0
    age: int = 0  # seconds
    thumb: str | None = None  # a data URL
    verdict: Words = ""
    origin: Words | None = None
    living: bool = False
    resumable: bool = False
    has_weights: bool = False


class Cards(Answer):
    """The number of the visitor's runs, the newest of them, and those that come with ganmodel."""

    count: int
    runs: list[Card] = []
    bundled: list[Card] = []


class Rename(OwnRun):
    title: Annotated[str, Field(max_length=LONGEST_SENT)]


class Said(Answer):
    """What was done, in a sentence."""

    said: Words


class Link(Said):
    """With the `key` that opens the run for reading."""

    key: str


class SettingsOf(Answer):
    """A run's settings for the form; a path of uploaded pictures is not sent."""

    settings: dict[str, Any]


class Compare(Ask):
    """Two runs by their names."""

    runs: list[Name]


class Compared(Answer):
    name: str
    title: Words
    curves: list[Row]
    grid: int | None
    verdict: Words


class Differing(Answer):
    """A setting in which the two differ."""

    label: Words
    values: list[Words]


class Comparison(Answer):
    runs: list[Compared]
    differing: list[Differing]


class RunList:
    """The functions of the drawer of runs. Safe to use from several threads."""

    def __init__(self, control: RunControl, view: RunView) -> None:
        self.control = control
        self.view = view

    def runs(self, visitor: Visitor, ask: ListRuns) -> Cards:
        """The visitor's runs, newest first, and those that come with ganmodel."""
        found = list_runs(self.control.runs, visitor.name)
        if ask.count:
            return Cards(count=len(found))
        cards = []
        for run in found[:MOST_RUNS]:
            try:
                cards.append(self._card(run))
            except RunError as error:  # its config is damaged, but it can still be deleted
                trouble = Refusal.of(error)
                cards.append(Card(name=run.name, title=run.name, trouble=trouble))
        bundled = [self._card(run) for run in self.view.bundled.all()]
        return Cards(count=len(found), runs=cards, bundled=bundled)

    def _card(self, run: Run) -> Card:
        config, status, state = run.config(), run.status(), self.view.state(run)
        grids = run.moments("samples")
        origin = origin_of(run)
        return Card(
            name=self.view.name_of(run),
            title=self.view.title_of(run),
            state=state,
            recipe=recipe_of(config),
            data=data_of(config),
            images_seen=min(status.get("images_seen", 0), config.images),
            images_total=config.images,
            age=round(max(0.0, time.time() - _born(run))),
            thumb=_thumb(grids[max(grids)]) if grids else None,
            verdict=self.view.verdict(run, config, status)["headline"],
            origin=origin["title"] if origin else None,
            living=state in LIVE_STATES,
            resumable=state in RESUMABLE and state not in LIVE_STATES,
            has_weights=bool(run.moments("weights")),
        )

    def rename(self, visitor: Visitor, ask: Rename) -> Said:
        """Gives a run another title."""
        run = own_run(self.control.runs, visitor, ask.run)
        rename_run(run, ask.title)
        return Said(said=message("page.renamed", title=run.title()))

    def delete(self, visitor: Visitor, ask: OwnRun) -> Said:
        """Moves a run to the trash."""
        run = own_run(self.control.runs, visitor, ask.run)
        title = run.title()
        if self.control.states.of(run) in LIVE_STATES:
            raise RunError("still-training-delete")
        trash_run(run)
        return Said(said=message("page.deleted", title=title))

    def undo(self, visitor: Visitor, ask: OwnRun) -> Said:
        """Restores a run from the trash."""
        try:
            own_run(self.control.runs / TRASH, visitor, ask.run)
        except RunError:
            raise RunError("gone") from None
        run = restore_run(self.control.runs, ask.run)
        return Said(said=message("page.brought-back", title=run.title()))

    def link(self, visitor: Visitor, ask: OwnRun) -> Link:
        """Makes a link with which anybody may read a run."""
        run = own_run(self.control.runs, visitor, ask.run)
        return Link(said=message("page.link-made"), key=make_link(run))

    def reproduce(self, visitor: Visitor, ask: OwnRun) -> SettingsOf:
        """A run's settings, to start one like it."""
        run = own_run(self.control.runs, visitor, ask.run)
        settings = run.config().to_json()
        settings["dataset"] = settings["dataset"] if settings["dataset"] in DATASETS else "own"
        if not names_shipped(settings["start_from"]):
            settings["start_from"] = ""
        return SettingsOf(settings=settings)

    def compare(self, visitor: Visitor, ask: Compare) -> Comparison:
        """Two runs beside each other; each is one of the visitor's own or comes with ganmodel."""
        if len(ask.runs) != 2:
            raise RunError("compare-two")
        runs = [self.view.needed(visitor, OfRun(run=name)).run for name in ask.runs]
        a, b = (run.config() for run in runs)
        differing = [
            Differing(label=label, values=[_shown(name, value) for value in values])
            for name, label, *values in differing_settings(a, b)
        ]
        return Comparison(runs=[self._compared(run) for run in runs], differing=differing)

    def _compared(self, run: Run) -> Compared:
        grids = run.moments("samples")
        return Compared(
            name=self.view.name_of(run),
            title=self.view.title_of(run),
            curves=self.view.curves(run, COMPARED, COMPARED_POINTS),
            grid=max(grids) if grids else None,
            verdict=self.view.verdict(run, run.config(), run.status())["headline"],
        )


def _shown(name: str, value: Any) -> Words:
    if name in ("dataset", "start_from"):
        return Path(value).name
    if isinstance(value, bool):
        return message("page.on" if value else "page.off")
    return message("page.number", n=value) if isinstance(value, int) else str(value)


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
