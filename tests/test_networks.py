"""The three pairs: shapes, sizes, classes, normalisation, and the article's layers by name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganmodel.config import NETWORKS, RunConfig
from ganmodel.networks import SIZES, Discriminator, Generator, NetworkSpec, build_pair
from tests.support import differing, grow

SPECS = [
    NetworkSpec(network, z_dim=6, width=4, channels=channels, size=size)
    for network in NETWORKS
    for channels in (1, 3)
    for size in SIZES
]
WITH_BATCH_NORM = [spec for spec in SPECS if spec.network != "residual"]
SPECTRAL = [replace(spec, norm_d="spectral") for spec in WITH_BATCH_NORM]


def _name(spec: NetworkSpec) -> str:
    return f"{spec.network}-{spec.channels}-{spec.size}-{spec.norm_d}"


every_spec = pytest.mark.parametrize("spec", SPECS, ids=_name)
every_network = pytest.mark.parametrize("network", NETWORKS)


def _images(spec: NetworkSpec, count: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, spec.channels, spec.size, spec.size, generator=generator)


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
        logits = D(10_000 * _images(spec, 16))
    assert logits.abs().max() > 1


@pytest.mark.parametrize("spec", [*SPECS, *SPECTRAL], ids=_name)
def test_d_judges_every_image_alone(spec: NetworkSpec) -> None:
    """No batch statistics: one pass over reals and fakes is exact, and penalties are defined."""
    D = build_pair(spec, seed=0)[1].eval()
    images = _images(spec, 6)
    with torch.no_grad():
        together, alone = D(images), torch.cat([D(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)


@every_spec
def test_the_image_channels_come_from_the_spec(spec: NetworkSpec) -> None:
    """The article's D was built for 28×28×3 and fed grey images."""
    G, D = build_pair(spec, seed=0)
    first = next(m for m in D.modules() if isinstance(m, nn.Conv2d))
    final = [m for m in G.modules() if isinstance(m, nn.ConvTranspose2d)][-1]
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


def test_batch_norm_keeps_the_default_momentum_and_eps() -> None:
    """`BatchNorm2d(n, 0.8)` sets eps, a well-known slip."""
    found = [
        module
        for spec in WITH_BATCH_NORM
        for network in build_pair(replace(spec, norm_d="batch"), seed=0)
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
    ]
    assert len(found) > 8
    assert {(module.eps, module.momentum) for module in found} == {(1e-5, 0.1)}


@every_spec
def test_both_networks_have_weights_to_train(spec: NetworkSpec) -> None:
    """The article's `Model(x, x)` is the identity and has none."""
    for network in build_pair(spec, seed=0):
        assert sum(p.numel() for p in network.parameters() if p.requires_grad) > 700


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


# --- D's normalisation -----------------------------------------------------------------------


def _largest_singular_values(D: Discriminator) -> list[float]:
    """Of every layer's weight W as a matrix of one row for each output: from numpy's W W^T."""
    layers = [m for m in D.layers.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) >= 3
    matrices = [layer.weight.detach().double().flatten(1).numpy() for layer in layers]
    return [np.linalg.eigvalsh(matrix @ matrix.T)[-1] ** 0.5 for matrix in matrices]


@pytest.mark.parametrize("network", ["small", "article"])
def test_spectral_norm_makes_every_layers_largest_singular_value_one(network: str) -> None:
    """Those of a plain D are far from it; ten forward passes let the estimate settle."""
    spec = NetworkSpec(network, z_dim=6, width=8, channels=3)
    _, D = build_pair(replace(spec, norm_d="spectral"), seed=0)
    for _ in range(10):
        D(_images(spec, 2))
    sizes = _largest_singular_values(D)
    assert sizes == pytest.approx([1] * len(sizes), rel=0.02)
    plain = _largest_singular_values(build_pair(spec, seed=0)[1])
    assert max(abs(np.log(size)) for size in plain) > 0.3


def test_a_spectral_d_in_evaluation_mode_stays_as_it_is() -> None:
    _, D = build_pair(replace(SPECS[0], norm_d="spectral"), seed=0)
    D.eval()
    before = {name: t.clone() for name, t in D.state_dict().items()}
    assert any(name.endswith("_u") for name in before)
    D(_images(SPECS[0], 2))
    assert differing(before, D.state_dict()) == []


@pytest.mark.parametrize("spec", WITH_BATCH_NORM, ids=_name)
def test_batch_norm_in_d_stands_behind_every_hidden_layer_but_the_first(spec: NetworkSpec) -> None:
    kinds = [type(m).__name__ for m in build_pair(replace(spec, norm_d="batch"), seed=0)[1].layers]
    hidden = ["Linear", "BatchNorm1d", "LeakyReLU"] if spec.network == "small" else []
    assert kinds == [
        *("Conv2d", "LeakyReLU", "Conv2d", "BatchNorm2d", "LeakyReLU", "Flatten"),
        *hidden,
        "Linear",
    ]


def test_batch_norm_lets_a_pictures_company_change_its_verdict() -> None:
    """The reference for the claim that the other kinds judge every image alone."""
    spec = replace(SPECS[0], norm_d="batch")
    _, D = build_pair(spec, seed=0)
    grow(D)
    images, others = _images(spec, 4), 3 * _images(spec, 4, seed=1)
    with torch.no_grad():
        difference = D(images) - D(torch.cat([images, others]))[:4]
    assert difference.abs().min() > 1e-4


