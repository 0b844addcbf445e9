"""Errors that a person may read: each is a code, and the values of its sentence.

The sentences are in `texts.errors`. A program gets the code, the page's scripts word it in the
visitor's language, and `str` is the English sentence.
"""

from __future__ import annotations

from typing import Any

from ganmodel.texts.errors import ERRORS


class KnownError(Exception):
    """What somebody did wrong or could not be done for them.

    Args:
        code: a name in `texts.errors`.
        values: what fills the holes of its sentence: JSON scalars, or lists of strings.
    """

    def __init__(self, code: str, **values: Any) -> None:
        if code not in ERRORS:
            code, values = "said", {"sentence": code}
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return sentence_of(self.code, self.values)


def sentence_of(code: str, values: dict[str, Any]) -> str:
    """The English sentence of an error."""
    told = {
        name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        for name, value in values.items()
    }
    return ERRORS[code].format(**told)
