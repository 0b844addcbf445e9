"""Stretches: some steps of D alone, or of G alone, recorded one by one from a moment of a run.

A stretch is two files below `stretches/`: 000004096-d.json has what was measured before the first
step and after each, 000004096-d.png G's pictures, unscaled and without gaps: a row of them for each
of these, or one row where they never change.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ganmodel.files import read_json, write_bytes, write_json
from ganmodel.images import UNREADABLE, grid, pictures_in, png
from ganmodel.runs.checked import number
from ganmodel.runs.folder import Run, RunError

FOLDER = "stretches"
WHO = ("d", "g")
NAMED = re.compile(r"(\d{9,})-([dg])\.json")


@dataclass(frozen=True)
class MeasuredStep:
    """What was measured of the shown pictures before the first step, or after one.

    `picks`: how often D finds the real one of a pair more real, 0 to 1, over all pairs; `gradient`:
    the norm of the gradient of G's loss on its pictures; `reals` and `drawn`: D's logits of the
    real pictures and of G's.
    """

    picks: float
    gradient: float
    reals: Sequence[float]
    drawn: Sequence[float]


@dataclass(frozen=True)
class Stretch:
    """Some steps of one network alone, from a moment of a run.

    `who` took them: "d" or "g". `steps` begins with what was measured before the first. `pictures`
    are raw G's, uint8 `(len(steps), shown, C, S, S)`; of D's steps `(1, shown, C, S, S)`, since G
    does not move. Picture k is cell k of the run's grid, real picture k that of `reals.png`.
    """

    moment: int  # images seen
    who: str
    steps: Sequence[MeasuredStep]
    pictures: Tensor


def list_stretches(run: Run) -> list[tuple[int, str]]:
    """The moment of each stretch, and who takes its steps, in order; [] where there are none."""
    try:
        names = [path.name for path in run.path(FOLDER).iterdir()]
    except OSError:
        return []
    found = (NAMED.fullmatch(name) for name in names)
    return sorted((int(match[1]), match[2]) for match in found if match)


def read_stretch(run: Run, moment: int, who: str) -> Stretch | None:
    """The stretch of a moment; None where there is none.

    Raises:
        RunError: its files are damaged, or one of them is missing.
    """
    described, sheet = _files(run, moment, who)
    if not described.exists():
        return None
    value = read_json(described)
    try:
        side, steps = value["side"], [_checked(one) for one in value["steps"]]
        shown = len(steps[0].drawn)
        cut = pictures_in(sheet.read_bytes(), side)
        pictures = cut.view(1 if who == "d" else len(steps), shown, *cut.shape[1:])
        if any(len(one.drawn) != shown or len(one.reals) != shown for one in steps):
            raise ValueError
    except (*UNREADABLE, KeyError, IndexError, TypeError, RuntimeError):
        raise RunError("stretch-damaged", moment=moment) from None
    return Stretch(moment, who, steps, pictures)


def write_stretch(run: Run, stretch: Stretch) -> None:
    """Writes a stretch, the pictures first.

    Raises:
        OSError: the run's folder cannot be written.
    """
    described, sheet = _files(run, stretch.moment, stretch.who)
    described.parent.mkdir(exist_ok=True)
    shown = stretch.pictures.shape[1]
    write_bytes(sheet, png(grid(stretch.pictures.flatten(0, 1), shown, padding=0)))
    steps = [dataclasses.asdict(step) for step in stretch.steps]
    write_json(described, {"side": stretch.pictures.shape[-1], "steps": steps})


def _files(run: Run, moment: int, who: str) -> tuple[Path, Path]:
    if who not in WHO:
        raise ValueError(f"{who!r} takes no steps")
    stem = f"{moment:09}-{who}"
    return run.path(FOLDER, f"{stem}.json"), run.path(FOLDER, f"{stem}.png")


def _checked(value: Any) -> MeasuredStep:
    picks, gradient = number(value["picks"]), number(value["gradient"])
    logits = [[number(one) for one in value[name]] for name in ("reals", "drawn")]
    if picks is None or not 0 <= picks <= 1 or gradient is None or None in logits[0] + logits[1]:
        raise ValueError
    return MeasuredStep(picks, gradient, *logits)
