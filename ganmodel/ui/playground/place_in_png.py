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

from ganmodel import __version__
from ganmodel.data import VETTED, named
from ganmodel.images import UNREADABLE
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.ui.http.asks import Answer, Ask
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import Generators, ResolvedPlace

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
        raise RunError("no-picture", formats=named(VETTED)) from None
    if entry is None:
        return None
    try:
        known = json.loads(entry)
        weights = known["weights"]
        found = {
            "place": str(Place.parse(known["place"])),
            "sha256": str(weights["sha256"]),
            "name": str(weights["name"])[:120],
        }
        json.dumps(found, ensure_ascii=False).encode()  # half of a character can't be answered
        return found
    except (KeyError, TypeError, ValueError, RecursionError):  # a PlaceError is a ValueError
        raise RunError("broken-recipe") from None


class RecallAsk(Ask):
    """The picture is the body."""


class Recalled(Answer):
    """Where a picture was drawn; for one without a place only `plain`, which is true."""

    generator: str = ""
    moment: int | None = None
    place: str = ""
    plain: bool = False


class Recall:
    """Reads dropped pictures."""

    def __init__(self, generators: Generators) -> None:
        self.generators = generators

    def recall(self, visitor: Visitor, ask: RecallAsk, content: bytes) -> Recalled:
        """Where the picture was drawn. One without a place can be searched in the noise instead."""
        known = place_in(content)
        if known is None:
            return Recalled(plain=True)
        found = self.generators.by_sha256(visitor, known["sha256"])
        if found is None:
            raise RunError("other-weights", name=known["name"])
        generator, moment = found
        return Recalled(generator=generator, moment=moment, place=known["place"])
