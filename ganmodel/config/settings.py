"""`RunConfig`: every setting of one run, with its range.

What is said of a setting is in `words`, by "settings." and its name. `rules` checks combinations of
settings; `presets` builds configs from presets.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganmodel.config.editions import EDITION, UNNAMED, check_edition
from ganmodel.config.errors import ConfigError
from ganmodel.config.pairs import NETWORKS, NORMS, SIZES
from ganmodel.config.rules import check_combination
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, Words, message

OPTIMIZERS = ("adam", "rmsprop", "sgd")
FITS = ("crop", "pad", "squeeze")
AUGMENTS = ("none", "translation", "cutout", "translation+cutout")
SLOPES = ("derivative", "difference")
PRECISIONS = ("float32", "bf16", "auto")

# The groups in which the form and `--help` show the settings; `words` names them.
GROUPS = ("run", "data", "networks", "steps", "penalties", "records")


def _setting(
    group: str,
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: Collection[Any] = (),
    knob: bool = False,
    may_be_empty: bool = False,
) -> Any:
    """A field of `RunConfig` that a user may choose.

    `low` and `high` are inclusive. A `knob` may be changed while the run is training.
    """
    return field(
        default=default,
        metadata={
            "group": group,
            "low": low,
            "high": high,
            "choices": choices,
            "knob": knob,
            "may_be_empty": may_be_empty,
        },
    )


@dataclass(frozen=True)
class RunConfig:
    """Every setting of one run; enough to repeat it.

    Validated on construction: a `ConfigError` names the setting, its value and its range, or says
    why settings cannot be combined. Lengths, intervals and half-lives count real images shown to D,
    so that schedules do not depend on the batch size or on the length of a run.
    """

    preset: str = _setting("run", "quick")
    dataset: str = _setting("data", "mnist")
    objective: str = _setting("run", "non-saturating", choices=OBJECTIVES.keys())
    images: int = _setting("run", 300_000, low=1, high=1_000_000_000)
    seed: int = _setting("run", 0, low=0, high=2**31 - 1)
    start_from: str = _setting("run", "", may_be_empty=True)
    image_size: int = _setting("data", 32, choices=SIZES)
    fit: str = _setting("data", "crop", choices=FITS)
    conditional: bool = _setting("data", False)
    augment: str = _setting("data", "none", choices=AUGMENTS)
    network: str = _setting("networks", "small", choices=NETWORKS.keys())
    width: int = _setting("networks", 32, low=4, high=256)
    z_dim: int = _setting("networks", 64, low=2, high=1024)
    norm_d: str = _setting("networks", "none", choices=NORMS)
    batch_size: int = _setting("steps", 64, low=2, high=4096)
    optimizer: str = _setting("steps", "adam", choices=OPTIMIZERS)
    lr_g: float = _setting("steps", 1e-3, low=0.0, high=1.0, knob=True)
    lr_d: float = _setting("steps", 1e-3, low=0.0, high=1.0, knob=True)
    lr_hold: int = _setting("steps", 0, low=0, high=1_000_000_000)
    beta1: float = _setting("steps", 0.5, low=0.0, high=0.9999)
    beta2: float = _setting("steps", 0.99, low=0.0, high=0.99999)
    momentum: float = _setting("steps", 0.0, low=0.0, high=0.9999)
    n_critic: int = _setting("steps", 1, low=1, high=100, knob=True)
    g_steps: int = _setting("steps", 1, low=1, high=100, knob=True)
    ema_half_life: int = _setting("steps", 10_000, low=0, high=100_000_000)
    precision: str = _setting("steps", "float32", choices=PRECISIONS)
    r1_gamma: float = _setting("penalties", 0.0, low=0.0, high=1000.0, knob=True)
    r2_gamma: float = _setting("penalties", 0.0, low=0.0, high=1000.0, knob=True)
    r1_every: int = _setting("penalties", 16, low=1, high=1000)
    slope_by: str = _setting("penalties", "derivative", choices=SLOPES)
    gp_weight: float = _setting("penalties", 0.0, low=0.0, high=10_000.0, knob=True)
    clip: float = _setting("penalties", 0.0, low=0.0, high=10.0)
    log_every: int = _setting("records", 1024, low=1, high=10_000_000)
    save_every: int = _setting("records", 16_384, low=1, high=100_000_000)
    evaluate_every: int = _setting("records", 65_536, low=0, high=1_000_000_000)
    sample_count: int = _setting("records", 64, low=1, high=256)
    edition: int = EDITION  # not in SETTINGS: users do not choose it

    def __post_init__(self) -> None:
        for name in SETTINGS:
            object.__setattr__(self, name, check_setting(name, getattr(self, name)))
        object.__setattr__(self, "edition", check_edition(self.edition))
        check_combination(self)

    def to_json(self) -> dict[str, Any]:
        """A JSON object of plain values; `from_json` gives back an equal config."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunConfig:
        """The config that `to_json` of this version of ganmodel or an earlier one described.

        Raises:
            ConfigError: not an object, a name this version does not know, or a value out of range.
        """
        if not isinstance(values, Mapping):
            raise ConfigError("settings-no-object", values=f"{values!r:.60}")
        unknown = sorted(set(values) - {*SETTINGS, "edition"})
        if unknown:
            raise ConfigError("setting-unknown", unknown=f"{unknown[0]!r}")
        return cls(**{"edition": UNNAMED, **values})


