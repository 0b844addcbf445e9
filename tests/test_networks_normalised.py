"""D's normalisation: what spectral and batch norm do, and that all but batch judge images alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ganmodel.config import NETWORKS
from ganmodel.networks import Discriminator, NetworkSpec, build_pair
from tests.support import SPECS, differing, grow, images_for, spec_name

WITH_BATCH_NORM = [spec for spec in SPECS if "batch" in NETWORKS[spec.network].norms]
SPECTRAL = [
    replace(spec, norm_d="spectral") for spec in SPECS if "spectral" in NETWORKS[spec.network].norms
]


@pytest.mark.parametrize("spec", [*SPECS, *SPECTRAL], ids=spec_name)
def test_d_judges_every_image_alone(spec: NetworkSpec) -> None:
    """No batch statistics: one pass over reals and fakes is exact, and penalties are defined."""
    D = build_pair(spec, seed=0)[1].eval()
    images = images_for(spec, 6)
    with torch.no_grad():
        together, alone = D(images), torch.cat([D(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)


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
        D(images_for(spec, 2))
    sizes = _largest_singular_values(D)
    assert sizes == pytest.approx([1] * len(sizes), rel=0.02)
    plain = _largest_singular_values(build_pair(spec, seed=0)[1])
    assert max(abs(np.log(size)) for size in plain) > 0.3


def test_a_spectral_d_in_evaluation_mode_stays_as_it_is() -> None:
    _, D = build_pair(replace(SPECS[0], norm_d="spectral"), seed=0)
    D.eval()
    before = {name: t.clone() for name, t in D.state_dict().items()}
    assert any(name.endswith("_u") for name in before)
    D(images_for(SPECS[0], 2))
    assert differing(before, D.state_dict()) == []


@pytest.mark.parametrize("spec", WITH_BATCH_NORM, ids=spec_name)
def test_batch_norm_in_d_stands_behind_every_hidden_layer_but_the_first(spec: NetworkSpec) -> None:
    kinds = [type(m).__name__ for m in build_pair(replace(spec, norm_d="batch"), seed=0)[1].layers]
    hidden = ["Linear", "BatchNorm1d", "LeakyReLU"] if spec.network == "small" else []
    assert kinds == [
        *("Conv2d", "LeakyReLU"),
        *(spec.stages - 1) * ("Conv2d", "BatchNorm2d", "LeakyReLU"),
        "Flatten",
        *hidden,
        "Linear",
    ]


def test_batch_norm_lets_a_pictures_company_change_its_verdict() -> None:
    """The reference for the claim that the other kinds judge every image alone."""
    spec = replace(SPECS[0], norm_d="batch")
    _, D = build_pair(spec, seed=0)
    grow(D)
    images, others = images_for(spec, 4), 3 * images_for(spec, 4, seed=1)
    with torch.no_grad():
        difference = D(images) - D(torch.cat([images, others]))[:4]
    assert difference.abs().min() > 1e-4


def test_g_is_the_same_whatever_ds_normalisation() -> None:
    starts = [
        build_pair(replace(SPECS[0], norm_d=norm), seed=4)[0].state_dict()
        for norm in ("none", "batch", "spectral")
    ]
    assert differing(starts[0], starts[1]) == differing(starts[0], starts[2]) == []
