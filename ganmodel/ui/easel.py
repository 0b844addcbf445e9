"""What stands behind the Playground: which generators there are, and pictures of points in z.

No widget and no Gradio here. A point is described by two start numbers, a place on the path between
them, and offsets on single coordinates, so that every way of moving edits one and the same z.
"""

from __future__ import annotations

import base64
import math
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganmodel import texts
from ganmodel.data import DATASETS
from ganmodel.latents import PATHS, noise
from ganmodel.runs import LIVE_STATES, RunError, list_runs
from ganmodel.sampling import SHIPPED, Sampler, SamplerCache, WeightsError
from ganmodel.ui.visitors import own_run, owner_of

SHIPPED_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
MOST_SEED = 2**31 - 1
MOST_OFFSET = 8.0  # standard deviations; a standard normal never goes further on its own
STRIP_PICTURES = 9


class Easel:
    """Draws with the shipped generators and a visitor's own. Safe to use from several threads."""

    def __init__(self, runs: Path, shipped: Path = SHIPPED) -> None:
        self.runs = runs
        self.shipped = shipped
        self._samplers = SamplerCache()

    def generators(self, ask: dict[str, Any]) -> list[dict[str, Any]]:
        """What the visitor may draw with: `id`, `label` and, if it can't be used, `reason`."""
        found = []
        for path in sorted(self.shipped.glob("*.safetensors")):
            if not SHIPPED_NAME.fullmatch(path.stem):
                continue
            label = DATASETS[path.stem].label if path.stem in DATASETS else path.stem
            entry = {"id": f"shipped:{path.stem}", "label": f"{label} (comes with ganmodel)"}
            try:
                self._samplers.get(path)
            except WeightsError as error:
                entry["reason"] = str(error)
            found.append(entry)
        for run in list_runs(self.runs, owner_of(ask.get("token"))):
            moments = run.moments("weights")
            if not moments:
                continue
            live = "still training, " if run.state() in LIVE_STATES else ""
            label = texts.OWN_RUN.format(name=run.name, live=live, images=max(moments))
            found.append({"id": f"run:{run.name}", "label": label})
        return found

    def draw(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The picture at one point of z, or several along A→B.

        `ask` holds `token`, `generator` (an id of `generators`), `a` and `b` (start numbers),
        `alpha` (0 is A, 1 is B), `path` ("slerp" or "lerp") and `offsets` ({"3": 1.5}: added
        to coordinate 3); with `strip`, pictures at even steps from A to B instead of one.

        Returns `width`, `height`, `channels`, `count`, `pixels` (base64 of uint8 N×H×W×C) and, for
        one picture, `z`, and `base`, z without the offsets.
        """
        sampler, moment = self._sampler(ask)
        z_dim = sampler.spec.z_dim
        a = _number(ask, "a", 0, MOST_SEED, whole=True)
        b = _number(ask, "b", 0, MOST_SEED, whole=True)
        path = str(ask.get("path"))[:40]
        if path not in PATHS:
            raise RunError(texts.BAD_PATH.format(value=path))
        along = PATHS[path]
        ends = noise([a, b], z_dim)
        offset = _offsets(ask.get("offsets") or {}, z_dim)
        if ask.get("strip"):
            steps = torch.linspace(0, 1, STRIP_PICTURES).unsqueeze(1)
            base = along(ends[:1], ends[1:], steps)
        else:
            base = along(ends[:1], ends[1:], _number(ask, "alpha", 0, 1))
        pictures = sampler.draw(base + offset)
        count, height, width, channels = pictures.shape
        answer = {
            "count": count,
            "width": width,
            "height": height,
            "channels": channels,
            "pixels": base64.b64encode(pictures.tobytes()).decode(),
            "moment": moment,
        }
        if not ask.get("strip"):
            answer["base"] = [round(value, 4) for value in base[0].tolist()]
        return answer

    def _sampler(self, ask: dict[str, Any]) -> tuple[Sampler, int]:
        """The generator asked for, and the images it had seen."""
        kind, _, name = str(ask.get("generator", ""))[:200].partition(":")
        if kind == "shipped" and SHIPPED_NAME.fullmatch(name):
            path = self.shipped / f"{name}.safetensors"
        elif kind == "run":
            path = own_run(self.runs, ask.get("token"), name).newest_weights()
        else:
            raise RunError(texts.NO_GENERATOR)
        sampler = self._samplers.get(path)
        return sampler, sampler.about.get("images_seen", 0)


def _number(ask: dict[str, Any], name: str, low: int, high: int, *, whole: bool = False) -> Any:
    value = ask.get(name)
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    if not usable or not low <= value <= high or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise RunError(
            texts.BAD_NUMBER.format(name=name, kind=kind, low=low, high=high, value=str(value)[:40])
        )
    return int(value) if whole else float(value)


def _offsets(offsets: Any, z_dim: int) -> Tensor:
    """{"3": 1.5} as a vector `(z_dim,)`, each entry bounded."""
    vector = torch.zeros(z_dim)
    if not isinstance(offsets, dict) or len(offsets) > z_dim:
        raise RunError(texts.BAD_OFFSETS.format(last=z_dim - 1))
    for key, value in offsets.items():
        if not (isinstance(key, str) and key.isdecimal() and len(key) < 5 and int(key) < z_dim):
            raise RunError(texts.BAD_OFFSETS.format(last=z_dim - 1))
        if type(value) not in (int, float) or not math.isfinite(value):
            raise RunError(texts.BAD_OFFSETS.format(last=z_dim - 1))
        vector[int(key)] = max(-MOST_OFFSET, min(MOST_OFFSET, value))
    return vector
