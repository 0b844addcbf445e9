"""The page's API for programs: routes that Gradio's API offers too, for `gradio_client` and curl.

They draw with the generators that ship with ganmodel, never with a visitor's own: a program has no
token.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, RootModel

from ganmodel.data import VETTED, Budget, RefusedPictureError, named, read_picture
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.ui.http.asks import Answer, Ask, Text
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import SHIPPED, Generators, Standing
from ganmodel.ui.playground.renders import FirstSeed, Frames, Keep, Renders, Side
from ganmodel.ui.playground.search import Search, SearchFor

GREY_OF = (0.299, 0.587, 0.114)  # luminance weights of red, green and blue
WeightsName = Annotated[str, Field(max_length=100)]  # shorter than any generator's name may be
DRAWING_SECONDS = 5.0  # allowed for decoding one


class ListWeights(Ask):
    """Nothing is asked."""


class Weights(Answer):
    name: str
    z_dim: int
    size: int
    channels: int
    classes: list[str]
    sha256: str


class WeightsList(RootModel[list[Weights]]):
    """The generators that come with ganmodel."""


class DataUrl(RootModel[str]):
    """A file as a data URL."""


class Sample(Ask):
    """A grid of rows × columns by consecutive start numbers, or the one picture at a `place` such
    as "stops=53,46&at=0.25&psi=0.8"."""

    weights: WeightsName = "mnist"
    seed: FirstSeed = 0
    rows: Side = 8
    columns: Side = 8
    place: Text = ""


class Walk(Ask):
    """A film of `frames` pictures at `speed` a second, or a strip of twelve."""

    weights: WeightsName = "mnist"
    place: Text = "stops=53,46&path=loop"
    frames: Frames = 60
    speed: Annotated[float, Field(ge=1, le=60)] = 24
    form: Literal["gif", "mp4", "strip"] = "gif"


class Find(Ask):
    """`drawing`: a picture as a data URL or base64."""

    drawing: str
    weights: WeightsName = "mnist"


class Found(Answer):
    """`place`: a text for `sample`; `loss`; `explained`: 1 is the drawing itself, 0 no closer than
    a plain grey picture; `picture`: a PNG as a data URL."""

    place: str
    loss: float
    explained: float
    picture: str


class Api:
    """The functions of these routes; the API's page shows their docstrings."""

    def __init__(self, generators: Generators, renders: Renders, search: Search) -> None:
        self._generators, self._renders, self._search = generators, renders, search

    def list_weights(self, visitor: Visitor, ask: ListWeights) -> WeightsList:
        """The generators that come with ganmodel: name, z_dim, size, channels, classes, sha256."""
        found = []
        for choice in self._generators.shipped():
            if choice.reason is None:
                facts = self._generators.generator(visitor, Standing(generator=choice.id))
                wanted = {name: getattr(facts, name) for name in Weights.model_fields}
                found.append(Weights(**wanted))
        return WeightsList(found)

    def sample(self, visitor: Visitor, ask: Sample) -> DataUrl:
        """A grid of rows × columns pictures by consecutive start numbers from `seed` on.

        With `place` (such as "stops=53,46&at=0.25&psi=0.8") the one picture at that place instead,
        which carries its place. Returns a PNG as a data URL.
        """
        if ask.place:
            return self._made(visitor, ask.weights, place=ask.place, form="png")
        wanted = {"seed": ask.seed, "rows": ask.rows, "columns": ask.columns}
        return self._made(visitor, ask.weights, form="grid", **wanted)

    def walk(self, visitor: Visitor, ask: Walk) -> DataUrl:
        """A film of the way through a place's stops, as `form` "gif", "mp4" or "strip" (a PNG).

        `frames` from 2 to 241, `speed` in pictures a second. Returns a data URL.
        """
        film = {"form": ask.form, "count": ask.frames, "speed": ask.speed}
        return self._made(visitor, ask.weights, place=ask.place, **film)

    def find(self, visitor: Visitor, ask: Find) -> Found:
        """The noise whose picture comes closest to a picture, given as a data URL or base64.

        The picture is brought to the generator's size. Returns `place` (a text for `sample`),
        `loss`, `explained` (1: the drawing itself; 0: no closer than a plain grey picture) and
        `picture`, a PNG as a data URL.
        """
        standing = {"generator": SHIPPED + ask.weights}
        facts = self._generators.generator(visitor, Standing(**standing))
        drawing = _pixels(ask.drawing, facts.size, facts.channels)
        *_, last = self._search.search(visitor, SearchFor(**standing, drawing=drawing))
        point = tuple(last.z)
        place = str(Place((point, point), label=last.label))  # both stops are the found point
        picture = self._made(visitor, ask.weights, place=place, form="png").root
        return Found(place=place, loss=last.loss, explained=last.explained, picture=picture)

    def _made(self, visitor: Visitor, weights: str, **wanted: Any) -> DataUrl:
        making = self._renders.made(visitor, Keep(generator=SHIPPED + weights, **wanted))
        while True:
            try:
                next(making)
            except StopIteration as end:
                made = end.value
                encoded = base64.b64encode(made.content).decode()
                return DataUrl(f"data:{made.media_type};base64,{encoded}")


def _pixels(drawing: str, size: int, channels: int) -> list[int]:
    """A picture's central square in a generator's size and colours, for `Search.search`."""
    try:
        content = base64.b64decode(drawing.rpartition(",")[2], validate=True)
        pixels = read_picture(content, size, budget=Budget(DRAWING_SECONDS))
    except (RefusedPictureError, binascii.Error, ValueError):
        raise RunError("no-picture", formats=named(VETTED)) from None
    if channels == 1 and len(pixels) == 3:
        pixels = np.tensordot(GREY_OF, pixels, 1).round().astype(np.uint8)[None]
    return np.broadcast_to(pixels, (channels, size, size)).transpose(1, 2, 0).flatten().tolist()
