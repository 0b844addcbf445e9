"""How the grid that shows a run's progress is laid out: how many pictures, in how many columns.

Who draws it, who writes it, and who looks at one picture of it agree here; pixels are `images`'
business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ganmodel.config.settings import RunConfig

MOST_COLUMNS = 16  # classes beyond that are too narrow beside each other


@dataclass(frozen=True)
class Layout:
    """Pictures row by row: `count` of them, `columns` beside each other.

    Where each column is a class, there are `classes`, and picture k is of class k % classes.
    """

    count: int
    columns: int
    classes: int = 0

    @classmethod
    def square(cls, count: int) -> Layout:
        """The most nearly square one."""
        return cls(count, max(1, math.ceil(math.sqrt(count))))


def grid_layout(config: RunConfig, classes: int) -> Layout:
    """The grid of a run that learns that many `classes`, 0 where it learns none.

    From edition 3 on a class is a column, in whole rows.
    """
    most = min(MOST_COLUMNS, config.sample_count)
    if config.edition < 3 or not 2 <= classes <= most:
        return Layout.square(config.sample_count)
    return Layout(config.sample_count // classes * classes, classes, classes)
