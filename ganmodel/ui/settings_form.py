"""The form that starts a run: its HTML from the settings themselves, and what is said of a choice.

A browser keeps what the person chose and asks here what follows from it; which values belong
together is `config`'s business, and no setting is known by name here but those on the front.
"""

from __future__ import annotations

import html
from dataclasses import Field
from pathlib import Path
from typing import Any

from ganmodel.config import (
    EDITION,
    GROUPS,
    OBJECTIVES,
    PRESETS,
    SETTINGS,
    ConfigError,
    RunConfig,
    changed_from_preset,
    learns_by_class,
    make_config,
    names_shipped,
    preset_of,
    warnings,
)
from ganmodel.data import (
    ARCHIVES,
    DATASETS,
    LEAST_IMAGES,
    endings,
    formats,
    missing_reason,
    named,
)
from ganmodel.hosting import MOST_FILES, Limits, check_run
from ganmodel.runs import RunError, Throughput, check_start, data_shape, expected_throughput
from ganmodel.texts import form as words
from ganmodel.ui.assets import read_template

MOST_NAMES = len(SETTINGS) + 1  # of settings, with the recipe's edition
# Shown before all settings are opened.
FRONT = ("dataset", "conditional", "preset", "images", "seed")
# Not offered: a path on this machine, and the size that comes with the pictures.
LEFT_OUT = ("start_from", "image_size")
OWN = "own"  # the choice of data that stands for uploaded pictures
OWN_COUNT = 1000  # pictures, where it is not known yet how many there are


def form_html(*, trusted: bool = True) -> str:
    """The whole form, with every setting that a person may choose; `trusted` as in `load_data`."""
    template = read_template("form/form.html", "form")
    datasets = "".join(_option(name, d.label) for name, d in DATASETS.items())
    recipes = "".join(_option(name, p.label) for name, p in PRESETS.items() if not p.lesson)
    lessons = "".join(_option(name, p.label) for name, p in PRESETS.items() if p.lesson)
    pictures = formats(trusted)
    return (
        template.replace("%datasets%", datasets + _option(OWN, words.OWN))
        .replace("%images%", _number_attributes(SETTINGS["images"]))
        .replace("%seed%", _number_attributes(SETTINGS["seed"]) + ' data-step="1"')
        .replace("%reads%", ",".join(endings(pictures)))
        .replace("%endings%", ",".join((*endings(pictures), *_archive_endings())))
        .replace("%archives%", ",".join(ARCHIVES))
        .replace("{formats}", html.escape(named(pictures)))
        .replace("{least}", str(LEAST_IMAGES))
        .replace("%most%", str(MOST_FILES))
        .replace("%recipes%", recipes)
        .replace("%lessons%", lessons)
        .replace("%edition%", str(EDITION))
        .replace("%groups%", "".join(map(_group, GROUPS)))
    )


def _option(value: str, label: str) -> str:
    return f'<option value="{html.escape(value)}">{html.escape(label)}</option>'


def _archive_endings() -> list[str]:
    """What a file dialogue goes by, which knows only the last ending of a name."""
    return sorted({Path(archive).suffix for archive in ARCHIVES})


def _group(group: str) -> str:
    names = [
        name
        for name, setting in SETTINGS.items()
        if setting.metadata["group"] == group and name not in (*FRONT, *LEFT_OUT)
    ]
    if not names:
        return ""
    fields = "".join(map(_field, names))
    return f"<fieldset><legend>{html.escape(GROUPS[group])}</legend>{fields}</fieldset>"


def _field(name: str) -> str:
    """One setting: label, control and explanation. The objective also gets its two formulas."""
    setting = SETTINGS[name]
    facts, attributes = setting.metadata, f'id="set-{name}-input" data-setting="{name}"'
    if name == "objective":
        options = "".join(_option(key, info.label) for key, info in OBJECTIVES.items())
        control = f"<select {attributes}>{options}</select>"
    elif facts["choices"]:
        options = "".join(_option(str(choice), str(choice)) for choice in facts["choices"])
        control = f"<select {attributes}>{options}</select>"
    else:
        control = f"<input {_number_attributes(setting)} {attributes}>"
    explanation = html.escape(facts["explanation"])
    if facts["low"] is not None and not facts["choices"]:
        limits = words.RANGE.format(low=_plain(facts["low"]), high=_plain(facts["high"]))
        explanation += f" <i>{html.escape(limits)}</i>"
    more = '<p class="gm-formula" data-part="formulas"></p>' if name == "objective" else ""
    handle = "train-objective" if name == "objective" else f"set-{name}"
    return (
        f'<div class="gm-setting" id="{handle}"><label for="set-{name}-input">'
        f"{html.escape(facts['label'])}</label>{control}<p>{explanation}</p>{more}</div>"
    )


