"""From rows of the curves to a verdict: what was measured, and what it means.

Each sign looks at the last rows alone, or at the evaluations among them, so that a verdict can be
had of any moment of a run. None of them reads a loss by itself as good or bad. What to do about it
is `cures`' business.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ganmodel.texts import coach as words

Row = Mapping[str, Any]

# Rules under which D's logits are the log odds of "real", so that its belief means something.
WITH_BELIEF = ("minimax", "non-saturating", "lsgan")
LEAST_ROWS = 8
WINDOW = 16  # rows that a sign looks at
STEADY = 3  # rows between the three looks of which two must agree

SURE_REAL, SURE_FAKE = 0.92, 0.08  # D's beliefs, at the median of a window
SURE_PAIRS = 0.985  # how often D prefers the real one, where that is all that is known
FADED = 0.02  # of what G's gradient was at its highest
ALIKE = 0.35  # diversity, where 1 is as varied as the reals
NARROW = 0.02  # recall, where precision says that some of the pictures look like something
LIKE_SOMETHING = 0.15
WILD_LOSS = 10.0  # of D; chance is 1.4, and 0.5 for least squares
WILD_GRADIENT = 40.0  # times the calmest window so far
COPIED = 0.5  # of the distance that unseen real pictures have from their closest
HARDLY = 0.9  # a distance that is above this share of an earlier one has hardly moved
FAR = 150.0  # R; untrained networks have about 550 on MNIST


@dataclass(frozen=True)
class Finding:
    """One sign: what kind of trouble, and the numbers that show it, as a sentence or two."""

    kind: str
    evidence: str


def find(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> Finding:
    """What the last rows show; "balanced" where no sign of trouble does."""
    if len(rows) < LEAST_ROWS:
        return Finding("starting", words.STARTING.format(rows=LEAST_ROWS))
    for sign in SIGNS:
        evidence = sign(rows, settings, notes)
        if evidence:
            return Finding(sign.__name__.strip("_").replace("_", " "), evidence)
    return Finding("balanced", _balanced(rows, settings))


# --- the signs, most urgent first ---------------------------------------------------------------


def _diverging(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> str:
    """Losses or gradients that swing wider and wider, or were no numbers at all."""
    recent = rows[-WINDOW:]
    said = []
    if any(row.get("loss_d") is None or row.get("loss_g") is None for row in recent):
        said.append(words.NOT_FINITE)
    losses = [abs(row["loss_d"]) for row in recent if row.get("loss_d") is not None]
    highest = max(losses, default=0.0)
    if settings["objective"] in WITH_BELIEF and highest > WILD_LOSS:
        said.append(words.SWINGS.format(loss=_short(highest), usual="1.4"))
    calmest = _calmest(rows, "grad_d")
    now = _median(recent, "grad_d")
    if calmest and now and now > WILD_GRADIENT * calmest:
        said.append(words.GRADIENTS.format(before=_short(calmest), now=_short(now)))
    back = [note["images"] for note in notes if rows[0]["images"] <= note["images"]]
    window_began = recent[0]["images"]
    if back and back[-1] >= window_began and back[-1] <= recent[-1]["images"]:
        said.append(words.WENT_BACK.format(images=f"{back[-1]:,}"))
    if said and (distance := _distance(rows)):
        said.append(distance)
    return " ".join(said)


def _d_wins(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> str:
    """D is sure of everything, for a whole window, and what reaches G through it fades."""
    recent = rows[-WINDOW:]
    real, fake = _median(recent, "d_real"), _median(recent, "d_fake")
    if real is None or fake is None:
        return ""
    faded = _faded(rows)
    span = f"{recent[-1]['images'] - recent[0]['images']:,}"
    if settings["objective"] in WITH_BELIEF:
        if real < SURE_REAL or fake > SURE_FAKE:
            return ""
        said = words.WINS.format(images=span, real=_percent(real), fake=_percent(fake))
    else:
        if real < SURE_PAIRS or (not faded and _improving(rows)):
            return ""
        said = words.WINS_PAIRS.format(images=span, real=_percent(real))
    return f"{said} {faded}".strip()


def _copying(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> str:
    """More of G's pictures are as near to a training picture as a copy than chance has it."""
    found = _last(rows, "copying")
    if found is not None:
        return words.COPIES.format(share=_percent(found["copied"])) if found["copying"] else ""
    found = _last(rows, "nearest_over_real")  # all that earlier editions noted
    if found is None or found["nearest_over_real"] > COPIED:
        return ""
    return words.NEAR_COPIES.format(share=_percent(found["nearest_over_real"]))


