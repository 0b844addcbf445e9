"""The pairs of networks that can be chosen, the norms of their D, and the sizes of pictures.

What a pair is made of stands in a file of its name in `ganmodel.networks`; what is said of all is
in `words`, as the explanation of the setting `network`.
"""

from __future__ import annotations

from dataclasses import dataclass

SIZES = (28, 32)  # pixels, height and width, which a pair's stages can halve to whole pixels
NORMS = ("none", "batch", "spectral")


@dataclass(frozen=True)
class Pair:
    """What settings need to know of a G and a D."""

    name: str
    norms: tuple[str, ...] = NORMS  # what its D may have


_ALL = (Pair("small"), Pair("article"), Pair("residual", norms=("none",)))
NETWORKS: dict[str, Pair] = {pair.name: pair for pair in _ALL}
