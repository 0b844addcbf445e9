"""Samples collections of too many pictures evenly by name, before any picture is read."""

from __future__ import annotations

from collections.abc import Sequence

from ganmodel.data import limits, refusals
from ganmodel.data.formats import looks_like_picture
from ganmodel.data.refusals import Refusals
from ganmodel.words import Message, message


def thinned(names: Sequence[str], refused: Refusals) -> tuple[set[str], tuple[Message, ...]]:
    """The names to read, at most `MOST_IMAGES`, and a note if that is only a sample.

    Sorting groups the names of a folder, so every class keeps its share in an even sample.
    """
    everything = sorted(set(names))
    if len(everything) <= limits.MOST_IMAGES:
        return set(everything), ()
    # Files without an image suffix must not displace pictures.
    likely = [name for name in everything if looks_like_picture(name)] or everything
    for name in sorted(set(everything) - set(likely)):
        refused.add(name, refusals.NO_PICTURES_ENDING)
    if len(likely) <= limits.MOST_IMAGES:
        return set(likely), ()
    step = len(likely) / limits.MOST_IMAGES
    used = {likely[int(k * step)] for k in range(limits.MOST_IMAGES)}
    return used, (message("data.even-sample", images=len(likely), used=len(used)),)
