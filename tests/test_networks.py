"""The three pairs: shapes, sizes, the article's layers by name, and how their weights start."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from ganmodel.config import NETWORKS, SIZES
from ganmodel.networks import Discriminator, Generator, NetworkSpec, build_pair
from ganmodel.skeleton import skeleton
from tests.support import SPECS, differing, images_for, spec_name

every_spec = pytest.mark.parametrize("spec", SPECS, ids=spec_name)


@every_spec
def test_shapes_and_ranges_are_as_the_legend_says(spec: NetworkSpec) -> None:
    G, D = build_pair(spec, seed=0)
    with torch.no_grad():
        # A fresh G draws near 0; its last weights grown, tanh is at its ends and cannot hide.
        G.layers[-2].weight.mul_(1000)
        images = G(torch.randn(5, 6))
        logits = D(images)
    assert images.shape == (5, spec.channels, spec.size, spec.size)
    assert images.abs().max() <= 1
    assert images.min() < -0.5
    assert images.max() > 0.5
    assert logits.shape == (5, 1)


@every_spec
def test_d_gives_logits_without_bounds(spec: NetworkSpec) -> None:
    """A sigmoid at D's end would keep everything in [0, 1]."""
    _, D = build_pair(spec, seed=0)
    with torch.no_grad():
        logits = D(1e8 * images_for(spec, 16))
    assert logits.abs().max() > 1


@every_spec
def test_the_image_channels_come_from_the_spec(spec: NetworkSpec) -> None:
    """The article's D was built for 28×28×3 and fed grey images."""
    G, D = build_pair(spec, seed=0)
    first = next(m for m in D.modules() if isinstance(m, nn.Conv2d))
    final = [m for m in G.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)][-1]
    assert first.in_channels == final.out_channels == spec.channels


