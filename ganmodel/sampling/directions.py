"""Directions in z that change pictures much, from a generator's weights and activations.

Each function takes a generator in evaluation mode and always gives the same result; random vectors
are seeded. What a direction means is for a person to see.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

VECTORS = 1024  # random z whose activations are compared
MOST_CLASSES = 16  # among these z, so that there are at least 64 for each class


def first_layer_directions(G: nn.Module) -> tuple[Tensor, Tensor]:
    """SeFa: directions `(k, z_dim)` that the first linear layer stretches most, strengths `(k,)`.

    All k = z_dim eigenvectors of W^T W, as orthonormal rows, and its eigenvalues, greatest first; W
    is that layer's weight without the class vector's columns. Shen & Zhou 2021 (SeFa), section 3.2.
    """
    (weight, *_) = (layer.weight for layer in G.layers if isinstance(layer, nn.Linear))
    columns = weight.detach()[:, : G.spec.z_dim].double()
    values, vectors = torch.linalg.eigh(columns.T @ columns)
    return _signed(vectors.T.flip(0)).float(), values.flip(0).clamp_min(0).float()


@torch.no_grad()
def principal_directions(
    G: nn.Module, count: int, labels: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """GANSpace: directions `(k, z_dim)` of the first activations' variance, shares `(k,)`.

    The principal components of the activations at 1,024 random z, each brought to z by least
    squares as a unit vector; the shares are of the activations' whole variance, greatest first.
    Activations are taken after the first layer that is, or holds, a nonlinearity: in `residual`
    after the first block. Härkönen et al. 2020 (GANSpace), section 2.2.

    Args:
        count: how many; at most z_dim are found.
        labels: class weights `(classes,)`, for a conditional generator; None takes up to 16
            classes in turn, and variance between classes is left out.
    """
    z = _random(G, VECTORS)
    classes = _classes_for(G, VECTORS, labels, most=MOST_CLASSES)
    seen = _centred(_first_activations(G, G.inputs(z, classes)), classes)
    # N × N products have the same eigenvalues as the far larger covariance, and their eigenvectors
    # are the coordinates of the N samples along its components.
    values, vectors = torch.linalg.eigh((seen @ seen.T).double())
    coordinates = vectors.flip(1)[:, : min(count, G.spec.z_dim)]
    # The coordinates are orthonormal, so that least squares is one product.
    found = coordinates.T @ _centred(z, classes).double()
    found = found / found.norm(dim=1, keepdim=True).clamp_min(1e-12)
    shares = values.flip(0).clamp_min(0) / values.clamp_min(0).sum().clamp_min(1e-12)
    return _signed(found).float(), shares[: len(found)].float()


@torch.no_grad()
def measured_effects(
    G: nn.Module,
    directions: Tensor,
    reach: float = 2.0,
    count: int = 12,
    labels: Tensor | None = None,
) -> Tensor:
    """How much pictures change along each of `directions (k, z_dim)`: grey levels of 255, `(k,)`.

    The mean absolute difference between G(z + reach d) and G(z − reach d) over all pixels of
    `count` random z. `labels` are class weights `(classes,)`; None takes the classes in turn.
    """
    z, classes = _random(G, count), _classes_for(G, count, labels)
    effects = []
    for direction in directions:
        ends = torch.cat([z + reach * direction, z - reach * direction])
        pictures = G(ends, None if classes is None else classes.repeat(2, 1))
        effects.append((pictures[:count] - pictures[count:]).abs().mean() * 127.5)
    return torch.stack(effects) if effects else torch.empty(0)


def _random(G: nn.Module, count: int) -> Tensor:
    return torch.randn(count, G.spec.z_dim, generator=torch.Generator().manual_seed(0))


def _classes_for(
    G: nn.Module, count: int, labels: Tensor | None, most: int | None = None
) -> Tensor | None:
    """Class weights `(count, classes)`: those given, else at most `most` classes in turn."""
    classes = G.spec.classes
    if not classes:
        return None
    if labels is not None:
        return labels.float().expand(count, classes)
    used = min(classes, most or classes)
    chosen = torch.arange(count) % used * classes // used  # spread over all of them
    return nn.functional.one_hot(chosen, classes).float()


def _first_activations(G: nn.Module, inputs: Tensor) -> Tensor:
    """`(N, features)` after the first of G's layers that is or holds a nonlinearity."""
    for layer in G.layers:
        inputs = layer(inputs)
        if any(isinstance(part, nn.LeakyReLU) for part in layer.modules()):
            break
    return inputs.flatten(1)


def _centred(rows: Tensor, classes: Tensor | None) -> Tensor:
    """Rows minus the mean of their class, since the class is chosen by a person."""
    if classes is None:
        return rows - rows.mean(0)
    kinds, kind = classes.unique(dim=0, return_inverse=True)
    sums = torch.zeros(len(kinds), rows.shape[1]).index_add_(0, kind, rows)
    return rows - (sums / kind.bincount().unsqueeze(1))[kind]


def _signed(rows: Tensor) -> Tensor:
    """Each row with the sign that makes its largest entry positive, to fix an arbitrary choice."""
    largest = rows.gather(1, rows.abs().argmax(1, keepdim=True))
    return torch.where(largest < 0, -rows, rows)
