"""A picture's recipe: what it takes to draw it again, inside the PNG itself.

One text entry "ganmodel" holds JSON: the version, the weights by name and sha256, and the place.
Whoever drops the picture back in stands where it was drawn, if the same weights are there.
"""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ganmodel import __version__, texts
from ganmodel.data import VETTED, named
from ganmodel.images import UNREADABLE
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.ui.easel import Easel, Standing
from ganmodel.ui.routes import body_of
from ganmodel.ui.visitors import answers_in_sentences, is_text

RECALL_ROUTE = "/ganmodel-recall"
ENTRY = "ganmodel"
FORMATS = [one.pillow for one in VETTED]  # of a dropped picture; no other decoder is reached
MOST_BYTES = 8 * 2**20  # of a dropped file


def recipe_of(standing: Standing) -> dict[str, str]:
    """The text entries that a PNG of this place carries."""
    about = standing.sampler.about
    weights = {
        "name": standing.name,
        "sha256": standing.sampler.sha256,
        "images_seen": about.get("images_seen", 0),
    }
    recipe = {"version": __version__, "weights": weights, "place": str(standing.place)}
    return {ENTRY: json.dumps(recipe)}


def recipe_in(content: bytes) -> dict[str, Any] | None:
    """The recipe in a picture's bytes; None for a picture without one.

    Only the file's head is read, never its pixels. Raises a `RunError` for what is no picture, and
    for a recipe that was changed or cut off.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a huge picture's size is of no concern to its head
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                entry = image.info.get(ENTRY)
    except UNREADABLE:
        raise RunError(texts.NO_PICTURE.format(formats=named(VETTED))) from None
    if entry is None:
        return None
    try:
        recipe = json.loads(entry)
        if not is_text(recipe):
            raise RunError(texts.BROKEN_RECIPE)
        weights = recipe["weights"]
        return {
            "place": str(Place.parse(recipe["place"])),
            "sha256": str(weights["sha256"]),
            "name": str(weights["name"])[:120],
        }
    except (KeyError, TypeError, ValueError, RecursionError):  # a PlaceError is a ValueError
        raise RunError(texts.BROKEN_RECIPE) from None


class Recipes:
    """The route that a dropped picture is sent to."""

    def __init__(self, easel: Easel) -> None:
        self.easel = easel

    def routes(self) -> list[Route]:
        return [Route(RECALL_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        """The picture is the body, and the token a header."""
        ask = {
            "token": request.headers.get("x-ganmodel-token", ""),
            "content": await body_of(request, MOST_BYTES),
        }
        return JSONResponse(await run_in_threadpool(answers_in_sentences(self.recall), ask))

    def recall(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Where the picture in `content` was drawn: `generator`, `moment` and `place`.

        For a picture without a recipe, `plain`: the page can look for it instead.
        """
        if len(ask["content"]) > MOST_BYTES:
            raise RunError(texts.PICTURE_TOO_LARGE.format(most=MOST_BYTES // 2**20))
        recipe = recipe_in(ask["content"])
        if recipe is None:
            return {"plain": True}
        found = self.easel.by_sha256(ask, recipe["sha256"])
        if found is None:
            raise RunError(texts.OTHER_WEIGHTS.format(name=recipe["name"]))
        generator, moment = found
        return {"generator": generator, "moment": moment, "place": recipe["place"]}
