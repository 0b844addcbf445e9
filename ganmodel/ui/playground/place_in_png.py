"""The place stored in a PNG: everything needed to draw the picture again, inside the file itself.

One text entry "ganmodel" holds JSON: the version, the weights by name and sha256, and the place.
Dropping the picture on the Playground leads back to its place, if the weights are available.
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
from ganmodel.ui.http.errors import answers_in_sentences
from ganmodel.ui.http.requests import body_of, is_text
from ganmodel.ui.playground.generators import Generators, ResolvedPlace

RECALL_ROUTE = "/ganmodel-recall"
ENTRY = "ganmodel"
FORMATS = [one.pillow for one in VETTED]  # of a dropped picture; no other decoder is used
MOST_BYTES = 8 * 2**20  # of a dropped file


def entries_for(resolved: ResolvedPlace) -> dict[str, str]:
    """The text entries of a PNG drawn at this place."""
    about = resolved.sampler.about
    weights = {
        "name": resolved.name,
        "sha256": resolved.sampler.sha256,
        "images_seen": about.get("images_seen", 0),
    }
    entry = {"version": __version__, "weights": weights, "place": str(resolved.place)}
    return {ENTRY: json.dumps(entry)}


def place_in(content: bytes) -> dict[str, Any] | None:
    """The `place`, `sha256` and `name` in a picture's bytes; None for a picture without an entry.

    Only the file's head is read, never its pixels.

    Raises:
        RunError: not a picture, or its entry is changed or truncated.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # only the head is read, so a huge picture does no harm
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                entry = image.info.get(ENTRY)
    except UNREADABLE:
        raise RunError(texts.NO_PICTURE.format(formats=named(VETTED))) from None
    if entry is None:
        return None
    try:
        known = json.loads(entry)
        if not is_text(known):
            raise RunError(texts.BROKEN_RECIPE)
        weights = known["weights"]
        return {
            "place": str(Place.parse(known["place"])),
            "sha256": str(weights["sha256"]),
            "name": str(weights["name"])[:120],
        }
    except (KeyError, TypeError, ValueError, RecursionError):  # a PlaceError is a ValueError
        raise RunError(texts.BROKEN_RECIPE) from None


class RecallRoute:
    """The route to which a dropped picture is sent."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def routes(self) -> list[Route]:
        return [Route(RECALL_ROUTE, self._answer, methods=["POST"])]

    async def _answer(self, request: Request) -> Response:
        """The picture is the body; the token is a header."""
        ask = {
            "token": request.headers.get("x-ganmodel-token", ""),
            "content": await body_of(request, MOST_BYTES),
        }
        return JSONResponse(await run_in_threadpool(answers_in_sentences(self.recall), ask))

    def recall(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Where the picture in `content` was drawn: `generator`, `moment` and `place`.

        For a picture without a place, `plain`: the page can search for it in the noise instead.
        """
        if len(ask["content"]) > MOST_BYTES:
            raise RunError(texts.PICTURE_TOO_LARGE.format(most=MOST_BYTES // 2**20))
        known = place_in(ask["content"])
        if known is None:
            return {"plain": True}
        found = self.generators.by_sha256(ask, known["sha256"])
        if found is None:
            raise RunError(texts.OTHER_WEIGHTS.format(name=known["name"]))
        generator, moment = found
        return {"generator": generator, "moment": moment, "place": known["place"]}
