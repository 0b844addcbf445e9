"""What a page shows of a run: the news since its last request, and the run at a past moment.

No Gradio here; values in, values out. `run_control` steers runs, `http.visitors` checks who may see
one, `verdicts` has the coach's verdicts, and `grids` the pictures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganmodel.config import SETTINGS, RunConfig, useful_knobs
from ganmodel.data import DATASETS
from ganmodel.files import without_folders
from ganmodel.latents import noise
from ganmodel.objectives import OBJECTIVES
from ganmodel.runs import (
    LIVE_STATES,
    Run,
    RunError,
    best_among,
    fork_moments,
    knob_changes,
    layout_of,
    list_runs,
    origin_of,
    qualities,
)
from ganmodel.ui.http.asks import Answer, Ask, Key, Moment, Name
from ganmodel.ui.http.visitors import OPEN, Reading, Visitor, open_runs, own_run, readable_run
from ganmodel.ui.shared.bundled_runs import BUNDLED, FIRST, BundledRuns, is_bundled_name
from ganmodel.ui.train.charts import CURVES
from ganmodel.ui.train.form.uploads import named_without_path
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_states import about
from ganmodel.ui.train.run_words import cure_of, eyes_of, settings_in_words
from ganmodel.ui.train.thinning import MOST_POINTS, thin
from ganmodel.ui.train.verdicts import Verdicts
from ganmodel.words import Words, catalogue, message, with_texts

Row = list[int | float | None]  # of curves, images seen first


class OfRun(Ask):
    """A run by its name, or the visitor's latest for None, and the key of a link to it."""

    run: Name | None = None
    key: Key | None = None


class OfMoment(OfRun):
    images: Moment


class Watch(OfRun):
    """What the browser has already.

    `offset` into the curves and the `history` it belongs to; `grid` and `quality`: images seen of
    the newest it has, or -1; `marks`: how many knob changes; `by_hand`: how many steps by hand.
    """

    offset: Moment = 0
    history: Name | None = None
    grid: Moment = -1
    quality: Moment = -1
    marks: Moment = 0
    by_hand: Moment | None = None


class OtherRun(Answer):
    """A run that the visitor may want to see instead; `queued`: it waits for its turn."""

    run: str
    said: Words
    queued: bool = False


class News(Answer):
    """The news of a run; what is unchanged is omitted.

    If `history` is another one than before, the `curves` replace all earlier ones. `about` stays
    constant while a trainer lives. `grids`: images seen; `marks`: knob changes; `class_run`: what a
    class watches; `waits`: the visitor's own run, while they watch another one.
    """

    run: str | None
    message: Words
    own: bool = False
    state: str = ""
    images_seen: int = 0
    images_total: int = 0
    images_per_second: float | None = None
    seconds: float | None = None
    notes: list[Words] = []
    curves: list[Row] = []
    offset: int = 0
    history: str = ""
    verdict: dict[str, Any] = {}
    generator: str | None = None
    has_reals: bool = False
    knobs: dict[str, float] = {}
    networks: dict[str, Any] = {}
    by_hand: int = 0
    layout: dict[str, Any] = {}
    queued: bool = False
    grids: list[int] = []
    best: dict[str, Any] | None = None
    quality: dict[str, Any] = {}
    marks: list[dict[str, Any]] = []
    about: dict[str, Any] = {}
    class_run: OtherRun | None = None
    waits: OtherRun | None = None


class AtMoment(Answer):
    """A run at a past moment: the coach's verdict, the measured quality, and the images seen at the
    checkpoint from which it can be tried `again`."""

    verdict: dict[str, Any]
    quality: dict[str, Any] | None
    again: int


class Curves(Answer):
    curves: list[Row]


