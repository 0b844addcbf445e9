"""The presets, and `make_config`, which combines preset, objective and explicit choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganmodel.config.editions import EDITION, check_edition
from ganmodel.config.errors import ConfigError
from ganmodel.config.settings import SETTINGS, RunConfig, check_setting
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, message


@dataclass(frozen=True)
class Preset:
    """Settings that work well together; "recipe" on the page.

    What is said of it is in `words`, by "presets." and its name. A `lesson` fails on purpose,
    reproducibly. `also` are the preset's values for settings that a user usually chooses
    independently: objective, length, seed, networks to start from. With `by_class`, G and D learn
    the classes if the data has any, from edition 3 on. `before` is the edition that replaced it; 0
    for one of today's.
    """

    name: str
    settings: Mapping[str, Any]
    also: Mapping[str, Any] = field(default_factory=dict)
    lesson: bool = False
    by_class: bool = False
    before: int = 0

    @property
    def label(self) -> Message:
        return message(f"presets.{self.name}.label")

    @property
    def explanation(self) -> Message:
        """What to expect."""
        return self._of_its_edition("explanation")

    @property
    def cure(self) -> Message | None:
        """What would help where a lesson fails; None for other presets."""
        return self._of_its_edition("cure") if self.lesson else None

    @property
    def words(self) -> list[Message]:
        """What to expect, and the cure of a lesson."""
        return [self.explanation, *([self.cure] if self.cure else [])]

    def _of_its_edition(self, part: str) -> Message:
        since = f"-before-{self.before}" if self.before else ""
        return message(f"presets.{self.name}.{part}{since}")


# Named data sets whose classes a preset may learn by default. Stacked MNIST is not among them: it
# tests whether an unconditional G covers all thousand modes.
WITH_CLASSES = ("mnist", "fashion-mnist", "kmnist", "cifar10")

_QUICK: dict[str, Any] = {
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
    "evaluate_every": 32_768,
}
# For the lessons: no normalisation and no penalty, so that nothing restrains D; logged often, since
# they are short; without averaging, which would hide G's oscillations.
_LESSON: dict[str, Any] = {
    **_QUICK,
    "batch_size": 64,
    "norm_d": "none",
    "beta1": 0.5,
    "beta2": 0.9,
    "r1_gamma": 0.0,
    "ema_half_life": 0,
    "precision": "float32",
    "log_every": 512,
    "save_every": 4096,
    "evaluate_every": 8192,
}

_ALL = (
    Preset(
        "quick",
        settings={**_QUICK, "sample_count": 100},  # ten of each of ten classes
        by_class=True,
    ),
    Preset(
        "article",
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
    Preset(
        "wgan",
        settings=_QUICK,
        also={"objective": "wgan"},
    ),
    Preset(
        "wgan-gp",
        settings=_QUICK,
        also={"objective": "wgan-gp"},
    ),
    Preset(
        "r3gan",
        settings=_QUICK,
        also={"objective": "r3gan"},
    ),
    Preset(
        "few",
        settings={**_QUICK, "augment": "translation+cutout", "batch_size": 64, "r1_gamma": 1.0},
    ),
    Preset(
        "lesson-collapse",
        settings={
            **_QUICK,
            "batch_size": 32,
            "lr_g": 3e-3,
            "lr_d": 1e-3,
            "g_steps": 30,
            "r1_gamma": 1.0,
            "r1_every": 1,
            "ema_half_life": 0,  # averaging would hide how G changes
            "precision": "float32",
            "log_every": 64,
            "save_every": 4096,
            "evaluate_every": 8192,
        },
        also={"images": 9_600, "seed": 0, "start_from": "mnist-early"},
        lesson=True,
    ),
    Preset(
        "lesson-d-wins",
        settings={**_LESSON, "lr_g": 2e-4, "lr_d": 3e-3, "n_critic": 5},
        also={"objective": "minimax", "images": 60_000, "seed": 0},
        lesson=True,
    ),
    Preset(
        "lesson-diverge",
        settings={**_LESSON, "lr_g": 3e-2, "lr_d": 3e-2, "beta1": 0.9},
        also={"objective": "lsgan", "images": 60_000, "seed": 0},
        lesson=True,
    ),
)
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}

# Former presets by name, each with the edition in which it was replaced.
_EARLIER: dict[str, Preset] = {
    "lesson-collapse": Preset(
        "lesson-collapse",
        settings={**_LESSON, "lr_g": 1e-2, "lr_d": 2e-4, "beta1": 0.9},
        also={"images": 30_000, "seed": 0},
        lesson=True,
        before=3,
    ),
}


def preset_of(preset: str, edition: int = EDITION) -> Preset:
    """The preset of that name, as defined in `edition`.

    Raises:
        ConfigError: no such preset or edition.
    """
    if not isinstance(preset, str) or preset not in PRESETS:
        raise ConfigError("no-such-recipe", preset=f"{preset!r:.60}", names=[*PRESETS])
    earlier = _EARLIER.get(preset, PRESETS[preset])
    return earlier if check_edition(edition) < earlier.before else PRESETS[preset]


def make_config(preset: str = "quick", **chosen: Any) -> RunConfig:
    """The config for a preset and explicitly chosen settings.

    Explicit choices override the settings that the objective requires, those override the preset,
    and that overrides the defaults. The edition is the newest unless it is chosen.

    Raises:
        ConfigError: an unknown preset, or a setting that is unknown or out of range.
    """
    edition = chosen.get("edition", EDITION)
    found = preset_of(preset, edition)
    base = {**found.settings, **found.also}
    has_classes = chosen.get("dataset", SETTINGS["dataset"].default) in WITH_CLASSES
    # Networks to start from are conditional or not; that cannot be chosen here.
    if has_classes and not chosen.get("start_from", base.get("start_from")):
        base["conditional"] = learns_by_class(preset, edition)
    objective = chosen.get("objective", base.get("objective", SETTINGS["objective"].default))
    needs = OBJECTIVES[check_setting("objective", objective)].needs_in(edition)
    return RunConfig.from_json({"edition": edition, **base, **needs, **chosen, "preset": preset})


def learns_by_class(preset: str, edition: int = EDITION) -> bool:
    """Whether a preset learns classes by default if the data has any.

    `make_config` applies this to named data sets. Whether own images have classes is known only
    after reading them.
    """
    return PRESETS[preset].by_class and check_edition(edition) >= 3
