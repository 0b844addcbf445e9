"""Which of too many pictures are used: an even sample by name, chosen before the first is read."""

from __future__ import annotations

from collections.abc import Sequence

from ganmodel.data import limits, refusals
from ganmodel.data.formats import looks_like_picture
from ganmodel.data.refusals import Refusals


def thinned(names: Sequence[str], refused: Refusals) -> tuple[set[str], tuple[str, ...]]:
    """The names to read, at most `MOST_IMAGES`, and a note where not all are.

    Names of a folder stand together once they are sorted, so every class keeps its share.
    """
    everything = sorted(set(names))
    if len(everything) <= limits.MOST_IMAGES:
        return set(everything), ()
    # What is no picture by its name would take the place of one that is.
    likely = [name for name in everything if looks_like_picture(name)] or everything
    for name in sorted(set(everything) - set(likely)):
        refused.add(name, refusals.NO_PICTURES_ENDING)
    if len(likely) <= limits.MOST_IMAGES:
        return set(likely), ()
    step = len(likely) / limits.MOST_IMAGES
    used = {likely[int(k * step)] for k in range(limits.MOST_IMAGES)}
    note = (
        f"Of {len(likely):,} pictures, {len(used):,} are used, which is as many as fit: an even "
        "sample by name, in which every class keeps its share."
    )
    return used, (note,)
