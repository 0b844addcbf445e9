"""The Playground tab's layout: one template, and the module that drives it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganmodel.places import MOST_SEED
from ganmodel.ui.http.errors import answers_in_sentences
from ganmodel.ui.http.static import starts_when_seen
from ganmodel.ui.playground.directions import Directions
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.opinions import Opinions
from ganmodel.ui.playground.renders import MOST_GRID
from ganmodel.ui.shared.tab import Tab
from ganmodel.ui.shared.templates import rendered

WAYS_IN_VIEW = 3  # ways to move that are shown; the others follow under "More ways"


def _build(parts: Any) -> None:
    generators: Generators = parts.generators
    opinions: Opinions = parts.opinions
    asked = [
        generators.generators,
        generators.describe,
        generators.keep_moment,
        Drawing(generators).draw,
        Directions(generators).directions,
        opinions.opinion,
    ]
    limits = {"most_seed": MOST_SEED, "most_grid": MOST_GRID, "ways_in_view": WAYS_IN_VIEW}
    gr.HTML(
        html_template=rendered("playground/playground.html", words="playground", **limits),
        js_on_load=starts_when_seen("playground/main.js"),
        server_functions=[answers_in_sentences(function) for function in asked],
        padding=False,
    )


TAB = Tab("Playground", place=2, build=_build, at_once=True)
