"""The edition of a run's settings: what the same settings make changes from one to the next.

A run stays in the edition that it began in, and so does whatever goes on from it; a new one is of
the newest. Whoever describes a run without an edition comes from before there were any.

    1   averaged G's BatchNorm statistics are an average of G's
    2   they are measured on its own pictures; quality is measured early, and of the untrained pair
    3   quick learns by class where the data has classes; the grid shows a class a column;
        lesson-collapse starts from digits, and its G takes 30 steps for each of D
"""

from __future__ import annotations

from typing import Any

from ganmodel.config.errors import ConfigError

EDITION = 3  # the newest
UNNAMED = 1  # of a description that names none


def check_edition(value: Any) -> int:
    """The edition, or a `ConfigError` that says what was expected."""
    if type(value) is not int or value < 1:
        raise ConfigError(
            f"The edition of a run's settings must be a whole number from 1 to {EDITION}, but it "
            f"is {value!r:.60}."
        )
    if value > EDITION:
        raise ConfigError(
            f"These settings are of edition {value!r:.60}, but this ganmodel knows those up to "
            f"{EDITION}: they come from a newer one, so update ganmodel."
        )
    return value
