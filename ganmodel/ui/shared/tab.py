"""What a room is to the page: its HTML and the module that brings it to life, and its tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """A part of the page with a folder of its own.

    `name`: its folder's; `html`: gives its HTML, with `trusted` as in `load_data`; `modules`: the
    scripts whose `start` brings its element to life, in this order.
    """

    name: str
    html: Callable[..., str]
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Tab:
    """A room's tab, by which the page finds it without knowing the room.

    Its title are the words "page.tabs." and the room's name. `place`: tabs are ordered by it;
    `is_first`: it is what a visitor sees first, so that it comes with the page's first answer. Any
    other is built when it is seen.
    """

    place: int
    room: Room
    is_first: bool = False
