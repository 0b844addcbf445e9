"""The layout of the page's header, with the drawer of runs and the class's address."""

from __future__ import annotations

from ganmodel.ui.shared.tab import Room
from ganmodel.ui.shared.templates import rendered


def _html(*, trusted: bool) -> str:
    return rendered("runs_drawer/runs_drawer.html")


HEADER = Room("runs_drawer", _html, modules=("runs_drawer/main.js",))
