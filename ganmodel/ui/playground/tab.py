"""The Playground tab's layout: one template, and the module that drives it."""

from __future__ import annotations

from ganmodel.places import MOST_SEED
from ganmodel.ui.playground.renders import MOST_GRID
from ganmodel.ui.shared.tab import Room, Tab
from ganmodel.ui.shared.templates import rendered


def _html(*, trusted: bool) -> str:
    limits = {"most_seed": MOST_SEED, "most_grid": MOST_GRID}
    return rendered("playground/playground.html", **limits)


TAB = Tab(place=2, room=Room("playground", _html, modules=("playground/main.js",)))
