"""`RunConfig`: every setting of one run, with its range, label and explanation.

`rules` checks combinations of settings; `presets` builds configs from presets.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganmodel.config.editions import EDITION, UNNAMED, check_edition
from ganmodel.config.errors import ConfigError
from ganmodel.config.objectives import OBJECTIVES
from ganmodel.config.rules import check_combination

NETWORKS = ("small", "article", "residual")
NORMS = ("none", "batch", "spectral")
OPTIMIZERS = ("adam", "rmsprop", "sgd")
FITS = ("crop", "pad", "squeeze")
AUGMENTS = ("none", "translation", "cutout", "translation+cutout")
PRECISIONS = ("float32", "bf16", "auto")

# The groups in which the form and `--help` show the settings.
GROUPS: dict[str, str] = {
    "run": "the run",
    "data": "data",
    "networks": "networks",
    "steps": "how G and D move",
    "penalties": "what keeps D in check",
    "records": "what is written down",
}


def _setting(
    group: str,
    default: Any,
    label: str,
    explanation: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
    knob: bool = False,
    may_be_empty: bool = False,
) -> Any:
    """A field of `RunConfig` with the label and explanation that the page and `--help` show.

    `low` and `high` are inclusive. A `knob` may be changed while the run is training.
    """
    return field(
        default=default,
        metadata={
            "group": group,
            "label": label,
            "explanation": explanation,
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

    preset: str = _setting(
        "run", "quick", "recipe", "Where the settings not chosen here come from."
    )
    dataset: str = _setting(
        "data",
        "mnist",
        "data",
        "The pictures to learn from: a data set by name, or the path of a folder or archive of "
        "your own.",
    )
    objective: str = _setting(
        "run",
        "non-saturating",
        "training rule",
        "What G and D each try to lower.",
        choices=(*OBJECTIVES,),
    )
    images: int = _setting(
        "run",
        300_000,
        "length",
        "Real images shown to D before the run ends; MNIST holds 60,000.",
        low=1,
        high=1_000_000_000,
    )
    seed: int = _setting(
        "run", 0, "start number", "Same number, same settings: same result.", low=0, high=2**31 - 1
    )
    start_from: str = _setting(
        "run",
        "",
        "start from",
        "A weights file or run to go on from with new settings or data, or networks that come with "
        "ganmodel by their name, instead of fresh ones.",
        may_be_empty=True,
    )
    image_size: int = _setting(
        "data",
        32,
        "picture size",
        "Pixels, height and width, that pictures of your own are brought to; a named data set "
        "has its own.",
        choices=(28, 32),
    )
    fit: str = _setting(
        "data",
        "crop",
        "into a square",
        "How pictures of your own become squares: crop keeps the middle; pad keeps the whole "
        "picture and goes on in the colours of its edges; squeeze stretches it.",
        choices=FITS,
    )
    conditional: bool = _setting(
        "data",
        False,
        "by class",
        "Teach G and D the classes, so that a picture of a chosen class can be asked for; in your "
        "own data, each top-level folder is a class. quick does where the data has classes.",
    )
    augment: str = _setting(
        "data",
        "none",
        "augmentation",
        "Shows D moved (translation) or partly hidden (cutout) pictures, real and fake alike: for "
        "data sets below a few thousand.",
        choices=AUGMENTS,
    )
    network: str = _setting(
        "networks",
        "small",
        "networks",
        "small learns digits within a minute on two cores; article is the article's pair; residual "
        "is deeper, without normalisation, made for r3gan.",
        choices=NETWORKS,
    )
    width: int = _setting(
        "networks",
        32,
        "width",
        "Channels of the small and residual pairs; twice the width is about four times the work.",
        low=4,
        high=256,
    )
    z_dim: int = _setting(
        "networks", 64, "noise", "Numbers in one noise vector z.", low=2, high=1024
    )
    norm_d: str = _setting(
        "networks",
        "none",
        "D's normalisation",
        "spectral limits how steep D can be; batch judges a picture together with its batch, and "
        "goes with no penalty.",
        choices=NORMS,
    )
    batch_size: int = _setting(
        "steps", 64, "batch", "Images in one training step.", low=2, high=4096
    )
    optimizer: str = _setting(
        "steps",
        "adam",
        "optimizer",
        "adam and rmsprop adapt each weight's step; sgd is plain gradient descent.",
        choices=OPTIMIZERS,
    )
    lr_g: float = _setting(
        "steps",
        1e-3,
        "G's rate",
        "How far G moves at each step; halve it if training is wild.",
        low=0.0,
        high=1.0,
        knob=True,
    )
    lr_d: float = _setting(
        "steps",
        1e-3,
        "D's rate",
        "How far D moves at each step; lower it if D wins.",
        low=0.0,
        high=1.0,
        knob=True,
    )
    lr_hold: int = _setting(
        "steps",
        0,
        "full rate until",
        "Images seen until both rates begin to fall, as one over the square root; 0 is never.",
        low=0,
        high=1_000_000_000,
    )
    beta1: float = _setting(
        "steps", 0.5, "β1", "Memory of past directions, for adam.", low=0.0, high=0.9999
    )
    beta2: float = _setting(
        "steps",
        0.99,
        "β2",
        "Memory of past step sizes, for adam and rmsprop.",
        low=0.0,
        high=0.99999,
    )
    momentum: float = _setting(
        "steps", 0.0, "momentum", "Memory of past directions, for sgd.", low=0.0, high=0.9999
    )
    n_critic: int = _setting(
        "steps", 1, "D's steps", "Steps of D for each step of G.", low=1, high=100, knob=True
    )
    g_steps: int = _setting(
        "steps",
        1,
        "G's steps",
        "Steps of G for each step of D: with many, G runs to the one picture that D believes most.",
        low=1,
        high=100,
        knob=True,
    )
    ema_half_life: int = _setting(
        "steps",
        10_000,
        "averaging",
        "Images after which a past weight of G counts half in averaged G; 0 is no averaging.",
        low=0,
        high=100_000_000,
    )
    precision: str = _setting(
        "steps",
        "float32",
        "precision",
        "bf16 computes with shorter numbers; auto takes it where the processor is made for them "
        "and the networks are wide enough to gain.",
        choices=PRECISIONS,
    )
    r1_gamma: float = _setting(
        "penalties",
        0.0,
        "R1 penalty",
        "Keeps D smooth around real images; 0 is off, more calms D.",
        low=0.0,
        high=1000.0,
        knob=True,
    )
    r2_gamma: float = _setting(
        "penalties",
        0.0,
        "R2 penalty",
        "Keeps D smooth around G's pictures; 0 is off, more calms D.",
        low=0.0,
        high=1000.0,
        knob=True,
    )
    r1_every: int = _setting(
        "penalties",
        16,
        "R1 and R2 interval",
        "D's steps from one of these penalties to the next.",
        low=1,
        high=1000,
    )
    gp_weight: float = _setting(
        "penalties",
        0.0,
        "gradient penalty",
        "wgan-gp's λ: how strongly D's slope is drawn to 1 between real and fake.",
        low=0.0,
        high=10_000.0,
        knob=True,
    )
    clip: float = _setting(
        "penalties",
        0.0,
        "weight clipping",
        "wgan's c: D's weights are cut off at ±c after each of its steps.",
        low=0.0,
        high=10.0,
    )
    log_every: int = _setting(
        "records",
        1024,
        "log interval",
        "Images from one row of the curves to the next.",
        low=1,
        high=10_000_000,
    )
    save_every: int = _setting(
        "records",
        16_384,
        "save interval",
        "Images from one checkpoint to the next; rounded to whole rows of the curves.",
        low=1,
        high=100_000_000,
    )
    evaluate_every: int = _setting(
        "records",
        65_536,
        "evaluation interval",
        "Images from one measurement of quality to the next, besides some early ones; rounded to "
        "whole rows; 0 is never.",
        low=0,
        high=1_000_000_000,
    )
    sample_count: int = _setting(
        "records", 64, "samples", "Pictures in the grid that shows progress.", low=1, high=256
    )
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


def check_setting(name: str, value: Any) -> Any:
    """The value in its setting's type; a `ConfigError` says what was expected."""
    if name not in SETTINGS:
        raise ConfigError("no-such-setting", name=f"{name!r:.60}")
    setting = SETTINGS[name]
    facts = setting.metadata
    label = f"{facts['label']} ({name})"
    shown = "empty" if value is None or value == "" else f"{value!r:.60}"
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
        choices = ", ".join(str(choice) for choice in facts["choices"])
        raise ConfigError("setting-one-of", label=label, choices=choices, shown=shown)
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
    label: str, setting: dataclasses.Field[Any], value: Any, shown: str
) -> int | float:
    whole = isinstance(setting.default, int)
    choices, low, high = (setting.metadata[key] for key in ("choices", "low", "high"))
    if choices:
        low, high = min(choices), max(choices)
    wanted = f"a {'whole ' if whole else ''}number from {low:,} to {high:,}"
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared before conversion, so that an integer too large for a float is refused here, too.
    if not usable or not low <= value <= high or (whole and value != math.floor(value)):
        raise ConfigError("setting-number", label=label, wanted=wanted, shown=shown)
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
