"""The route that finds the z of a drawing: takes a drawing, answers a line for each improvement.

The search itself is in `sampling.finding`; the number of concurrent searches is limited here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import torch
from starlette.routing import Route
from torch import Tensor

from ganmodel import texts
from ganmodel.runs import RunError
from ganmodel.sampling import find
from ganmodel.ui.http.routes import streamed
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.shared.picture_json import picture_answer

FIND_ROUTE = "/ganmodel-find"
SECONDS = 8.0  # at most; two cores need about half of it
SEARCHES = 2  # at once; each keeps a core busy


class FindRoute:
    """The route to which a drawing is sent."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators
        self._room = threading.Semaphore(SEARCHES)

    def routes(self) -> list[Route]:
        return [streamed(FIND_ROUTE, self.find)]

    def find(self, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Searches the z whose picture comes closest to `drawing`, better with every line.

        `ask` as for `Drawing.draw`, with `drawing`: H·W·C whole numbers from 0 to 255. Each line
        has the picture, its `loss` (see `sampling.find`), the `share` of the search done and
        `explained` (1: the drawing itself; 0: no closer than a plain grey picture); the last one,
        where `done` is true, also the vector `z` and the class `label`.
        """
        resolved = self.generators.resolve(ask)
        target = _drawing(ask.get("drawing"), resolved.sampler.spec)
        if not self._room.acquire(blocking=False):
            raise RunError(texts.FINDING_BUSY)
        try:
            for found in find(resolved.sampler, target, seconds=SECONDS):
                news = picture_answer(found.picture[None]) | {
                    "loss": round(found.loss, 5),
                    "share": round(found.share_done, 3),
                    "explained": round(found.explained, 3),
                    "done": found.done,
                }
                if found.done:
                    news |= {"z": found.z.tolist(), "label": found.label}
                yield news
        finally:
            self._room.release()


def _drawing(values: Any, spec: Any) -> Tensor:
    """The page's drawing as uint8 `(C, S, S)`, validated."""
    count = spec.size * spec.size * spec.channels
    whole = isinstance(values, list) and len(values) == count
    if not whole or not all(type(v) is int and 0 <= v <= 255 for v in values):
        raise RunError(texts.BAD_DRAWING.format(count=count))
    if min(values) == max(values):
        raise RunError(texts.EMPTY_DRAWING)
    pixels = torch.tensor(values, dtype=torch.uint8)
    return pixels.view(spec.size, spec.size, spec.channels).permute(2, 0, 1).contiguous()
