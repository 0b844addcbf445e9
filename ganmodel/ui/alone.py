"""Imports Gradio so that it contacts nobody, and works whatever network the shell has.

Only the import is here; what is served needs no network but the visitors' own.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def import_gradio() -> None:
    """Gradio asks its home for news when it is imported, and makes clients for other addresses,
    which it can't where the shell names a proxy of a kind that they don't know. None is used here.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    with without_proxies():
        import gradio  # noqa: F401


@contextlib.contextmanager
def without_proxies() -> Iterator[None]:
    """Hides the shell's proxies for a while; data sets are downloaded through them later."""
    named = [name for name in os.environ if name.lower() in PROXIES]
    hidden = {name: os.environ.pop(name) for name in named}
    try:
        yield
    finally:
        os.environ.update(hidden)
