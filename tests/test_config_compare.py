"""What differs between two runs' settings, and between a run's and its preset's."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ganmodel.config import (
    EDITION,
    PRESETS,
    SETTINGS,
    ConfigError,
    RunConfig,
    changed_from_preset,
    differing_settings,
    make_config,
)
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, worded


def in_words(differing: list[tuple[str, Message, Any, Any]]) -> list[tuple[str, str, Any, Any]]:
    return [(name, worded(label), a, b) for name, label, a, b in differing]


def test_only_what_differs_is_listed_with_its_label_and_both_values() -> None:
    a = make_config("quick")
    b = make_config("quick", seed=5, lr_d=1e-4, conditional=False)
    assert in_words(differing_settings(a, b)) == [
        ("seed", "start number", 0, 5),
        ("conditional", "by class", True, False),
        ("lr_d", "D's rate", 3e-3, 1e-4),
    ]
    assert differing_settings(b, a) == [(n, label, y, x) for n, label, x, y in
                                        differing_settings(a, b)]  # fmt: skip
    assert differing_settings(a, dataclasses.replace(a)) == []
    old = dataclasses.replace(a, edition=1)  # the same settings, and not the same run
    assert in_words(differing_settings(old, a)) == [("edition", "edition", 1, EDITION)]


def test_differing_settings_come_in_the_order_of_the_settings() -> None:
    names = [name for name, *_ in differing_settings(make_config("quick"), make_config("article"))]
    assert names == [name for name in SETTINGS if name in names]
    assert names[0] == "preset"
    assert {"network", "z_dim", "batch_size", "lr_g", "norm_d"} <= set(names)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_data_rule_length_start_number_and_edition_change_nothing_of_a_preset(
    preset: str, objective: str
) -> None:
    """Nor does what the rule brings along, such as wgan's clipping."""
    config = make_config(
        preset,
        objective=objective,
        dataset="own.zip",
        image_size=28,
        images=1234,
        seed=7,
        start_from="other.safetensors",
        edition=1,
    )
    assert changed_from_preset(config) == []


@pytest.mark.parametrize(
    ("chosen", "changed"),
    [
        ({"lr_g": 1e-4}, ["lr_g"]),
        ({"width": 16, "conditional": False, "augment": "cutout", "seed": 3},
         ["conditional", "augment", "width"]),
        ({"objective": "wgan", "clip": 0.02, "n_critic": 3}, ["n_critic", "clip"]),
        ({"lr_g": 3e-3}, []),  # what the preset says anyway
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_other_than_the_presets_is_named(
    chosen: dict[str, Any], changed: list[str]
) -> None:
    assert changed_from_preset(make_config("quick", **chosen)) == changed


def test_a_choice_that_undoes_what_the_rule_brings_along_counts_as_changed() -> None:
    config = make_config("quick", objective="lsgan", norm_d="none", r1_gamma=0.0)
    assert changed_from_preset(config) == ["norm_d", "r1_gamma"]
    assert changed_from_preset(make_config("quick", objective="wgan-gp", norm_d="none")) == []


def test_a_preset_that_is_not_known_here_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="no recipe named 'slow'"):
        changed_from_preset(RunConfig(preset="slow"))
