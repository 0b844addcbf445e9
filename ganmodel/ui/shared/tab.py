"""A room's description of its tab, by which the page finds it without knowing the room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """One tab of the page.

    `title`: its label; `place`: tabs are ordered by it; `build`: builds it inside the current
    Blocks context, with `trusted` as in `load_data`; `at_once`: whether the browser builds it
    before it is opened.
    """

    title: str
    place: int
    build: Callable[..., None]
    at_once: bool = False
