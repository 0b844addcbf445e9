"""How many files, connections included, this process may have open at once."""

from __future__ import annotations

try:
    import resource
except ImportError:  # Windows, where sockets do not count among the files
    resource = None  # type: ignore[assignment]


def may_open(wanted: int) -> int:
    """How many files this process may have open, up to `wanted`; raises its limit if it may."""
    if resource is None:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    except (OSError, ValueError):  # macOS refuses what is above a limit of its kernel
        return soft
    return raised