class RunView:
    """Answers pages' requests for runs. Safe to use from several threads."""

    def __init__(self, control: RunControl, bundled: BundledRuns | None = None) -> None:
        self.control = control
        self.bundled = bundled or BundledRuns()
        self._verdicts = Verdicts()

    def watch(self, visitor: Visitor, ask: Watch) -> News:
        """The news of a run since the browser's last request."""
        reading = self.reading(visitor, ask)
        if reading is None and ask.run is not None:
            raise RunError("no-such-film")  # an earlier edition's, which a browser remembers
        if reading is None:
            return News(run=None, message=message("page.no-film"))
        run = reading.run
        config, status = run.config(), run.status()
        state = self.state(run)
        # A resume or a rollback truncates and rewrites the curves: send them from the start.
        history = f"{run.name}/{status.get('pid')}/{len(status.get('notes', []))}"
        fresh = ask.history != history
        by_hand = status.get("by_hand", 0)
        stepped = ask.by_hand not in (None, by_hand)  # so the newest evaluation is another one
        rows, offset = run.rows(0 if fresh else max(0, ask.offset))
        answer: dict[str, Any] = {
            "run": self.name_of(run),
            "own": reading.own,
            "state": state,
            "images_seen": min(status.get("images_seen", 0), config.images),
            "images_total": config.images,
            "images_per_second": status.get("images_per_second"),
            "seconds": status.get("seconds"),
            "message": self._message(reading, state, status),
            # Notes on pictures that were left out quote the names of own files.
            "notes": [note["text"] for note in status.get("notes", []) if reading.shows_reals],
            "curves": thin([[row.get(name) for name in CURVES] for row in rows]),
            "offset": offset,
            "history": history,
            "verdict": self.verdict(run, config, status),
            "generator": self._generator(reading),
            "has_reals": reading.shows_reals and run.path("reals.png").exists(),
            "knobs": status.get("knobs", {}),
            "networks": status.get("networks", {}),
            "by_hand": by_hand,
            "layout": dataclasses.asdict(layout_of(run, config)),
            "queued": self.control.queue.waiting(run) is not None,
        }
        grids = [m for m in run.moments("samples") if fresh or m > ask.grid]
        if grids:
            answer["grids"] = grids
        found = qualities(run)
        best = best_among(found, self.weights(run))
        answer["best"] = dataclasses.asdict(best) if best else None
        # Evaluations that the coach has not judged yet are not shown either.
        told = self._verdicts.until(run)
        heard = [one for one in found if told is None or one["images"] <= told]
        if heard and (fresh or stepped or heard[-1]["images"] > ask.quality):
            answer["quality"] = heard[-1]
        marks = knob_changes(run)
        if fresh or len(marks) != ask.marks:
            answer["marks"] = marks
        if fresh:
            answer["about"] = self._about(reading, config)
        if reading.own and (shown := self._shown(visitor)):
            answer["class_run"] = OtherRun(run=shown.run.name, said=message("page.class-runs"))
        if not reading.own and (waits := self._own_turn(visitor)):
            answer["waits"] = waits
            if self.bundled.is_bundled(run):
                answer["message"] = message("page.film")
        return News(**answer)

    def _own_turn(self, visitor: Visitor) -> OtherRun | None:
        """The visitor's own run that waits or trains while they watch another one."""
        for run in list_runs(self.control.runs, visitor.name):
            if (place := self.control.queue.waiting(run)) is not None:
                time = about(place.seconds)
                said = message("page.your-turn", place=place.ahead + 1, time=time)
                return OtherRun(run=run.name, said=said, queued=True)
            if self.state(run) in LIVE_STATES:
                return OtherRun(run=run.name, said=message("page.your-run"))
        return None

    def moment(self, visitor: Visitor, ask: OfMoment) -> AtMoment:
        """A run at a past moment."""
        run, images = self.needed(visitor, ask).run, ask.images
        before = [found for found in qualities(run) if found["images"] <= images]
        return AtMoment(
            verdict=self._verdicts.at(run, run.status(), images),
            quality=before[-1] if before else None,
            again=max(m for m in fork_moments(run) if m <= max(0, images)),
        )

    def overlay(self, visitor: Visitor, ask: OfRun) -> Curves:
        """The curves of the run that this one was forked from, to be shown behind its own."""
        origin = origin_of(self.needed(visitor, ask).run)
        if origin is None:
            return Curves(curves=[])
        try:
            before = own_run(self.control.runs, visitor, origin["run"])
        except RunError:  # it has been deleted
            return Curves(curves=[])
        return Curves(curves=self.curves(before, CURVES, MOST_POINTS))

    def curves(self, run: Run, names: Sequence[str], most: int) -> list[Row]:
        """Some columns of a run's curves, images seen first."""
        rows, _ = run.rows()
        return thin([[row.get(name) for name in names] for row in rows], most)

    def verdict(self, run: Run, config: RunConfig, status: dict[str, Any]) -> dict[str, Any]:
        """The coach's verdict on the run now, as JSON values; see `health.Verdict`."""
        return self._verdicts.newest(run, config, status)

    # --- which run -----------------------------------------------------------------------------

    def reading(self, visitor: Visitor, ask: OfRun) -> Reading | None:
        """The requested run, if this visitor may see it.

        If none is requested: the visitor's newest or, without any, the first bundled run. In a
        class, a visitor who trains nothing gets the host's run.
        """
        name = ask.run
        if name is not None and is_bundled_name(name):
            return self._film(name)
        if name is not None:
            return readable_run(self.control.runs, visitor, name, ask.key)
        own = list_runs(self.control.runs, visitor.name)
        living = [run for run in own if self.state(run) in LIVE_STATES]
        if not living and (shown := self._shown(visitor)):
            return shown
        newest = (living or own or [None])[0]
        if newest:
            return Reading(newest, own=True)
        return next((Reading(film, own=False) for film in self.bundled.all()), None)

    def _shown(self, visitor: Visitor) -> Reading | None:
        """The host's run for all others in a class: the one that trains, or the last that did."""
        if self.control.host in (None, visitor.name):
            return None
        runs = open_runs(self.control.runs)
        living = [run for run in runs if self.state(run) in LIVE_STATES]
        return Reading((living or runs)[0], own=False) if runs else None

    def needed(self, visitor: Visitor, ask: OfRun) -> Reading:
        """As `reading`; raises a `RunError` where there is none."""
        reading = self.reading(visitor, ask)
        if reading is None:
            raise RunError("no-such-run")
        return reading

    def _film(self, name: str) -> Reading | None:
        run = self.bundled.run(name)
        return Reading(run, own=False) if run else None

    def _has_raw(self, run: Run) -> bool:
        """Whether raw G's pictures are there or will come; some bundled runs lack them."""
        return not self.bundled.is_bundled(run) or bool(run.moments("samples_raw"))

    def _generator(self, reading: Reading) -> str | None:
        """The Playground's id for a run's generator; None where there is none."""
        run = reading.run
        if self.bundled.is_bundled(run):
            return f"shipped:{run.name}" if self.bundled.file(run.name).is_file() else None
        readable = reading.own or run.path(OPEN).exists()
        return f"run:{run.name}" if readable and run.moments("weights") else None

    def name_of(self, run: Run) -> str:
        """A run's name on the page."""
        return BUNDLED + run.name if self.bundled.is_bundled(run) else run.name

    def title_of(self, run: Run) -> Words:
        """A run's title for its owner; those of the bundled ones are in the catalogue."""
        known = self.bundled.is_bundled(run) and f"films.{run.name}" in catalogue()
        return message(f"films.{run.name}") if known else run.title()

    def weights(self, run: Run) -> dict[int, Path]:
        """Images seen -> weights of a run, in order."""
        film = self.bundled.is_bundled(run)
        return self.bundled.weights(run) if film else run.moments("weights")

    def state(self, run: Run) -> str:
        return "finished" if self.bundled.is_bundled(run) else self.control.states.of(run)

    def _message(self, reading: Reading, state: str, status: dict[str, Any]) -> Words:
        if self.bundled.is_bundled(reading.run):
            return message("page.welcome" if reading.run.name == FIRST else "page.film")
        if reading.run.path(OPEN).exists() and not reading.own:
            return message("page.shown" if state in LIVE_STATES else "page.shown-ended")
        if not reading.own and state in ("stopped", "finished", "died", "failed"):
            return message("page.reading-ended")
        said = self.control.states.words(reading.run, state, status)
        # Earlier editions stored an upload under its owner's name, in a path not to be shown.
        dataset = reading.run.config().dataset
        if dataset not in DATASETS:
            said = named_without_path(said, Path(dataset))
        return with_texts(said, without_folders)

    def _about(self, reading: Reading, config: RunConfig) -> dict[str, Any]:
        """What stays constant while a trainer lives."""
        run, origin = reading.run, origin_of(reading.run)
        if origin is not None and not reading.shows_reals:
            origin = {key: value for key, value in origin.items() if key != "title"}
        bundled = self.bundled.all() if self.bundled.is_bundled(run) else []
        return {
            "bundled": [[self.name_of(run), self.title_of(run)] for run in bundled],
            "title": self.title_of(run) if bundled else reading.title,
            "words": settings_in_words(config, reading.shows_reals),
            "preset": config.preset,
            "by_class": config.conditional,
            "averaged": config.ema_half_life > 0 and self._has_raw(run),
            "shows_reals": reading.shows_reals,
            "address": self.control.address,
            "eyes": eyes_of(config),
            "own_pictures": config.dataset not in DATASETS,
            "cure": cure_of(config),
            "coin_toss": _coin_toss(config.objective),
            "noise": [round(number, 2) for number in noise([0], config.z_dim)[0].tolist()],
            "knobs": {name: _knob(name, config) for name in useful_knobs(config)},
            "origin": origin,
            "classes": DATASETS[config.dataset].classes if config.dataset in DATASETS else [],
        }


def _coin_toss(objective: str) -> dict[str, float]:
    """Both losses by their columns where D only guesses."""
    return dict(zip(("loss_d", "loss_g"), OBJECTIVES[objective].coin_toss or (), strict=False))


def _knob(name: str, config: RunConfig) -> dict[str, Any]:
    facts = SETTINGS[name].metadata
    return {
        "low": facts["low"],
        "high": facts["high"],
        "whole": isinstance(SETTINGS[name].default, int),
        "value": getattr(config, name),
    }
