"""The Playground tab's layout: one template, and the module that drives it."""

from __future__ import annotations

import gradio as gr

from ganmodel.places import MOST_SEED
from ganmodel.ui.http.static import starts_when_seen
from ganmodel.ui.playground.renders import MOST_GRID
from ganmodel.ui.shared.tab import Tab
from ganmodel.ui.shared.templates import rendered


def _build(*, trusted: bool) -> None:
    limits = {"most_seed": MOST_SEED, "most_grid": MOST_GRID}
    gr.HTML(
        html_template=rendered("playground/playground.html", words="playground", **limits),
        js_on_load=starts_when_seen("playground/main.js"),
        padding=False,
    )


TAB = Tab("Playground", place=2, build=_build, at_once=True)
