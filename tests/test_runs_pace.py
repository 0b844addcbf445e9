"""The expected speed: operations counted against sums by hand, and what makes a run slower."""

from __future__ import annotations

import pytest

from ganmodel.config import make_config
from ganmodel.networks import NetworkSpec
from ganmodel.runs.pace import matrix_rate, operations
from tests.support import tiny_config


def cost(**chosen: object) -> float:
    config = make_config("quick", **chosen)
    return operations(config, NetworkSpec.of(config, 1, 28, 0))


def test_the_articles_operations_are_those_of_its_layers() -> None:
    """Multiplications and additions of each layer, summed by hand."""
    config = tiny_config(network="article", z_dim=100, r1_gamma=0.0)
    spec = NetworkSpec.of(config, 1, 28, 0)
    g = 2 * (100 * 7 * 7 * 256 + 7 * 7 * 25 * 256 * 128 + 7 * 7 * 25 * 128 * 64)
    g += 2 * 14 * 14 * 25 * 64 * 1
    d = 2 * (14 * 14 * 25 * 1 * 64 + 7 * 7 * 25 * 64 * 128 + 7 * 7 * 128 * 1)
    assert operations(config, spec) == pytest.approx(g + 6 * d + 2 * g + 3 * d, rel=0.02)


def test_more_work_for_each_image_is_counted_as_more() -> None:
    plain = cost(r1_gamma=0.0)
    assert cost(width=64, r1_gamma=0.0) > 3 * plain
    assert cost(r1_gamma=1.0) > plain
    assert cost(r1_gamma=1.0, r1_every=1) > 1.5 * plain
    assert cost(objective="wgan-gp") > plain
    assert cost(n_critic=5, r1_gamma=0.0) < plain  # of G's step, each image pays a fifth


def test_this_machine_multiplies_matrices_at_a_sensible_rate() -> None:
    assert 1e8 < matrix_rate() < 1e14
    assert matrix_rate() == matrix_rate()  # measured once
