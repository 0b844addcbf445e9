"""Directions in z along which pictures change much, with strips that show how."""

from __future__ import annotations

import dataclasses
import threading
from typing import Literal

import torch
from cachetools import LRUCache
from torch import Tensor

from ganmodel.sampling import first_layer_directions, measured_effects, principal_directions
from ganmodel.ui.http.asks import Answer
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, Standing, rounded
from ganmodel.ui.shared.picture_json import Pictures, picture_answer

SHOWN = 12
STRIP_REACH = 3  # standard deviations to either side of 0
STRIP_PICTURES = 7
KEPT = 16  # generators whose directions are kept


class FindDirections(Standing):
    """`how`: "layer" (closed form, of the first layer) or "activation" (principal components of an
    early activation)."""

    how: Literal["layer", "activation"]


class Direction(Pictures):
    """A direction in z, and a strip of the pictures along it through the place.

    `effect`: grey levels of 255 by which a picture changes on average over ±2 standard deviations.
    """

    vector: list[float]
    effect: float


class FoundDirections(Answer):
    """Those with the greatest effect first."""

    directions: list[Direction]


class Directions:
    """Finds directions, once for each generator. Safe to use from several threads."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators
        self._known: LRUCache[tuple[str, str], tuple[Tensor, Tensor]] = LRUCache(KEPT)
        self._searching = threading.Lock()

    def directions(self, visitor: Visitor, ask: FindDirections) -> FoundDirections:
        """Directions by their effect on the picture."""
        resolved = self.generators.resolve(visitor, ask)
        vectors, effects = self._of(resolved, ask.how)
        steps = torch.linspace(-STRIP_REACH, STRIP_REACH, STRIP_PICTURES)
        point = dataclasses.replace(resolved.place, psi=1.0).z(resolved.z_dim)
        # From where the point would be at 0: its strip stays as it is while one slides along it.
        steps = steps[None, :] - vectors @ point.T
        along = point + (steps[:, :, None] * vectors[:, None, :]).flatten(0, 1)
        drawn = resolved.draw(resolved.place.psi * along)
        strips = drawn.reshape(len(vectors), STRIP_PICTURES, *drawn.shape[1:])
        found = zip(vectors, effects.tolist(), strips, strict=True)
        return FoundDirections(
            directions=[
                Direction(vector=rounded(vector), effect=round(effect, 1), **picture_answer(strip))
                for vector, effect, strip in found
            ]
        )

    def _of(self, resolved: ResolvedPlace, how: str) -> tuple[Tensor, Tensor]:
        """Directions `(N, z_dim)` and effects `(N,)` of a generator, whatever the place."""
        key = (resolved.sampler.sha256, how)
        with self._searching:
            if key not in self._known:
                G = resolved.sampler.G
                if how == "layer":
                    vectors = first_layer_directions(G)[0][:SHOWN]
                else:
                    vectors = principal_directions(G, SHOWN)[0]
                effects = measured_effects(G, vectors)
                order = effects.argsort(descending=True)
                self._known[key] = (vectors[order], effects[order])
            return self._known[key]
