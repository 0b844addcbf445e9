"""Compares the settings of two runs, and those of a run with its preset's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ganmodel.config.presets import WITH_CLASSES, learns_by_class, make_config
from ganmodel.config.settings import SETTINGS, RunConfig, setting_label
from ganmodel.words import Message

# Settings that a user chooses independently of the preset; they do not count as changes to it.
BESIDES_PRESET = ("dataset", "image_size", "fit", "objective", "images", "seed", "start_from")


def differing_settings(a: RunConfig, b: RunConfig) -> list[tuple[str, Message, Any, Any]]:
    """(name, label, a's value, b's value) of each setting that differs, in the order of SETTINGS.

    The edition comes last. An empty list means that the configs are equal.
    """
    return [
        (name, setting_label(name), getattr(a, name), getattr(b, name))
        for name in (*SETTINGS, "edition")
        if getattr(a, name) != getattr(b, name)
    ]


def changed_from_preset(config: RunConfig) -> list[str]:
    """Names of the settings that differ from the preset's values, in the order of SETTINGS.

    The config is compared with `make_config` of its preset, `BESIDES_PRESET` and edition, so
    settings that its objective requires do not count as changed.

    Raises:
        ConfigError: the config's preset is not known here; it may come from another ganmodel.
    """
    chosen = {name: getattr(config, name) for name in (*BESIDES_PRESET, "edition")}
    preset = make_config(config.preset, **chosen)
    given = config.start_from or config.dataset not in WITH_CLASSES
    # Then its start or its data decides whether there are classes, so either value is the preset's.
    if given and learns_by_class(config.preset, config.edition):
        preset = replace(preset, conditional=config.conditional)
    return [name for name, *_ in differing_settings(preset, config)]
