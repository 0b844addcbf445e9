"""Stacked MNIST: a random digit in each of the three colour channels, a thousand modes to cover.

Metz et al. 2017 (arXiv:1611.02163), with the sizes of PacGAN's protocol (Lin et al. 2018,
arXiv:1712.04086): 128,000 training and 26,000 test images. `loading` provides MNIST.
"""

from __future__ import annotations

import torch
from torch import Tensor

SEED = 0  # fixed, so that all runs and machines use the same triples


def stack(images: Tensor, labels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` triples drawn uniformly, with replacement, from MNIST.

    Args:
        images: uint8 (N, 1, 28, 28).
        labels: (N,), digits 0 to 9.

    Returns:
        uint8 (count, 3, 28, 28), and int64 (count,): 100·red + 10·green + blue, 0 to 999.
    """
    generator = torch.Generator().manual_seed(SEED)
    chosen = torch.randint(len(images), (count, 3), generator=generator)
    hundreds, tens, ones = labels.long()[chosen].unbind(1)
    return images[:, 0][chosen], 100 * hundreds + 10 * tens + ones
