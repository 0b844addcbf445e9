"""The Playground's pictures as files: the whole way as one sprite sheet, the map, the table of
moments, and everything that a visitor keeps.

`generators` resolves the generator and the place of a request; `place_in_png` stores the place in
a kept picture and reads it again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ganmodel import texts
from ganmodel.images import enlarge, gif, grid, mp4, png
from ganmodel.places import MOST_SEED
from ganmodel.runs import RunError
from ganmodel.ui.http.requests import number
from ganmodel.ui.http.routes import LONG, answered, streamed
from ganmodel.ui.playground.drawing import MOST_OFF_MAP, Drawing, on_map
from ganmodel.ui.playground.generators import Generators, ResolvedPlace
from ganmodel.ui.playground.place_in_png import entries_for

DRAW_ROUTE = "/ganmodel-draw"
FRAMES_ROUTE = "/ganmodel-frames"
MAP_ROUTE = "/ganmodel-map"
MOMENTS_ROUTE = "/ganmodel-moments"
KEEP_ROUTE = "/ganmodel-keep"
MOST_FRAMES = 241
FRAMES_IN_A_ROW = 20
MOMENTS_HEADER = "X-Moments"  # the moments of a table's rows, as a JSON list
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


class Renders:
    """Answers the Playground's routes. Safe to use from several threads."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators
        self._drawing = Drawing(generators)

    def routes(self) -> list[Route]:
        return [
            answered(DRAW_ROUTE, self.draw, LONG, at_once=2),
            answered(FRAMES_ROUTE, self.frames, LONG),
            answered(MAP_ROUTE, self.map, LONG),
            answered(MOMENTS_ROUTE, self.moments, LONG),
            streamed(KEEP_ROUTE, self.keep),
        ]

    def draw(self, ask: dict[str, Any]) -> Response:
        """One picture, as `Drawing.draw` answers it; Gradio's server functions are slower."""
        return JSONResponse(self._drawing.draw(ask))

    def frames(self, ask: dict[str, Any]) -> Response:
        """The whole way as one PNG of `count` pictures at equal steps, 20 in a row, no gaps.

        The page scrolls through it without further requests, however far away the server is.
        """
        resolved = self.generators.resolve(ask)
        count = number(ask, "count", 2, MOST_FRAMES, whole=True)
        pictures = resolved.draw(resolved.place.z(resolved.z_dim, torch.linspace(0, 1, count)))
        return _sheet(pictures, FRAMES_IN_A_ROW)

    def map(self, ask: dict[str, Any]) -> Response:
        """The plane through the first two stops and start number `third`, as side × side pictures.

        `u`, `v` is the centre: the first stop lies at 0, 0, the second at 1, 0, the third at 0, 1;
        u grows to the right and v downwards. `span` is the width, and the height.
        """
        resolved = self.generators.resolve(ask)
        third = number(ask, "third", 0, MOST_SEED, whole=True)
        u, v = (number(ask, name, -MOST_OFF_MAP, MOST_OFF_MAP) for name in ("u", "v"))
        span = number(ask, "span", 0.01, MOST_OFF_MAP)
        side = number(ask, "side", 2, MOST_MAP_SIDE, whole=True)
        offsets = span * ((torch.arange(side) + 0.5) / side - 0.5)
        down, right = torch.meshgrid(v + offsets, u + offsets, indexing="ij")
        points = on_map(resolved, third, right, down)
        return _sheet(resolved.draw(resolved.place.psi * points), side)

    def moments(self, ask: dict[str, Any]) -> Response:
        """Training time against the way: moments as rows, shares of the way as columns.

        At most eight moments, evenly spread over those available; `MOMENTS_HEADER` lists them.
        """
        resolved = self.generators.resolve(ask)
        if len(resolved.moments) < 2:
            raise RunError(texts.NO_HISTORY)
        rows, kept = [], []
        for moment in _spread(list(resolved.moments)):
            then = self.generators.resolve(ask | {"moment": moment})
            shares = torch.linspace(0, 1, MOMENT_COLUMNS)
            row = then.draw(then.place.z(then.z_dim, shares))
            if rows and row.shape != rows[0].shape:  # weights of another run are among these
                continue
            kept.append(then.moment)
            rows.append(row)
        headers = {MOMENTS_HEADER: json.dumps(kept)}
        return _sheet(np.concatenate(rows), MOMENT_COLUMNS, headers)

    # --- files to keep ---------------------------------------------------------------------------

    def keep(self, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A file in `form`: yields the `share` of the work done from time to time, then the `file`.

        "png" is the one picture, "strip" the way in twelve, "gif" and "mp4" the way in `count`
        frames at `speed` a second (a loop goes on without a seam, others there and back), "grid"
        `rows` × `columns` of consecutive start numbers from `seed` on, or with `by_class` a class
        in each row. A picture and a strip carry their place; `kept` is false where the weights that
        it names may be removed. The file is base64; `name` is a name for it.
        """
        form = ask.get("form")
        if not isinstance(form, str) or form not in FORMS:
            raise RunError(texts.BAD_CALL)
        with_place = form in ("png", "strip")
        resolved = self.generators.resolve(ask, keep_it=with_place)
        name = f"ganmodel-{_plain(resolved)}-{form}"
        if form in ("gif", "mp4"):
            content = yield from _film(resolved, form, ask)
        else:
            content = {"png": _picture, "strip": _strip, "grid": _grid}[form](resolved, ask)
        yield {
            "file": base64.b64encode(content).decode(),
            "type": FORMS[form],
            "name": f"{name}.{FORMS[form].split('/')[1]}",
            "kept": resolved.kept or not with_place,
        }


def _picture(resolved: ResolvedPlace, ask: dict[str, Any]) -> bytes:
    drawn = resolved.draw(resolved.place.z(resolved.z_dim))
    return png(enlarge(drawn, _factor(resolved, SIDE))[0], entries_for(resolved))


def _strip(resolved: ResolvedPlace, ask: dict[str, Any]) -> bytes:
    shares = torch.linspace(0, 1, STRIP_PICTURES)
    drawn = resolved.draw(resolved.place.z(resolved.z_dim, shares))
    large = torch.from_numpy(enlarge(drawn, 4)).permute(0, 3, 1, 2)
    return png(grid(large, columns=STRIP_PICTURES, padding=0), entries_for(resolved))


def _grid(resolved: ResolvedPlace, ask: dict[str, Any]) -> bytes:
    """Start numbers in reading order; with `by_class`, the same ones in every row."""
    rows, columns = (number(ask, name, 1, MOST_GRID, whole=True) for name in ("rows", "columns"))
    seed = number(ask, "seed", 0, MOST_SEED - MOST_GRID**2, whole=True)
    classes = resolved.sampler.spec.classes
    if ask.get("by_class") and classes:
        rows = min(classes, MOST_GRID)
        drawn = [
            resolved.sampler.sample(range(seed, seed + columns), label) for label in range(rows)
        ]
        pictures = np.concatenate(drawn)
    else:
        pictures = resolved.sampler.sample(range(seed, seed + rows * columns), resolved.place.label)
    large = torch.from_numpy(enlarge(pictures, 2)).permute(0, 3, 1, 2)
    return png(grid(large, columns=columns, padding=4))


def _film(resolved: ResolvedPlace, form: str, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
    count = number(ask, "count", 2, MOST_FRAMES, whole=True)
    speed = number(ask, "speed", 1, 60)
    loops = resolved.place.path == "loop"
    shares = torch.linspace(0, 1, count + 1)[:-1] if loops else _there_and_back(count)
    drawn, z = [], resolved.place.z(resolved.z_dim, shares)
    for part in z.split(AT_ONCE):
        yield {"share": round(0.5 * len(drawn) * AT_ONCE / count, 3)}
        drawn.append(resolved.draw(part))
    yield {"share": 0.6}
    write = gif if form == "gif" else mp4
    return write(np.concatenate(drawn), speed, _factor(resolved, FILM_SIDE))


def _there_and_back(count: int) -> torch.Tensor:
    """`count` shares of the way to its end and back, so that a looping film has no jump."""
    turn = torch.arange(count) * 2 / count
    return torch.where(turn <= 1, turn, 2 - turn)


def _factor(resolved: ResolvedPlace, side: int) -> int:
    """How often a pixel is repeated; even, since films need even sides."""
    return max(2, 2 * round(side / 2 / resolved.sampler.spec.size))


def _plain(resolved: ResolvedPlace) -> str:
    return resolved.name[:60]


def _spread(moments: list[int]) -> list[int]:
    """At most `MOMENT_ROWS` of them, the first and the newest among them."""
    places = np.unique(np.linspace(0, len(moments) - 1, min(len(moments), MOMENT_ROWS)).round())
    return [moments[int(place)] for place in places]


def _sheet(pictures: np.ndarray, columns: int, headers: dict[str, str] | None = None) -> Response:
    sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2), columns, padding=0)
    return Response(png(sheet), media_type="image/png", headers=headers)
