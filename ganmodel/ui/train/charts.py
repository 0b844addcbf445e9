"""The table of charts: which columns of a run's curves are drawn where, and how.

A new column needs a line here, its words in `texts.train`, and code that writes it into the rows.
The template makes an element for each chart, and `train/charts.js` draws into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganmodel.texts import train as words

FREE = "free"  # the axis fits the values
SHARE = "share"  # from 0 to 1, labelled in percent
FROM_ZERO = "from zero"


@dataclass(frozen=True)
class Line:
    """`column`: its name in a row; `colour`: its name in the style sheet, without "--gm-"."""

    column: str
    colour: str
    label: str


@dataclass(frozen=True)
class Chart:
    """One chart.

    `log`: it can have a logarithmic axis; `sparse`: only evaluations give it values, so they are
    joined by lines and never smoothed; `more`: it is among those that a visitor has to ask for;
    `needs_classes`: it has a meaning only where the data has classes; `even`: where a thin line
    stands for a coin toss, or for what real pictures score (that of the losses depends on the
    rule).
    """

    name: str
    tab: str
    hint: str
    lines: tuple[Line, ...]
    axis: str = FREE
    log: bool = False
    sparse: bool = False
    more: bool = False
    needs_classes: bool = False
    even: float | None = None

    def for_scripts(self) -> dict[str, Any]:
        """The fields that `charts.js` needs."""
        return {
            "name": self.name,
            "lines": [vars(line) for line in self.lines],
            "axis": self.axis,
            "log": self.log,
            "sparse": self.sparse,
            "more": self.more,
            "needsClasses": self.needs_classes,
            "even": self.even,
        }


CHARTS = (
    Chart(
        "picks", words.PICKS, words.PICKS_HINT,
        (Line("picks", "disc", words.PICKS),),
        axis=SHARE, even=0.5,
    ),
    Chart(
        "losses", words.LOSSES, words.LOSSES_HINT,
        (Line("loss_d", "disc", words.D), Line("loss_g", "fake", words.G)),
        log=True,
    ),
    Chart(
        "distance", words.DISTANCE, words.DISTANCE_HINT,
        (Line("fd_over_r", "ink", words.DISTANCE),),
        axis=FROM_ZERO, log=True, sparse=True, even=1.0,
    ),
    Chart(
        "beliefs", words.BELIEF, words.BELIEF_HINT,
        (Line("d_real", "real", words.IN_REAL), Line("d_fake", "fake", words.IN_FAKES)),
        axis=SHARE, more=True, even=0.5,
    ),
    Chart(
        "gradients", words.GRADIENTS, words.GRADIENTS_HINT,
        (Line("grad_d", "disc", words.D), Line("grad_g", "fake", words.G)),
        log=True, more=True,
    ),
    Chart(
        "variety", words.VARIETY, words.VARIETY_HINT,
        (Line("diversity", "fake", words.VARIETY),),
        axis=FROM_ZERO, more=True, even=1.0,
    ),
    Chart(
        "covered", words.COVERED, words.COVERED_HINT,
        (Line("classes_covered", "ink", words.COVERED),),
        axis=FROM_ZERO, sparse=True, more=True, needs_classes=True,
    ),
)  # fmt: skip
# The columns of the curves in an answer, in this order.
CURVES = ("images", *dict.fromkeys(line.column for chart in CHARTS for line in chart.lines))
