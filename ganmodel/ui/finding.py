"""Finds a drawing in the noise: the page's drawing in, one line for each step closer out.

The search itself is in `sampling.finding`; how many may search at once is decided here.
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
from ganmodel.ui.easel import Easel, picture_answer
from ganmodel.ui.routes import streamed

FIND_ROUTE = "/ganmodel-find"
SECONDS = 8.0  # at most; two cores need about half of it
SEARCHES = 2  # at once; each keeps a core busy


class Finding:
    """The route that a drawing is sent to."""

    def __init__(self, easel: Easel) -> None:
        self.easel = easel
        self._room = threading.Semaphore(SEARCHES)

    def routes(self) -> list[Route]:
        return [streamed(FIND_ROUTE, self.find)]

    def find(self, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The z whose picture comes closest to `drawing`, better with every line.

        `ask` as for `Easel.draw`, with `drawing`: H·W·C whole numbers from 0 to 255. Each line has
        the picture, its `loss` (see `sampling.find`), `share` of the search done, `explained` (1:
        the drawing itself; 0: no closer than a plain grey picture) and on the last
        one, where `done` is true, the vector `z` and the class `label`.
        """
        standing = self.easel.standing(ask)
        target = _drawing(ask.get("drawing"), standing.sampler.spec)
        if not self._room.acquire(blocking=False):
            raise RunError(texts.FINDING_BUSY)
        try:
            for found in find(standing.sampler, target, seconds=SECONDS):
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
    """The page's drawing as uint8 `(C, S, S)`, checked."""
    count = spec.size * spec.size * spec.channels
    whole = isinstance(values, list) and len(values) == count
    if not whole or not all(type(v) is int and 0 <= v <= 255 for v in values):
        raise RunError(texts.BAD_DRAWING.format(count=count))
    if min(values) == max(values):
        raise RunError(texts.EMPTY_DRAWING)
    pixels = torch.tensor(values, dtype=torch.uint8)
    return pixels.view(spec.size, spec.size, spec.channels).permute(2, 0, 1).contiguous()
