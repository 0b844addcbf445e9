"""What a request and an answer are: pydantic models, files, lines, and answers that come later.

Rooms derive their models from `Ask` and `Answer`; `door` reads requests and sends answers.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ganmodel.errors import KnownError
from ganmodel.files import without_folders
from ganmodel.places import MOST_TEXT
from ganmodel.words import with_texts

A = TypeVar("A")
LOOK_SECONDS = 0.05  # between the first looks whether an answer has come


class Ask(BaseModel):
    """A request's values; the types are JSON's own, and unknown names are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Answer(BaseModel):
    """An answer's values; those that are not set are omitted."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Answer):
    """The answer of what has nothing to say."""


class Refusal(Answer):
    """An error as data; the page's scripts word it."""

    code: str
    values: dict[str, Any]

    @classmethod
    def of(cls, error: KnownError) -> Refusal:
        """An error without any path of this machine."""
        return cls(code=error.code, values={k: _shown(v) for k, v in error.values.items()})


def _shown(value: Any) -> Any:
    if isinstance(value, str | dict | list):
        return with_texts(value, without_folders)
    if isinstance(value, float) and not math.isfinite(value):  # which JSON has no number for
        return str(value)
    return value


# Values that several rooms take.
Name = Annotated[str, Field(max_length=400)]  # of a run or a generator
Key = Annotated[str, Field(max_length=64)]  # of a link
Text = Annotated[str, Field(max_length=MOST_TEXT)]  # of a place
Moment = Annotated[int, Field(ge=-1, lt=2**53)]  # images seen; -1: none yet


@dataclass(frozen=True)
class File:
    """An answer that is a file's bytes."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Incoming:
    """A file on its way: its `chunks`, and its declared `size` in bytes, 0 where there is none."""

    chunks: AsyncIterator[bytes]
    size: int = 0


@dataclass(frozen=True)
class Pending(Generic[A]):
    """An answer that comes later, without a thread that waits for it.

    Args:
        look: the answer, or None while there is none. Called now and then; does not block.
        seconds: for how long.
        late: the error after that time.
        dropped: called where the answer is not awaited to its end.
    """

    look: Callable[[], A | None]
    seconds: float
    late: KnownError
    dropped: Callable[[], object] = lambda: None
