"""Errors that a person may read: each is a code, and the values of its sentence.

The sentences are in `words`, by "errors." and the code. A program gets the code, the page's scripts
word it in the visitor's language, and `str` is the English sentence.
"""

from __future__ import annotations

from typing import Any

from ganmodel.words import Message, catalogue, message, worded

PREFIX = "errors."


class KnownError(Exception):
    """What somebody did wrong or could not be done for them.

    Args:
        code: an id of `words` without its "errors."; any other text is the sentence itself.
        values: what fills the holes of its sentence: JSON scalars, messages, or lists of these.
    """

    def __init__(self, code: str, **values: Any) -> None:
        if PREFIX + code not in catalogue():
            code, values = "said", {"sentence": code}
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def message(self) -> Message:
        """What it says, to be worded where it is read."""
        return message(PREFIX + self.code, **self.values)

    def __str__(self) -> str:
        return worded(self.message)
