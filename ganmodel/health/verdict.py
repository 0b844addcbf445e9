"""The two verdicts on a run at one moment, steady enough to be read while it trains."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganmodel.health import balance, pictures
from ganmodel.health.balance import LEAST_ROWS
from ganmodel.health.cures import Cure, cures_for
from ganmodel.health.kinds import FINE, Assessment, Balance, Pictures
from ganmodel.health.rows import Row
from ganmodel.health.seen import Seen, faded_said
from ganmodel.words import Message, message

STEADY = 3  # rows between the three looks of which two must agree


@dataclass(frozen=True)
class Said:
    """One of the two verdicts."""

    kind: Balance | Pictures
    headline: Message
    sentence: list[Message]  # one or more, with the measured numbers
    cures: tuple[Cure, ...] = ()  # none where nothing is wrong, or nothing is known to help
    tone: str = "open"  # "wrong" where this one is; "good" only where the whole verdict is


@dataclass(frozen=True)
class Verdict:
    """What the coach says of a run, as of `images` seen."""

    images: int
    balance: Said
    pictures: Said
    headline: Message  # of both, as a short line
    # "good" where the two are balanced and the pictures close, "wrong" where something is; else
    # "open": nothing is wrong, but it is not known to be good either.
    tone: str


def diagnose(
    rows: Sequence[Row],
    settings: Mapping[str, Any],
    notes: Sequence[Row] = (),
    untrained: Mapping[str, Any] | None = None,
    knob_set: int | None = None,
) -> Verdict:
    """The verdicts on a run's rows.

    Args:
        rows: of metrics.jsonl, in order, up to the moment that is asked about.
        settings: the run's, by name, with its knobs as they are now.
        notes: of status.json; a rollback is evidence.
        untrained: the evaluation of untrained networks of the same preset, where there is one.
        knob_set: the images seen when a knob was last set, where one was: rows before it are no
            evidence of the current balance.
    """
    seen = Seen(rows, settings, notes, untrained, knob_set)
    both = _said(_steady(seen), seen), _said(pictures.assess(seen), seen)
    if both[0].kind not in FINE and both[1].kind is not Pictures.COPYING:
        both = both[0], dataclasses.replace(both[1], cures=())  # the balance is the cause
    kinds = {said.kind for said in both}
    tone = "open" if kinds <= FINE else "wrong"
    if kinds == {Balance.BALANCED, Pictures.CLOSE}:
        tone = "good"
    both = tuple(
        dataclasses.replace(said, tone="wrong")
        if said.kind not in FINE
        else dataclasses.replace(said, tone="good" if tone == "good" else "open")
        for said in both
    )
    headline = message("coach.both", balance=both[0].headline, pictures=both[1].headline)
    return Verdict(rows[-1]["images"] if rows else 0, *both, headline, tone)


def _said(assessment: Assessment, seen: Seen) -> Said:
    kind, sentence = assessment.kind, list(assessment.evidence)
    headline = message(f"coach.headlines.{kind.lower().replace(' ', '-')}")
    if kind in FINE:
        return Said(kind, headline, sentence)
    since = _since(seen, assessment) if assessment.since is None else assessment.since
    if kind is not Pictures.RISING:
        began = message("coach.since", images=since) if since else message("coach.always")
        sentence.append(began)
    faded = bool(faded_said(seen))
    return Said(kind, headline, sentence, cures_for(kind, seen.settings, since, faded))


def _steady(seen: Seen) -> Assessment:
    """The current assessment, or that of a few rows before where no earlier look agrees with it."""
    now = balance.assess(seen)
    # Assessments that rest on an evaluation, and unknown ones, are not smoothed.
    if now.since is not None or now.kind is Balance.UNKNOWN:
        return now
    count = len(seen.rows)
    before = [balance.assess(seen.until(count - k * STEADY)) for k in (1, 2)]
    if now.kind in (before[0].kind, before[1].kind) or before[0].kind is Balance.UNKNOWN:
        return now
    return before[0]


def _since(seen: Seen, assessment: Assessment) -> int:
    """The images at which this kind of trouble began: every look from there on found it.

    0 where the first look found it. A trouble may be older than the last change of a knob.
    """
    seen = dataclasses.replace(seen, knob_set=None)
    assess = balance.assess if isinstance(assessment.kind, Balance) else pictures.assess

    def is_there(count: int) -> bool:
        return assess(seen.until(count)).kind is assessment.kind

    first = LEAST_ROWS if assess is balance.assess else 1
    there, stride = len(seen.rows), max(1, len(seen.rows) // 40)
    missing = there - stride
    while missing >= first and is_there(missing):
        there, missing = missing, missing - stride
    missing = max(missing, first - 1)
    while there - missing > 1:
        middle = (there + missing) // 2
        there, missing = (middle, missing) if is_there(middle) else (there, middle)
    return 0 if missing < first else seen.rows[missing - 1]["images"]
