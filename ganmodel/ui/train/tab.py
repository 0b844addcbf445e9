"""The Train tab's layout: the form on the left, the live view beside it.

`form` holds the form's own template, scripts and server side. Behind the view stand `run_control`
(its buttons), `run_view` (what it shows) and `grids` (its pictures).
"""

from __future__ import annotations

import gradio as gr

from ganmodel.config import OBJECTIVES
from ganmodel.ui.http.static import starts
from ganmodel.ui.shared.tab import Tab
from ganmodel.ui.shared.templates import rendered
from ganmodel.ui.train.charts import CHARTS
from ganmodel.ui.train.form.settings_form import form_html


def _build(*, trusted: bool) -> None:
    with gr.Row(elem_id="train-row"):
        with gr.Column(scale=0, min_width=280, elem_id="train-form"):
            gr.HTML(
                html_template=form_html(trusted=trusted),
                js_on_load=starts("train/form/main.js"),
                padding=False,
            )
        with gr.Column(scale=1, min_width=320, elem_id="train-view"):
            gr.HTML(
                html_template=rendered(
                    "train/train.html", words="train", rules=OBJECTIVES.values(), charts=CHARTS
                ),
                js_on_load=starts("train/main.js"),
                padding=False,
            )


TAB = Tab("Train", place=1, build=_build)
