"""The generators that a visitor may draw with, and the resolution of requests that name one.

A request names a generator, a moment and a place; here they become a `ResolvedPlace`, from which
all other modules of this room draw. `sampling` draws the pictures.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from torch import Tensor

from ganmodel.data import DATASETS
from ganmodel.places import Place
from ganmodel.runs import LIVE_STATES, Run, RunError, keep, list_runs
from ganmodel.sampling import Sampler, SamplerCache, WeightsError
from ganmodel.ui.http.asks import Answer, Ask, Key, Moment, Name, Refusal, Text
from ganmodel.ui.http.visitors import Reading, Visitor, open_runs, readable_run
from ganmodel.ui.shared.bundled_runs import PLAIN, BundledRuns
from ganmodel.ui.shared.weights_at import read_at
from ganmodel.words import Words, message

# The prefixes of generators' ids; a name follows.
SHIPPED, RUN = "shipped:", "run:"
START = "stops=53,46"  # the place where the Playground opens
SAMPLERS_KEPT = 64  # so that sliding through training time loads no file twice


class Standing(Ask):
    """Where a visitor stands: a generator's id, images seen by its weights (None: the newest), the
    place as a text, and the `key` of the link that opens the generator's run."""

    generator: Name
    moment: Moment | None = None
    place: Text = ""
    key: Key | None = None


class Linked(Ask):
    """The run and key of the link through which the page was opened, if any."""

    run: Name | None = None
    key: Key | None = None


class Choice(Answer):
    """A generator to choose; `reason` is why it cannot be."""

    id: str
    label: Words
    reason: Refusal | None = None


class Choices(Answer):
    generators: list[Choice]


class Facts(Answer):
    """What can be done with a generator.

    `moments`: images seen by all kept weights, one where there is no history; `files`: for each of
    them the path in a checkout or in a person's own folder; `classes`: their names; `name` and
    `sha256`: of the weights; `dataset`: the name of a known one, or ""; `open`: whether it belongs
    to a run that is open to all.
    """

    z_dim: int
    size: int
    channels: Literal[1, 3]
    classes: list[str]
    moments: list[int]
    moment: int
    sha256: str
    name: str
    files: list[str]
    dataset: str
    shows_reals: bool
    open: bool


class KeptMoment(Answer):
    """The moment and the file of weights, and whether they stay while the run goes on."""

    moment: int
    file: str
    kept: bool


@dataclass(frozen=True)
class ResolvedPlace:
    """The requested generator at one moment, and the requested place in its latent space."""

    sampler: Sampler
    place: Place
    path: Path  # of the weights
    moment: int  # images seen by these weights
    name: str  # of the run, or of the shipped generator
    below: Path  # the folder of all runs, or that of the shipped generators
    moments: dict[int, Path]  # images seen -> weights, for all kept weights, in order
    shows_reals: bool
    kept: bool  # whether these weights stay while the run goes on
    run: Run | None = None  # if the generator is a run's

    @property
    def z_dim(self) -> int:
        return self.sampler.spec.z_dim

    @property
    def labels(self) -> Tensor | None:
        """Class weights `(1, classes)`, or None."""
        return self.place.class_weights(self.sampler.spec.classes)

    def draw(self, z: Tensor) -> np.ndarray:
        """Pictures of `z (N, z_dim)` in the class of this place: uint8 `(N, H, W, C)`."""
        labels = self.labels
        return self.sampler.draw(z, None if labels is None else labels.expand(len(z), -1))


