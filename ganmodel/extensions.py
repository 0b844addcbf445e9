"""Imports the modules that add to ganmodel from outside, by the environment's word.

A page trains in processes of its own, and each of them must know what the page offers; so every
process of the command line does this first. What such a module calls is in `api.extending`.
"""

from __future__ import annotations

import importlib
import os

from ganmodel.errors import KnownError

VARIABLE = "GANMODEL_EXTENSIONS"


class ExtensionError(KnownError, ValueError):
    """An extension cannot be loaded; the message is one sentence for who named it."""


def load_extensions() -> None:
    """Imports the modules that `VARIABLE` names, separated by commas.

    Raises:
        ExtensionError: one cannot be imported, or registers what is there already.
    """
    for name in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever its code raises
            told = f"{type(error).__name__}: {error}"[:300]
            raise ExtensionError("extension-failed", name=name, error=told) from error