def _repeats_itself(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> str:
    """A batch of G's pictures is far less varied than one of reals, or classes are missing."""
    said = []
    diversity = _median(rows[-WINDOW:], "diversity")
    if diversity is not None and diversity < ALIKE:
        said.append(words.ALIKE.format(share=_percent(diversity)))
    quality = _last(rows, "fd")
    if quality is not None:
        covered, classes = quality.get("classes_covered"), quality.get("classes")
        if covered is not None and classes and covered <= 0.5 * classes:
            said.append(words.FEW_CLASSES.format(covered=covered, classes=classes))
        kl = quality.get("class_kl")
        if kl is not None and kl > 1.0:
            said.append(words.ONE_SIDED.format(kl=f"{kl:.2f}"))
        precision, recall = quality.get("precision"), quality.get("recall")
        if (
            precision is not None
            and recall is not None
            and precision > LIKE_SOMETHING
            and recall < NARROW
        ):
            said.append(words.NARROW.format(recall=_percent(recall)))
    return " ".join(said)


def _not_learning_yet(
    rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]
) -> str:
    """Nothing moves, or the distance stays where untrained networks have it."""
    recent = rows[-WINDOW:]
    real, fake = _median(recent, "d_real"), _median(recent, "d_fake")
    beliefs = [row["d_real"] for row in recent if row.get("d_real") is not None]
    if real is None or fake is None:
        return ""
    if max(beliefs) - min(beliefs) < 1e-4 and abs(real - fake) < 1e-3:
        return words.STUCK.format(real=_percent(real), fake=_percent(fake))
    measured = [row for row in rows if row.get("fd_over_r") is not None]
    if len(measured) < 2:
        return ""
    now, before = measured[-1]["fd_over_r"], measured[-2]["fd_over_r"]
    if now < FAR or now < HARDLY * before:
        return ""
    return words.FAR.format(
        now=_short(now), since=f"{measured[-2]['images']:,}", before=_short(before)
    )


SIGNS: tuple[Callable[..., str], ...] = (
    _diverging, _d_wins, _copying, _repeats_itself, _not_learning_yet,
)  # fmt: skip


def _balanced(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    recent = rows[-WINDOW:]
    real, fake = _median(recent, "d_real") or 0.0, _median(recent, "d_fake") or 0.0
    sentence = words.BELIEFS if settings["objective"] in WITH_BELIEF else words.PREFERS
    said = sentence.format(real=_percent(real), fake=_percent(fake))
    return f"{said} {_distance(rows)}".strip()


# --- numbers ------------------------------------------------------------------------------------


def _median(rows: Sequence[Row], name: str) -> float | None:
    known = [row[name] for row in rows if row.get(name) is not None]
    return median(known) if known else None


def _calmest(rows: Sequence[Row], name: str) -> float | None:
    """The lowest median of a window so far, but for the first rows, which are not typical."""
    medians = [
        _median(rows[start : start + WINDOW], name)
        for start in range(2, max(3, len(rows) - WINDOW), WINDOW)
    ]
    known = [value for value in medians if value]
    return min(known) if known else None


def fades(rows: Sequence[Row]) -> bool:
    """Whether next to nothing reaches G through D any more."""
    return bool(_faded(rows))


def _faded(rows: Sequence[Row]) -> str:
    """A sentence where G's gradient is a small part of what it was."""
    known = [row["grad_g"] for row in rows if row.get("grad_g") is not None]
    now = median(known[-WINDOW:]) if known else 0.0
    if not known or now >= FADED * max(known):
        return ""
    return words.FADED.format(now=_short(now), before=_short(max(known)))


def _improving(rows: Sequence[Row]) -> bool:
    """Whether the distance falls; unknown counts as yes, so that nobody is alarmed too early."""
    measured = [row["fd_over_r"] for row in rows if row.get("fd_over_r") is not None]
    return len(measured) < 2 or measured[-1] < HARDLY * measured[-2]


def _last(rows: Sequence[Row], name: str) -> Row | None:
    return next((row for row in reversed(rows) if row.get(name) is not None), None)


def _distance(rows: Sequence[Row]) -> str:
    measured = [row["fd_over_r"] for row in rows if row.get("fd_over_r") is not None]
    if not measured:
        return ""
    now, before = measured[-1], measured[-2] if len(measured) > 1 else None
    if before is None:
        trend = words.FIRST
    elif now < HARDLY * before:
        trend = words.FALLING.format(before=_short(before))
    elif now > before / HARDLY:
        trend = words.RISING.format(before=_short(before))
    else:
        trend = words.LEVEL
    return words.DISTANCE.format(now=_short(now), trend=trend)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(value: float) -> str:
    """Three digits, without an exponent where a person would write none."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:,.{min(digits, 4)}f}"
    return f"{value:.0e}"
