"""What stands behind the Playground's picture: which generators there are, and places drawn.

No widget and no Gradio here. Where one stands comes as the text of a `Place`, so that every way of
moving edits one and the same z. Many pictures at once are `studio`'s business.
"""

from __future__ import annotations

import base64
import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganmodel import texts
from ganmodel.data import DATASETS
from ganmodel.latents import noise, plane
from ganmodel.places import MOST_SEED, Place
from ganmodel.runs import LIVE_STATES, Run, RunError, keep, list_runs
from ganmodel.sampling import (
    Sampler,
    SamplerCache,
    WeightsError,
    first_layer_directions,
    measured_effects,
    principal_directions,
)
from ganmodel.ui.films import PLAIN, Films
from ganmodel.ui.moments import read_at
from ganmodel.ui.visitors import Reading, open_runs, owner_of, readable_run, told

MOST_OFF_MAP = 50.0  # sides of the triangle that the map's anchors span
DIRECTIONS_SHOWN = 12
STRIP_REACH = 3.0  # standard deviations to either side, in a direction's strip
STRIP_PICTURES = 5
DIRECTIONS_KEPT = 16  # generators whose directions are remembered
SAMPLERS_KEPT = 64  # so that training time is slid through without loading a file twice


@dataclass(frozen=True)
class Standing:
    """A generator that a visitor asked for, at one moment, and where in its noise they are."""

    sampler: Sampler
    place: Place
    path: Path  # of the weights
    moment: int  # images seen, of these weights
    name: str  # of the run, or of the generator that comes with ganmodel
    below: Path  # the folder of all runs, or of what comes with ganmodel
    moments: dict[int, Path]  # images seen -> weights of every state that was kept, in order
    shows_reals: bool
    kept: bool  # whether these weights stay, however long the run goes on
    run: Run | None = None  # where it is a run's

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


