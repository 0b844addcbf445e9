"""One row of the table of routes: who may call it, how large, how often, and how it is worked on.

The models of its request and of its answer are those that its function is annotated with.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ganmodel.hosting import Rate, Rule
from ganmodel.ui.http.asks import Ask
from ganmodel.ui.http.lanes import Lane
from ganmodel.ui.http.visitors import Who

PREFIX = "/ganmodel-"
SHORT = 4_096  # bytes of a question about a run
LONG = 200_000  # of one that holds a place or a drawing


class Body(Enum):
    """What the body of a request is."""

    VALUES = "values"  # a JSON object
    WHOLE = "whole"  # a file, given to the function as bytes; values are in headers
    STREAM = "stream"  # a file, given to an async function in chunks; values are in headers


@dataclass(frozen=True)
class Route:
    """A function of one of the page's parts, and how it may be called.

    Args:
        function: a method `(self, visitor, ask)`, as defined in its class. Its `ask` is an `Ask`,
            what it returns an `Answer`, a `File`, a `Pending` of an answer, or an iterator of
            answers, each of which is sent at once. Where the body is a file, that comes third.
        who: may call it.
        lane: in which it is worked on.
        waits: seconds for which it may wait for a place in its lane.
        largest: bytes of the body.
        rate: of one visitor, where the page limits rates.
        body: what the body is.
        latest: whether a visitor's new request ends their earlier one.
        published: whether it is also an endpoint of Gradio's API, under the same name.
    """

    function: Callable[..., Any]
    who: Who
    lane: Lane
    waits: float = 10.0
    largest: int = SHORT
    rate: Rate | None = None
    body: Body = Body.VALUES
    latest: bool = False
    published: bool = False

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def address(self) -> str:
        return PREFIX + self.name.replace("_", "-")

    @functools.cached_property
    def request(self) -> type[Ask]:
        """The model of its request."""
        return self._hints["ask"]

    @functools.cached_property
    def answer(self) -> Any:
        """The model of its answer, or of each of its lines; `File` for a file."""
        answer = self._hints["return"]
        if get_origin(answer) in (
            Union,
            UnionType,
        ):  # of one that may come later, and one that comes at once
            answer = get_args(answer)[-1]
        return get_args(answer)[0] if get_origin(answer) is not None else answer

    @functools.cached_property
    def answers_in_lines(self) -> bool:
        return get_origin(self._hints["return"]) is Iterator

    @functools.cached_property
    def rule(self) -> Rule:
        """What the gate checks before the body is read."""
        needs_token = self.who is not Who.ANYONE
        return Rule(self.name, token=needs_token, largest=self.largest, rate=self.rate)

    @functools.cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function)

    def bound(self, parts: dict[type, Any]) -> Callable[..., Any]:
        """The function of the part whose class defines it."""
        owner = self.function.__qualname__.rpartition(".")[0]
        part = next(part for kind, part in parts.items() if kind.__qualname__ == owner)
        return getattr(part, self.name)
