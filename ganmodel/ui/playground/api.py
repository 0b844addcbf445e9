"""The page's API for programs: four named endpoints, for `gradio_client` and curl.

They draw with the generators that ship with ganmodel, never with a visitor's own: a program has no
token. Values are checked as strictly as a page's; an error is a `gr.Error` with one sentence.
"""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from ganmodel import texts
from ganmodel.data import VETTED, Budget, RefusedPictureError, named, read_picture
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.ui.http.errors import KNOWN_ERRORS, told
from ganmodel.ui.playground.find_route import FindRoute
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.renders import Renders

NOBODY = "0" * 64  # a token that no browser generates, so it owns no run
GREY_OF = (0.299, 0.587, 0.114)  # luminance weights of red, green and blue
MOST_DRAWING = 8 * 2**20  # characters of a drawing's base64
DRAWING_SECONDS = 5.0  # allowed for decoding one


class Api:
    """The endpoints' functions; the API's page shows their docstrings."""

    def __init__(self, generators: Generators, renders: Renders, find_route: FindRoute) -> None:
        self._generators, self._renders, self._find_route = generators, renders, find_route

    def add(self) -> None:
        """Adds the endpoints to the current Blocks context."""
        for function in (self.list_weights, self.sample, self.walk, self.find):
            gr.api(_with_sentences(function), api_name=function.__name__)

    def list_weights(self) -> list[dict[str, Any]]:
        """The generators that come with ganmodel: name, z_dim, size, channels, classes, sha256."""
        found = []
        for entry in self._generators.generators({"token": NOBODY}):
            if "reason" not in entry:
                facts = self._generators.describe(self._ask(entry["id"].partition(":")[2], ""))
                wanted = ("name", "z_dim", "size", "channels", "classes", "sha256")
                found.append({name: facts[name] for name in wanted})
        return found

    def sample(
        self,
        weights: str = "mnist",
        seed: int = 0,
        rows: int = 8,
        columns: int = 8,
        place: str = "",
    ) -> str:
        """A grid of rows × columns pictures by consecutive start numbers from `seed` on.

        With `place` (such as "stops=53,46&at=0.25&psi=0.8") the one picture at that place instead,
        which carries its place. Returns a PNG as a data URL.
        """
        if place:
            return self._kept(self._ask(weights, place, form="png"))
        numbers = {"seed": seed, "rows": rows, "columns": columns}
        return self._kept(self._ask(weights, "", form="grid", **numbers))

    def walk(
        self,
        weights: str = "mnist",
        place: str = "stops=53,46&path=loop",
        frames: int = 60,
        speed: float = 24,
        form: str = "gif",
    ) -> str:
        """A film of the way through a place's stops, as `form` "gif", "mp4" or "strip" (a PNG).

        `frames` from 2 to 241, `speed` in pictures a second. Returns a data URL.
        """
        return self._kept(self._ask(weights, place, form=form, count=frames, speed=speed))

    def find(self, drawing: str, weights: str = "mnist") -> dict[str, Any]:
        """The noise whose picture comes closest to a picture, given as a data URL or base64.

        The picture is brought to the generator's size. Returns `place` (a text for `sample`),
        `loss`, `explained` (1: the drawing itself; 0: no closer than a plain grey picture) and
        `picture`, a PNG as a data URL.
        """
        facts = self._generators.describe(self._ask(weights, ""))
        values = _pixels(drawing, facts["size"], facts["channels"])
        last: dict[str, Any] = {}
        for news in self._find_route.find(self._ask(weights, "", drawing=values)):
            last = news
        point = tuple(last["z"])
        place = str(Place((point, point), label=last["label"]))  # both stops are the found point
        picture = self.sample(weights, place=place)
        found = {name: last[name] for name in ("loss", "explained")}
        return {"place": place, **found, "picture": picture}

    def _ask(self, weights: str, place: str, **more: Any) -> dict[str, Any]:
        return {"token": NOBODY, "generator": f"shipped:{weights}", "place": place, **more}

    def _kept(self, ask: dict[str, Any]) -> str:
        made = [news for news in self._renders.keep(ask) if "file" in news][-1]
        return f"data:{made['type']};base64,{made['file']}"


def _pixels(drawing: str, size: int, channels: int) -> list[int]:
    """A picture's central square in a generator's size and colours, for `FindRoute.find`."""
    if not isinstance(drawing, str):  # Gradio checks no types
        raise RunError(texts.NO_PICTURE)
    if len(drawing) > MOST_DRAWING:
        raise RunError(texts.PICTURE_TOO_LARGE.format(most=MOST_DRAWING // 2**20))
    try:
        content = base64.b64decode(drawing.rpartition(",")[2], validate=True)
        pixels = read_picture(content, size, budget=Budget(DRAWING_SECONDS))
    except (RefusedPictureError, binascii.Error, ValueError):
        raise RunError(texts.NO_PICTURE.format(formats=named(VETTED))) from None
    if channels == 1 and len(pixels) == 3:
        pixels = np.tensordot(GREY_OF, pixels, 1).round().astype(np.uint8)[None]
    return np.broadcast_to(pixels, (channels, size, size)).transpose(1, 2, 0).flatten().tolist()


def _with_sentences(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def answer(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except KNOWN_ERRORS as error:
            raise gr.Error(told(error), print_exception=False) from None

    return answer
