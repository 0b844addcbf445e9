"""The presets, and `make_config`, which combines preset, objective and explicit choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganmodel.config.editions import EDITION, check_edition
from ganmodel.config.errors import ConfigError
from ganmodel.config.objectives import OBJECTIVES
from ganmodel.config.settings import SETTINGS, RunConfig, check_setting


@dataclass(frozen=True)
class Preset:
    """Settings that work well together, and a sentence on what to expect; "recipe" on the page.

    A `lesson` fails on purpose, reproducibly; its `cure` says what would help. `also` are the
    preset's values for settings that a user usually chooses independently: objective, length, seed,
    networks to start from. With `by_class`, G and D learn the classes if the data has any, from
    edition 3 on.
    """

    label: str
    explanation: str
    settings: Mapping[str, Any]
    also: Mapping[str, Any] = field(default_factory=dict)
    lesson: bool = False
    cure: str = ""
    by_class: bool = False


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

PRESETS: dict[str, Preset] = {
    "quick": Preset(
        label="quick",
        explanation="Small networks and a D that cannot grow steep, by class where the data has "
        "classes: readable digits within half a minute on two cores.",
        settings={**_QUICK, "sample_count": 100},  # ten of each of ten classes
        by_class=True,
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
    "wgan": Preset(
        label="WGAN",
        explanation="The quick pair under the Wasserstein rule, its critic's weights clipped: "
        "digits after a minute or two, rougher than quick's.",
        settings=_QUICK,
        also={"objective": "wgan"},
    ),
    "wgan-gp": Preset(
        label="WGAN-GP",
        explanation="The Wasserstein rule with a gradient penalty instead of clipping: slower "
        "steps, steadier learning.",
        settings=_QUICK,
        also={"objective": "wgan-gp"},
    ),
    "r3gan": Preset(
        label="R3GAN",
        explanation="Deeper networks that judge pairs of pictures, with two penalties in every "
        "step: the steadiest, and about three times the time for each image.",
        settings=_QUICK,
        also={"objective": "r3gan"},
    ),
    "few": Preset(
        label="few pictures of your own",
        explanation="For some dozens to some thousands of pictures: D sees them moved and partly "
        "hidden, so that it cannot simply remember them.",
        settings={**_QUICK, "augment": "translation+cutout", "batch_size": 64, "r1_gamma": 1.0},
    ),
    "lesson-collapse": Preset(
        label="lesson: G repeats itself",
        explanation="Mode collapse, from networks that draw all ten digits: G takes 30 steps for "
        "each of D, runs to the one picture that D believes most, draws it whatever the noise, and "
        "moves on to another as soon as D has understood.",
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
        cure="Turn the knob G's steps to 1, so that D can answer each of them: within a minute all "
        "ten digits are back.",
    ),
    "lesson-d-wins": Preset(
        label="lesson: D wins",
        explanation="D learns five times for each step of G under the original formula: soon it is "
        "sure of everything, and has nothing left to teach.",
        settings={**_LESSON, "lr_g": 2e-4, "lr_d": 3e-3, "n_critic": 5},
        also={"objective": "minimax", "images": 60_000, "seed": 0},
        lesson=True,
        cure="Hold D back: one step of D for each of G, a lower rate, and an R1 penalty.",
    ),
    "lesson-diverge": Preset(
        label="lesson: training diverges",
        explanation="Rates ten times too high: both swing wider and wider and never settle.",
        settings={**_LESSON, "lr_g": 3e-2, "lr_d": 3e-2, "beta1": 0.9},
        also={"objective": "lsgan", "images": 60_000, "seed": 0},
        lesson=True,
        cure="Lower both rates, and begin again from before the swings.",
    ),
}

# Former presets by name: the edition in which each was replaced, and the former preset.
_EARLIER: dict[str, tuple[int, Preset]] = {
    "lesson-collapse": (
        3,
        Preset(
            label="lesson: G repeats itself",
            explanation="Mode collapse: G moves far faster than D, finds a shape that passes, "
            "draws it again and again, and runs on to the next as soon as D has understood.",
            settings={**_LESSON, "lr_g": 1e-2, "lr_d": 2e-4, "beta1": 0.9},
            also={"images": 30_000, "seed": 0},
            lesson=True,
            cure="Let D keep up, and keep it smooth: lower G's rate, and give D an R1 penalty.",
        ),
    ),
}


def preset_of(preset: str, edition: int = EDITION) -> Preset:
    """The preset of that name, as defined in `edition`.

    Raises:
        ConfigError: no such preset or edition.
    """
    if not isinstance(preset, str) or preset not in PRESETS:
        raise ConfigError("no-such-recipe", preset=f"{preset!r:.60}", names=", ".join(PRESETS))
    since, earlier = _EARLIER.get(preset, (0, PRESETS[preset]))
    return earlier if check_edition(edition) < since else PRESETS[preset]


def make_config(preset: str = "quick", **chosen: Any) -> RunConfig:
    """The config for a preset and explicitly chosen settings.

    Explicit choices override the settings that the objective requires, those override the preset,
    and that overrides the defaults. The edition is the newest unless it is chosen.

    Raises:
        ConfigError: an unknown preset, or a setting that is unknown or out of range.
    """
    found = preset_of(preset, chosen.get("edition", EDITION))
    base = {**found.settings, **found.also}
    has_classes = chosen.get("dataset", SETTINGS["dataset"].default) in WITH_CLASSES
    # Networks to start from are conditional or not; that cannot be chosen here.
    if has_classes and not chosen.get("start_from", base.get("start_from")):
        base["conditional"] = learns_by_class(preset, chosen.get("edition", EDITION))
    objective = chosen.get("objective", base.get("objective", SETTINGS["objective"].default))
    needs = OBJECTIVES[check_setting("objective", objective)].needs
    return RunConfig.from_json({"edition": EDITION, **base, **needs, **chosen, "preset": preset})


def learns_by_class(preset: str, edition: int = EDITION) -> bool:
    """Whether a preset learns classes by default if the data has any.

    `make_config` applies this to named data sets. Whether own images have classes is known only
    after reading them.
    """
    return PRESETS[preset].by_class and check_edition(edition) >= 3
