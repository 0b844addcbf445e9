"""Conditional pairs: G's class beside z, D's class verdict, and pairs that know no classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ganmodel.config import NETWORKS
from ganmodel.networks import Discriminator, Generator, NetworkSpec, build_pair
from tests.support import grow, images_for

LABELS = torch.tensor([0, 4, 2, 2])
every_network = pytest.mark.parametrize("network", NETWORKS)


def _conditional(network: str, **changed: Any) -> tuple[Generator, Discriminator]:
    """A conditional pair of 5 classes, D's class vectors no longer at their start of 0."""
    spec = NetworkSpec(network, z_dim=6, width=4, channels=1, classes=5)
    G, D = build_pair(replace(spec, **changed), seed=0)
    with torch.no_grad():
        D.embed.weight.normal_(generator=torch.Generator().manual_seed(1))
    return G, D


@pytest.mark.parametrize(
    ("network", "norm_d"),
    [*((network, "none") for network in NETWORKS), ("small", "spectral"), ("article", "spectral")],
)
def test_ds_class_verdict_is_the_projection_of_its_formula(network: str, norm_d: str) -> None:
    """`psi(phi(x)) + <class vector, phi(x)>`, with phi taken in the middle by a hook."""
    D = _conditional(network, norm_d=norm_d)[1].eval()
    features: list[Tensor] = []
    D.layers[-2].register_forward_hook(lambda _, __, out: features.append(out.detach()))
    with torch.no_grad():
        logits = D(images_for(D.spec, 4), LABELS)
    (phi,) = (f.double().numpy() for f in features)
    last = D.layers[-1]
    vectors = D.embed.weight.detach().double().numpy()
    weight, bias = last.weight.detach().double().numpy(), last.bias.detach().double().numpy()
    expected = [
        weight[0] @ phi[i] + bias[0] + vectors[label] @ phi[i]
        for i, label in enumerate(LABELS.tolist())
    ]
    np.testing.assert_allclose(logits[:, 0], expected, rtol=1e-4, atol=1e-5)


@every_network
def test_g_gets_its_class_as_a_vector_beside_z(network: str) -> None:
    G = _conditional(network)[0].eval()
    z = torch.randn(4, 6)
    with torch.no_grad():
        together = torch.cat([z, G.embed.weight[LABELS]], 1)
        torch.testing.assert_close(G(z, LABELS), G.layers(together), rtol=0, atol=0)


@every_network
def test_all_weight_on_one_class_draws_that_class(network: str) -> None:
    G = _conditional(network)[0].eval()
    z = torch.randn(4, 6)
    with torch.no_grad():
        weighted = G(z, torch.eye(5)[LABELS])
        torch.testing.assert_close(weighted, G(z, LABELS), rtol=1e-5, atol=1e-6)


@every_network
def test_half_and_half_draws_what_lies_between_two_classes(network: str) -> None:
    """The mean of the classes' vectors goes in, not the mean of their pictures out."""
    G = _conditional(network)[0].eval()
    grow(G)  # a fresh small G draws almost the same grey for all
    z = torch.randn(4, 6)
    first, other = G.embed.weight[1], G.embed.weight[3]
    with torch.no_grad():
        blend = G(z, torch.tensor([[0, 0.5, 0, 0.5, 0]]).expand(4, -1))
        expected = G.layers(torch.cat([z, ((first + other) / 2).expand(4, -1)], 1))
        pure = [G(z, torch.full((4,), label)) for label in (1, 3)]
    torch.testing.assert_close(blend, expected, rtol=1e-5, atol=1e-6)
    for drawn in (*pure, (pure[0] + pure[1]) / 2):
        assert (blend - drawn).flatten(1).abs().amax(1).min() > 1e-4


@every_network
def test_both_networks_use_the_class(network: str) -> None:
    """The same noise and the same picture, another class: another answer."""
    G, D = (part.eval() for part in _conditional(network))
    grow(G)
    grow(D)
    z, images = torch.randn(4, 6), images_for(D.spec, 4)
    other = (LABELS + 1) % 5
    with torch.no_grad():
        drawn = (G(z, LABELS) - G(z, other)).flatten(1).abs().amax(1)
        judged = (D(images, LABELS) - D(images, other)).abs()
    assert drawn.min() > 1e-5
    assert judged.min() > 1e-3


@every_network
def test_at_first_the_noise_decides_far_more_than_the_class(network: str) -> None:
    """Else G draws each class once and never learns to listen to the noise."""
    G, _ = build_pair(NetworkSpec(network, z_dim=6, width=4, channels=1, classes=5), seed=0)
    z = torch.randn(64, 6)
    with torch.no_grad():
        inputs = G.inputs(z, torch.arange(64) % 5)
    noise, classes = inputs[:, :6].std(), inputs[:, 6:].std()
    assert 0 < classes < 0.2 * noise


@every_network
def test_at_first_every_class_is_judged_alike(network: str) -> None:
    _, D = build_pair(NetworkSpec(network, z_dim=6, width=4, channels=1, classes=5), seed=0)
    images = images_for(D.spec, 4)
    with torch.no_grad():
        assert torch.equal(D(images, LABELS), D(images, (LABELS + 1) % 5))


@every_network
def test_a_conditional_pair_asks_for_labels(network: str) -> None:
    G, D = _conditional(network)
    for call in (lambda: G(torch.randn(2, 6)), lambda: D(images_for(D.spec, 2))):
        with pytest.raises(ValueError, match="conditional: give the labels too"):
            call()


@every_network
def test_a_pair_without_classes_takes_no_notice_of_labels(network: str) -> None:
    G, D = build_pair(NetworkSpec(network, z_dim=6, width=4, channels=1), seed=0)
    z, images = torch.randn(4, 6), images_for(D.spec, 4)
    with torch.no_grad():
        assert torch.equal(G.eval()(z, LABELS), G(z))
        assert torch.equal(D(images, LABELS), D(images))
    assert not any("embed" in name for n in (G, D) for name in n.state_dict())
