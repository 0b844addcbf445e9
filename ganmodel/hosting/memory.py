"""Makes glibc's malloc return freed memory to the system."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

M_ARENA_MAX = -8  # of glibc's malloc.h


def limit_malloc_arenas() -> bool:
    """Limits malloc to two arenas for all threads; False where the C library cannot.

    Otherwise each thread gets its own, up to eight a core, and none reuses what another has freed.
    """
    choose = _of_the_c_library("mallopt")
    return choose is not None and choose(M_ARENA_MAX, 2) == 1


def give_memory_back() -> bool:
    """Returns freed memory to the system; False where the C library cannot.

    A hundred visitors at once leave some 100 MB of freed blocks in many threads' arenas, which the
    process would otherwise keep.
    """
    gc.collect()
    trim = _of_the_c_library("malloc_trim")
    if trim is None:
        return False
    trim(0)
    return True


def _of_the_c_library(name: str) -> Any:
    """A function of the C library; None where there is none of that name."""
    if sys.platform == "win32":  # has no handle for the process itself
        return None
    return getattr(ctypes.CDLL(None), name, None)
