"""Generators that draw: a `Sampler` holds one, a `SamplerCache` keeps the few that are in use."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganmodel.images import to_bytes
from ganmodel.latents import noise
from ganmodel.weights import Weights, load_weights

_PACKAGE = Path(__file__).resolve().parents[1]
# The generators that come with ganmodel: inside an installed copy, beside the code in a checkout.
_INSTALLED, _CHECKOUT = _PACKAGE / "shipped_weights", _PACKAGE.parent / "weights"
SHIPPED = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT

MOST_AT_ONCE = 256  # pictures in one forward pass, so that memory stays bounded


class Sampler:
    """One generator, ready to draw. Safe to use from several threads."""

    def __init__(self, weights: Weights, *, raw: bool = False) -> None:
        self.about = weights.about
        self.spec = weights.spec
        self.classes: list[str] = list(weights.about.get("classes", []))  # names, if conditional
        self._G = weights.generator(raw=raw)

    @classmethod
    def load(cls, path: Path) -> Sampler:
        """The sampler for a weights file; a `WeightsError` says why there is none."""
        return cls(load_weights(path))

    @torch.inference_mode()
    def draw(self, z: Tensor, labels: Tensor | None = None) -> np.ndarray:
        """`z (N, z_dim)` to pictures: uint8 `(N, H, W, C)`.

        `labels (N,)` are class indices; a conditional generator that is given none draws its
        classes in turn, any other ignores them.

        Raises:
            ValueError: another shape of z, or a label that is no class.
        """
        if z.ndim != 2 or z.shape[1] != self.spec.z_dim:
            raise ValueError(f"z must be (N, {self.spec.z_dim}), but it is {tuple(z.shape)}.")
        classes = self.spec.classes
        if not classes:
            labels = torch.zeros(len(z), dtype=torch.long)
        elif labels is None:
            labels = torch.arange(len(z)) % classes
        elif labels.shape != z.shape[:1] or not all(0 <= label < classes for label in labels):
            raise ValueError(f"labels must be {len(z)} numbers from 0 to {classes - 1}.")
        parts = [
            to_bytes(self._G(part, some))
            for part, some in zip(z.split(MOST_AT_ONCE), labels.split(MOST_AT_ONCE), strict=True)
        ]
        return torch.cat(parts).permute(0, 2, 3, 1).contiguous().numpy()

    def sample(self, seeds: Iterable[int], label: int | None = None) -> np.ndarray:
        """One picture for each start number, of class `label` where the generator knows classes.

        Without a label, a conditional generator's class is the start number's remainder, so that a
        start number always gives the same picture.
        """
        seeds, classes, labels = list(seeds), self.spec.classes, None
        if classes:
            asked = [seed % classes if label is None else label for seed in seeds]
            labels = torch.tensor(asked, dtype=torch.long)
        return self.draw(noise(seeds, self.spec.z_dim), labels)


class SamplerCache:
    """The latest used samplers by file; a file that changed on disk is loaded anew."""

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._samplers: OrderedDict[tuple[str, int], Sampler] = OrderedDict()

    def get(self, path: Path) -> Sampler:
        """The sampler for a weights file.

        Raises:
            WeightsError: the file is missing or not weights of ours.
        """
        try:
            key = (str(path), path.stat().st_mtime_ns)
        except OSError:
            key = (str(path), 0)  # load_weights says what is wrong
        with self._lock:
            if key not in self._samplers:
                self._samplers[key] = Sampler.load(path)
                while len(self._samplers) > self._size:
                    self._samplers.popitem(last=False)
            self._samplers.move_to_end(key)
            return self._samplers[key]
