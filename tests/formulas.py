"""The objectives' losses as the papers write them, in numpy, for the tests to compare with.

Of logits of reals and of fakes, `(N, 1)` each; penalties are not among them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Formula = Callable[[np.ndarray, np.ndarray], float]


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
