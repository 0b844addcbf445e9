"""`ganmodel train --wait`: loads what training needs, then takes a run from standard input."""

from __future__ import annotations

import os
import sys

from ganmodel.runs.sharing import THREADS
from ganmodel.runs.spare import Order


def wait_for_order() -> Order | None:
    """What a page orders, once it does; None where it ends instead.

    The process then is as one that was started for that run: its output goes to the run's log, it
    has the run's threads, and nothing was computed before.
    """
    _load()
    line = sys.stdin.readline()
    if not line.strip():
        return None
    order = Order.from_line(line)
    log = os.open(order.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    if order.threads is not None:
        import torch

        os.environ[THREADS] = str(order.threads)
        torch.set_num_threads(order.threads)
    return order


def _load() -> None:
    """Imports what `train` imports on its way to the first pictures."""
    import tqdm  # noqa: F401

    import ganmodel.cli.quality
    import ganmodel.data
    import ganmodel.recording
    import ganmodel.runs
    import ganmodel.training
    import ganmodel.weights  # noqa: F401
