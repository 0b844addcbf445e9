"""The Playground's pictures as files: the whole way as one sprite sheet, the map, the table of
moments, strips through one place, and everything that a visitor keeps.

`generators` resolves the generator and the place of a request; `place_in_png` stores the place in
a kept picture and reads it again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field

from ganmodel.images import enlarge, gif, grid, mp4, png
from ganmodel.places import MOST_SEED
from ganmodel.runs import RunError
from ganmodel.ui.http.asks import Answer, File
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.drawing import MOST_OFF_MAP, OnMap, Seed, on_map
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, Standing
from ganmodel.ui.playground.place_in_png import entries_for

MOST_FRAMES = 241
FRAMES_IN_A_ROW = 20
MOMENTS_HEADER = "X-Moments"  # the moments of a table's rows, as a JSON list
LENGTHS_HEADER = "X-Lengths"  # of z behind each picture of each strip, as a JSON list of lists
STRIP_COLUMNS = 7
MOST_VARIETY = 1.5  # of a strip of varieties
MOST_MAP_SIDE = 15
MOMENT_ROWS, MOMENT_COLUMNS = 8, 9
SIDE = 448  # pixels of a kept picture, large enough to be viewed unscaled
FILM_SIDE = 280
STRIP_PICTURES = 12
MOST_GRID = 20  # rows, and columns
AT_ONCE = 24  # frames of a film between two progress reports
FORMS = {
    "png": "image/png",
    "strip": "image/png",
    "grid": "image/png",
    "gif": "image/gif",
    "mp4": "video/mp4",
}


Frames = Annotated[int, Field(ge=2, le=MOST_FRAMES)]
Side = Annotated[int, Field(ge=1, le=MOST_GRID)]
FirstSeed = Annotated[int, Field(ge=0, le=MOST_SEED - MOST_GRID**2)]  # of a grid of any size


class FramesOf(Standing):
    """`count` pictures at equal steps of the way."""

    count: Frames


class MapOf(Standing):
    """A part of the map, as side × side pictures: its centre `u`, `v` and its width `span`.

    The map is the plane through the first two stops and start number `third`: the first stop lies
    at 0, 0, the second at 1, 0, the third at 0, 1; u grows to the right and v downwards.
    """

    third: Seed
    u: OnMap
    v: OnMap
    span: Annotated[float, Field(ge=0.01, le=MOST_OFF_MAP)]
    side: Annotated[int, Field(ge=2, le=MOST_MAP_SIDE)]


class StripsOf(Standing):
    """`rows`: what each strip is along: a path through the place's stops, "psi", the variety from 0
    to 1.5, or "stops", the stops themselves. Each is drawn once."""

    rows: list[Literal["slerp", "lerp", "loop", "psi", "stops"]]


class Keep(Standing):
    """What to keep: "png" is the one picture, "strip" the way in twelve, "gif" and "mp4" the way in
    `count` frames at `speed` a second (a loop goes on without a seam, others there and back),
    "grid" `rows` × `columns` of consecutive start numbers from `seed` on, or with `by_class` a
    class in each row.
    """

    form: Literal["png", "strip", "grid", "gif", "mp4"]
    count: Frames = 60
    speed: Annotated[float, Field(ge=1, le=60)] = 24.0
    rows: Side = 8
    columns: Side = 8
    seed: FirstSeed = 0
    by_class: bool = False


class Keeping(Answer):
    """The `share` of the work done; in the last line the address of the file, and its name.

    `kept` is false where the file carries a place whose weights may be removed.
    """

    share: float = 1.0
    address: str = ""
    name: str = ""
    kept: bool = True


@dataclass(frozen=True)
class Made:
    """A file to keep."""

    name: str
    media_type: str
    content: bytes
    kept: bool


class Renders:
    """Draws the Playground's files. Safe to use from several threads."""

    def __init__(self, generators: Generators, offers: Offers) -> None:
        self.generators = generators
        self.offers = offers

    def frames(self, visitor: Visitor, ask: FramesOf) -> File:
        """The way as one PNG, 20 pictures in a row, no gaps.

        The page scrolls through it without further requests, however far away the server is.
        """
        resolved = self.generators.resolve(visitor, ask)
        z = resolved.place.z(resolved.z_dim, torch.linspace(0, 1, ask.count))
        return _sheet(resolved.draw(z), FRAMES_IN_A_ROW)

    def map(self, visitor: Visitor, ask: MapOf) -> File:
        """A part of the map as one PNG."""
        resolved = self.generators.resolve(visitor, ask)
        offsets = ask.span * ((torch.arange(ask.side) + 0.5) / ask.side - 0.5)
        down, right = torch.meshgrid(ask.v + offsets, ask.u + offsets, indexing="ij")
        points = on_map(resolved, ask.third, right, down)
        return _sheet(resolved.draw(resolved.place.psi * points), ask.side)

    def moments(self, visitor: Visitor, ask: Standing) -> File:
        """Training time against the way: moments as rows, shares of the way as columns.

        At most eight moments, evenly spread over those available; `MOMENTS_HEADER` lists them.
        """
        resolved = self.generators.resolve(visitor, ask)
        if len(resolved.moments) < 2:
            raise RunError("no-history")
        rows, kept = [], []
        for moment in _spread(list(resolved.moments)):
            visitor.check()
            then = self.generators.resolve(visitor, ask.model_copy(update={"moment": moment}))
            shares = torch.linspace(0, 1, MOMENT_COLUMNS)
            row = then.draw(then.place.z(then.z_dim, shares))
            if rows and row.shape != rows[0].shape:  # weights of another run are among these
                continue
            kept.append(then.moment)
            rows.append(row)
        headers = {MOMENTS_HEADER: json.dumps(kept)}
        return _sheet(np.concatenate(rows), MOMENT_COLUMNS, headers)

    def strips(self, visitor: Visitor, ask: StripsOf) -> File:
        """Strips of seven pictures, one after the other, as one PNG with seven in a row.

        "stops" has as many as there are stops. `LENGTHS_HEADER` lists the length of z behind each.
        """
        resolved = self.generators.resolve(visitor, ask)
        z = [_strip_z(resolved, row) for row in dict.fromkeys(ask.rows)]
        lengths = [[round(length, 2) for length in one.norm(dim=1).tolist()] for one in z]
        headers = {LENGTHS_HEADER: json.dumps(lengths)}
        return _sheet(resolved.draw(torch.cat(z)), STRIP_COLUMNS, headers)

    # --- files to keep ---------------------------------------------------------------------------

    def keep(self, visitor: Visitor, ask: Keep) -> Iterator[Keeping]:
        """Makes a file to keep, with its progress."""
        made = yield from self.made(visitor, ask)
        address = self.offers.add_bytes(visitor.name, made.name, made.media_type, made.content)
        yield Keeping(address=address, name=made.name, kept=made.kept)

    def made(self, visitor: Visitor, ask: Keep) -> Generator[Keeping, None, Made]:
        """The file; a picture and a strip carry their place."""
        with_place = ask.form in ("png", "strip")
        resolved = self.generators.resolve(visitor, ask, keep_it=with_place)
        if ask.form in ("gif", "mp4"):
            content = yield from _film(resolved, visitor, ask)
        else:
            content = {"png": _picture, "strip": _strip, "grid": _grid}[ask.form](resolved, ask)
        media_type = FORMS[ask.form]
        ending = media_type.partition("/")[2]
        name = f"ganmodel-{resolved.name[:60]}-{ask.form}.{ending}"
        return Made(name, media_type, content, resolved.kept or not with_place)


