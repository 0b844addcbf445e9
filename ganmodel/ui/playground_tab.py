"""The Playground tab's layout: everything is in assets/play/, as one template and one script.

What is drawn, and with which generator, is decided in `easel`; many pictures at once, `studio`.
"""

from __future__ import annotations

import functools

import gradio as gr

from ganmodel.ui.assets import read_scripts, read_template
from ganmodel.ui.easel import Easel
from ganmodel.ui.opinions import Opinions
from ganmodel.ui.visitors import answers_in_sentences

# They run as one, in this order.
SCRIPTS = ("state", "picture", "way", "sliders", "map", "drawing", "time", "ask", "keep", "main")


def playground_tab(easel: Easel, opinions: Opinions) -> None:
    """Builds the tab inside the current Blocks context."""
    opinion = functools.partial(opinions.opinion, easel)
    opinion.__name__ = "opinion"  # as the page's script calls it
    asked = [
        easel.generators, easel.describe, easel.draw, easel.keep_moment, easel.directions, opinion,
    ]  # fmt: skip
    gr.HTML(
        html_template=read_template("play/play.html", "playground"),
        js_on_load=read_scripts(f"play/{name}.js" for name in SCRIPTS),
        server_functions=[answers_in_sentences(function) for function in asked],
        padding=False,
    )
