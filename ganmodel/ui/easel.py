"""What stands behind the Playground's picture: which generators there are, and places drawn.

No widget and no Gradio here. Where one stands comes as the text of a `Place`, so that every way of
moving edits one and the same z. Many pictures at once are `studio`'s business.
"""

from __future__ import annotations

import base64
import re
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
from ganmodel.runs import LIVE_STATES, Run, RunError, list_runs
from ganmodel.sampling import (
    SHIPPED,
    Sampler,
    SamplerCache,
    WeightsError,
    first_layer_directions,
    measured_effects,
    principal_directions,
)
from ganmodel.ui.visitors import owner_of, readable_run

SHIPPED_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
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
    run: Run | None  # None: a generator that comes with ganmodel
    shows_reals: bool

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

    def __init__(self, runs: Path, shipped: Path = SHIPPED) -> None:
        self.runs = runs
        self.shipped = shipped
        self._samplers = SamplerCache(SAMPLERS_KEPT)
        self._directions: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()
        self._finding_directions = threading.Lock()

    # --- which generators there are ------------------------------------------------------------

    def generators(self, ask: dict[str, Any]) -> list[dict[str, Any]]:
        """What the visitor may draw with: `id`, `label` and, if it can't be used, `reason`.

        `ask` holds `token` and, on a page opened through a link, that `run` and its `key`.
        """
        found = []
        for path in sorted(self.shipped.glob("*.safetensors")):
            if not SHIPPED_NAME.fullmatch(path.stem):
                continue
            label = DATASETS[path.stem].label if path.stem in DATASETS else path.stem
            entry = {"id": f"shipped:{path.stem}", "label": label}
            try:
                self._samplers.get(path)
            except WeightsError as error:
                entry["reason"] = str(error)
            found.append(entry)
        runs = list_runs(self.runs, owner_of(ask.get("token")))
        if ask.get("key") is not None:
            linked = readable_run(self.runs, ask.get("token"), ask.get("run"), ask["key"]).run
            runs += [linked] * (linked.name not in {run.name for run in runs})
        for run in runs:
            moments = run.moments("weights")
            if not moments:
                continue
            live = texts.OWN_RUN_LIVE if run.state() in LIVE_STATES else ""
            label = texts.OWN_RUN.format(name=run.title(), live=live, images=max(moments))
            found.append({"id": f"run:{run.name}", "label": label})
        return found

    def describe(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What can be done with a generator: `ask` as for `draw`; its place is only looked at.

        Returns `z_dim`, `size`, `channels`, `classes` (names), `moments` (images seen at each
        state that was kept; one only where there is no history), `sha256`, `name` of the weights,
        `file` (where a checkout or a person's own folder has them) and `dataset`.
        """
        standing = self.standing(ask)
        sampler, spec, run = standing.sampler, standing.sampler.spec, standing.run
        names = sampler.classes or [str(k) for k in range(spec.classes)]
        return {
            "z_dim": spec.z_dim,
            "size": spec.size,
            "channels": spec.channels,
            "classes": names if spec.classes else [],
            "moments": list(run.moments("weights")) if run else [self._seen(sampler)],
            "moment": self._seen(sampler),
            "sha256": sampler.sha256,
            "name": standing.path.stem if run is None else run.name,
            "file": f"weights/{standing.path.name}" if run is None else self._run_file(standing),
            "dataset": sampler.about.get("dataset", "") if standing.shows_reals else "",
            "shows_reals": standing.shows_reals,
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
            z = place.z(standing.z_dim)
        else:
            spot = on_map(standing, *_spot(ask["spot"]))
            answer["rest"] = [float(value) for value in (spot - base)[0]]
            z = place.psi * spot
        return answer | picture_answer(standing.draw(z)) | {"moment": self._seen(standing.sampler)}

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

    def standing(self, ask: dict[str, Any]) -> Standing:
        """The generator and the place that a page asks about.

        Raises:
            PlaceError, RunError, WeightsError: a sentence on why there is none.
        """
        kind, _, name = str(ask.get("generator", ""))[:200].partition(":")
        place = Place.parse(ask.get("place", ""))
        if kind == "shipped" and SHIPPED_NAME.fullmatch(name):
            path, run, shows = self.shipped / f"{name}.safetensors", None, True
        elif kind == "run":
            reading = readable_run(self.runs, ask.get("token"), name, ask.get("key"))
            run, shows = reading.run, reading.shows_reals
            path = weights_at(run, ask.get("moment"))
        else:
            raise RunError(texts.NO_GENERATOR)
        return Standing(self._samplers.get(path), place, path, run, shows)

    def by_sha256(self, ask: dict[str, Any], sha256: str) -> tuple[str, int | None] | None:
        """The generator of a visitor that has these bytes: its id, and the moment of its run."""
        for path in self.shipped.glob("*.safetensors"):
            if SHIPPED_NAME.fullmatch(path.stem) and self._sha256(path) == sha256:
                return f"shipped:{path.stem}", None
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

    def _run_file(self, standing: Standing) -> str:
        """As seen from the folder that the page was started in, as a rule; never a whole path."""
        return f"{self.runs.name}/{standing.path.relative_to(self.runs).as_posix()}"

    @staticmethod
    def place_of(z: list[float], label: int | None) -> str:
        """A point as the text of a place: both stops of its way are the point itself."""
        point = tuple(z)
        return str(Place((point, point), label=label))

    @staticmethod
    def _seen(sampler: Sampler) -> int:
        return sampler.about.get("images_seen", 0)


def weights_at(run: Run, moment: Any) -> Path:
    """A run's weights at a moment, or the newest for None."""
    if moment is not None and type(moment) is not int:
        raise RunError(texts.BAD_CALL)
    nearest = None if moment is None else nearest_weights(run, moment)
    return nearest[1] if nearest else run.newest_weights()


def nearest_weights(run: Run, images: int) -> tuple[int, Path] | None:
    """The weights whose moment is nearest to `images`; None where none were kept.

    The nearest and not the very ones, since those in between make room for newer ones.
    """
    moments = run.moments("weights")
    if not moments:
        return None
    moment = min(moments, key=lambda m: abs(m - images))
    return moment, moments[moment]


def on_map(standing: Standing, third: int, u: Any, v: Any) -> Tensor:
    """Points `(N, z_dim)` of the plane through the first two stops and start number `third`."""
    z_dim = standing.z_dim
    anchors = torch.cat([standing.place.ends(z_dim)[:2], noise([third], z_dim)])
    return plane(anchors, torch.as_tensor(u).flatten(), torch.as_tensor(v).flatten())


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
