"""A run's grids: as files, as a film (GIF or MP4), and single pictures cut out of them.

Nothing is drawn here: all grids were written during training.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from PIL import Image
from pydantic import Field
from torch import Tensor

from ganmodel.config import Layout
from ganmodel.images import PADDING, UNREADABLE, gif, mp4, webp
from ganmodel.runs import Run, RunError, known_data, layout_of
from ganmodel.sampling import closest_reals
from ganmodel.ui.http.asks import Answer, File
from ganmodel.ui.http.offers import Offers, file_name
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.picture_json import Pixels, pixels_of
from ganmodel.ui.shared.reference_data import Kept, ReferenceData
from ganmodel.ui.shared.weights_at import read_at
from ganmodel.ui.train.run_view import OfMoment, OfRun, RunView
from ganmodel.words import worded

FILM_FRAMES = 96
FILM_SPEED = 12  # pictures a second; the last one is shown for two seconds
FILM_SIDE = 480  # pixels at least, so that small pictures are visible


class PictureOf(OfMoment):
    """A grid; of samples, the one at `images` or before."""

    kind: Literal["samples", "samples_raw", "reals", "copies"]


class FilmOf(OfRun):
    """A film's format, and whether it is of the raw G instead of the averaged one."""

    form: Literal["gif", "mp4"]
    raw: bool = False


class Filming(Answer):
    """The `share` of the work done; in the last line the address of the film, and its name."""

    share: float = 1.0
    address: str = ""
    name: str = ""


class CellOf(OfMoment):
    """Picture number `index` of a grid."""

    index: Annotated[int, Field(ge=0)]
    raw: bool = False


class ClosestReal(Answer):
    """The real picture nearest to another, its distance, and that between real ones."""

    pixels: Pixels
    distance: float
    usual: float


class Cell(Answer):
    """The facts on a picture of a grid.

    `opinion`: the share of real pictures that D finds less real, `opinion_of`: the images that this
    D had seen. What is unknown to the run, or hidden from this visitor, is omitted.
    """

    seed: int
    label: Annotated[str, Field(serialization_alias="class")] = ""
    opinion: float = 0.0
    opinion_of: int = 0
    closest: ClosestReal | None = None


class Grids:
    """Serves the grids of runs. Safe to use from several threads."""

    def __init__(
        self, view: RunView, reference: ReferenceData, ranks: DiscriminatorRanks, offers: Offers
    ) -> None:
        self.view = view
        self.offers = offers
        self._reference = reference
        self._ranks = ranks

    def picture(self, visitor: Visitor, ask: PictureOf) -> File:
        """A grid, losslessly, as WebP or PNG, whichever is smaller, since many are sent while a run
        is watched."""
        reading, kind = self.view.needed(visitor, ask), ask.kind
        if kind in ("reals", "copies") and not reading.shows_reals:
            raise RunError("reals-not-shown")
        if kind == "reals":
            path, moment = reading.run.path("reals.png"), 0
        else:
            moment, path = _grid_at(reading.run, kind, ask.images)
        try:
            content = path.read_bytes()
        except OSError:
            raise RunError("no-grid") from None
        lighter = webp(_decoded(path))
        media = "image/png" if len(content) <= len(lighter) else "image/webp"
        return File(min(content, lighter, key=len), media, {"X-Moment": str(moment)})

    def film(self, visitor: Visitor, ask: FilmOf) -> Iterator[Filming]:
        """All of a run's grids in sequence."""
        reading = self.view.needed(visitor, ask)
        yield Filming(share=0.0)
        kind = "samples_raw" if ask.raw else "samples"
        frames, factor = _film_frames(reading.run, kind, visitor)
        yield Filming(share=0.2)
        write = gif if ask.form == "gif" else mp4
        content = write(frames, FILM_SPEED, factor, each=visitor.check)
        name = f"{file_name(worded(reading.title)) or reading.run.name}.{ask.form}"
        media = "image/gif" if ask.form == "gif" else "video/mp4"
        yield Filming(address=self.offers.add_bytes(visitor.name, name, media, content), name=name)

    def sheet(self, visitor: Visitor, ask: CellOf) -> Cell:
        """The facts on one picture of a grid."""
        reading = self.view.needed(visitor, ask)
        run, config = reading.run, reading.run.config()
        kind = "samples_raw" if ask.raw else "samples"
        _, path = _grid_at(run, kind, ask.images)
        layout = layout_of(run, config)
        picture = _cut(path, layout, ask.index)
        answer = Cell(seed=ask.index)
        if not reading.shows_reals:
            return answer
        kept = self._reference.of(config, known_data(run), run)
        data = kept.data
        if picture.shape != data.images.shape[1:]:  # a grid that ganmodel did not write
            raise RunError("no-grid")
        label = None
        if config.conditional and data.classes:
            label = torch.tensor([ask.index % len(data.classes)])
            answer.label = data.classes[int(label)]
        self._add_opinion(answer, run, ask.images, picture, label, kept)
        found = closest_reals(picture, data.images)[0]
        answer.closest = ClosestReal(
            pixels=pixels_of(data.images[found.index]),
            distance=round(found.distance, 2),
            usual=round(kept.usual, 2),
        )
        return answer

    def _add_opinion(
        self, answer: Cell, run: Run, images: int, picture: Tensor, label: Tensor | None, kept: Kept
    ) -> None:
        """Adds the opinion of the kept D nearest to a moment, where one was kept."""
        if not self.view.weights(run):
            return
        found = read_at(
            lambda: self.view.weights(run),
            images,
            lambda path: self._ranks.share_below(path, picture, label, kept),
        )
        if found.content is not None:
            answer.opinion, answer.opinion_of = found.content, found.moment


def _grid_at(run: Run, kind: str, images: int) -> tuple[int, Path]:
    """The grid at a moment, or the newest before it."""
    moments = run.moments(kind)
    before = [moment for moment in moments if moment <= images]
    if not before:
        raise RunError("no-grid")
    return before[-1], moments[before[-1]]


def _decoded(path: Path) -> np.ndarray:
    """A grid's pixels, uint8 `(H, W, C)`, grey or colour."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
            pixels = np.asarray(plain)
    except UNREADABLE:
        raise RunError("no-grid") from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _film_frames(run: Run, kind: str, visitor: Visitor) -> tuple[np.ndarray, int]:
    """At most `FILM_FRAMES` grids, and how often a pixel is repeated; a film's sides are even."""
    paths = list(run.moments(kind).values())
    if not paths:
        raise RunError("no-grid")
    places = np.unique(np.linspace(0, len(paths) - 1, min(len(paths), FILM_FRAMES)).round())
    grids = []
    for place in places:
        visitor.check()
        grids.append(_decoded(paths[int(place)]))
    grids = [grid for grid in grids if grid.shape == grids[-1].shape]
    frames = np.stack(grids + [grids[-1]] * (2 * FILM_SPEED))
    return frames, 2 * math.ceil(FILM_SIDE / 2 / min(frames.shape[1:3]))


def _cut(path: Path, layout: Layout, index: int) -> Tensor:
    """Picture `index` of a grid: uint8 `(C, S, S)`."""
    if index >= layout.count:
        raise RunError("no-grid")
    sheet = _decoded(path)
    side = (sheet.shape[1] + PADDING) // layout.columns - PADDING
    top, left = (place * (side + PADDING) for place in divmod(index, layout.columns))
    cell = sheet[top : top + side, left : left + side]
    if side < 1 or cell.shape[:2] != (side, side):  # a grid that ganmodel did not write
        raise RunError("no-grid")
    return torch.from_numpy(cell.copy()).permute(2, 0, 1)
