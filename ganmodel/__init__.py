"""ganmodel: train a GAN in a web page, watch it learn, then walk through its latent space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganmodel.networks import Generator

__all__ = ["__version__", "load"]
__version__ = "0.1.0"


def load(path: str | Path, *, raw: bool = False) -> Generator:
    """The generator in a weights file, or the newest of a run's folder, as a plain torch module.

    It is in evaluation mode and takes `z (N, z_dim)` (`G.spec.z_dim` tells the width) and, where
    `G.spec.classes` is above 0, labels `(N,)`; it returns images `(N, C, S, S)` in [-1, 1].

    Args:
        raw: G as it was trained, instead of averaged G.

    Raises:
        ganmodel.weights.WeightsError, ganmodel.runs.RunError: a sentence on why there is none.
    """
    from ganmodel.runs import weights_of  # late: reading the version must not load torch

    return weights_of(path).generator(raw=raw)
