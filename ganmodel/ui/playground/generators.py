"""The generators that a visitor may draw with, and the resolution of requests that name one.

A request names a generator, a moment and a place; here they become a `ResolvedPlace`, from which
all other modules of this room draw. `sampling` draws the pictures.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ganmodel import texts
from ganmodel.data import DATASETS
from ganmodel.places import Place
from ganmodel.runs import LIVE_STATES, Run, RunError, keep, list_runs
from ganmodel.sampling import Sampler, SamplerCache, WeightsError
from ganmodel.ui.http.errors import told
from ganmodel.ui.http.visitors import Reading, open_runs, owner_of, readable_run
from ganmodel.ui.shared.bundled_runs import PLAIN, BundledRuns
from ganmodel.ui.shared.weights_at import read_at

# The prefixes of generators' ids; a name follows.
SHIPPED, RUN = "shipped:", "run:"
START = "stops=53,46"  # the place where the Playground opens
SAMPLERS_KEPT = 64  # so that sliding through training time loads no file twice


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

    def generators(self, ask: dict[str, Any]) -> list[dict[str, Any]]:
        """The visitor's choices: `id`, `label` and, if one cannot be used, the `reason`.

        `ask` holds `token` and, on a page opened through a link, that `run` and its `key`.
        """
        found = []
        for path in self.bundled.generators():
            entry = {"id": SHIPPED + path.stem}
            try:
                entry["label"] = _label(self._samplers.get(path))
            except WeightsError as error:
                entry |= {"label": path.stem, "reason": told(error)}
            found.append(entry)
        own = list_runs(self.runs, owner_of(ask.get("token")))
        readings = [Reading(run, own=True) for run in own]
        readings += [Reading(run, own=False) for run in self._shown()]
        if ask.get("key") is not None:
            readings.append(readable_run(self.runs, ask.get("token"), ask.get("run"), ask["key"]))
        once: dict[str, Reading] = {}
        for reading in readings:
            once.setdefault(reading.run.name, reading)  # a visitor's own run as its owner sees it
        for reading in once.values():
            run, moments = reading.run, reading.run.moments("weights")
            if not moments:
                continue
            live = texts.OWN_RUN_LIVE if run.state() in LIVE_STATES else ""
            label = texts.OWN_RUN.format(name=reading.title, live=live, images=max(moments))
            found.append({"id": RUN + run.name, "label": label})
        return found

    def describe(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What can be done with a generator; `ask` as for `Drawing.draw`.

        Returns `z_dim`, `size`, `channels`, `classes` (names), `moments` (images seen by all kept
        weights; one where there is no history), `sha256`, `name` of the weights, `files` (for each
        moment, the path in a checkout or in a person's own folder), `dataset`, the name of a known
        one, and whether it is a run that is `open` to all.
        """
        resolved = self.resolve(ask)
        sampler, spec = resolved.sampler, resolved.sampler.spec
        # The class names of own pictures may be people's names.
        named = sampler.classes if resolved.shows_reals else []
        names = named or [str(k) for k in range(spec.classes)]
        return {
            "z_dim": spec.z_dim,
            "size": spec.size,
            "channels": spec.channels,
            "classes": names if spec.classes else [],
            "moments": list(resolved.moments),
            "moment": seen_by(sampler),
            "sha256": sampler.sha256,
            "name": resolved.name,
            "files": [_as_seen(path, resolved.below) for path in resolved.moments.values()],
            "dataset": known if (known := sampler.about.get("dataset")) in DATASETS else "",
            "shows_reals": resolved.shows_reals,
            "open": ask.get("generator") in [RUN + run.name for run in self._shown()],
        }

    def keep_moment(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Keeps the weights of a place, because a link or a picture refers to them.

        `ask` as for `Drawing.draw`. Returns their `moment` and `file`, and whether they are `kept`:
        a run keeps a limited number.
        """
        resolved = self.resolve(ask, keep_it=True)
        file = _as_seen(resolved.path, resolved.below)
        return {"moment": resolved.moment, "file": file, "kept": resolved.kept}

    def resolve(self, ask: dict[str, Any], *, keep_it: bool = False) -> ResolvedPlace:
        """The generator and the place that a request names; with `keep_it`, its weights are kept.

        Raises:
            PlaceError, RunError, WeightsError: a sentence that says why there is none.
        """
        kind, colon, name = str(ask.get("generator", ""))[:200].partition(":")
        place = Place.parse(ask.get("place", ""))
        run = None
        if kind + colon == SHIPPED and PLAIN.fullmatch(name):
            shows, below = True, self.bundled.shipped
            listed = functools.partial(self._shipped_moments, name)
        elif kind + colon == RUN:
            reading = readable_run(self.runs, ask.get("token"), name, ask.get("key"))
            run, shows, below = reading.run, reading.shows_reals, self.runs
            listed = functools.partial(run.moments, "weights")
        else:
            raise RunError(texts.NO_GENERATOR)

        def load(path: Path) -> tuple[Sampler, bool]:
            sampler = self._samplers.get(path)
            stays = run is None or sampler.about.get("keep") is True
            return sampler, stays or (keep_it and keep(path))

        read = read_at(listed, ask.get("moment"), load)
        sampler, stays = read.content
        return ResolvedPlace(
            sampler, place, read.path, read.moment, name, below, read.moments, shows, stays, run
        )

    def by_sha256(self, ask: dict[str, Any], sha256: str) -> tuple[str, int | None] | None:
        """The visitor's generator with this hash: its id, and the moment of its run."""
        for whole in self.bundled.generators():
            if self._sha256(whole) == sha256:
                return SHIPPED + whole.stem, None
        for bundled in self.bundled.all():
            for moment, path in bundled.moments("weights").items():
                if self._sha256(path) == sha256:
                    return SHIPPED + bundled.name, moment
        for run in list_runs(self.runs, owner_of(ask.get("token"))):
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


def _label(sampler: Sampler) -> str:
    """A shipped generator's label."""
    name = sampler.about.get("dataset", "")
    data = DATASETS[name].title if name in DATASETS else name
    return texts.BY_CLASS.format(data=data) if sampler.spec.classes else data


def _as_seen(path: Path, below: Path) -> str:
    """The path relative to a checkout or to the working directory; never an absolute path."""
    return f"{below.name}/{path.relative_to(below).as_posix()}"
