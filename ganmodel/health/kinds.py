"""The kinds of verdict: on the balance of G and D, and on the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ganmodel.words import Message


class Balance(StrEnum):
    """How G and D compare."""

    UNKNOWN = "unknown"
    BALANCED = "balanced"
    NOT_LEARNING = "not learning"
    REPEATS_ITSELF = "repeats itself"
    D_WINS = "D wins"
    D_WEAK = "D weak"
    OSCILLATING = "oscillating"
    DIVERGING = "diverging"
    G_STANDS_STILL = "G stands still"
    D_STANDS_STILL = "D stands still"


class Pictures(StrEnum):
    """How far G's pictures are from real ones, and the trend of that distance.

    For own pictures only the trend is known: closer, level or rising.
    """

    UNKNOWN = "unknown"
    FAR = "far"
    ON_THE_WAY = "on the way"
    CLOSE = "close"
    CLOSER = "closer"
    LEVEL = "level"
    RISING = "rising"
    STALLED = "stalled"
    COPYING = "copying"


FINE = frozenset(
    {
        Balance.UNKNOWN, Balance.BALANCED,
        Pictures.UNKNOWN, Pictures.FAR, Pictures.ON_THE_WAY, Pictures.CLOSE, Pictures.CLOSER,
        Pictures.LEVEL,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Assessment:
    """A kind of verdict, and the numbers that show it, in a sentence or more.

    `since` is when it began, in images seen, where the sign itself determines it; else None.
    """

    kind: Balance | Pictures
    evidence: list[Message]
    since: int | None = None
