"""Draws the picture at one place: on the way through the stops, or at a spot of the map."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from ganmodel.latents import noise, plane
from ganmodel.places import MOST_SEED
from ganmodel.ui.http.asks import Ask
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, Standing, rounded, seen_by
from ganmodel.ui.shared.picture_json import Pictures, picture_answer

MOST_OFF_MAP = 50.0  # in sides of the triangle that the map's anchors span
Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]
OnMap = Annotated[float, Field(ge=-MOST_OFF_MAP, le=MOST_OFF_MAP)]


class Spot(Ask):
    """A point of the map: the start number of its third anchor, and coordinates."""

    third: Seed
    u: OnMap
    v: OnMap


class Draw(Standing):
    """With a `spot`, that point of the map is drawn in place of the one on the way."""

    spot: Spot | None = None


class Drawn(Pictures):
    """`base` is the point on the way; for a spot, `rest` is its difference to that."""

    base: list[float]
    rest: list[float] = []
    moment: int


class Drawing:
    """Draws single pictures. Safe to use from several threads."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def draw(self, visitor: Visitor, ask: Draw) -> Drawn:
        """The picture at one place."""
        resolved = self.generators.resolve(visitor, ask)
        place = resolved.place
        base = place.base(resolved.z_dim)
        answer = {"base": rounded(base[0])}
        if (spot := ask.spot) is None:
            z = place.from_base(base)
        else:
            point = on_map(resolved, spot.third, spot.u, spot.v)
            answer["rest"] = [float(value) for value in (point - base)[0]]
            z = place.psi * point
        drawn = picture_answer(resolved.draw(z))
        return Drawn(**answer, **drawn, moment=seen_by(resolved.sampler))


def on_map(resolved: ResolvedPlace, third: int, u: float | Tensor, v: float | Tensor) -> Tensor:
    """Points `(N, z_dim)` of the plane through the first two stops and start number `third`."""
    z_dim = resolved.z_dim
    anchors = torch.cat([resolved.place.ends(z_dim)[:2], noise([third], z_dim)])
    return plane(anchors, torch.as_tensor(u).flatten(), torch.as_tensor(v).flatten())
