"""Directions found in a generator's weights and activations, and how much they change pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel.config import NETWORKS
from ganmodel.networks import Generator, NetworkSpec, build_pair
from ganmodel.sampling import first_layer_directions, measured_effects, principal_directions
from tests.support import bits, grow, inputs_of

every_network = pytest.mark.parametrize("network", NETWORKS)


def _generator(network: str = "small", classes: int = 0, z_dim: int = 6) -> Generator:
    spec = NetworkSpec(network, z_dim=z_dim, width=4, channels=1, classes=classes)
    G = build_pair(spec, seed=0)[0].eval().requires_grad_(False)
    grow(G)
    return G


def _dominated_by(coordinate: int, **chosen: Any) -> Generator:
    """A generator whose first layer listens to one coordinate of z twenty times as much."""
    G = _generator(**chosen)
    G.layers[0].weight[:, coordinate] *= 20
    return G


def _same_up_to_sign(found: Tensor, expected: np.ndarray, atol: float) -> None:
    signs = np.sign((found.double().numpy() * expected).sum(1, keepdims=True))
    np.testing.assert_allclose(found, signs * expected, rtol=0, atol=atol)


@every_network
@pytest.mark.parametrize("classes", [0, 5])
def test_the_first_layers_directions_are_its_right_singular_vectors(
    network: str, classes: int
) -> None:
    """By numpy's decomposition of z's columns alone: the class's are no part of z."""
    G = _generator(network, classes)
    _, stretch, rows = np.linalg.svd(G.layers[0].weight[:, :6].double().numpy(), False)
    directions, strengths = first_layer_directions(G)
    np.testing.assert_allclose(strengths, stretch**2, rtol=1e-5)
    _same_up_to_sign(directions, rows, atol=1e-5)


@every_network
def test_the_first_layers_directions_are_orthonormal_eigenvectors(network: str) -> None:
    G = _generator(network, classes=5)
    directions, strengths = first_layer_directions(G)
    torch.testing.assert_close(directions @ directions.T, torch.eye(6), rtol=0, atol=1e-5)
    weight = G.layers[0].weight[:, :6]
    stretched = directions @ (weight.T @ weight)
    torch.testing.assert_close(stretched, strengths[:, None] * directions, rtol=1e-4, atol=1e-4)
    assert (strengths.diff() <= 0).all()


@pytest.mark.parametrize(("network", "layer"), [("small", 3), ("residual", 2)])
def test_principal_directions_are_numpys_components_regressed_on_z(
    network: str, layer: int
) -> None:
    """Everything from the activations on by other means: an SVD, and numpy's least squares."""
    G, seen = _generator(network), []
    hook = G.layers[layer].register_forward_hook(lambda _, __, out: seen.append(out.flatten(1)))
    given = inputs_of(G.layers[0])
    directions, shares = principal_directions(G, 4)
    hook.remove()
    (activations,), ((z,),) = (part.double().numpy() for part in seen), given
    assert len(z) == 1024
    u, s, _ = np.linalg.svd(activations - activations.mean(0), full_matrices=False)
    coordinates, centred = (u * s)[:, :4], (z - z.mean(0)).double().numpy()
    expected = np.linalg.lstsq(coordinates, centred, rcond=None)[0]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    _same_up_to_sign(directions, expected, atol=1e-3)
    np.testing.assert_allclose(shares, (s**2 / (s**2).sum())[:4], rtol=1e-4)


@every_network
@pytest.mark.parametrize("classes", [0, 5, 40])
def test_a_coordinate_that_dominates_is_the_first_principal_direction(
    network: str, classes: int
) -> None:
    """Though classes differ even more: these are chosen by name, so no direction is spent on it."""
    G = _dominated_by(4, network=network, classes=classes)
    if classes:
        G.embed.weight *= 50
    directions, shares = principal_directions(G, 3)
    assert directions[0, 4] > 0.97
    # LeakyReLU bends one straight coordinate into little more than one component.
    assert shares[0] > 0.5
    assert shares[0] > 5 * shares[1]


