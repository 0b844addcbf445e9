"""How long tests wait for what they mean, and the page that they start: `app.py`, as patient.

On a machine that is busy besides, a search would be over before it has found anything, a trainer
would be ended before it has begun, and a turn would end in the middle of a test. What tests say of
these limits, they say of a queue and a search in their own process.
"""

from __future__ import annotations

import dataclasses
import os
import runpy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganmodel.hosting import Limits

ROOT = Path(__file__).resolve().parents[1]
# Seconds until something that never comes is called missing. Alone most comes within one, but a
# machine that is busy besides takes twenty times as long: only what hangs may get here.
PATIENCE = float(os.environ.get("GANMODEL_TEST_PATIENCE", 300))
LIMITS = {
    "turn_seconds": 2 * PATIENCE,
    "reading_seconds": round(PATIENCE),
    "examining_seconds": round(PATIENCE),
}


def main() -> None:
    sys.path.insert(0, str(ROOT))  # works uninstalled, too
    from ganmodel.ui import serving
    from ganmodel.ui.playground import search

    search.SECONDS = PATIENCE
    for limits in (serving.hosted, serving.classroom):
        setattr(serving, limits.__name__, partial(_patient, limits))
    sys.argv[0] = str(ROOT / "app.py")
    runpy.run_path(sys.argv[0], run_name="__main__")


def _patient(limits: Callable[[], Limits]) -> Limits:
    return dataclasses.replace(limits(), **LIMITS)


if __name__ == "__main__":
    main()
