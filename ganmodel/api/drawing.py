"""A generator out of a file or a run, and the pictures that it draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from ganmodel import sampling
from ganmodel.images import enlarge as enlarged
from ganmodel.images import picture_of
from ganmodel.latents import noise
from ganmodel.latents import walk as way
from ganmodel.places import Place
from ganmodel.runs import weights_of

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from ganmodel.networks import Generator


def load(path: str | Path, *, raw: bool = False) -> Generator:
    """The generator in a weights file, or the newest in a run's folder, as a plain torch module.

    It is in evaluation mode and takes `z (N, z_dim)`, z_dim being `G.spec.z_dim`, and, if
    `G.spec.classes` is above 0, labels `(N,)`; it returns images `(N, C, S, S)` in [-1, 1].

    Args:
        raw: G as it was trained, instead of averaged G.

    Raises:
        ganmodel.weights.WeightsError, ganmodel.runs.RunError: there is none; says why.
    """
    return weights_of(Path(path).expanduser()).generator(raw=raw)


def draw(G: nn.Module, place: str, *, enlarge: int = 1) -> Image:
    """The picture that a generator draws at one place of its latent space, as a Pillow image.

    Args:
        G: as returned by `load` or in `Trained.G`.
        place: such as "stops=53,46&path=slerp&at=0.25&psi=0.8"; see `ganmodel.places.Place`. The
            page's address, its "Copy as Python" and its PNGs hold the same text.
        enlarge: each pixel becomes a square of this many pixels a side.

    Raises:
        ganmodel.places.PlaceError: the place is invalid; says what is wrong.
    """
    there = Place.parse(place)
    pixels = sampling.draw(G, there.z(G.spec.z_dim), there.class_weights(G.spec.classes))
    return picture_of(enlarged(pixels, enlarge)[0])


def sample(
    G: nn.Module, seeds: int | Iterable[int] = 64, *, label: int | None = None, psi: float = 1.0
) -> np.ndarray:
    """One picture for each start number: uint8 `(N, H, W, C)`.

    Args:
        G: as returned by `load` or in `Trained.G`.
        seeds: start numbers; or how many of them from 0 on.
        label: a class, where G learned any; otherwise each start number has one of its own.
        psi: shortens the noise: 0 draws the average picture, 1 is as trained.
    """
    chosen = range(seeds) if isinstance(seeds, int) else seeds
    return sampling.sample(G, chosen, label, psi=psi)


def walk(
    G: nn.Module,
    seeds: Sequence[int] = (0, 1),
    frames: int = 60,
    *,
    path: str = "slerp",
    label: int = 0,
) -> np.ndarray:
    """The pictures along a path through start numbers' noise: uint8 `(frames, H, W, C)`.

    Args:
        G: as returned by `load` or in `Trained.G`.
        seeds: the stops, at least two.
        path: see `ganmodel.latents.walk`.
        label: the class throughout, where G learned any.
    """
    z = way(noise(seeds, G.spec.z_dim), frames, path)
    return sampling.draw(G, z, torch.full((len(z),), label))
