"""Finds the z of a drawing: takes a drawing, answers a line for each improvement.

The search itself is in `sampling.finding`; its lane limits the number of concurrent searches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor

from ganmodel.runs import RunError
from ganmodel.sampling import find
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import Generators, Standing
from ganmodel.ui.shared.picture_json import Pictures, picture_answer

SECONDS = 8.0  # at most; two cores need about half of it
MOST_VALUES = 3 * 128 * 128  # of a drawing


class SearchFor(Standing):
    """`drawing`: H·W·C whole numbers from 0 to 255."""

    drawing: Annotated[list[int], Field(max_length=MOST_VALUES)]


class Improvement(Pictures):
    """The best picture so far.

    `loss`: see `sampling.find`; `share`: of the search done; `explained`: 1 is the drawing itself,
    0 no closer than a plain grey picture. The last line, where `done` is true, has also the vector
    `z` and the class `label`.
    """

    loss: float
    share: float
    explained: float
    done: bool
    z: list[float] = []
    label: int | None = None


class Search:
    """Searches the noise for drawings."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def search(self, visitor: Visitor, ask: SearchFor) -> Iterator[Improvement]:
        """Searches the z whose picture comes closest to a drawing, better with every line."""
        resolved = self.generators.resolve(visitor, ask)
        target = _drawing(ask.drawing, resolved.sampler.spec)
        for found in find(resolved.sampler, target, seconds=SECONDS):
            news = Improvement(
                loss=round(found.loss, 5),
                share=round(found.share_done, 3),
                explained=round(found.explained, 3),
                done=found.done,
                **picture_answer(found.picture[None]),
            )
            if found.done:
                news.z, news.label = found.z.tolist(), found.label
            yield news


def _drawing(values: list[int], spec: Any) -> Tensor:
    """The page's drawing as uint8 `(C, S, S)`, validated."""
    count = spec.size * spec.size * spec.channels
    if len(values) != count or not all(0 <= v <= 255 for v in values):
        raise RunError("bad-drawing", count=count)
    if min(values) == max(values):
        raise RunError("empty-drawing")
    pixels = torch.tensor(values, dtype=torch.uint8)
    return pixels.view(spec.size, spec.size, spec.channels).permute(2, 0, 1).contiguous()