SETTINGS: dict[str, dataclasses.Field[Any]] = {
    f.name: f for f in dataclasses.fields(RunConfig) if f.metadata
}
KNOBS: tuple[str, ...] = tuple(name for name, f in SETTINGS.items() if f.metadata["knob"])


def setting_label(name: str) -> Message:
    """What the page and `--help` call a setting, or the "edition" of all of them."""
    return message(f"settings.{name}.label")


def setting_explanation(name: str) -> Message:
    """What a setting does."""
    return message(f"settings.{name}.explanation")


def check_setting(name: str, value: Any) -> Any:
    """The value in its setting's type; a `ConfigError` says what was expected."""
    if name not in SETTINGS:
        raise ConfigError("no-such-setting", name=f"{name!r:.60}")
    setting = SETTINGS[name]
    facts = setting.metadata
    label = message("settings.named", label=setting_label(name), name=name)
    empty = value is None or value == ""
    shown = message("settings.empty") if empty else f"{value!r:.60}"
    if isinstance(setting.default, bool):
        if not isinstance(value, bool):
            raise ConfigError("setting-true-or-false", label=label, shown=shown)
        return value
    if isinstance(setting.default, str):
        if value == "" and facts["may_be_empty"]:
            return value
        sound = isinstance(value, str) and value and len(value) <= 4096
        if not sound or "\0" in value or not _can_be_written(value):
            raise ConfigError("setting-name", label=label, shown=shown)
    else:
        value = _check_number(label, setting, value, shown)
    if facts["choices"] and value not in facts["choices"]:
        raise ConfigError("setting-one-of", label=label, choices=[*facts["choices"]], shown=shown)
    return value


def _can_be_written(text: str) -> bool:
    """Whether a text can be a file name and be stored as JSON.

    Python represents undecodable bytes of file names as lone surrogates ("surrogateescape"), which
    are accepted; other lone surrogates have no encoding.
    """
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _check_number(
    label: Message, setting: dataclasses.Field[Any], value: Any, shown: Words
) -> int | float:
    whole = isinstance(setting.default, int)
    choices, low, high = (setting.metadata[key] for key in ("choices", "low", "high"))
    if choices:
        low, high = min(choices), max(choices)
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared before conversion, so that an integer too large for a float is refused here, too.
    if not usable or not low <= value <= high or (whole and value != math.floor(value)):
        raise ConfigError(
            "setting-whole-number" if whole else "setting-number",
            label=label,
            low=low,
            high=high,
            shown=shown,
        )
    return int(value) if whole else float(value)


def read_config(path: Path) -> RunConfig:
    """The config in a JSON file.

    Raises:
        ConfigError: the file is missing, is not JSON, or holds a wrong setting.
    """
    try:
        # As bytes: json detects UTF-8, UTF-16 or UTF-32, which some editors mark with a BOM.
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError("config-missing", path=str(path)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError("config-unreadable", path=str(path), error=str(error)) from error
    return RunConfig.from_json(values)
