"""What would help, as changed settings: of the run that trains, or of a new try from before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganmodel.texts import coach as words

R1 = 0.5  # a penalty that calms D without stopping it, on these networks
CALM_RATE = 3e-3  # what quick trains with
PENALISED = ("minimax", "non-saturating", "lsgan", "hinge")  # rules that go with an R1 penalty


@dataclass(frozen=True)
class Cure:
    """One thing to try.

    `kind` is "knobs" (changed in the run as it trains) or "again" (a new run from the last
    checkpoint at or before `before` images; 0 is from the very beginning). `changes` are settings
    and their new values.
    """

    label: str
    explanation: str
    kind: str
    changes: Mapping[str, float] = field(default_factory=dict)
    before: int | None = None


def cures_for(kind: str, settings: Mapping[str, Any], since: int, faded: bool) -> tuple[Cure, ...]:
    """The cures for a kind of trouble that began at `since` images; the likeliest first.

    `faded`: nothing reaches G through D any more, so that turning knobs comes too late.
    """
    match kind:
        case "d wins":
            changes = _gentler_d(settings)
            knobs = Cure(words.SLOW_D, _why(words.KNOBS_WHY, changes), "knobs", changes)
            again = _again(since, changes)
            return (again,) if faded else (knobs, again)
        case "repeats itself":
            return (_again(since, _keep_up(settings)),)
        case "diverging":
            return (_again(since, _calmer(settings)),)
        case "copying":
            changes = {"augment": "translation+cutout", **_penalty(settings)}
            return (_again(since, changes),)
        case "not learning yet":
            changes = _faster(settings)
            return (Cure(words.FASTER, _why(words.FASTER_WHY, changes), "knobs", changes),)
    return ()


def _again(since: int, changes: Mapping[str, Any]) -> Cure:
    if since <= 0:
        return Cure(words.OVER, _why(words.OVER_WHY, changes), "again", changes, 0)
    label = words.AGAIN.format(images=f"{since:,}")
    return Cure(label, _why(words.AGAIN_WHY, changes), "again", changes, since)


def _gentler_d(settings: Mapping[str, Any]) -> dict[str, float]:
    """D no faster than G, with one step for each of G's, and smooth where its rule allows it."""
    rate = min(settings["lr_d"] / 2, max(settings["lr_g"], 1e-4))
    critic = {"n_critic": 1} if settings["n_critic"] > 1 else {}
    return {"lr_d": rate, **critic, **_penalty(settings)}


def _keep_up(settings: Mapping[str, Any]) -> dict[str, float]:
    """G no faster than D: where it was, both meet in between, so that D can keep up at all."""
    rate_g, rate_d = settings["lr_g"], settings["lr_d"]
    if rate_g <= rate_d or not rate_d:
        return {"lr_g": rate_g / 2, **_penalty(settings)}
    between = float(f"{min(CALM_RATE, math.sqrt(rate_g * rate_d)):.2g}")
    return {"lr_g": between, "lr_d": between, **_penalty(settings)}


def _calmer(settings: Mapping[str, Any]) -> dict[str, float]:
    """Both rates a quarter of what they were, and no higher than what these networks bear."""
    rates = {name: min(settings[name] / 4, CALM_RATE) for name in ("lr_g", "lr_d")}
    return {**rates, **_penalty(settings)}


def _faster(settings: Mapping[str, Any]) -> dict[str, float]:
    return {name: min(1e-2, max(1e-4, 4 * settings[name])) for name in ("lr_g", "lr_d")}


def _penalty(settings: Mapping[str, Any]) -> dict[str, float]:
    """R1 where the rule goes with it and D's normalisation does not forbid it."""
    fits = settings["objective"] in PENALISED and settings["norm_d"] != "batch"
    return {"r1_gamma": R1} if fits and settings["r1_gamma"] < R1 else {}


def _why(sentence: str, changes: Mapping[str, Any]) -> str:
    told = [
        words.CHANGE.format(
            name=words.SETTINGS[name], value=value if isinstance(value, str) else f"{value:g}"
        )
        for name, value in changes.items()
    ]
    return sentence.format(changes=", ".join(told))
