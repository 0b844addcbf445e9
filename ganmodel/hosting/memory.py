"""Memory that nobody uses any more goes back to the system; glibc keeps it otherwise."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

M_ARENA_MAX = -8  # of glibc's malloc.h


def limit_malloc_arenas() -> bool:
    """Keeps glibc to two pools for all threads, from now on; whether the C library knows how to.

    Else each thread gets its own, up to eight a core, and none uses what another has freed.
    """
    choose = _of_the_c_library("mallopt")
    return choose is not None and choose(M_ARENA_MAX, 2) == 1


def give_memory_back() -> bool:
    """Whether the C library knows how to; where it does not, nothing happens.

    A hundred visitors at once leave some 100 MB of freed pieces in many threads' arenas, which
    would count as the page's for good.
    """
    gc.collect()
    trim = _of_the_c_library("malloc_trim")
    if trim is None:
        return False
    trim(0)
    return True


def _of_the_c_library(name: str) -> Any:
    """A function of it; None where it has none of that name."""
    if sys.platform == "win32":  # has no library of the process itself to ask
        return None
    return getattr(ctypes.CDLL(None), name, None)
