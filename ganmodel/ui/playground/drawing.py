"""Draws the picture at one place: on the way through the stops, or at a spot of the map."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ganmodel import texts
from ganmodel.latents import noise, plane
from ganmodel.places import MOST_SEED
from ganmodel.runs import RunError
from ganmodel.ui.http.requests import number
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, rounded, seen_by
from ganmodel.ui.shared.picture_json import picture_answer

MOST_OFF_MAP = 50.0  # in sides of the triangle that the map's anchors span


class Drawing:
    """Draws single pictures. Safe to use from several threads."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def draw(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The picture at one place.

        `ask` holds `token`, `generator` (an id of `Generators.listed`), `moment` (images seen by a
        run's weights; None is the newest), `place` (a `Place` as text) and, of the map, `spot`: the
        start number of its third anchor and coordinates `u, v`, which become the new point.

        Returns `width`, `height`, `channels`, `pixels` (base64 of uint8 H×W×C), `moment`, and
        `base`, the point on the way; for a spot also `rest`, the difference of the two.
        """
        resolved = self.generators.resolve(ask)
        place = resolved.place
        base = place.base(resolved.z_dim)
        answer = {"base": rounded(base[0])}
        if ask.get("spot") is None:
            z = place.from_base(base)
        else:
            spot = on_map(resolved, *_spot(ask["spot"]))
            answer["rest"] = [float(value) for value in (spot - base)[0]]
            z = place.psi * spot
        return answer | picture_answer(resolved.draw(z)) | {"moment": seen_by(resolved.sampler)}


def on_map(resolved: ResolvedPlace, third: int, u: Any, v: Any) -> Tensor:
    """Points `(N, z_dim)` of the plane through the first two stops and start number `third`."""
    z_dim = resolved.z_dim
    anchors = torch.cat([resolved.place.ends(z_dim)[:2], noise([third], z_dim)])
    return plane(anchors, torch.as_tensor(u).flatten(), torch.as_tensor(v).flatten())


def _spot(spot: Any) -> tuple[int, float, float]:
    if not isinstance(spot, dict):
        raise RunError(texts.BAD_CALL)
    return (
        number(spot, "third", 0, MOST_SEED, whole=True),
        number(spot, "u", -MOST_OFF_MAP, MOST_OFF_MAP),
        number(spot, "v", -MOST_OFF_MAP, MOST_OFF_MAP),
    )
