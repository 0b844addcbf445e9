"""The form that starts a run: its fields, generated from the settings, and what a choice implies.

The browser keeps the explicit choices and asks here what follows from them. `config` defines which
values go together; only the settings at the top of the form are known by name here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ganmodel.config import (
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
from ganmodel.hosting import Limits, check_run
from ganmodel.runs import RunError, Throughput, check_start, data_shape, expected_throughput
from ganmodel.texts import form as words
from ganmodel.ui.http.asks import Answer, Ask, Refusal
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.shared.templates import rendered

# The explicit choices by name; with the recipe's edition, one more than there are settings.
Settings = Annotated[dict[str, Any], Field(max_length=len(SETTINGS) + 1)]
# The settings at the top of the form.
FRONT = ("dataset", "conditional", "preset", "images", "seed")
# Not offered: a path on this machine, and the size that the pictures determine.
LEFT_OUT = ("start_from", "image_size")
PRESET, DATASET = "quick", "mnist"  # the defaults of the form
OWN = "own"  # the choice of data that means uploaded pictures
UPLOAD = "upload:"  # the prefix of the data set in a start request, before the upload's id
OWN_COUNT = 1000  # pictures, while their number is not known yet


def form_html(*, trusted: bool = True) -> str:
    """The whole form, with every setting that it offers; `trusted` as in `load_data`."""
    pictures = formats(trusted)
    return rendered(
        "train/form/form.html",
        words="form",
        datasets=[*((name, d.label) for name, d in DATASETS.items()), (OWN, words.OWN)],
        presets=[(name, p.label) for name, p in PRESETS.items() if not p.lesson],
        lessons=[(name, p.label) for name, p in PRESETS.items() if p.lesson],
        images=_field("images"),
        seed=_field("seed"),
        accepted=",".join((*endings(pictures), *_archive_endings())),
        drop_hint=words.DROP_HINT.format(formats=named(pictures), least=LEAST_IMAGES),
        groups=[group for title in GROUPS if (group := _group(title))["fields"]],
    )


def _archive_endings() -> list[str]:
    """Endings for a file dialogue, which compares only the last one of a name."""
    return sorted({Path(archive).suffix for archive in ARCHIVES})


def _group(group: str) -> dict[str, Any]:
    offered = [name for name in SETTINGS if name not in (*FRONT, *LEFT_OUT)]
    names = [name for name in offered if SETTINGS[name].metadata["group"] == group]
    return {"title": GROUPS[group], "fields": [_field(name) for name in names]}


def _field(name: str) -> dict[str, Any]:
    """A setting's values for the template: its label, its choices or limits, its explanation."""
    setting = SETTINGS[name]
    facts = setting.metadata
    options = [(str(choice), str(choice)) for choice in facts["choices"] or ()]
    if name == "objective":
        options = [(key, info.label) for key, info in OBJECTIVES.items()]
    limited = facts["low"] is not None and not options
    shown = {"low": _plain(facts["low"]), "high": _plain(facts["high"])} if limited else {}
    return {
        "name": name,
        "handle": "train-objective" if name == "objective" else f"set-{name}",
        "label": facts["label"],
        "options": options,
        "low": facts["low"],
        "high": facts["high"],
        "whole": isinstance(setting.default, int),
        "explanation": facts["explanation"],
        "range": words.RANGE.format(**shown) if limited else "",
    }


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


class Describe(Ask):
    """`settings`: the explicit choices; `count`: of own pictures, where there are any."""

    settings: Settings
    count: Annotated[int, Field(gt=0)] | None = None


class Described(Answer):
    """What follows from the choices.

    `values`: every setting of the resulting run; `changed`: labels of those that differ from the
    preset's; `recipe`, `rule`: the sentences on preset and objective; `refusal`: why it cannot
    start, in which case `changed` names what was chosen and the rest describes the preset alone;
    `data`: a note; `classes`: how many the data has, 0 for own pictures; `by_class`: whether the
    preset learns those of own pictures by default; `expected`: the expected duration.
    """

    values: dict[str, Any]
    changed: list[str]
    recipe: str
    rule: str
    formulas: list[str]
    warnings: list[str]
    refusal: Refusal | None
    classes: int
    by_class: bool
    data: str
    expected: str | None


class SettingsForm:
    """Describes the choices of a form. Safe to use from several threads."""

    def __init__(
        self,
        runs: Path,
        data_dir: Path | None = None,
        limits_of: Callable[[str | None], Limits] = lambda owner: Limits(),
    ) -> None:
        """`limits_of`: those of a visitor, by their owner's name."""
        self.runs, self.data_dir, self.limits_of = runs, data_dir, limits_of

    def describe(self, visitor: Visitor, ask: Describe) -> Described:
        """What follows from a visitor's choices."""
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
        recipe, rule = preset_of(config.preset, config.edition), OBJECTIVES[config.objective]
        return Described(
            values={name: getattr(config, name) for name in SETTINGS},
            changed=_named(chosen) if refusal else _changed(config),
            recipe=f"{recipe.explanation} {recipe.cure}".strip(),
            rule=rule.explanation,
            formulas=[rule.loss_d, rule.loss_g],
            warnings=warnings(config),
            refusal=refusal,
            classes=len(DATASETS[config.dataset].classes) if config.dataset in DATASETS else 0,
            by_class=learns_by_class(config.preset, config.edition),
            data=_data_note(config.dataset, self.data_dir),
            expected=None if refusal else _expected(config, ask.count, self.runs, limits),
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


def _named(chosen: dict[str, Any]) -> list[str]:
    """Labels of the choices outside `FRONT`, so that a refused one can be undone."""
    names = [name for name in chosen if name in SETTINGS and name not in FRONT]
    return [SETTINGS[name].metadata["label"] for name in names]


def _changed(config: RunConfig) -> list[str]:
    """Labels of settings that differ from the preset's, including an objective that it names."""
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


def _expected(config: RunConfig, count: int | None, runs: Path, limits: Limits) -> str:
    """How long the run would take here, and how often it would see each picture."""
    if config.dataset in DATASETS:
        pictures = DATASETS[config.dataset].counts[0]
    else:
        pictures = count or OWN_COUNT
    try:
        expected = expected_throughput(config, *data_shape(config), runs, limits.trainers)
    except (RunError, ValueError):
        return ""
    return words.EXPECTED.format(
        time=_duration(config.images / expected.images_per_second),
        speed=f"{float(f'{expected.images_per_second:.2g}'):,.0f}",
        how=_how(expected),
        times=_often(config.images / pictures),
    )


def _how(expected: Throughput) -> str:
    how = (
        words.MEASURED
        if expected.measured
        else words.COMPARED
        if expected.compared
        else words.GUESSED
    )
    return f"{how}; {words.BESIDE.format(n=expected.beside)}" if expected.beside else how


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