def _strip_z(resolved: ResolvedPlace, row: str) -> torch.Tensor:
    place, z_dim = resolved.place, resolved.z_dim
    if row == "stops":
        return place.psi * place.ends(z_dim)
    if row == "psi":
        point = dataclasses.replace(place, psi=1.0).z(z_dim)
        return torch.linspace(0, MOST_VARIETY, STRIP_COLUMNS)[:, None] * point
    return dataclasses.replace(place, path=row).z(z_dim, torch.linspace(0, 1, STRIP_COLUMNS))


def _picture(resolved: ResolvedPlace, ask: Keep) -> bytes:
    drawn = resolved.draw(resolved.place.z(resolved.z_dim))
    return png(enlarge(drawn, _factor(resolved, SIDE))[0], entries_for(resolved))


def _strip(resolved: ResolvedPlace, ask: Keep) -> bytes:
    shares = torch.linspace(0, 1, STRIP_PICTURES)
    drawn = resolved.draw(resolved.place.z(resolved.z_dim, shares))
    large = torch.from_numpy(enlarge(drawn, 4)).permute(0, 3, 1, 2)
    return png(grid(large, columns=STRIP_PICTURES, padding=0), entries_for(resolved))


def _grid(resolved: ResolvedPlace, ask: Keep) -> bytes:
    """Start numbers in reading order; with `by_class`, the same ones in every row."""
    rows, columns, seed = ask.rows, ask.columns, ask.seed
    classes = resolved.sampler.spec.classes
    if ask.by_class and classes:
        rows = min(classes, MOST_GRID)
        drawn = [
            resolved.sampler.sample(range(seed, seed + columns), label) for label in range(rows)
        ]
        pictures = np.concatenate(drawn)
    else:
        pictures = resolved.sampler.sample(range(seed, seed + rows * columns), resolved.place.label)
    large = torch.from_numpy(enlarge(pictures, 2)).permute(0, 3, 1, 2)
    return png(grid(large, columns=columns, padding=4))


def _film(resolved: ResolvedPlace, visitor: Visitor, ask: Keep) -> Generator[Keeping, None, bytes]:
    count = ask.count
    loops = resolved.place.path == "loop"
    shares = torch.linspace(0, 1, count + 1)[:-1] if loops else _there_and_back(count)
    drawn, z = [], resolved.place.z(resolved.z_dim, shares)
    for part in z.split(AT_ONCE):
        yield Keeping(share=round(0.5 * len(drawn) * AT_ONCE / count, 3))
        drawn.append(resolved.draw(part))
    yield Keeping(share=0.6)
    write = gif if ask.form == "gif" else mp4
    frames, factor = np.concatenate(drawn), _factor(resolved, FILM_SIDE)
    return write(frames, ask.speed, factor, each=visitor.check)


def _there_and_back(count: int) -> torch.Tensor:
    """`count` shares of the way to its end and back, so that a looping film has no jump."""
    turn = torch.arange(count) * 2 / count
    return torch.where(turn <= 1, turn, 2 - turn)


def _factor(resolved: ResolvedPlace, side: int) -> int:
    """How often a pixel is repeated; even, since films need even sides."""
    return max(2, 2 * round(side / 2 / resolved.sampler.spec.size))


def _spread(moments: list[int]) -> list[int]:
    """At most `MOMENT_ROWS` of them, the first and the newest among them."""
    places = np.unique(np.linspace(0, len(moments) - 1, min(len(moments), MOMENT_ROWS)).round())
    return [moments[int(place)] for place in places]


def _sheet(pictures: np.ndarray, columns: int, headers: dict[str, str] | None = None) -> File:
    sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2), columns, padding=0)
    return File(png(sheet), "image/png", headers or {})
