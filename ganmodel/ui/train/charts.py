"""The table of charts: which columns of a run's curves are drawn where, and how.

A new column needs a line here, its words in the catalogue, and code that writes it into the rows.
The template makes an element for each chart, and `train/charts.js` draws into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FREE = "free"  # the axis fits the values
SHARE = "share"  # from 0 to 1, labelled in percent
FROM_ZERO = "from zero"


@dataclass(frozen=True)
class Line:
    """`column`: its name in a row; `colour`: its name in the style sheet, without "--gm-"; `label`:
    the id of its words."""

    column: str
    colour: str
    label: str


@dataclass(frozen=True)
class Chart:
    """One chart; `tab` and `hint` are ids of words.

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
        "picks", "train.picks", "train.picks-hint",
        (Line("picks", "disc", "train.picks"),),
        axis=SHARE, even=0.5,
    ),
    Chart(
        "losses", "train.losses", "train.losses-hint",
        (Line("loss_d", "disc", "train.d"), Line("loss_g", "fake", "train.g")),
        log=True,
    ),
    Chart(
        "distance", "train.distance", "train.distance-hint",
        (Line("fd_over_r", "ink", "train.distance"),),
        axis=FROM_ZERO, log=True, sparse=True, even=1.0,
    ),
    Chart(
        "beliefs", "train.belief", "train.belief-hint",
        (Line("d_real", "real", "train.in-real"), Line("d_fake", "fake", "train.in-fakes")),
        axis=SHARE, more=True, even=0.5,
    ),
    Chart(
        "gradients", "train.gradients", "train.gradients-hint",
        (Line("grad_d", "disc", "train.d"), Line("grad_g", "fake", "train.g")),
        log=True, more=True,
    ),
    Chart(
        "variety", "train.variety", "train.variety-hint",
        (Line("diversity", "fake", "train.variety"),),
        axis=FROM_ZERO, more=True, even=1.0,
    ),
    Chart(
        "covered", "train.covered", "train.covered-hint",
        (Line("classes_covered", "ink", "train.covered"),),
        axis=FROM_ZERO, sparse=True, more=True, needs_classes=True,
    ),
)  # fmt: skip
# The columns of the curves in an answer, in this order.
CURVES = ("images", *dict.fromkeys(line.column for chart in CHARTS for line in chart.lines))