class Generators:
    """The shipped generators and a visitor's own. Safe to use from several threads."""

    def __init__(
        self, runs: Path, bundled: BundledRuns | None = None, *, in_class: bool = False
    ) -> None:
        """`in_class`: everybody may draw with the runs that are open to all."""
        self.runs = runs
        self.in_class = in_class
        self.bundled = bundled or BundledRuns()
        self._samplers = SamplerCache(SAMPLERS_KEPT)
        self._moments: dict[str, dict[int, Path]] = {}

    def generators(self, visitor: Visitor, ask: Linked) -> Choices:
        """The visitor's choices."""
        readings = [Reading(run, own=True) for run in list_runs(self.runs, visitor.name)]
        readings += [Reading(run, own=False) for run in self._shown()]
        if ask.run is not None and ask.key is not None:
            readings.append(readable_run(self.runs, visitor, ask.run, ask.key))
        once: dict[str, Reading] = {}
        for reading in readings:
            once.setdefault(reading.run.name, reading)  # a visitor's own run as its owner sees it
        return Choices(generators=[*self.shipped(), *_choices_of(once.values())])

    def shipped(self) -> list[Choice]:
        """The choices that everybody has."""
        found = []
        for path in self.bundled.generators():
            entry = {"id": SHIPPED + path.stem}
            try:
                found.append(Choice(**entry, label=_label(self._samplers.get(path))))
            except WeightsError as error:
                found.append(Choice(**entry, label=path.stem, reason=Refusal.of(error)))
        return found

    def generator(self, visitor: Visitor, ask: Standing) -> Facts:
        """What can be done with a generator."""
        resolved = self.resolve(visitor, ask)
        sampler, spec = resolved.sampler, resolved.sampler.spec
        # The class names of own pictures may be people's names.
        named = sampler.classes if resolved.shows_reals else []
        names = named or [str(k) for k in range(spec.classes)]
        return Facts(
            z_dim=spec.z_dim,
            size=spec.size,
            channels=spec.channels,
            classes=names if spec.classes else [],
            moments=list(resolved.moments),
            moment=seen_by(sampler),
            sha256=sampler.sha256,
            name=resolved.name,
            files=[_as_seen(path, resolved.below) for path in resolved.moments.values()],
            dataset=known if (known := sampler.about.get("dataset")) in DATASETS else "",
            shows_reals=resolved.shows_reals,
            open=ask.generator in [RUN + run.name for run in self._shown()],
        )

    def keep_moment(self, visitor: Visitor, ask: Standing) -> KeptMoment:
        """Keeps the weights of a place, because a link or a picture refers to them.

        A run keeps a limited number.
        """
        resolved = self.resolve(visitor, ask, keep_it=True)
        file = _as_seen(resolved.path, resolved.below)
        return KeptMoment(moment=resolved.moment, file=file, kept=resolved.kept)

    def resolve(self, visitor: Visitor, ask: Standing, *, keep_it: bool = False) -> ResolvedPlace:
        """The generator and the place that a request names; with `keep_it`, its weights are kept.

        Raises:
            PlaceError, RunError, WeightsError: why there is none.
        """
        kind, colon, name = ask.generator.partition(":")
        place = Place.parse(ask.place)
        run = None
        if kind + colon == SHIPPED and PLAIN.fullmatch(name):
            shows, below = True, self.bundled.shipped
            listed = functools.partial(self._shipped_moments, name)
        elif kind + colon == RUN:
            reading = readable_run(self.runs, visitor, name, ask.key)
            run, shows, below = reading.run, reading.shows_reals, self.runs
            listed = functools.partial(run.moments, "weights")
        else:
            raise RunError("no-generator")

        def load(path: Path) -> tuple[Sampler, bool]:
            sampler = self._samplers.get(path)
            stays = run is None or sampler.about.get("keep") is True
            return sampler, stays or (keep_it and keep(path))

        read = read_at(listed, ask.moment, load)
        sampler, stays = read.content
        return ResolvedPlace(
            sampler, place, read.path, read.moment, name, below, read.moments, shows, stays, run
        )

    def by_sha256(self, visitor: Visitor, sha256: str) -> tuple[str, int | None] | None:
        """The visitor's generator with this hash: its id, and the moment of its run."""
        for whole in self.bundled.generators():
            if self._sha256(whole) == sha256:
                return SHIPPED + whole.stem, None
        for bundled in self.bundled.all():
            for moment, path in bundled.moments("weights").items():
                if self._sha256(path) == sha256:
                    return SHIPPED + bundled.name, moment
        for run in list_runs(self.runs, visitor.name):
            for moment, path in reversed(run.moments("weights").items()):
                if self._sha256(path) == sha256:
                    return RUN + run.name, moment
        return None

    def _shown(self) -> list[Run]:
        return open_runs(self.runs) if self.in_class else []

    def _shipped_moments(self, name: str) -> dict[int, Path]:
        """Listed once for each generator, since shipped files do not change while a page runs."""
        if name not in self._moments:
            bundled, path = self.bundled.run(name), self.bundled.file(name)
            alone = {seen_by(self._samplers.get(path)): path}
            self._moments[name] = self.bundled.weights(bundled) if bundled else alone
        return self._moments[name]

    def _sha256(self, path: Path) -> str:
        try:
            return self._samplers.sha256(path)
        except WeightsError:
            return ""


def seen_by(sampler: Sampler) -> int:
    """How many real images the training of these weights had shown to D."""
    return sampler.about.get("images_seen", 0)


def rounded(vector: Tensor) -> list[float]:
    """A vector `(N,)` for JSON, to five decimals."""
    return [round(value, 5) for value in vector.tolist()]


def _choices_of(readings: Iterable[Reading]) -> Iterator[Choice]:
    """Those among the runs that have weights."""
    for reading in readings:
        run, moments = reading.run, reading.run.moments("weights")
        if moments:
            id = "page.own-run-live" if run.state() in LIVE_STATES else "page.own-run"
            label = message(id, name=reading.title, images=max(moments))
            yield Choice(id=RUN + run.name, label=label)


def _label(sampler: Sampler) -> Words:
    """A shipped generator's label."""
    name = sampler.about.get("dataset", "")
    data = DATASETS[name].title if name in DATASETS else name
    return message("page.by-class", data=data) if sampler.spec.classes else data


def _as_seen(path: Path, below: Path) -> str:
    """The path relative to a checkout or to the working directory; never an absolute path."""
    return f"{below.name}/{path.relative_to(below).as_posix()}"