def test_directions_for_one_blend_of_classes_are_its_own() -> None:
    G = _generator(classes=5)
    G.embed.weight *= 5
    found = [principal_directions(G, 2, labels)[0] for labels in torch.eye(5)[:2]]
    assert (found[0] - found[1]).abs().max() > 1e-3
    blend = torch.tensor([[0.5, 0.5, 0, 0, 0]])
    assert principal_directions(G, 2, blend)[0].isfinite().all()


def test_no_more_principal_directions_are_found_than_z_has_coordinates() -> None:
    directions, shares = principal_directions(_generator(), 99)
    assert directions.shape == (6, 6)
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(6), rtol=1e-5, atol=0)
    assert (shares.diff() <= 0).all()
    assert 0 < shares.sum() <= 1


def test_a_generator_that_draws_one_picture_has_directions_without_effect() -> None:
    G = _generator()
    G.layers[0].weight.zero_()
    directions, shares = principal_directions(G, 3)
    assert directions.isfinite().all()
    assert shares.isfinite().all()
    assert measured_effects(G, torch.eye(6)).tolist() == [0] * 6


# --- effects ---------------------------------------------------------------------------------


@every_network
@pytest.mark.parametrize("classes", [0, 5])
def test_an_effect_is_the_mean_difference_of_pictures_on_both_sides(
    network: str, classes: int
) -> None:
    """One z by one, in numpy; a direction of length 0 shows which z are used."""
    G = _generator(network, classes)
    seen = inputs_of(G)
    assert measured_effects(G, torch.zeros(1, 6)).tolist() == [0]
    z = seen[0][0][:12]
    directions = torch.randn(3, 6, generator=torch.Generator().manual_seed(1))
    expected = []
    for direction in directions:
        apart = []
        for index, vector in enumerate(z):
            label = torch.tensor([index % classes]) if classes else None
            over, under = (
                G((vector + side * direction)[None], label).double().numpy() for side in (1.5, -1.5)
            )
            apart.append(np.abs(over - under).mean() * 255 / 2)
        expected.append(np.mean(apart))
    found = measured_effects(G, directions, reach=1.5)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@every_network
def test_a_coordinate_that_dominates_has_the_greatest_effect(network: str) -> None:
    """Least if the network hardly listens, greatest if it listens to little else."""
    G = _dominated_by(2, network=network)
    G.layers[0].weight[:, 5] /= 20
    effects = measured_effects(G, torch.eye(6))
    assert effects.argmax() == 2
    assert effects.argmin() == 5


def test_effects_are_of_the_classes_asked_for() -> None:
    G = _generator(classes=5)
    G.embed.weight *= 5
    first, other = (measured_effects(G, torch.eye(6), labels=k) for k in torch.eye(5)[:2])
    assert (first - other).abs().max() > 1e-3
    assert measured_effects(G, torch.empty(0, 6)).shape == (0,)


# --- the same each time ----------------------------------------------------------------------


def _all_of(G: nn.Module) -> list[Tensor]:
    found = principal_directions(G, 3)
    return [*first_layer_directions(G), *found, measured_effects(G, found[0])]


def test_what_is_found_never_changes_and_leaves_the_random_state_alone() -> None:
    G = _generator(classes=5)
    before = torch.get_rng_state()
    first = _all_of(G)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    assert [bits(t) for t in _all_of(G)] == [bits(t) for t in first]
    torch.set_rng_state(before)


def test_a_directions_largest_entry_is_positive() -> None:
    """Either sign is an eigenvector; a slider must not turn round from one machine to the next."""
    G = _generator()
    for rows in (first_layer_directions(G)[0], principal_directions(G, 6)[0]):
        assert (rows.gather(1, rows.abs().argmax(1, keepdim=True)) > 0).all()
