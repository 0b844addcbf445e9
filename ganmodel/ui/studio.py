"""The Playground's pictures as answers: one that follows the hand, the way as one sprite, the map,
the table of moments, and everything that is kept as a file.

No Gradio here. Where one stands, with which generator, and what one picture is, `easel` knows. What
a file remembers of its making, and how it is read again, is in `recipes`.
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
from ganmodel.ui.easel import MOST_OFF_MAP, Easel, Standing, number, on_map
from ganmodel.ui.recipes import recipe_of
from ganmodel.ui.routes import LONG, answered, streamed

DRAW_ROUTE = "/ganmodel-draw"
FRAMES_ROUTE = "/ganmodel-frames"
MAP_ROUTE = "/ganmodel-map"
MOMENTS_ROUTE = "/ganmodel-moments"
KEEP_ROUTE = "/ganmodel-keep"
MOST_FRAMES = 241
FRAMES_IN_A_ROW = 20
MOST_MAP_SIDE = 15
MOMENT_ROWS, MOMENT_COLUMNS = 8, 9
SIDE = 448  # pixels of a picture that is kept, so that it can be looked at as it is
FILM_SIDE = 280
STRIP_PICTURES = 12
MOST_GRID = 20  # rows, and columns
AT_ONCE = 24  # frames of a film between two words on its progress
FORMS = {
    "png": "image/png",
    "strip": "image/png",
    "grid": "image/png",
    "gif": "image/gif",
    "mp4": "video/mp4",
}


class Studio:
    """Answers the Playground's routes. Safe to use from several threads."""

    def __init__(self, easel: Easel) -> None:
        self.easel = easel

    def routes(self) -> list[Route]:
        return [
            answered(DRAW_ROUTE, self.draw, LONG, at_once=2),
            answered(FRAMES_ROUTE, self.frames, LONG),
            answered(MAP_ROUTE, self.map, LONG),
            answered(MOMENTS_ROUTE, self.moments, LONG),
            streamed(KEEP_ROUTE, self.keep),
        ]

    def draw(self, ask: dict[str, Any]) -> Response:
        """One picture, as `Easel.draw` gives it: quicker than by a server function of Gradio's."""
        return JSONResponse(self.easel.draw(ask))

    def frames(self, ask: dict[str, Any]) -> Response:
        """The whole way as one PNG of `count` pictures at even shares, 20 in a row, no gaps.

        The page slides through it without asking again, however far away the server is.
        """
        standing = self.easel.standing(ask)
        count = number(ask, "count", 2, MOST_FRAMES, whole=True)
        pictures = standing.draw(standing.place.z(standing.z_dim, torch.linspace(0, 1, count)))
        return _sheet(pictures, FRAMES_IN_A_ROW)

    def map(self, ask: dict[str, Any]) -> Response:
        """The plane through the first two stops and start number `third`, as side × side pictures.

        `u`, `v` is the middle: the first stop lies at 0, 0, the second at 1, 0, the third at 0, 1;
        u grows to the right and v downwards. `span` is the width, and the height.
        """
        standing = self.easel.standing(ask)
        third = number(ask, "third", 0, MOST_SEED, whole=True)
        u, v = (number(ask, name, -MOST_OFF_MAP, MOST_OFF_MAP) for name in ("u", "v"))
        span = number(ask, "span", 0.01, MOST_OFF_MAP)
        side = number(ask, "side", 2, MOST_MAP_SIDE, whole=True)
        offsets = span * ((torch.arange(side) + 0.5) / side - 0.5)
        down, right = torch.meshgrid(v + offsets, u + offsets, indexing="ij")
        points = on_map(standing, third, right, down)
        return _sheet(standing.draw(standing.place.psi * points), side)

    def moments(self, ask: dict[str, Any]) -> Response:
        """Training time crossed with the way: moments as rows, shares of the way as columns.

        Eight moments at most, as far apart as they come; X-Moments names them as a JSON list.
        """
        standing = self.easel.standing(ask)
        if len(standing.moments) < 2:
            raise RunError(texts.NO_HISTORY)
        rows, kept = [], []
        for moment in _spread(list(standing.moments)):
            then = self.easel.standing(ask | {"moment": moment})
            shares = torch.linspace(0, 1, MOMENT_COLUMNS)
            row = then.draw(then.place.z(then.z_dim, shares))
            if rows and row.shape != rows[0].shape:  # weights of another run got in here
                continue
            kept.append(then.moment)
            rows.append(row)
        headers = {"X-Moments": json.dumps(kept)}
        return _sheet(np.concatenate(rows), MOMENT_COLUMNS, headers)

    # --- files to keep ---------------------------------------------------------------------------

    def keep(self, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A file in `form`: first `share` of the work that is done, now and then, then the `file`.

        "png" is the one picture, "strip" the way in twelve, "gif" and "mp4" the way in `count`
        frames at `speed` a second (a loop goes on without a seam, others there and back), "grid"
        `rows` × `columns` of consecutive start numbers from `seed` on, or with `by_class` a class
        in each row. A picture and a strip carry their recipe; `kept` is false where the weights it
        names may go. The file is base64; `name` says what to call it.
        """
        form = ask.get("form")
        if not isinstance(form, str) or form not in FORMS:
            raise RunError(texts.BAD_CALL)
        with_recipe = form in ("png", "strip")
        standing = self.easel.standing(ask, keep_it=with_recipe)
        name = f"ganmodel-{_plain(standing)}-{form}"
        if form in ("gif", "mp4"):
            content = yield from _film(standing, form, ask)
        else:
            content = {"png": _picture, "strip": _strip, "grid": _grid}[form](standing, ask)
        yield {
            "file": base64.b64encode(content).decode(),
            "type": FORMS[form],
            "name": f"{name}.{FORMS[form].split('/')[1]}",
            "kept": standing.kept or not with_recipe,
        }


def _picture(standing: Standing, ask: dict[str, Any]) -> bytes:
    drawn = standing.draw(standing.place.z(standing.z_dim))
    return png(enlarge(drawn, _factor(standing, SIDE))[0], recipe_of(standing))


def _strip(standing: Standing, ask: dict[str, Any]) -> bytes:
    shares = torch.linspace(0, 1, STRIP_PICTURES)
    drawn = standing.draw(standing.place.z(standing.z_dim, shares))
    large = torch.from_numpy(enlarge(drawn, 4)).permute(0, 3, 1, 2)
    return png(grid(large, columns=STRIP_PICTURES, padding=0), recipe_of(standing))


def _grid(standing: Standing, ask: dict[str, Any]) -> bytes:
    """Start numbers in reading order; with `by_class`, the same ones in every row."""
    rows, columns = (number(ask, name, 1, MOST_GRID, whole=True) for name in ("rows", "columns"))
    seed = number(ask, "seed", 0, MOST_SEED - MOST_GRID**2, whole=True)
    classes = standing.sampler.spec.classes
    if ask.get("by_class") and classes:
        rows = min(classes, MOST_GRID)
        drawn = [
            standing.sampler.sample(range(seed, seed + columns), label) for label in range(rows)
        ]
        pictures = np.concatenate(drawn)
    else:
        pictures = standing.sampler.sample(range(seed, seed + rows * columns), standing.place.label)
    large = torch.from_numpy(enlarge(pictures, 2)).permute(0, 3, 1, 2)
    return png(grid(large, columns=columns, padding=4))


def _film(standing: Standing, form: str, ask: dict[str, Any]) -> Iterator[dict[str, Any]]:
    count = number(ask, "count", 2, MOST_FRAMES, whole=True)
    speed = number(ask, "speed", 1, 60)
    loops = standing.place.path == "loop"
    shares = torch.linspace(0, 1, count + 1)[:-1] if loops else _there_and_back(count)
    drawn, z = [], standing.place.z(standing.z_dim, shares)
    for part in z.split(AT_ONCE):
        yield {"share": round(0.5 * len(drawn) * AT_ONCE / count, 3)}
        drawn.append(standing.draw(part))
    yield {"share": 0.6}
    write = gif if form == "gif" else mp4
    return write(np.concatenate(drawn), speed, _factor(standing, FILM_SIDE))


def _there_and_back(count: int) -> torch.Tensor:
    """`count` shares of a way that goes to its end and returns, so that a film has no jump."""
    turn = torch.arange(count) * 2 / count
    return torch.where(turn <= 1, turn, 2 - turn)


def _factor(standing: Standing, side: int) -> int:
    """How often a pixel is repeated; even, since films need even sides."""
    return max(2, 2 * round(side / 2 / standing.sampler.spec.size))


def _plain(standing: Standing) -> str:
    return standing.name[:60]


def _spread(moments: list[int]) -> list[int]:
    """At most `MOMENT_ROWS` of them, the first and the newest among them."""
    places = np.unique(np.linspace(0, len(moments) - 1, min(len(moments), MOMENT_ROWS)).round())
    return [moments[int(place)] for place in places]


def _sheet(pictures: np.ndarray, columns: int, headers: dict[str, str] | None = None) -> Response:
    sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2), columns, padding=0)
    return Response(png(sheet), media_type="image/png", headers=headers)
