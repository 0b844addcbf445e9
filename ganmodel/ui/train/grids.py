"""A run's grids: as files, as a film (GIF or MP4), and single pictures cut out of them.

Nothing is drawn here: all grids were written during training.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from starlette.responses import Response
from starlette.routing import Route
from torch import Tensor

from ganmodel import texts
from ganmodel.config import Layout
from ganmodel.images import PADDING, UNREADABLE, gif, mp4, webp
from ganmodel.runs import Run, RunError, known_data, layout_of
from ganmodel.sampling import closest_reals
from ganmodel.ui.http.routes import answered
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.picture_json import pixels_of
from ganmodel.ui.shared.reference_data import Kept, ReferenceData
from ganmodel.ui.shared.weights_at import read_at
from ganmodel.ui.train.run_view import RunView

PICTURE_ROUTE = "/ganmodel-picture"
FILM_ROUTE = "/ganmodel-film"
KINDS = ("samples", "samples_raw", "reals", "copies")
FILM_FRAMES = 96
FILM_SPEED = 12  # pictures a second; the last one is shown for two seconds
FILM_SIDE = 480  # pixels at least, so that small pictures are visible


class Grids:
    """Serves the grids of runs. Safe to use from several threads."""

    def __init__(self, view: RunView, reference: ReferenceData, ranks: DiscriminatorRanks) -> None:
        self.view = view
        self._reference = reference
        self._ranks = ranks
        self._filming = threading.Semaphore(1)  # encoding one keeps a core busy for seconds

    def routes(self) -> list[Route]:
        return [
            answered(PICTURE_ROUTE, self.picture),
            answered(FILM_ROUTE, self.film),
        ]

    def picture(self, ask: dict[str, Any]) -> Response:
        """A grid, losslessly: `kind` is one of `KINDS`; of samples, the one at `images` or before.

        As WebP or PNG, whichever is smaller, since many are sent while a run is watched.
        """
        reading, kind = self.view.needed(ask), ask.get("kind")
        if kind not in KINDS:
            raise RunError(texts.BAD_CALL)
        if kind in ("reals", "copies") and not reading.shows_reals:
            raise RunError(texts.REALS_NOT_SHOWN)
        if kind == "reals":
            path, moment = reading.run.path("reals.png"), 0
        else:
            moment, path = _grid_at(reading.run, kind, ask.get("images"))
        try:
            content = path.read_bytes()
        except OSError:
            raise RunError(texts.NO_GRID) from None
        lighter = webp(_decoded(path))
        media = "image/png" if len(content) <= len(lighter) else "image/webp"
        return Response(
            min(content, lighter, key=len), media_type=media, headers={"X-Moment": str(moment)}
        )

    def film(self, ask: dict[str, Any]) -> Response:
        """All of a run's grids in sequence, as `form` "gif" or "mp4"."""
        reading = self.view.needed(ask)
        form = ask.get("form")
        if form not in ("gif", "mp4"):
            raise RunError(texts.BAD_CALL)
        kind = "samples_raw" if ask.get("raw") else "samples"
        with self._filming:
            frames = _film_frames(reading.run, kind)
            content = gif(frames, FILM_SPEED) if form == "gif" else mp4(frames, FILM_SPEED)
        media = "image/gif" if form == "gif" else "video/mp4"
        return Response(content, media_type=media)

    def sheet(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The facts on picture number `index` in the grid at `images`.

        `opinion`: the share of real pictures that D finds less real, and `opinion_of`: the images
        that this D had seen; `closest`: the real picture nearest to it as a PNG's pixels, with its
        distance and the usual distance between real ones. What is unknown to the run, or hidden
        from this visitor, is omitted.
        """
        reading = self.view.needed(ask)
        run, config = reading.run, reading.run.config()
        kind = "samples_raw" if ask.get("raw") else "samples"
        _, path = _grid_at(run, kind, ask.get("images"))
        layout = layout_of(run, config)
        picture = _cut(path, layout, ask.get("index"))
        answer: dict[str, Any] = {"seed": ask["index"]}
        if not reading.shows_reals:
            return answer
        kept = self._reference.of(config, known_data(run), run)
        data = kept.data
        if picture.shape != data.images.shape[1:]:  # a grid that ganmodel did not write
            raise RunError(texts.NO_GRID)
        label = None
        if config.conditional and data.classes:
            label = torch.tensor([ask["index"] % len(data.classes)])
            answer["class"] = data.classes[int(label)]
        answer |= self._opinion(run, ask["images"], picture, label, kept)
        found = closest_reals(picture, data.images)[0]
        answer["closest"] = {
            "pixels": pixels_of(data.images[found.index]),
            "distance": round(found.distance, 2),
            "usual": round(kept.usual, 2),
        }
        return answer

    def _opinion(
        self, run: Run, images: int, picture: Tensor, label: Tensor | None, kept: Kept
    ) -> dict[str, Any]:
        """The opinion of the kept D nearest to a moment; {} where none was kept."""
        if not self.view.weights(run):
            return {}
        found = read_at(
            lambda: self.view.weights(run),
            images,
            lambda path: self._ranks.share_below(path, picture, label, kept),
        )
        share = found.content
        return {} if share is None else {"opinion": share, "opinion_of": found.moment}


def _grid_at(run: Run, kind: str, images: Any) -> tuple[int, Path]:
    """The grid at a moment, or the newest before it."""
    if not isinstance(images, int) or isinstance(images, bool):
        raise RunError(texts.BAD_CALL)
    moments = run.moments(kind)
    before = [moment for moment in moments if moment <= images]
    if not before:
        raise RunError(texts.NO_GRID)
    return before[-1], moments[before[-1]]


def _decoded(path: Path) -> np.ndarray:
    """A grid's pixels, uint8 `(H, W, C)`, grey or colour."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
            pixels = np.asarray(plain)
    except UNREADABLE:
        raise RunError(texts.NO_GRID) from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _film_frames(run: Run, kind: str) -> np.ndarray:
    """At most `FILM_FRAMES` grids, each pixel a square; a film's sides must be even."""
    paths = list(run.moments(kind).values())
    if not paths:
        raise RunError(texts.NO_GRID)
    places = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), FILM_FRAMES)).round())
    grids = [_decoded(paths[int(place)]) for place in places]
    grids = [grid for grid in grids if grid.shape == grids[-1].shape]
    frames = np.stack(grids + [grids[-1]] * (2 * FILM_SPEED))
    factor = 2 * math.ceil(FILM_SIDE / 2 / min(frames.shape[1:3]))
    return frames.repeat(factor, axis=1).repeat(factor, axis=2)


def _cut(path: Path, layout: Layout, index: Any) -> Tensor:
    """Picture `index` of a grid: uint8 `(C, S, S)`."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < layout.count:
        raise RunError(texts.BAD_CALL)
    sheet = _decoded(path)
    side = (sheet.shape[1] + PADDING) // layout.columns - PADDING
    top, left = (place * (side + PADDING) for place in divmod(index, layout.columns))
    cell = sheet[top : top + side, left : left + side]
    if side < 1 or cell.shape[:2] != (side, side):  # a grid that ganmodel did not write
        raise RunError(texts.NO_GRID)
    return torch.from_numpy(cell.copy()).permute(2, 0, 1)