def test_g_is_the_same_whatever_ds_normalisation() -> None:
    starts = [
        build_pair(replace(SPECS[0], norm_d=norm), seed=4)[0].state_dict()
        for norm in ("none", "batch", "spectral")
    ]
    assert differing(starts[0], starts[1]) == differing(starts[0], starts[2]) == []


# --- classes ---------------------------------------------------------------------------------


def _conditional(network: str, **changed: Any) -> tuple[Generator, Discriminator]:
    """A conditional pair of 5 classes, D's class vectors no longer at their start of 0."""
    spec = NetworkSpec(network, z_dim=6, width=4, channels=1, classes=5)
    G, D = build_pair(replace(spec, **changed), seed=0)
    with torch.no_grad():
        D.embed.weight.normal_(generator=torch.Generator().manual_seed(1))
    return G, D


LABELS = torch.tensor([0, 4, 2, 2])


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
        logits = D(_images(D.spec, 4), LABELS)
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
def test_both_networks_use_the_class(network: str) -> None:
    """The same noise and the same picture, another class: another answer."""
    G, D = (part.eval() for part in _conditional(network))
    grow(D)
    z, images = torch.randn(4, 6), _images(D.spec, 4)
    other = (LABELS + 1) % 5
    with torch.no_grad():
        drawn = (G(z, LABELS) - G(z, other)).flatten(1).abs().amax(1)
        judged = (D(images, LABELS) - D(images, other)).abs()
    assert drawn.min() > 1e-5
    assert judged.min() > 1e-3


@every_network
def test_at_first_every_class_is_judged_alike(network: str) -> None:
    _, D = build_pair(NetworkSpec(network, z_dim=6, width=4, channels=1, classes=5), seed=0)
    images = _images(D.spec, 4)
    with torch.no_grad():
        assert torch.equal(D(images, LABELS), D(images, (LABELS + 1) % 5))


@every_network
def test_a_conditional_pair_asks_for_labels(network: str) -> None:
    G, D = _conditional(network)
    for call in (lambda: G(torch.randn(2, 6)), lambda: D(_images(D.spec, 2))):
        with pytest.raises(ValueError, match="conditional: give the labels too"):
            call()


@every_network
def test_a_pair_without_classes_takes_no_notice_of_labels(network: str) -> None:
    G, D = build_pair(NetworkSpec(network, z_dim=6, width=4, channels=1), seed=0)
    z, images = torch.randn(4, 6), _images(D.spec, 4)
    with torch.no_grad():
        assert torch.equal(G.eval()(z, LABELS), G(z))
        assert torch.equal(D(images, LABELS), D(images))
    assert not any("embed" in name for n in (G, D) for name in n.state_dict())


# --- the description -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "huge"},
        {"network": 3},
        {"z_dim": 0},
        {"z_dim": 10**9},
        {"z_dim": 6.0},
        {"z_dim": True},
        {"width": 1000},
        {"width": "4"},
        {"channels": 2},
        {"size": 64},
        {"size": 28.0},
        {"norm_d": "layer"},
        {"norm_d": None},
        {"norm_d": ["batch"]},
        {"classes": 1},
        {"classes": -3},
        {"classes": 1001},
        {"classes": True},
        {"classes": None},
    ],
    ids=str,
)
def test_a_spec_that_no_pair_has_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(wrong)))):
        replace(SPECS[0], **wrong)


def test_a_spec_survives_json_and_refuses_what_is_none() -> None:
    more = [replace(SPECS[0], norm_d="spectral", classes=10), replace(SPECS[0], classes=1000)]
    for spec in [*SPECS, *more]:
        assert NetworkSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
    whole = SPECS[0].to_json()
    without_size = {name: value for name, value in whole.items() if name != "size"}
    for wrong in (None, [], {}, {"network": "small"}, {**whole, "more": 1}, without_size):
        with pytest.raises(ValueError, match="must hold"):
            NetworkSpec.from_json(wrong)
    with pytest.raises(ValueError, match="norm_d"):
        NetworkSpec.from_json({**whole, "norm_d": "odd"})


def test_a_file_from_before_classes_and_normalised_ds_is_read() -> None:
    """The shipped generators of the first version lack both."""
    old = {"network": "article", "z_dim": 100, "width": 32, "channels": 1, "size": 28}
    assert NetworkSpec.from_json(old) == NetworkSpec("article", 100, 32, 1, 28, "none", 0)


def test_the_spec_of_a_config_takes_what_the_data_has() -> None:
    config = RunConfig(width=8, z_dim=5, norm_d="spectral", r1_gamma=0.0)
    spec = NetworkSpec.of(config, channels=3, size=32, classes=10)
    assert spec == NetworkSpec("small", 5, 8, 3, 32, "spectral", 0)  # not asked to learn classes
    by_class = NetworkSpec.of(replace(config, conditional=True), channels=1, size=28, classes=10)
    assert (by_class.classes, by_class.size, by_class.channels) == (10, 28, 1)
