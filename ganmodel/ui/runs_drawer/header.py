"""The layout of the page's header, with the drawer of runs and the class's address."""

from __future__ import annotations

import gradio as gr

from ganmodel.ui.http.errors import answers_in_sentences
from ganmodel.ui.http.static import starts
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.templates import rendered


def header(run_list: RunList) -> None:
    """Builds the header inside the current Blocks context."""
    asked = [run_list.runs_of, run_list.file, run_list.compare, run_list.reproduce]
    gr.HTML(
        html_template=rendered("runs_drawer/runs_drawer.html", words="drawer"),
        js_on_load=starts("runs_drawer/main.js"),
        server_functions=[answers_in_sentences(function) for function in asked],
        elem_id="page-header",
        padding=False,
    )
