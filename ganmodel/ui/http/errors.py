"""The error boundary of all functions that a browser calls: an exception becomes one sentence.

This module defines which errors a visitor may read. The sentences are the exceptions' own or from
`texts`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from ganmodel import texts
from ganmodel.config import ConfigError
from ganmodel.data import DataError
from ganmodel.files import without_folders
from ganmodel.places import PlaceError
from ganmodel.runs import RunError
from ganmodel.sampling import WeightsError
from ganmodel.ui.http.requests import is_text

log = logging.getLogger(__name__)

# Errors that a visitor may cause, who is shown the error's own sentence.
KNOWN_ERRORS = (ConfigError, DataError, PlaceError, RunError, WeightsError)


def told(error: Exception) -> str:
    """A known error's sentence, without any path of this machine."""
    return without_folders(str(error))


def answers_in_sentences(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a function that the browser calls: an exception becomes {"error": sentence}.

    Gradio turns any exception of a server function into a bare HTTP 500.
    """

    @functools.wraps(function)
    def answer(ask: Any) -> Any:
        try:
            if not isinstance(ask, dict) or not is_text(ask):
                raise RunError(texts.BAD_CALL)
            return function(ask)
        except KNOWN_ERRORS as error:
            return {"error": told(error)}
        except Exception:
            log.exception("%s failed", function.__name__)
            return {"error": texts.UNEXPECTED}

    return answer