def _number_attributes(setting: Field[Any]) -> str:
    """What makes an <input> a field for this setting; assets/numbers.js reads it."""
    low, high = (setting.metadata[name] for name in ("low", "high"))
    whole = " data-whole" if isinstance(setting.default, int) else ""
    limits = f'data-low="{low}" data-high="{high}"{whole}'
    return f'type="text" inputmode="decimal" class="gm-number" {limits}'


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def chosen_settings(ask: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The recipe and the explicit choices that a browser sent.

    Raises:
        ConfigError: not an object of settings.
    """
    settings = ask.get("settings")
    if not isinstance(settings, dict) or len(settings) > MOST_NAMES:
        raise ConfigError("The settings must be an object of names and values: reload the page.")
    chosen = {name: value for name, value in settings.items() if name != "preset"}
    start = chosen.get("start_from", "")
    if start and not (isinstance(start, str) and names_shipped(start)):
        raise ConfigError(words.NO_START)  # a visitor names no path on this machine
    return settings.get("preset", "quick"), chosen


def describe(
    ask: dict[str, Any], runs: Path, data_dir: Path | None = None, limits: Limits | None = None
) -> dict[str, Any]:
    """What follows from the choices in `ask["settings"]`; `ask["count"]` is of own pictures.

    `values`: every setting as the run would have it; `changed`: labels of those that are not the
    recipe's; `recipe`, `rule`: their sentences; `formulas`; `warnings`; `refusal`: why it cannot
    start, in which case `changed` names what was chosen and the rest describes the recipe alone;
    `data`: a note; `classes`: how many the data has, 0 for own pictures; `by_class`: whether the
    recipe learns those of own pictures unasked; `expected`: how long. `limits` are those that hold
    for whoever asks.
    """
    preset, chosen = chosen_settings(ask)
    refusal = None
    try:
        config = make_config(preset, **chosen)
        check_start(config)
        check_run(config, limits or Limits())
    except (ConfigError, RunError) as error:
        refusal = str(error)
        known = preset if isinstance(preset, str) and preset in PRESETS else "quick"
        front = {name: chosen[name] for name in ("dataset", "objective") if name in chosen}
        try:
            config = make_config(known, **front)
        except ConfigError:
            config = make_config(known)
    recipe, rule = preset_of(config.preset, config.edition), OBJECTIVES[config.objective]
    return {
        "values": {name: getattr(config, name) for name in SETTINGS},
        "changed": _named(chosen) if refusal else _changed(config),
        "recipe": f"{recipe.explanation} {recipe.cure}".strip(),
        "rule": rule.explanation,
        "formulas": [rule.loss_d, rule.loss_g],
        "warnings": warnings(config),
        "refusal": refusal,
        "classes": len(DATASETS[config.dataset].classes) if config.dataset in DATASETS else 0,
        "by_class": learns_by_class(config.preset, config.edition),
        "data": _data_note(config.dataset, data_dir),
        "expected": None if refusal else _expected(config, ask.get("count"), runs, limits),
    }


def _named(chosen: dict[str, Any]) -> list[str]:
    """Labels of what was chosen besides the front, so that a refused choice can be taken back."""
    names = [name for name in chosen if name in SETTINGS and name not in FRONT]
    return [SETTINGS[name].metadata["label"] for name in names]


def _changed(config: RunConfig) -> list[str]:
    """Labels of settings that are not the recipe's; a rule that the recipe names is one of them."""
    names = changed_from_preset(config)
    own = preset_of(config.preset, config.edition).also
    if own.get("objective", config.objective) != config.objective:
        names.insert(0, "objective")
    return [SETTINGS[name].metadata["label"] for name in names]


def _data_note(name: str, data_dir: Path | None) -> str:
    if name not in DATASETS or missing_reason(name, data_dir) is None:
        return ""
    found = DATASETS[name]
    return words.NOT_HERE.format(name=found.title, size=f"{found.download_bytes / 1e6:.0f}")


def _expected(config: RunConfig, count: Any, runs: Path, limits: Limits | None) -> str:
    """How long the run would take here, and how often it would see each picture."""
    if config.dataset in DATASETS:
        pictures = DATASETS[config.dataset].counts[0]
    else:
        pictures = count if isinstance(count, int) and count > 0 else OWN_COUNT
    try:
        pace = expected_throughput(
            config, *data_shape(config), runs, limits.trainers if limits else None
        )
    except (RunError, ValueError):
        return ""
    return words.EXPECTED.format(
        time=_duration(config.images / pace.images_per_second),
        speed=f"{float(f'{pace.images_per_second:.2g}'):,.0f}",
        how=_how(pace),
        times=_often(config.images / pictures),
    )


def _how(pace: Throughput) -> str:
    how = words.MEASURED if pace.measured else words.COMPARED if pace.compared else words.GUESSED
    return f"{how}; {words.BESIDE.format(n=pace.beside)}" if pace.beside else how


def _often(times: float) -> str:
    if times < 0.95:
        return words.SEEN_PART
    return words.SEEN_TIMES.format(n=f"{times:,.0f}") if times >= 1.5 else words.SEEN_ONCE


def _duration(seconds: float) -> str:
    if seconds < 90:
        return words.ABOUT_SECONDS.format(n=max(5, 5 * round(seconds / 5)))
    if seconds < 5400:
        return words.ABOUT_MINUTES.format(n=round(seconds / 60))
    return words.ABOUT_HOURS.format(n=f"{seconds / 3600:.1f}")
