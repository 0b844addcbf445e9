"""The form that starts a run: its fields, generated from the settings, and what a choice implies.

The browser keeps the explicit choices and asks here what follows from them. `config` defines which
values go together; only the settings at the top of the form are known by name here.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from PIL import Image
from pydantic import Field

from ganmodel.config import (
    GROUPS,
    PRESETS,
    SETTINGS,
    ConfigError,
    RunConfig,
    changed_from_preset,
    learns_by_class,
    make_config,
    names_shipped,
    preset_of,
    setting_label,
    warnings,
)
from ganmodel.data import (
    ARCHIVES,
    DATASETS,
    endings,
    formats,
    missing_reason,
)
from ganmodel.hosting import Limits, Waiting, check_run
from ganmodel.images import PADDING
from ganmodel.objectives import OBJECTIVES
from ganmodel.runs import RunError, Throughput, check_start, data_shape, expected_throughput
from ganmodel.sampling import SHIPPED
from ganmodel.ui.http.asks import Answer, Ask, Refusal
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.shared.templates import rendered
from ganmodel.ui.train.form.forecast import FOR_FEW, forecast
from ganmodel.words import Message, Words, message

# The explicit choices by name; with the recipe's edition, one more than there are settings.
Settings = Annotated[dict[str, Any], Field(max_length=len(SETTINGS) + 1)]
# The settings at the top of the form.
FRONT = ("dataset", "conditional", "preset", "images", "seed")
# Not offered: a path on this machine, and what is chosen together with one's own pictures.
LEFT_OUT = ("start_from", "image_size", "fit")
PRESET, DATASET = "quick", "mnist"  # the defaults of the form
OWN = "own"  # the choice of data that means uploaded pictures
UPLOAD = "upload:"  # the prefix of the data set in a start request, before the upload's id
THUMBNAIL_OF = 8  # pictures in a row of a shipped generator's sheet
OWN_COUNT = 1000  # pictures, while their number is not known yet


def form_html(*, trusted: bool = True) -> str:
    """The whole form, with every setting that it offers; `trusted` as in `load_data`."""
    read = formats(trusted)
    return rendered(
        "train/form/form.html",
        datasets=[
            *((name, thumbnail(name)) for name in DATASETS),
            (OWN, ""),
        ],
        presets=[name for name, preset in PRESETS.items() if not preset.lesson],
        lessons=[name for name, preset in PRESETS.items() if preset.lesson],
        images=_field("images"),
        seed=_field("seed"),
        accepted=",".join((*endings(read), *_archive_endings())),
        fits=SETTINGS["fit"].metadata["choices"],
        sizes=SETTINGS["image_size"].metadata["choices"],
        groups=[group for name in GROUPS if (group := _group(name))["fields"]],
    )


def thumbnail(dataset: str) -> str:
    """Four pictures of a data set's kind as a data URL; "" where none ship.

    They are G's: the corner of what the shipped generator of that name draws.
    """
    try:
        with Image.open(SHIPPED / f"{dataset}.png") as sheet:
            side = 2 * (sheet.width + PADDING) // THUMBNAIL_OF - PADDING
            corner = sheet.crop((0, 0, side, side))
    except OSError:
        return ""
    content = io.BytesIO()
    corner.save(content, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def _archive_endings() -> list[str]:
    """Endings for a file dialogue, which compares only the last one of a name."""
    return sorted({Path(archive).suffix for archive in ARCHIVES})


def _group(group: str) -> dict[str, Any]:
    offered = [name for name in SETTINGS if name not in (*FRONT, *LEFT_OUT)]
    names = [name for name in offered if SETTINGS[name].metadata["group"] == group]
    return {"name": group, "fields": [_field(name) for name in names]}


def _field(name: str) -> dict[str, Any]:
    """A setting's values for the template: its choices or its limits."""
    setting = SETTINGS[name]
    facts = setting.metadata
    options = [str(choice) for choice in facts["choices"] or ()]
    return {
        "name": name,
        "handle": "train-objective" if name == "objective" else f"set-{name}",
        "options": options,
        "low": facts["low"],
        "high": facts["high"],
        "whole": isinstance(setting.default, int),
        "limited": facts["low"] is not None and not options,
    }


class Describe(Ask):
    """`settings`: the explicit choices; `count`: of own pictures, where there are any; `colour`:
    whether one of them is coloured."""

    settings: Settings
    count: Annotated[int, Field(gt=0)] | None = None
    colour: bool = True


class Described(Answer):
    """What follows from the choices.

    `values`: every setting of the resulting run; `changed`: labels of those that differ from the
    preset's; `recipe`, `rule`: the sentences on preset and objective; `refusal`: why it cannot
    start, in which case `changed` names what was chosen and the rest describes the preset alone;
    `data`: a note; `data_name`, `takes`: the data and the expected duration for the start button;
    `waits`: how many would train before, and for how long, where a run would not begin at once;
    `classes`: how many the data has, 0 for own pictures; `by_class`: whether the preset learns
    those of own pictures by default; `expected`: the expected duration; `forecast`: what to expect
    of a run on own pictures, None without any; `few`: whether they are so few that the recipe for
    few is better.
    """

    values: dict[str, Any]
    changed: list[Words]
    recipe: Words
    rule: Words
    formulas: list[str]
    warnings: list[Words]
    refusal: Refusal | None
    classes: int
    by_class: bool
    data: Words | None
    data_name: Words
    takes: Words | None
    waits: Words | None
    expected: Words | None
    forecast: Words | None
    few: bool


