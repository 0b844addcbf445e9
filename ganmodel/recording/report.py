"""What steps by hand changed, in sentences with numbers, for readers new to neural networks.

Pure: numbers in, sentences out. The numbers come from `training.manual_steps`, the words from
`texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganmodel.texts import steps as words

LEAST = 0.005  # a belief that moved by less is said to have stayed


def report_in_words(report: Mapping[str, Any]) -> list[str]:
    """Sentences on a report of `training.manual_steps.take_steps`."""
    times, images = report["times"], report["images"]
    if not times:
        return [words.NONE]
    return [
        words.LEARNED.format(
            who=words.WHO[report["who"]],
            steps=words.ONE_STEP if times == 1 else words.STEPS.format(times=times),
            pictures=words.ON_PICTURES.format(images=images) if images else "",
        ),
        _belief(words.IN_REAL, *report["d_real"]),
        _belief(words.IN_FAKES, *report["d_fake"]),
        _loss("D", *report["loss_d"]),
        _loss("G", *report["loss_g"]),
        _moved(report),
    ]


def _belief(of: str, before: float, after: float) -> str:
    if abs(after - before) < LEAST:
        said = words.BELIEF_STAYED
    else:
        said = words.BELIEF_ROSE if after > before else words.BELIEF_FELL
    return said.format(of=of, before=before, after=after)


def _loss(whose: str, before: float, after: float) -> str:
    if f"{before:.3g}" == f"{after:.3g}":
        said = words.LOSS_STAYED
    else:
        said = words.LOSS_ROSE if after > before else words.LOSS_FELL
    return said.format(whose=whose, before=before, after=after)


def _moved(report: Mapping[str, Any]) -> str:
    """Whose weights moved and how far, and how far the pictures did."""
    g, d = report["moved_g"], report["moved_d"]
    if not g:
        return words.ONLY_D_MOVED.format(d=d)
    pictures = words.PICTURES_CHANGED.format(levels=report["pictures_raw"])
    return (words.BOTH_MOVED if d else words.ONLY_G_MOVED).format(g=g, d=d, pictures=pictures)
