"""The objectives' losses as the papers write them, and their slopes, for the tests to compare with.

Of logits of reals and of fakes, `(N, 1)` each; penalties are not among them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

Formula = Callable[[np.ndarray, np.ndarray], float]
Slope = Callable[[np.ndarray, np.ndarray], np.ndarray]
log = torch.log


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _cross_entropy(real: np.ndarray, fake: np.ndarray) -> float:
    return -np.log(sigmoid(real)).mean() - np.log(1 - sigmoid(fake)).mean()


def _critic(real: np.ndarray, fake: np.ndarray) -> float:
    return fake.mean() - real.mean()


D_FORMULAS: dict[str, Formula] = {
    "minimax": _cross_entropy,
    "non-saturating": _cross_entropy,
    "lsgan": lambda real, fake: ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2,
    "hinge": lambda real, fake: np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(),
    "wgan": _critic,
    "wgan-gp": _critic,
    "r3gan": lambda real, fake: np.log(1 + np.exp(fake - real)).mean(),
}
G_FORMULAS: dict[str, Formula] = {
    "minimax": lambda real, fake: np.log(1 - sigmoid(fake)).mean(),
    "non-saturating": lambda real, fake: -np.log(sigmoid(fake)).mean(),
    "lsgan": lambda real, fake: ((fake - 1) ** 2).mean() / 2,
    "hinge": lambda real, fake: -fake.mean(),
    "wgan": lambda real, fake: -fake.mean(),
    "wgan-gp": lambda real, fake: -fake.mean(),
    "r3gan": lambda real, fake: np.log(1 + np.exp(real - fake)).mean(),
}

# D's probability that an image is real, where its logits have such a meaning.
BELIEFS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "minimax": sigmoid,
    "non-saturating": sigmoid,
    "lsgan": lambda logits: logits.clip(0, 1),
}

# Derivatives of the formulas by hand: of D's loss by a real's logit and by a fake's, of G's by a
# fake's, each times the number of images.
REAL_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: sigmoid(real) - 1,
    "non-saturating": lambda real, fake: sigmoid(real) - 1,
    "lsgan": lambda real, fake: real - 1,
    "hinge": lambda real, fake: np.where(real < 1, -1.0, 0.0),
    "wgan": lambda real, fake: -np.ones_like(real),
    "wgan-gp": lambda real, fake: -np.ones_like(real),
    "r3gan": lambda real, fake: -sigmoid(fake - real),
}
FAKE_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: sigmoid(fake),
    "non-saturating": lambda real, fake: sigmoid(fake),
    "lsgan": lambda real, fake: fake,
    "hinge": lambda real, fake: np.where(fake > -1, 1.0, 0.0),
    "wgan": lambda real, fake: np.ones_like(fake),
    "wgan-gp": lambda real, fake: np.ones_like(fake),
    "r3gan": lambda real, fake: sigmoid(fake - real),
}
G_SLOPES: dict[str, Slope] = {
    "minimax": lambda real, fake: -sigmoid(fake),
    "non-saturating": lambda real, fake: sigmoid(fake) - 1,
    "lsgan": lambda real, fake: fake - 1,
    "hinge": lambda real, fake: -np.ones_like(fake),
    "wgan": lambda real, fake: -np.ones_like(fake),
    "wgan-gp": lambda real, fake: -np.ones_like(fake),
    "r3gan": lambda real, fake: -sigmoid(real - fake),
}

# Both losses at logits of ±1000, reals' and fakes' on the right sides, and the other way round.
FAR: dict[str, dict[int, tuple[float, float]]] = {
    "minimax": {1: (0, 0), -1: (2000, -1000)},
    "non-saturating": {1: (0, 1000), -1: (2000, 0)},
    "lsgan": {1: (999**2 / 2 + 500_000, 1001**2 / 2), -1: (1001**2 / 2 + 500_000, 999**2 / 2)},
    "hinge": {1: (0, 1000), -1: (2002, -1000)},
    "wgan": {1: (-2000, 1000), -1: (2000, -1000)},
    "wgan-gp": {1: (-2000, 1000), -1: (2000, -1000)},
    "r3gan": {1: (0, 2000), -1: (2000, 0)},
}


# The same formulas for torch, which derives them.


def _torch_cross_entropy(r: Tensor, f: Tensor) -> Tensor:
    return -log(r.sigmoid()).mean() - log(1 - f.sigmoid()).mean()


D_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "minimax": _torch_cross_entropy,
    "non-saturating": _torch_cross_entropy,
    "lsgan": lambda r, f: ((r - 1) ** 2).mean() / 2 + (f**2).mean() / 2,
    "hinge": lambda r, f: (1 - r).clamp(min=0).mean() + (1 + f).clamp(min=0).mean(),
    "wgan": lambda r, f: f.mean() - r.mean(),
    "wgan-gp": lambda r, f: f.mean() - r.mean(),
    "r3gan": lambda r, f: log(1 + (f - r).exp()).mean(),
}
G_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "minimax": lambda r, f: log(1 - f.sigmoid()).mean(),
    "non-saturating": lambda r, f: -log(f.sigmoid()).mean(),
    "lsgan": lambda r, f: ((f - 1) ** 2).mean() / 2,
    "hinge": lambda r, f: -f.mean(),
    "wgan": lambda r, f: -f.mean(),
    "wgan-gp": lambda r, f: -f.mean(),
    "r3gan": lambda r, f: log(1 + (r - f).exp()).mean(),
}