class SettingsForm:
    """Describes the choices of a form. Safe to use from several threads."""

    def __init__(
        self,
        runs: Path,
        data_dir: Path | None = None,
        limits_of: Callable[[str | None], Limits] = lambda owner: Limits(),
        place_of_next: Callable[[], Waiting | None] = lambda: None,
        looked_at: Callable[[], object] = lambda: None,
    ) -> None:
        """`limits_of`: those of a visitor, by their owner's name; `place_of_next`: see
        `TrainerQueue`; `looked_at`: told whenever somebody looks at a form."""
        self.runs, self.data_dir, self.limits_of = runs, data_dir, limits_of
        self.place_of_next, self.looked_at = place_of_next, looked_at

    def describe(self, visitor: Visitor, ask: Describe) -> Described:
        """What follows from a visitor's choices."""
        self.looked_at()
        limits = self.limits_of(visitor.owner)
        preset, chosen = chosen_settings(ask.settings)
        refusal = None
        try:
            config = make_config(preset, **chosen)
            check_start(config)
            check_run(config, limits)
        except (ConfigError, RunError) as error:
            refusal = Refusal.of(error)
            known = preset if isinstance(preset, str) and preset in PRESETS else PRESET
            front = {name: chosen[name] for name in ("dataset", "objective") if name in chosen}
            try:
                config = make_config(known, **front)
            except ConfigError:
                config = make_config(known)
        place = self.place_of_next()
        speed = None if refusal else _speed(config, self.runs, limits)
        count = None if config.dataset in DATASETS else ask.count
        recipe, rule = preset_of(config.preset, config.edition), OBJECTIVES[config.objective]
        return Described(
            values={name: getattr(config, name) for name in SETTINGS},
            changed=_named(chosen) if refusal else _changed(config),
            recipe=recipe.words,
            rule=rule.explanation,
            formulas=[rule.formula_d, rule.formula_g],
            warnings=warnings(config),
            refusal=refusal,
            classes=len(DATASETS[config.dataset].classes) if config.dataset in DATASETS else 0,
            by_class=learns_by_class(config.preset, config.edition),
            data=_data_note(config.dataset, self.data_dir),
            data_name=_data_name(config),
            takes=None if speed is None else _duration(config.images / speed.images_per_second),
            waits=None if place is None else _wait(place),
            expected=None if speed is None else _expected(config, ask.count, speed),
            forecast=None if count is None else _forecast(config, count, speed, ask.colour),
            few=count is not None and count < FOR_FEW,
        )


def chosen_settings(settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The preset and the explicit choices that a browser sent.

    Raises:
        ConfigError: one that visitors may not choose.
    """
    chosen = {name: value for name, value in settings.items() if name != "preset"}
    start = chosen.get("start_from", "")
    if start and not (isinstance(start, str) and names_shipped(start)):
        raise ConfigError("no-start")  # a visitor names no path on this machine
    return settings.get("preset", PRESET), chosen


def _named(chosen: dict[str, Any]) -> list[Words]:
    """Labels of the choices outside `FRONT`, so that a refused one can be undone."""
    names = [name for name in chosen if name in SETTINGS and name not in FRONT]
    return [setting_label(name) for name in names]


def _changed(config: RunConfig) -> list[Words]:
    """Labels of settings that differ from the preset's, including an objective that it names."""
    names = changed_from_preset(config)
    own = preset_of(config.preset, config.edition).also
    if own.get("objective", config.objective) != config.objective:
        names.insert(0, "objective")
    return [setting_label(name) for name in names]


def _data_note(name: str, data_dir: Path | None) -> Words | None:
    if name not in DATASETS or missing_reason(name, data_dir) is None:
        return None
    found = DATASETS[name]
    return message("form.not-here", name=DATASETS[name].title, size=found.download_bytes / 1e6)


def _data_name(config: RunConfig) -> Words:
    """The data in a few words, for the start button."""
    if config.dataset not in DATASETS:
        return message("datasets.own.title")
    title = DATASETS[config.dataset].title
    return message("form.by-class-short", data=title) if config.conditional else title


def _speed(config: RunConfig, runs: Path, limits: Limits) -> Throughput | None:
    """How fast the run would be here; None where nothing tells."""
    try:
        return expected_throughput(config, *data_shape(config), runs, limits.trainers)
    except (RunError, ValueError):
        return None


def _expected(config: RunConfig, count: int | None, speed: Throughput) -> Words:
    """How long the run would take, and how often it would see each picture."""
    if config.dataset in DATASETS:
        pictures = DATASETS[config.dataset].counts[0]
    else:
        pictures = count or OWN_COUNT
    return message(
        "form.expected",
        time=_duration(config.images / speed.images_per_second),
        speed=round(float(f"{speed.images_per_second:.2g}")),
        how=_how(speed),
        times=_often(config.images / pictures),
    )


def _wait(place: Waiting) -> Words:
    return message("form.before-you", n=place.ahead + 1, time=_duration(place.seconds))


def _forecast(config: RunConfig, count: int, speed: Throughput | None, colour: bool) -> Words:
    time = _duration(config.images / speed.images_per_second) if speed else None
    return forecast(count, config.image_size, config.images, time, colour=colour)


def _how(expected: Throughput) -> Message:
    known = "measured" if expected.measured else "compared" if expected.compared else "guessed"
    how = message(f"form.{known}")
    return message("form.beside", how=how, n=expected.beside) if expected.beside else how


def _often(times: float) -> Message:
    if times < 0.95:
        return message("form.seen-part")
    return message("form.seen-times", n=times) if times >= 1.5 else message("form.seen-once")


def _duration(seconds: float) -> Message:
    if seconds < 90:
        return message("form.about-seconds", n=max(5, 5 * round(seconds / 5)))
    if seconds < 5400:
        return message("form.about-minutes", n=round(seconds / 60))
    return message("form.about-hours", n=seconds / 3600)
