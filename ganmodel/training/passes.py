"""Passes through a network that leave it as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ganmodel.images import to_bytes


def sample_images(G: nn.Module, z: Tensor, labels: Tensor | None = None) -> Tensor:
    """What G draws from `z (N, z_dim)` in evaluation mode: uint8 `(N, C, S, S)`."""
    was_training = G.training
    device = next(G.parameters()).device
    G.eval()
    with torch.no_grad():
        pictures = to_bytes(G(z.to(device), None if labels is None else labels.to(device)))
    G.train(was_training)
    return pictures.cpu()


@contextlib.contextmanager
def buffers_kept(network: nn.Module) -> Iterator[None]:
    """Restores a network's buffers afterwards: BatchNorm's statistics, spectral norm's vectors.

    So a side that does not learn stays exactly as it is, and so do the pictures that it draws.
    """
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    yield
    for name, buffer in network.named_buffers():
        buffer.copy_(before[name])
