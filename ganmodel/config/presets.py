"""Named recipes, and how the settings of a run come together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganmodel.config.objectives import OBJECTIVES
from ganmodel.config.rules import ConfigError
from ganmodel.config.settings import SETTINGS, RunConfig, check_setting


@dataclass(frozen=True)
class Preset:
    """A named recipe: settings that go well together, and a sentence on what to expect."""

    label: str
    explanation: str
    settings: Mapping[str, Any]


PRESETS: dict[str, Preset] = {
    "quick": Preset(
        label="quick",
        explanation="Small networks and a D that cannot grow steep: readable digits within half a "
        "minute on two cores.",
        settings={
            "network": "small",
            "width": 32,
            "z_dim": 64,
            "batch_size": 128,
            "lr_g": 3e-3,
            "lr_d": 3e-3,
            "norm_d": "spectral",
            "beta1": 0.0,
            "beta2": 0.9,
            "r1_gamma": 0.1,
            "ema_half_life": 50_000,
            "precision": "auto",
            "log_every": 1024,
            "save_every": 16_384,
        },
    ),
    "article": Preset(
        label="the article's",
        explanation="The article's networks as published: about eight times the work for each "
        "image, and much slower to good pictures.",
        settings={
            "network": "article",
            "z_dim": 100,
            "batch_size": 256,
            "lr_g": 1e-4,
            "lr_d": 1e-4,
            "beta1": 0.9,
            "beta2": 0.999,
            "r1_gamma": 0.0,
            "log_every": 256,
            "save_every": 4096,
        },
    ),
}


def make_config(preset: str = "quick", **chosen: Any) -> RunConfig:
    """The config for a preset and the settings a person chose explicitly.

    An explicit choice wins over the objective's own needs, those over the preset, and that over
    the defaults.

    Raises:
        ConfigError: an unknown preset, or a setting that is unknown or out of range.
    """
    if not isinstance(preset, str) or preset not in PRESETS:
        raise ConfigError(
            f"There is no recipe named {preset!r:.60}; choose one of {', '.join(PRESETS)}."
        )
    base = PRESETS[preset].settings
    objective = chosen.get("objective", base.get("objective", SETTINGS["objective"].default))
    needs = OBJECTIVES[check_setting("objective", objective)].needs
    return RunConfig.from_json({**base, **needs, **chosen, "preset": preset})
