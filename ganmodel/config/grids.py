"""The layout of the grid that shows a run's progress: how many pictures, in how many columns.

Shared by the code that samples the grid, writes it, and picks one picture from it. `images`
arranges the pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ganmodel.config.settings import RunConfig

MOST_COLUMNS = 16  # with more classes, the columns would be too narrow


@dataclass(frozen=True)
class Layout:
    """`count` pictures in rows of `columns`.

    If each column shows one class, `classes` is their number, and picture k is of class
    k % classes; otherwise it is 0.
    """

    count: int
    columns: int
    classes: int = 0

    @classmethod
    def square(cls, count: int) -> Layout:
        """The most nearly square layout."""
        return cls(count, max(1, math.ceil(math.sqrt(count))))


def grid_layout(config: RunConfig, classes: int) -> Layout:
    """The grid of a run that learns `classes` classes, 0 if it learns none.

    From edition 3 on, each column shows one class and all rows are full.
    """
    most = min(MOST_COLUMNS, config.sample_count)
    if config.edition < 3 or not 2 <= classes <= most:
        return Layout.square(config.sample_count)
    return Layout(config.sample_count // classes * classes, classes, classes)
