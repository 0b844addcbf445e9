"""What a run is asked to do: `RunConfig`, its presets, and what is known of each objective.

Everything here is plain data with checks and words for people, on the standard library alone, so
that the page and the command line can offer settings without loading any training code. How an
objective is computed lives in `objectives`; how a network is built, in `networks`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """A setting was wrong; the message is one sentence for the person who chose it."""


@dataclass(frozen=True)
class ObjectiveInfo:
    """What a person should know of one objective, and what it needs to work."""

    label: str
    explanation: str
    loss_d: str  # what D lowers, as mathematics in plain text
    loss_g: str
    source: str
    needs: Mapping[str, Any] = field(default_factory=dict)  # settings this objective brings along


OBJECTIVES: dict[str, ObjectiveInfo] = {
    "non-saturating": ObjectiveInfo(
        label="classic (non-saturating)",
        explanation="G is pushed hardest where D is surest that G's pictures are fake: "
        "the article's choice, and the usual one.",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = −E log D(G(z))",
        source="Goodfellow et al. 2014, section 3",
    ),
    "minimax": ObjectiveInfo(
        label="original formula (minimax)",
        explanation="G and D play for the same number. Where D is sure, G is hardly pushed at all, "
        "so it often learns more slowly.",
        loss_d="L_D = −E log D(x) − E log(1 − D(G(z)))",
        loss_g="L_G = E log(1 − D(G(z)))",
        source="Goodfellow et al. 2014, equation 1",
    ),
}

NETWORKS = ("small", "article")
OPTIMIZERS = ("adam", "sgd")


def _setting(
    default: Any,
    label: str,
    explanation: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    knob: bool = False,
) -> Any:
    """A field of `RunConfig` with what the page and `--help` say of it.

    `low` and `high` are inclusive. A `knob` may be changed while the run is training.
    """
    return field(
        default=default,
        metadata={
            "label": label,
            "explanation": explanation,
            "low": low,
            "high": high,
            "choices": choices,
            "knob": knob,
        },
    )


@dataclass(frozen=True)
class RunConfig:
    """Every setting of one run; enough to start the same run again.

    Checked on construction: a `ConfigError` names the setting, its value and its range. Rates,
    half-lives and moments all count real images shown to D, so that changing the batch size or
    the length of a run leaves its schedule alone.
    """

    preset: str = _setting("quick", "recipe", "Where the settings not chosen here come from.")
    dataset: str = _setting("mnist", "data", "The pictures to learn from, by name.")
    objective: str = _setting(
        "non-saturating", "training rule", "What G and D each try to lower.", choices=(*OBJECTIVES,)
    )
    images: int = _setting(
        300_000,
        "length",
        "Real images shown to D before the run ends; MNIST holds 60,000.",
        low=1,
        high=1_000_000_000,
    )
    seed: int = _setting(
        0, "start number", "Same number, same settings: same result.", low=0, high=2**31 - 1
    )
    network: str = _setting(
        "small",
        "networks",
        "small learns digits within minutes on two cores; article is the article's pair.",
        choices=NETWORKS,
    )
    width: int = _setting(
        32,
        "width",
        "Channels of the small pair; twice the width is about four times the work.",
        low=4,
        high=256,
    )
    z_dim: int = _setting(64, "noise", "Numbers in one noise vector z.", low=2, high=1024)
    batch_size: int = _setting(64, "batch", "Images in one training step.", low=2, high=4096)
    optimizer: str = _setting(
        "adam",
        "optimizer",
        "adam adapts each weight's step; sgd is plain gradient descent.",
        choices=OPTIMIZERS,
    )
    lr_g: float = _setting(
        1e-3,
        "G's rate",
        "How far G moves at each step; halve it if training is wild.",
        low=0.0,
        high=1.0,
        knob=True,
    )
    lr_d: float = _setting(
        1e-3,
        "D's rate",
        "How far D moves at each step; lower it if D wins.",
        low=0.0,
        high=1.0,
        knob=True,
    )
    beta1: float = _setting(0.5, "Adam β1", "Memory of past directions.", low=0.0, high=0.9999)
    beta2: float = _setting(0.99, "Adam β2", "Memory of past step sizes.", low=0.0, high=0.99999)
    momentum: float = _setting(
        0.0, "momentum", "Memory of past directions, for sgd.", low=0.0, high=0.9999
    )
    n_critic: int = _setting(
        1, "D's steps", "Steps of D for each step of G.", low=1, high=100, knob=True
    )
    r1_gamma: float = _setting(
        0.0,
        "R1 penalty",
        "Keeps D smooth around real images; 0 is off, more calms D.",
        low=0.0,
        high=1000.0,
        knob=True,
    )
    r1_every: int = _setting(
        16, "R1 interval", "D's steps from one R1 penalty to the next.", low=1, high=1000
    )
    ema_half_life: int = _setting(
        10_000,
        "averaging",
        "Images after which a past weight of G counts half in averaged G; 0 is no averaging.",
        low=0,
        high=100_000_000,
    )
    log_every: int = _setting(
        1024,
        "log interval",
        "Images from one row of the curves to the next.",
        low=1,
        high=10_000_000,
    )
    save_every: int = _setting(
        16_384,
        "save interval",
        "Images from one checkpoint to the next; rounded to whole rows of the curves.",
        low=1,
        high=100_000_000,
    )
    sample_count: int = _setting(
        64, "samples", "Pictures in the grid that shows progress.", low=1, high=256
    )

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            object.__setattr__(self, f.name, check_setting(f.name, getattr(self, f.name)))

    def to_json(self) -> dict[str, Any]:
        """A JSON object of plain values; `from_json` gives back an equal config."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunConfig:
        """The config that `to_json` described.

        Raises:
            ConfigError: not an object, a name this version does not know, or a value out of range.
        """
        if not isinstance(values, Mapping):
            raise ConfigError(f"A run's settings are a JSON object, but this is {values!r:.60}.")
        unknown = sorted(set(values) - set(SETTINGS))
        if unknown:
            raise ConfigError(
                f"The setting {unknown[0]!r} is not known here; it may come from a newer ganmodel."
            )
        return cls(**values)


