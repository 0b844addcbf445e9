"""What steps by hand changed, in sentences with numbers, for readers new to neural networks.

Pure: numbers in, messages out. The numbers come from `training.manual_steps`, the sentences are the
part "steps" of `words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganmodel.words import Message, message, worded

LEAST = 0.005  # a belief that moved by less is said to have stayed


def said_of(report: Mapping[str, Any]) -> list[Message]:
    """Sentences on a report of `training.manual_steps.take_steps`."""
    times, images = report["times"], report["images"]
    if not times:
        return [message("steps.none")]
    learned = {"who": message(f"steps.who.{report['who']}"), "times": times}
    return [
        message("steps.learned-on", **learned, images=images)
        if images
        else message("steps.learned", **learned),
        _belief("steps.in-real", *report["d_real"]),
        _belief("steps.in-fakes", *report["d_fake"]),
        _loss("D", *report["loss_d"]),
        _loss("G", *report["loss_g"]),
        _moved(report),
    ]


def _belief(of: str, before: float, after: float) -> Message:
    about = message(of)
    if abs(after - before) < LEAST:
        return message("steps.belief-stayed", of=about, after=after)
    way = "steps.belief-rose" if after > before else "steps.belief-fell"
    return message(way, of=about, before=before, after=after)


def _loss(whose: str, before: float, after: float) -> Message:
    stayed, was = (message("steps.loss-stayed", whose=whose, after=x) for x in (after, before))
    if worded(stayed) == worded(was):
        return stayed
    way = "steps.loss-rose" if after > before else "steps.loss-fell"
    return message(way, whose=whose, before=before, after=after)


def _moved(report: Mapping[str, Any]) -> Message:
    """Whose weights moved and how far, and how far the pictures did."""
    g, d = report["moved_g"], report["moved_d"]
    if not g:
        return message("steps.only-d-moved", d=d)
    pictures = message("steps.pictures-changed", levels=report["pictures_raw"])
    if not d:
        return message("steps.only-g-moved", g=g, pictures=pictures)
    return message("steps.both-moved", g=g, d=d, pictures=pictures)
