"""The verdict on a run at one moment, steady enough to be read while it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganmodel.health.cures import Cure, cures_for
from ganmodel.health.diagnosis import STEADY, Finding, Row, fades, find
from ganmodel.texts import coach as words

KINDS = tuple(words.HEADLINES)
FINE = ("starting", "balanced")


@dataclass(frozen=True)
class Verdict:
    """What the coach says of a run, as of `images` seen."""

    kind: str  # one of KINDS
    headline: str
    evidence: str  # one or more sentences with the measured numbers
    images: int
    cures: tuple[Cure, ...] = ()  # none where nothing is wrong


def diagnose(
    rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row] = ()
) -> Verdict:
    """The verdict on a run's rows.

    Args:
        rows: of metrics.jsonl, in order, up to the moment that is asked about.
        settings: the run's, by name, with its knobs as they are now.
        notes: of status.json; a way back is evidence.
    """
    finding = _steady(rows, settings, notes)
    images = rows[-1]["images"] if rows else 0
    evidence, cures = finding.evidence, ()
    if finding.kind not in FINE:
        since = _since(rows, settings, notes, finding.kind)
        evidence += " " + (words.SINCE.format(images=f"{since:,}") if since else words.ALWAYS)
        cures = cures_for(finding.kind, settings, since, fades(rows))
    return Verdict(finding.kind, words.HEADLINES[finding.kind], evidence, images, cures)


def _steady(rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row]) -> Finding:
    """What the rows show now, unless only they do: then what they showed a few rows before."""
    now = find(rows, settings, notes)
    before = [find(rows[: len(rows) - k * STEADY], settings, notes) for k in (1, 2)]
    if now.kind in (before[0].kind, before[1].kind) or before[0].kind == "starting":
        return now
    return before[0]


def _since(
    rows: Sequence[Row], settings: Mapping[str, Any], notes: Sequence[Row], kind: str
) -> int:
    """The images at which this kind of trouble began: it was found at every look from there on."""
    stride = max(1, len(rows) // 40)
    end = len(rows)
    while end - stride > 0 and find(rows[: end - stride], settings, notes).kind == kind:
        end -= stride
    before = max(0, end - stride)
    # The signs look back over a window, so that it began about as long before.
    from_start = find(rows[:before], settings, notes).kind == "starting" or before == 0
    return 0 if from_start else rows[before - 1]["images"]
