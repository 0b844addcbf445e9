"""The Playground tab's layout: everything is in assets/playground.html and .js.

What is drawn, and with which generator, is decided in `easel`.
"""

from __future__ import annotations

import gradio as gr

from ganmodel.ui.assets import read_asset
from ganmodel.ui.easel import Easel
from ganmodel.ui.visitors import answers_in_sentences


def playground_tab(easel: Easel) -> None:
    """Builds the tab inside the current Blocks context."""
    gr.HTML(
        html_template=read_asset("playground.html"),
        js_on_load=read_asset("playground.js"),
        server_functions=[
            answers_in_sentences(easel.generators),
            answers_in_sentences(easel.draw),
        ],
        padding=False,
    )
