"""Imports Gradio without network access, and independently of the shell's proxies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def import_gradio() -> None:
    """Prevents two effects of the import: Gradio would check for a new version online, and would
    create HTTP clients, which fails where the shell names a proxy of a kind that they lack.

    And one of its use: it would evaluate the times of the last ten thousand calls after each.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
    with without_proxies():
        import gradio  # noqa: F401


@contextlib.contextmanager
def without_proxies() -> Iterator[None]:
    """Hides the shell's proxies temporarily; data sets are downloaded through them later."""
    named = [name for name in os.environ if name.lower() in PROXIES]
    hidden = {name: os.environ.pop(name) for name in named}
    try:
        yield
    finally:
        os.environ.update(hidden)
