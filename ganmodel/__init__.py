"""ganmodel: train a GAN in a web page, watch it learn, then walk through its latent space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from ganmodel.networks import Generator

__all__ = ["__version__", "draw", "load"]
__version__ = "0.1.0"


def load(path: str | Path, *, raw: bool = False) -> Generator:
    """The generator in a weights file, or the newest in a run's folder, as a plain torch module.

    It is in evaluation mode and takes `z (N, z_dim)`, z_dim being `G.spec.z_dim`, and, if
    `G.spec.classes` is above 0, labels `(N,)`; it returns images `(N, C, S, S)` in [-1, 1].

    Args:
        raw: G as it was trained, instead of averaged G.

    Raises:
        ganmodel.weights.WeightsError, ganmodel.runs.RunError: there is none; says why.
    """
    from ganmodel.runs import weights_of  # late: reading the version must not load torch

    return weights_of(Path(path).expanduser()).generator(raw=raw)


def draw(G: Generator, place: str, *, enlarge: int = 1) -> Image:
    """The picture that a generator draws at one place of its latent space, as a Pillow image.

    Args:
        G: as returned by `load`.
        place: such as "stops=53,46&path=slerp&at=0.25&psi=0.8"; see `ganmodel.places.Place`. The
            page's address, its "Copy as Python" and its PNGs hold the same text.
        enlarge: each pixel becomes a square of this many pixels a side.

    Raises:
        ganmodel.places.PlaceError: the place is invalid; says what is wrong.
    """
    import torch

    from ganmodel.images import enlarge as enlarged
    from ganmodel.images import picture_of, to_bytes
    from ganmodel.places import Place

    there = Place.parse(place)
    with torch.inference_mode():
        pixels = to_bytes(G(there.z(G.spec.z_dim), there.class_weights(G.spec.classes)))
    return picture_of(enlarged(pixels.permute(0, 2, 3, 1).numpy(), enlarge)[0])