class Easel:
    """Draws with the shipped generators and a visitor's own. Safe to use from several threads."""

    def __init__(self, runs: Path, films: Films | None = None, *, in_class: bool = False) -> None:
        """`in_class`: everybody may draw with the runs that are open to all."""
        self.runs = runs
        self.in_class = in_class
        self.films = films or Films()
        self._samplers = SamplerCache(SAMPLERS_KEPT)
        self._moments: dict[str, dict[int, Path]] = {}
        self._directions: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()
        self._finding_directions = threading.Lock()

    # --- which generators there are ------------------------------------------------------------

    def generators(self, ask: dict[str, Any]) -> list[dict[str, Any]]:
        """What the visitor may draw with: `id`, `label` and, if it can't be used, `reason`.

        `ask` holds `token` and, on a page opened through a link, that `run` and its `key`.
        """
        found = []
        for path in self.films.generators():
            entry = {"id": f"shipped:{path.stem}"}
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
            once.setdefault(reading.run.name, reading)  # a visitor's own as their own
        for reading in once.values():
            run, moments = reading.run, reading.run.moments("weights")
            if not moments:
                continue
            live = texts.OWN_RUN_LIVE if run.state() in LIVE_STATES else ""
            label = texts.OWN_RUN.format(name=reading.title, live=live, images=max(moments))
            found.append({"id": f"run:{run.name}", "label": label})
        return found

    def describe(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What can be done with a generator: `ask` as for `draw`; its place is only looked at.

        Returns `z_dim`, `size`, `channels`, `classes` (names), `moments` (images seen at each
        state that was kept; one only where there is no history), `sha256`, `name` of the weights,
        `files` (where a checkout or a person's own folder has them, for each moment), `dataset`,
        the name of a known one, and whether it is a run that is `open` to all.
        """
        standing = self.standing(ask)
        sampler, spec = standing.sampler, standing.sampler.spec
        # The folders of somebody's own pictures may be called after people.
        named = sampler.classes if standing.shows_reals else []
        names = named or [str(k) for k in range(spec.classes)]
        return {
            "z_dim": spec.z_dim,
            "size": spec.size,
            "channels": spec.channels,
            "classes": names if spec.classes else [],
            "moments": list(standing.moments),
            "moment": self._seen(sampler),
            "sha256": sampler.sha256,
            "name": standing.name,
            "files": [_as_seen(path, standing.below) for path in standing.moments.values()],
            "dataset": known if (known := sampler.about.get("dataset")) in DATASETS else "",
            "shows_reals": standing.shows_reals,
            "open": ask.get("generator") in [f"run:{run.name}" for run in self._shown()],
        }

    # --- one picture -----------------------------------------------------------------------------

    def draw(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The picture at one place.

        `ask` holds `token`, `generator` (an id of `generators`), `moment` (images seen of a run's
        state; None is the newest), `place` (a `Place` as text) and, of the map, `spot`: the start
        number of its third anchor and the place `u, v` on it, which becomes the new point.

        Returns `width`, `height`, `channels`, `pixels` (base64 of uint8 H×W×C), `moment`, and
        `base`, the point on the way; for a spot also `rest`, what lies between that and the spot.
        """
        standing = self.standing(ask)
        place = standing.place
        base = place.base(standing.z_dim)
        answer = {"base": _rounded(base[0])}
        if ask.get("spot") is None:
            z = place.from_base(base)
        else:
            spot = on_map(standing, *_spot(ask["spot"]))
            answer["rest"] = [float(value) for value in (spot - base)[0]]
            z = place.psi * spot
        return answer | picture_answer(standing.draw(z)) | {"moment": self._seen(standing.sampler)}

    def keep_moment(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Has the weights of where a visitor stands stay, because something leads back to them.

        `ask` as for `draw`. Returns their `moment` and `file`, and whether they are `kept`: a run
        keeps so many and no more.
        """
        standing = self.standing(ask, keep_it=True)
        file = _as_seen(standing.path, standing.below)
        return {"moment": standing.moment, "file": file, "kept": standing.kept}

    # --- found changes ---------------------------------------------------------------------------

    def directions(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Directions in z that change much, by their effect on the picture, greatest first.

        `ask` as for `draw`, and `how`: "layer" (closed form, of the first layer) or "activation"
        (principal ones of an early activation). Returns `found`, each with its `vector` (z_dim),
        its `effect` (grey levels of 255 that a picture changes on average over ±2 standard
        deviations) and a strip of the pictures around where one stands, as `pixels`.
        """
        standing, how = self.standing(ask), ask.get("how")
        if how not in ("layer", "activation"):
            raise RunError(texts.BAD_CALL)
        vectors, effects = self._found_directions(standing, how)
        steps = torch.linspace(-STRIP_REACH, STRIP_REACH, STRIP_PICTURES)
        z = standing.place.z(standing.z_dim)
        along = z + (steps[None, :, None] * vectors[:, None, :]).flatten(0, 1)
        strips = standing.draw(along).reshape(len(vectors), STRIP_PICTURES, *self._shape(standing))
        found = [
            {"vector": _rounded(vector), "effect": round(effect, 1)} | picture_answer(strip)
            for vector, effect, strip in zip(vectors, effects.tolist(), strips, strict=True)
        ]
        return {"found": found}

    def _found_directions(self, standing: Standing, how: str) -> tuple[Tensor, Tensor]:
        """Directions and effects: the place does not matter, so once for each file."""
        key = (standing.sampler.sha256, how)
        with self._finding_directions:
            if key not in self._directions:
                G = standing.sampler.G
                if how == "layer":
                    vectors = first_layer_directions(G)[0][:DIRECTIONS_SHOWN]
                else:
                    vectors = principal_directions(G, DIRECTIONS_SHOWN)[0]
                effects = measured_effects(G, vectors)
                order = effects.argsort(descending=True)
                self._directions[key] = (vectors[order], effects[order])
                while len(self._directions) > DIRECTIONS_KEPT:
                    self._directions.popitem(last=False)
            return self._directions[key]

    @staticmethod
    def _shape(standing: Standing) -> tuple[int, int, int]:
        spec = standing.sampler.spec
        return spec.size, spec.size, spec.channels

    # --- where one stands ------------------------------------------------------------------------

    def standing(self, ask: dict[str, Any], *, keep_it: bool = False) -> Standing:
        """The generator and the place that a page asks about; with `keep_it`, its weights stay.

        Raises:
            PlaceError, RunError, WeightsError: a sentence on why there is none.
        """
        kind, _, name = str(ask.get("generator", ""))[:200].partition(":")
        place = Place.parse(ask.get("place", ""))
        run = None
        if kind == "shipped" and PLAIN.fullmatch(name):
            shows, below = True, self.films.shipped
            listed = functools.partial(self._shipped_moments, name)
        elif kind == "run":
            reading = readable_run(self.runs, ask.get("token"), name, ask.get("key"))
            run, shows, below = reading.run, reading.shows_reals, self.runs
            listed = functools.partial(run.moments, "weights")
        else:
            raise RunError(texts.NO_GENERATOR)

        def load(path: Path) -> tuple[Sampler, bool]:
            sampler = self._samplers.get(path)
            stays = kind == "shipped" or sampler.about.get("keep") is True
            return sampler, stays or (keep_it and keep(path))

        found = read_at(listed, ask.get("moment"), load)
        sampler, stays = found.content
        return Standing(
            sampler, place, found.path, found.moment, name, below, found.moments, shows, stays, run
        )

    def _shown(self) -> list[Run]:
        return open_runs(self.runs) if self.in_class else []

    def _shipped_moments(self, name: str) -> dict[int, Path]:
        """Looked up once for every generator: what ships does not change while a page is open."""
        if name not in self._moments:
            film, path = self.films.run(name), self.films.file(name)
            alone = {self._seen(self._samplers.get(path)): path}
            self._moments[name] = self.films.weights(film) if film else alone
        return self._moments[name]

    def by_sha256(self, ask: dict[str, Any], sha256: str) -> tuple[str, int | None] | None:
        """The generator of a visitor that has these bytes: its id, and the moment of its run."""
        for whole in self.films.generators():
            if self._sha256(whole) == sha256:
                return f"shipped:{whole.stem}", None
        for film in self.films.all():
            for moment, path in film.moments("weights").items():
                if self._sha256(path) == sha256:
                    return f"shipped:{film.name}", moment
        for run in list_runs(self.runs, owner_of(ask.get("token"))):
            for moment, path in reversed(run.moments("weights").items()):
                if self._sha256(path) == sha256:
                    return f"run:{run.name}", moment
        return None

    def _sha256(self, path: Path) -> str:
        try:
            return self._samplers.sha256(path)
        except WeightsError:
            return ""

    @staticmethod
    def place_of(z: list[float], label: int | None) -> str:
        """A point as the text of a place: both stops of its way are the point itself."""
        point = tuple(z)
        return str(Place((point, point), label=label))

    @staticmethod
    def _seen(sampler: Sampler) -> int:
        return sampler.about.get("images_seen", 0)


def on_map(standing: Standing, third: int, u: Any, v: Any) -> Tensor:
    """Points `(N, z_dim)` of the plane through the first two stops and start number `third`."""
    z_dim = standing.z_dim
    anchors = torch.cat([standing.place.ends(z_dim)[:2], noise([third], z_dim)])
    return plane(anchors, torch.as_tensor(u).flatten(), torch.as_tensor(v).flatten())


def _label(sampler: Sampler) -> str:
    """What a shipped generator draws, in words."""
    name = sampler.about.get("dataset", "")
    data = DATASETS[name].title if name in DATASETS else name
    return texts.BY_CLASS.format(data=data) if sampler.spec.classes else data


def picture_answer(pictures: np.ndarray) -> dict[str, Any]:
    """uint8 `(N, H, W, C)` for a page: sizes and base64."""
    count, height, width, channels = pictures.shape
    return {
        "count": count,
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": base64.b64encode(pictures.tobytes()).decode(),
    }


def number(ask: Any, name: str, low: float, high: float, *, whole: bool = False) -> Any:
    """`ask[name]`, checked; a `RunError` where it is none or out of range."""
    value = ask.get(name)
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not low <= value <= high or (whole and value != int(value)):
        kind = texts.WHOLE_NUMBER if whole else texts.NUMBER
        raise RunError(
            texts.BAD_NUMBER.format(name=name, kind=kind, low=low, high=high, value=str(value)[:40])
        )
    return int(value) if whole else float(value)


def _as_seen(path: Path, below: Path) -> str:
    """As a checkout, or the folder that the page was started in, has it; never a whole path."""
    return f"{below.name}/{path.relative_to(below).as_posix()}"


def _spot(spot: Any) -> tuple[int, float, float]:
    if not isinstance(spot, dict):
        raise RunError(texts.BAD_CALL)
    return (
        number(spot, "third", 0, MOST_SEED, whole=True),
        number(spot, "u", -MOST_OFF_MAP, MOST_OFF_MAP),
        number(spot, "v", -MOST_OFF_MAP, MOST_OFF_MAP),
    )


def _rounded(vector: Tensor) -> list[float]:
    return [round(value, 5) for value in vector.tolist()]
