"""A pair's description: its bounds, its JSON, older files, and the one of a config and data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ganmodel.config import RunConfig
from ganmodel.networks import NetworkSpec
from tests.support import SPECS


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
        {"size": 63},
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
