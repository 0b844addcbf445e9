"""The configuration of a run: its settings and the presets.

Plain data with validation, on the standard library alone, so that the page and the command line can
offer settings without importing training code. `ganmodel.objectives` describes and computes the
objectives, `ganmodel.networks` builds the networks.
"""

from ganmodel.config.compare import changed_from_preset, differing_settings
from ganmodel.config.editions import EDITION
from ganmodel.config.errors import ConfigError
from ganmodel.config.grids import Layout, grid_layout
from ganmodel.config.numbers import read_number
from ganmodel.config.pairs import NETWORKS, NORMS, SIZES, Pair
from ganmodel.config.presets import (
    PRESETS,
    WITH_CLASSES,
    Preset,
    learns_by_class,
    make_config,
    preset_of,
)
from ganmodel.config.rules import names_shipped, useful_knobs, warnings
from ganmodel.config.settings import (
    GROUPS,
    KNOBS,
    SETTINGS,
    RunConfig,
    check_setting,
    read_config,
    setting_explanation,
    setting_label,
)

__all__ = [
    "EDITION",
    "GROUPS",
    "KNOBS",
    "NETWORKS",
    "NORMS",
    "PRESETS",
    "SETTINGS",
    "SIZES",
    "WITH_CLASSES",
    "ConfigError",
    "Layout",
    "Pair",
    "Preset",
    "RunConfig",
    "changed_from_preset",
    "check_setting",
    "differing_settings",
    "grid_layout",
    "learns_by_class",
    "make_config",
    "names_shipped",
    "preset_of",
    "read_config",
    "read_number",
    "setting_explanation",
    "setting_label",
    "useful_knobs",
    "warnings",
]