def test_the_articles_generator_has_the_articles_layers() -> None:
    G = Generator(NetworkSpec("article", z_dim=100, width=32, channels=1))
    dense = next(m for m in G.modules() if isinstance(m, nn.Linear))
    assert (dense.in_features, dense.out_features, dense.bias) == (100, 7 * 7 * 256, None)
    up = [m for m in G.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [(m.out_channels, m.kernel_size, m.stride) for m in up] == [
        (128, (5, 5), (1, 1)),
        (64, (5, 5), (2, 2)),
        (1, (5, 5), (2, 2)),
    ]


def test_the_articles_discriminator_has_the_articles_layers() -> None:
    D = Discriminator(NetworkSpec("article", z_dim=100, width=32, channels=3))
    down = [m for m in D.modules() if isinstance(m, nn.Conv2d)]
    assert [(m.out_channels, m.kernel_size, m.stride) for m in down] == [
        (64, (5, 5), (2, 2)),
        (128, (5, 5), (2, 2)),
    ]
    (dense,) = (m for m in D.modules() if isinstance(m, nn.Linear))
    assert (dense.in_features, dense.out_features) == (128 * 7 * 7, 1)


@every_spec
def test_both_networks_have_weights_to_train(spec: NetworkSpec) -> None:
    """The article's `Model(x, x)` is the identity and has none."""
    for network in build_pair(spec, seed=0):
        assert sum(p.numel() for p in network.parameters() if p.requires_grad) > 700


@every_spec
@pytest.mark.parametrize("norm", ["none", "batch", "spectral"])
def test_a_skeleton_has_the_pairs_weights_in_number_and_needs_no_compiler(
    spec: NetworkSpec, norm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(spec, norm_d=norm if norm in NETWORKS[spec.network].norms else "none")
    pair = build_pair(spec, 0)
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # importing it fails from here on
    for bones, network in zip(skeleton(spec), pair, strict=True):
        assert all(p.is_meta for p in bones.parameters())
        counts = [sorted(p.numel() for p in one.parameters()) for one in (bones, network)]
        assert counts[0] == counts[1]


@every_spec
def test_one_seed_gives_one_start(spec: NetworkSpec) -> None:
    first, again, other = (build_pair(spec, seed) for seed in (1, 1, 2))
    for a, b, c in zip(first, again, other, strict=True):
        assert differing(a.state_dict(), b.state_dict()) == []
        assert not torch.equal(a.layers[0].weight, c.layers[0].weight)


def test_building_a_pair_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    build_pair(SPECS[0], seed=3)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_start_is_dcgans() -> None:
    """N(0, 0.02) for weights and N(1, 0.02) for BatchNorm's scale, within sampling error."""
    G, D = build_pair(NetworkSpec("small", z_dim=64, width=64, channels=1), seed=0)
    for network in (G, D):
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                weight = module.weight.detach()
                error = 0.02 / weight.numel() ** 0.5
                assert abs(weight.mean()) < 5 * error
                assert abs(weight.std() - 0.02) < 5 * error
            elif isinstance(module, nn.BatchNorm2d):
                assert abs(module.weight.detach().mean() - 1) < 5 * 0.02 / 8


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("size", "stages"), [(28, 2), (32, 2), (64, 4), (96, 4), (128, 5)])
def test_layers_follow_from_size_and_width(
    network: str, size: int, stages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 64 pixels on from a side of 4 or little more, so that no dense layer grows with them."""
    monkeypatch.setattr("ganmodel.networks.spec.SIZES", (size,))
    spec = NetworkSpec(network, z_dim=6, width=4, channels=3, size=size, classes=5)
    assert (spec.stages, spec.side * 2**stages) == (stages, size)
    G, D = build_pair(spec, 0)
    labels = torch.tensor([1, 4])
    images = G(torch.randn(2, 6), labels)
    assert images.shape == (2, 3, size, size)
    assert D(images, labels).shape == (2, 1)
    dense = [m for one in (G, D) for m in one.modules() if isinstance(m, nn.Linear)]
    assert max(m.weight.numel() for m in dense) <= 2 * 12 * 512 * spec.side**2


def test_every_size_can_be_halved_as_often_as_its_stages_ask() -> None:
    for size in SIZES:
        spec = NetworkSpec("small", z_dim=6, width=4, channels=1, size=size)
        assert spec.side * 2**spec.stages == size
        assert 4 <= spec.side <= 8


def test_the_residual_gs_pictures_begin_with_the_size_of_its_last_map() -> None:
    """Not black and white, as they began before edition 4."""
    spec = NetworkSpec("residual", z_dim=64, width=32, channels=1)
    z = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    sizes, saturated = [], []
    for edition in (3, 4):
        G, _ = build_pair(spec, 0, edition)
        with torch.no_grad():
            before = G.layers[:-2](z)
            after = G.layers[-2](before)
        sizes.append((after.var() / before.square().mean()).item())
        saturated.append((after.tanh().abs() > 0.99).float().mean().item())
    # A weight's variance is 2 / (1 + 0.2²) / inputs, so that what LeakyReLU halved is made good.
    assert sizes[1] == pytest.approx(2 / (1 + 0.2**2), rel=0.3)
    assert sizes[0] > 4 * sizes[1]
    assert saturated[0] > 0.4
    assert saturated[1] < 0.05


def test_the_residual_start_keeps_the_size_of_what_flows_through() -> None:
    """He et al. 2015 for leaky ReLU of slope 0.2: variance 2 / (1 + 0.2²) / inputs. The block's
    last layer starts at 0, so that each block passes on what it gets."""
    G, D = build_pair(NetworkSpec("residual", z_dim=64, width=64, channels=1), seed=0)
    for network in (G, D):
        blocks = [m for m in network.modules() if type(m).__name__ == "ResidualBlock"]
        assert len(blocks) == 2
        for block in blocks:
            channels = block.layers[1].in_channels
            x = torch.randn(2, channels, 5, 5)
            assert torch.equal(block(x), x)
            assert not block.layers[-1].weight.any()
            inner = block.layers[3].weight.detach()
            variance = 2 / (1 + 0.2**2) / inner[0].numel()
            assert inner.var().item() == pytest.approx(variance, rel=6 / inner.numel() ** 0.5)
        assert not any(isinstance(m, nn.BatchNorm2d) for m in network.modules())
