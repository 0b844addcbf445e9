"""The evidence for a verdict, and quantities that several signs derive from it.

`balance` and `pictures` decide which of them are good or bad.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from ganmodel.health.rows import (
    FIRST_ROWS,
    WINDOW,
    Row,
    before,
    by_itself,
    column,
    evaluations,
    newest,
)
from ganmodel.units import LEAST_COMPARED
from ganmodel.words import Message, message

FADED = 0.02  # times the highest that G's gradient was
UNTRAINED = 0.85  # of the distance of untrained networks: nothing was learned
HARDLY_TRAINED, HARDLY_FALLING = 0.5, 0.9  # of that distance; of the one at half as many images
LEGIBLE = 0.2  # times that distance: below it, measures of classes and neighbours are meaningful
SLOW = 1e-4  # a learning rate of G at which next to nothing is learned
# How far each weight of G must have been able to move, rate times steps, before the distance is
# expected to fall: an adaptive optimizer moves a weight by about its rate in each step.
MOVED = 0.3
FAR_OFF = 150.0  # R, where untrained networks were not measured; they have 550 or more on MNIST
VARIED = 0.5  # variety that G must have reached to be able to lose it; 1 is that of the reals
LOST = 0.5  # of the highest variety
ALIKE_ROWS = 5


@dataclass(frozen=True)
class Seen:
    """The evidence for a verdict: see `verdict.diagnose`."""

    rows: Sequence[Row]
    settings: Row
    notes: Sequence[Row] = ()
    untrained: Row | None = None
    knob_set: int | None = None  # the images seen when a knob was last set
    found: list[Row] = field(init=False)  # the evaluations among the rows that say something

    def __post_init__(self) -> None:
        found = [row for row in evaluations(self.rows) if row["images"] > 0]
        enough = (newest(self.rows, "compared") or {}).get("compared", LEAST_COMPARED)
        object.__setattr__(self, "found", found if enough >= LEAST_COMPARED else [])

    @property
    def objective(self) -> str:
        return self.settings["objective"]

    @property
    def recent(self) -> Sequence[Row]:
        """The last rows of training, without those from before a knob was last set."""
        return self.of_this_game()[-WINDOW:]

    def of_this_game(self) -> Sequence[Row]:
        """The rows of training since a knob was last set; all of them where none was."""
        rows = by_itself(self.rows)
        if self.knob_set is None or not rows or rows[-1]["images"] < self.knob_set:
            return rows
        return rows[bisect_right(rows, self.knob_set, key=lambda row: row["images"]) :]

    @property
    def d0(self) -> float | None:
        """The distance of untrained networks, in R."""
        return (self.untrained or {}).get("fd_over_r") or None

    def until_moment(self, moment: int) -> Seen:
        """The evidence up to a moment, in images seen."""
        return self.until(bisect_right(self.rows, moment, key=lambda row: row["images"]))

    def until(self, count: int) -> Seen:
        """The evidence of the first `count` rows."""
        return replace(self, rows=self.rows[: max(0, count)])


def faded_said(seen: Seen) -> list[Message]:
    """A sentence where G's gradient has almost vanished; else none."""
    known = column(seen.rows[FIRST_ROWS:], "grad_g")
    now, highest = (median(known[-WINDOW:]), max(known)) if known else (0.0, 0.0)
    if not known or now >= FADED * highest:
        return []
    return [message("coach.faded", now=now, before=highest)]


def coming_closer(seen: Seen) -> bool | None:
    """Whether the distance falls; None where it is not known."""
    if len(seen.found) < 2:
        return None
    return seen.found[-1]["fd_over_r"] < HARDLY_FALLING * seen.found[-2]["fd_over_r"]


def as_untrained(seen: Seen) -> bool:
    """Whether the pictures are about as far from real ones as those of untrained networks."""
    if not seen.found:
        return False
    if _is_untrained(seen, seen.found[-1]):
        return True
    if seen.d0 is None and _far_from_trained(seen) and _highest_variety(seen.rows) < VARIED:
        return True
    earlier = before(seen.found, 2.0)
    if earlier is None or not _far_from_trained(seen):
        return False
    return seen.found[-1]["fd_over_r"] > HARDLY_FALLING * earlier["fd_over_r"]


def _is_untrained(seen: Seen, row: Row) -> bool:
    return seen.d0 is not None and row["fd_over_r"] >= UNTRAINED * seen.d0


def moved_enough(seen: Seen) -> bool:
    """Whether G has been trained for long enough that its pictures should have come closer.

    Slow presets need more images for that. Where the rate is next to 0, or the optimizer is not
    adaptive, no number of steps is waited for.
    """
    known = seen.settings
    if known["lr_g"] < SLOW or known["optimizer"] == "sgd" or not seen.found:
        return True
    shown = seen.found[-1]["images"] / known["batch_size"]
    steps = shown * known.get("g_steps", 1) / known["n_critic"]
    return known["lr_g"] * steps >= MOVED


def untrained_since(seen: Seen) -> int:
    """Images seen at the last evaluation that showed that something was learned; 0 for none."""
    looks = [seen.until_moment(row["images"]) for row in seen.found]
    learned = [look.found[-1]["images"] for look in looks if not as_untrained(look)]
    # Without untrained networks to compare with, a first evaluation shows no learning.
    first = seen.d0 is None and len(learned) <= 1
    return 0 if first or not learned else learned[-1]


def _far_from_trained(seen: Seen) -> bool:
    now = seen.found[-1]["fd_over_r"]
    if seen.d0 is not None:
        return now >= HARDLY_TRAINED * seen.d0
    return now >= FAR_OFF


def legible(seen: Seen) -> bool:
    """Whether the pictures are near enough for their classes and neighbours to mean something."""
    now = seen.found[-1]["fd_over_r"]
    return now < (LEGIBLE * seen.d0 if seen.d0 else FAR_OFF)


def variety_lost(seen: Seen) -> tuple[float, float | None] | None:
    """The current and the highest variety, where less than half of the highest is left.

    The highest is None where variety was lost before the first row: of a run that starts from
    trained networks, the reals' variety is taken for it.
    """
    now = column(seen.rows[-ALIKE_ROWS:], "diversity")
    highest = _highest_variety(seen.rows[:-ALIKE_ROWS])
    if highest < VARIED and seen.settings.get("start_from"):
        lost = len(now) == ALIKE_ROWS and max(now) < LOST
        return (median(now), None) if lost else None
    if len(now) < ALIKE_ROWS or highest < VARIED or max(now) >= LOST * highest:
        return None
    return median(now), highest


def _highest_variety(rows: Sequence[Row]) -> float:
    """The highest median variety of a few successive rows, at most that of the reals."""
    known = column(rows[FIRST_ROWS:], "diversity")
    starts = range(0, len(known) - ALIKE_ROWS + 1, ALIKE_ROWS)
    return min(1.0, max((median(known[k : k + ALIKE_ROWS]) for k in starts), default=0.0))
