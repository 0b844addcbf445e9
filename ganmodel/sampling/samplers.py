"""Generators that draw: a `Sampler` holds one, a `SamplerCache` keeps the few that are in use.

`draw` and `sample` draw with any generator that has a `spec`.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from cachetools import FIFOCache, LRUCache
from torch import Tensor, nn

from ganmodel.images import to_bytes
from ganmodel.latents import noise
from ganmodel.weights import SHIPPED as SHIPPED
from ganmodel.weights import Weights, WeightsError, load_weights

MOST_AT_ONCE = 256  # pictures in one forward pass, to bound memory
MOST_SHA256S = 4096  # hashes that a cache remembers: the moments of some dozen long runs


@torch.inference_mode()
def draw(G: nn.Module, z: Tensor, labels: Tensor | None = None) -> np.ndarray:
    """`z (N, z_dim)` to pictures: uint8 `(N, H, W, C)`.

    `labels` are class indices `(N,)`, or for blends float weights `(N, classes)`, each row 0
    or more and summing to 1. A conditional generator that is given none draws its classes in
    turn, any other ignores them.

    Raises:
        ValueError: another shape of z, a label that is no class, or weights that are none.
    """
    if z.ndim != 2 or z.shape[1] != G.spec.z_dim:
        raise ValueError(f"z must be (N, {G.spec.z_dim}), but it is {tuple(z.shape)}.")
    labels = labels_for(G.spec.classes, labels, len(z))
    device = next(G.parameters()).device
    parts = [
        to_bytes(G(part.to(device), some.to(device)))
        for part, some in zip(z.split(MOST_AT_ONCE), labels.split(MOST_AT_ONCE), strict=True)
    ]
    return torch.cat(parts).permute(0, 2, 3, 1).contiguous().cpu().numpy()


def sample(
    G: nn.Module, seeds: Iterable[int], label: int | None = None, *, psi: float = 1.0
) -> np.ndarray:
    """One picture for each start number, of class `label` where the generator knows classes.

    Without a label, a conditional generator's class is the start number's remainder, so that a
    start number always gives the same picture. `psi` shortens the noise: 0 draws the average
    picture, 1 is as trained.
    """
    seeds, classes, labels = list(seeds), G.spec.classes, None
    if classes:
        asked = [seed % classes if label is None else label for seed in seeds]
        labels = torch.tensor(asked, dtype=torch.long)
    return draw(G, psi * noise(seeds, G.spec.z_dim), labels)


def labels_for(classes: int, labels: Tensor | None, count: int) -> Tensor:
    """What G takes for `count` pictures, checked as `draw` says; zeros where it takes none."""
    if not classes:
        return torch.zeros(count, dtype=torch.long)
    if labels is None:
        return torch.arange(count) % classes
    if not labels.is_floating_point():
        if labels.shape != (count,) or not all(0 <= label < classes for label in labels):
            raise ValueError(f"labels must be {count} numbers from 0 to {classes - 1}.")
        return labels
    # Not a number is neither above nor below anything, so it is refused too.
    usable = labels.shape == (count, classes) and bool(
        (labels >= 0).all() and ((labels.sum(1) - 1).abs() <= 1e-3).all()
    )
    if not usable:
        raise ValueError(
            f"labels must be weights of {classes} classes for each of {count} pictures, 0 or "
            "more, with a sum of 1."
        )
    return labels.float()


class Sampler:
    """One generator, ready to draw. Safe to use from several threads.

    `G` is the network itself, in evaluation mode and without gradients of its own; `sha256` (hex)
    is of the file that `load` read, "" where the weights did not come from one.
    """

    def __init__(self, weights: Weights, *, raw: bool = False, sha256: str = "") -> None:
        self.about = weights.about
        self.spec = weights.spec
        self.classes: list[str] = list(weights.about.get("classes", []))  # names, if conditional
        self.G: nn.Module = weights.generator(raw=raw)
        self.sha256 = sha256

    @classmethod
    def load(cls, path: Path) -> Sampler:
        """The sampler for a weights file; a `WeightsError` says why there is none."""
        # First what is quick, so that a file that is about to go is open for the rest by then.
        sha256 = _sha256(path)
        return cls(load_weights(path), sha256=sha256)

    def draw(self, z: Tensor, labels: Tensor | None = None) -> np.ndarray:
        """`z (N, z_dim)` to pictures, uint8 `(N, H, W, C)`, as the function `draw` does."""
        return draw(self.G, z, labels)

    def sample(
        self, seeds: Iterable[int], label: int | None = None, *, psi: float = 1.0
    ) -> np.ndarray:
        """One picture for each start number, as the function `sample` draws them."""
        return sample(self.G, seeds, label, psi=psi)

    def labels_for(self, labels: Tensor | None, count: int) -> Tensor:
        """What G takes for `count` pictures, as the function `labels_for` gives it."""
        return labels_for(self.spec.classes, labels, count)


class SamplerCache:
    """The samplers that were used last, by file; a file that changed is loaded anew."""

    def __init__(self, size: int = 8) -> None:
        self._samplers: LRUCache[tuple[str, int], Sampler] = LRUCache(size)
        self._loading = threading.Lock()
        self._sha256s: FIFOCache[tuple[str, int], str] = FIFOCache(MOST_SHA256S)
        self._noting = threading.Lock()  # apart, so that nobody waits for networks being built

    def get(self, path: Path) -> Sampler:
        """The sampler for a weights file.

        Raises:
            WeightsError: the file is missing or not weights of ours.
        """
        key = _version(path)
        with self._loading:
            if (sampler := self._samplers.get(key)) is None:
                sampler = self._samplers[key] = Sampler.load(path)
            return sampler

    def sha256(self, path: Path) -> str:
        """sha256 (hex) of a weights file's bytes, without building its networks.

        Raises:
            WeightsError: the file cannot be read.
        """
        key = _version(path)
        with self._noting:
            known = self._sha256s.get(key)
        if known is None:
            known = _sha256(path)
            with self._noting:
                self._sha256s[key] = known
        return known


def _version(path: Path) -> tuple[str, int]:
    """A key that changes with the file; for a missing one, reading it raises the error."""
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError:
        return str(path), 0


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise WeightsError("no-weights-file", path=str(path)) from None
    except OSError:
        raise WeightsError("weights-not-read", path=str(path)) from None
