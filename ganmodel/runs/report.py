"""What steps by hand changed, in words: for someone who has heard of neural networks, with numbers.

Pure: numbers in, sentences out. The numbers come from `training.by_hand`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What is said of a belief that moved by less than this is that it stayed.
LEAST = 0.005
WHO = {"d": "D alone", "g": "G alone", "both": "D and G in turn"}


def report_in_words(report: Mapping[str, Any]) -> list[str]:
    """Sentences on a report of `training.by_hand.take_steps`, the most telling first."""
    times, who = report["times"], WHO[report["who"]]
    if not times:
        return ["No step was taken."]
    steps = "1 step" if times == 1 else f"{times} steps"
    images = f", on {report['images']:,} real pictures" if report["images"] else ""
    return [
        f"{who} learned for {steps}{images}.",
        _belief("in real pictures", *report["d_real"]),
        _belief("in G's pictures", *report["d_fake"]),
        _loss("D", *report["loss_d"]),
        _loss("G", *report["loss_g"]),
        _moved(report),
    ]


def _belief(of: str, before: float, after: float) -> str:
    if abs(after - before) < LEAST:
        return f"D's belief {of} stayed at {after:.0%}."
    verb = "rose" if after > before else "fell"
    return f"D's belief {of} {verb} from {before:.0%} to {after:.0%}."


def _loss(whose: str, before: float, after: float) -> str:
    if f"{before:.3g}" == f"{after:.3g}":
        return f"{whose}'s loss stayed at {after:.3g}."
    verb = "rose" if after > before else "fell"
    return f"{whose}'s loss {verb} from {before:.3g} to {after:.3g}."


def _moved(report: Mapping[str, Any]) -> str:
    """How far weights and pictures moved; which of them did is the point of stepping one side."""
    g, d = report["moved_g"], report["moved_d"]
    if not g:
        return f"D's weights moved by {d:.2%} of their length; G and its pictures, not at all."
    weights = f"G's weights moved by {g:.2%} of their length"
    weights += f", D's by {d:.2%}" if d else ", D's not at all"
    return (
        f"{weights}; raw G's pictures changed by {report['pictures_raw']:.1f} of 255 grey levels."
    )
