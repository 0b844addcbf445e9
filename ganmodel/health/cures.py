"""Chooses changed settings that may help: in the run as it trains, or in a fork of it.

Every cure starts from the current knobs and changes at least one of them, so that what was tried
already is not offered again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganmodel.health.kinds import Balance, Pictures
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, message

R1 = 0.5  # a penalty that calms D without stopping it, on these networks
MOST_R1 = 8.0  # more hardly calms D any further, and slows training
CALM_RATE = 3e-3  # of the preset quick
LEAST_RATE, SGD_RATE = 1e-4, 0.1
APART = 4  # times D's rate: a G so much faster makes both oscillate, because D lags behind


@dataclass(frozen=True)
class Cure:
    """One thing to try.

    `kind` is "knobs" (changed in the run as it trains) or "again" (a new run from the last
    checkpoint at or before `before` images; 0 is from the very beginning). `changes` are settings
    and their new values.
    """

    label: Message
    explanation: Message
    kind: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    before: int | None = None


def cures_for(
    kind: Balance | Pictures, settings: Mapping[str, Any], since: int, faded: bool
) -> tuple[Cure, ...]:
    """The cures for a kind of trouble that began at `since` images; the likeliest first.

    `faded`: G's gradient has vanished, so setting knobs comes too late. Empty where every change
    that is known to help has been made.
    """
    match kind:
        case Balance.G_STANDS_STILL | Balance.D_STANDS_STILL:
            found = [_knobs("coach.let-learn", _started(settings))]
        case Balance.D_WINS:
            changes = _gentler_d(settings)
            again = _again(since, changes)
            found = [again] if faded else [_knobs("coach.slow-d", changes), again]
        case Balance.D_WEAK:
            found = [_knobs("coach.strengthen-d", _stronger_d(settings))]
        case Balance.REPEATS_ITSELF:
            changes = _keep_up(settings)
            again = _again(since, changes)
            found = [_knobs("coach.let-d-keep-up", changes), again]
            if settings.get("g_steps", 1) <= 1:
                found.reverse()
        case Balance.OSCILLATING:
            apart = settings["lr_g"] > APART * settings["lr_d"]
            changes = _keep_up(settings) if apart else _calmer(settings, 2)
            found = [_knobs("coach.let-d-keep-up" if apart else "coach.calm-both", changes)]
        case Balance.DIVERGING:
            found = [_again(since, _calmer(settings, 4))]
        case Balance.NOT_LEARNING:
            found = _other_rates(settings, since)
        case Pictures.STALLED:
            found = [_knobs("coach.faster", _faster(settings))]
        case Pictures.RISING:
            found = [_again(since, _calmer(settings, 2))]
        case Pictures.COPYING:
            found = [_again(since, _less_to_remember(settings))]
        case _:
            found = []
    return tuple(cure for cure in found if cure.changes)


def _knobs(label: str, changes: Mapping[str, Any]) -> Cure:
    return Cure(message(label), _why("coach.knobs-why", changes), "knobs", changes)


def _again(since: int, changes: Mapping[str, Any]) -> Cure:
    if since <= 0:
        return Cure(message("coach.over"), _why("coach.over-why", changes), "again", changes, 0)
    label = message("coach.again", images=since)
    return Cure(label, _why("coach.again-why", changes), "again", changes, since)


def _changed(settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from the settings, floats rounded to two digits."""
    told = {n: float(f"{v:.2g}") if isinstance(v, float) else v for n, v in values.items()}
    return {name: value for name, value in told.items() if value != settings[name]}


def _started(settings: Mapping[str, Any]) -> dict[str, Any]:
    """For each side whose rate is 0, the other side's."""
    known = max(settings["lr_g"], settings["lr_d"]) or CALM_RATE
    rates = {name: known for name in ("lr_g", "lr_d") if not settings[name]}
    return _changed(settings, rates)


def _gentler_d(settings: Mapping[str, Any]) -> dict[str, Any]:
    """D slower, one step for each of G's, and R1 where the objective allows it."""
    rate = min(settings["lr_d"] / 2, max(settings["lr_g"], LEAST_RATE))
    return _changed(settings, {"lr_d": rate, "n_critic": 1, **_penalty(settings)})


def _stronger_d(settings: Mapping[str, Any]) -> dict[str, Any]:
    """D's rate raised to G's; where D is no slower than G, G's rate halved."""
    rate_g, rate_d = settings["lr_g"], settings["lr_d"]
    steps = {"g_steps": 1} if settings.get("g_steps", 1) > 1 else {}
    if rate_d < rate_g:
        return _changed(settings, {"lr_d": min(rate_g, max(CALM_RATE, rate_d)), **steps})
    return _changed(settings, {"lr_g": rate_g / 2, **steps})


def _keep_up(settings: Mapping[str, Any]) -> dict[str, Any]:
    """One step of G at a time; else G's rate halved or, where it is above D's, one in between."""
    if settings.get("g_steps", 1) > 1:
        return {"g_steps": 1}
    rate_g, rate_d = settings["lr_g"], settings["lr_d"]
    if rate_g <= rate_d:
        return _changed(settings, {"lr_g": rate_g / 2, **_penalty(settings)})
    between = min(CALM_RATE, math.sqrt(rate_g * rate_d))
    return _changed(settings, {"lr_g": between, "lr_d": between, **_penalty(settings)})


def _calmer(settings: Mapping[str, Any], by: float) -> dict[str, Any]:
    """Both rates divided by `by`, at most `CALM_RATE`, and R1 where the objective allows it."""
    rates = {name: min(settings[name] / by, CALM_RATE) for name in ("lr_g", "lr_d")}
    return _changed(settings, {**rates, **_penalty(settings)})


def _faster(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Both rates times four, at most the highest known to go well, neither lowered."""
    most = SGD_RATE if settings["optimizer"] == "sgd" else CALM_RATE
    rates = {n: min(most, max(LEAST_RATE, 4 * settings[n])) for n in ("lr_g", "lr_d")}
    return _changed(settings, {n: max(rate, settings[n]) for n, rate in rates.items()})


def _other_rates(settings: Mapping[str, Any], since: int) -> list[Cure]:
    """Higher rates where both are low; else a fork at lower ones, since the damage is lasting."""
    if max(settings["lr_g"], settings["lr_d"]) <= CALM_RATE or settings["optimizer"] == "sgd":
        return [_knobs("coach.faster", _faster(settings))]
    return [_again(since, _calmer(settings, 4))]


def _less_to_remember(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Augmentation and R1; a larger R1 where both are on already."""
    known = settings["augment"] == "translation+cutout"
    changes = {"augment": "translation+cutout", **_penalty(settings)}
    if known and not _penalty(settings) and _takes_penalty(settings):
        changes["r1_gamma"] = max(settings["r1_gamma"], min(MOST_R1, 4 * settings["r1_gamma"]))
    return _changed(settings, changes)


def _takes_penalty(settings: Mapping[str, Any]) -> bool:
    """Whether R1 may be added: the objective has no check on D of its own, and D no BatchNorm."""
    return not OBJECTIVES[settings["objective"]].requires and settings["norm_d"] != "batch"


def _penalty(settings: Mapping[str, Any]) -> dict[str, float]:
    return {"r1_gamma": R1} if _takes_penalty(settings) and settings["r1_gamma"] < R1 else {}


def _why(sentence: str, changes: Mapping[str, Any]) -> Message:
    told = [
        message("coach.change", name=message(f"settings.{name}.label"), value=value)
        for name, value in changes.items()
    ]
    return message(sentence, changes=told)
