"""What differs between the settings of two runs, and between a run's and its preset's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ganmodel.config.presets import WITH_CLASSES, learns_by_class, make_config
from ganmodel.config.settings import SETTINGS, RunConfig

# What a person chooses besides the preset: choosing it changes nothing of the preset itself.
BESIDES_PRESET = ("dataset", "image_size", "objective", "images", "seed", "start_from")


def differing_settings(a: RunConfig, b: RunConfig) -> list[tuple[str, str, Any, Any]]:
    """(name, label, a's value, b's value) of each setting that differs, in the order of SETTINGS.

    The edition comes last. Two runs without any are the same run.
    """
    labels = {name: setting.metadata["label"] for name, setting in SETTINGS.items()}
    return [
        (name, label, getattr(a, name), getattr(b, name))
        for name, label in {**labels, "edition": "edition"}.items()
        if getattr(a, name) != getattr(b, name)
    ]


def changed_from_preset(config: RunConfig) -> list[str]:
    """Names of the settings that are not what the preset makes them, in the order of SETTINGS.

    They are compared with `make_config` of the config's preset, `BESIDES_PRESET` and edition, so
    what an objective brings along does not count as changed.

    Raises:
        ConfigError: the config's preset is not known here; it may come from another ganmodel.
    """
    chosen = {name: getattr(config, name) for name in (*BESIDES_PRESET, "edition")}
    preset = make_config(config.preset, **chosen)
    given = config.start_from or config.dataset not in WITH_CLASSES
    if given and learns_by_class(config.preset, config.edition):  # as its start, or data, has any
        preset = replace(preset, conditional=config.conditional)
    return [name for name, *_ in differing_settings(preset, config)]
