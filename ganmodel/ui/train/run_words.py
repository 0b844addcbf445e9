"""What is said of a run's settings, whoever shows them: the view of a run and the list of runs."""

from __future__ import annotations

from ganmodel.config import PRESETS, RunConfig, preset_of
from ganmodel.data import DATASETS
from ganmodel.objectives import OBJECTIVES
from ganmodel.runs import data_name
from ganmodel.words import Message, Words, message

EYES = ("mnist", "fashion-mnist", "stacked-mnist")  # data of which a shipped classifier looks


def settings_in_words(config: RunConfig, shows_own: bool = True) -> Message:
    """The main settings in a line: data, preset, objective, length, start number.

    `shows_own`: with the owner's name for own data.
    """
    if config.dataset in DATASETS:
        data: Words = DATASETS[config.dataset].label
    else:
        data = data_name(config) if shows_own else message("page.own-pictures")
    if config.conditional:
        data = message("page.by-class", data=data)
    return message(
        "page.settings-in-words",
        data=data,
        recipe=recipe_of(config),
        rule=OBJECTIVES[config.objective].label,
        images=config.images,
        seed=config.seed,
    )


def data_of(config: RunConfig) -> Words:
    """The data's title, or the owner's name for own data."""
    known = config.dataset in DATASETS
    return DATASETS[config.dataset].title if known else data_name(config)


def recipe_of(config: RunConfig) -> Words:
    """A recipe's label; its name for one that this edition lacks."""
    return PRESETS[config.preset].label if config.preset in PRESETS else config.preset


def cure_of(config: RunConfig) -> Words:
    """A failing preset's sentence on its cure; empty for a preset that this edition lacks."""
    known = preset_of(config.preset, config.edition).cure if config.preset in PRESETS else None
    return known or ""


def eyes_of(config: RunConfig) -> Message:
    """Who looks where a distance of this data is measured."""
    known = config.dataset in EYES
    return message(f"page.eyes.{config.dataset}" if known else "page.other-eyes")
