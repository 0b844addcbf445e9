"""The layout of the page's header, with the drawer of runs and the class's address."""

from __future__ import annotations

import gradio as gr

from ganmodel.ui.http.static import starts
from ganmodel.ui.shared.templates import rendered


def header() -> None:
    """Builds the header inside the current Blocks context."""
    gr.HTML(
        html_template=rendered("runs_drawer/runs_drawer.html", words="drawer"),
        js_on_load=starts("runs_drawer/main.js"),
        elem_id="page-header",
        padding=False,
    )