SETTINGS: dict[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(RunConfig)}
KNOBS: tuple[str, ...] = tuple(name for name, f in SETTINGS.items() if f.metadata["knob"])


@dataclass(frozen=True)
class Preset:
    """A named recipe: settings that go well together, and a sentence on what to expect."""

    label: str
    explanation: str
    settings: Mapping[str, Any]


PRESETS: dict[str, Preset] = {
    "quick": Preset(
        label="quick",
        explanation="Small networks and a calmed D: digits within a minute or two on two cores.",
        settings={
            "network": "small",
            "width": 32,
            "z_dim": 64,
            "batch_size": 64,
            "lr_g": 1e-3,
            "lr_d": 1e-3,
            "beta1": 0.5,
            "beta2": 0.99,
            "r1_gamma": 0.2,
            "r1_every": 16,
            "ema_half_life": 10_000,
            "log_every": 1024,
            "save_every": 16_384,
        },
    ),
    "article": Preset(
        label="the article's",
        explanation="The article's networks as published: about twelve times the work for each "
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


def check_setting(name: str, value: Any) -> Any:
    """The value as its setting's own type, or a `ConfigError` that says what was expected."""
    if name not in SETTINGS:
        raise ConfigError(f"There is no setting named {name!r:.60}.")
    setting = SETTINGS[name]
    label = f"{setting.metadata['label']} ({name})"
    if isinstance(setting.default, str):
        return _check_text(label, value, setting.metadata["choices"])
    whole = isinstance(setting.default, int)
    low, high = setting.metadata["low"], setting.metadata["high"]
    wanted = f"a {'whole ' if whole else ''}number from {low:,} to {high:,}"
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared before any conversion, so that an integer too large for a float is caught here too.
    if not usable or not low <= value <= high or (whole and value != math.floor(value)):
        shown = "empty" if value is None else f"{value!r:.60}"
        raise ConfigError(f"{label} must be {wanted}, but it is {shown}.")
    return int(value) if whole else float(value)


def _check_text(label: str, value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or not value or len(value) > 4096:
        raise ConfigError(f"{label} must be a name, but it is {value!r:.60}.")
    if choices and value not in choices:
        raise ConfigError(f"{label} must be one of {', '.join(choices)}, but it is {value!r:.60}.")
    return value


def read_config(path: Path) -> RunConfig:
    """The config in a JSON file.

    Raises:
        ConfigError: the file is missing, is not JSON, or holds a wrong setting.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing, so there is no run to start.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as a run's settings: {error}.") from error
    return RunConfig.from_json(values)
