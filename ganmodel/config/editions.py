"""The edition of a run's settings: a version of the behaviour that the same settings produce.

A run keeps the edition that it began with, also when it is resumed or forked; a new run gets the
newest. A description without an edition predates editions and counts as edition 1.

    1   averaged G's BatchNorm statistics are an average of G's
    2   they are measured on its own pictures; quality is measured early, and of the untrained pair
    3   quick learns by class if the data has classes; each column of the grid shows one class;
        lesson-collapse starts from digits, and its G takes 30 steps for each of D
    4   the residual pair's transposed convolution starts so that it keeps the size of what it gets,
        and its weights lie channels last in bf16; r3gan's penalties are measured by difference
"""

from __future__ import annotations

from typing import Any

from ganmodel.config.errors import ConfigError

EDITION = 4  # the newest
UNNAMED = 1  # for a description without an edition


def check_edition(value: Any) -> int:
    """The edition, or a `ConfigError` that says what was expected."""
    if type(value) is not int or value < 1:
        raise ConfigError("edition-not-whole", edition=EDITION, value=f"{value!r:.60}")
    if value > EDITION:
        raise ConfigError("edition-of-newer", value=f"{value!r:.60}", edition=EDITION)
    return value
