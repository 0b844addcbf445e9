"""What the coach can find: kinds of balance between the two, and kinds of how the pictures do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Balance(StrEnum):
    """How G and D do against each other."""

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
    """How far G's pictures are from real ones, and which way they go.

    Of pictures of one's own only the way is known: closer, level or rising.
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
    """What is the matter, and the numbers that show it, as a sentence or two.

    `since` is when it began, in images seen, where the sign itself knows; else None.
    """

    kind: Balance | Pictures
    evidence: str
    since: int | None = None
