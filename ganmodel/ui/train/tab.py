"""The Train tab's layout: the form on the left, the live view beside it.

`form` holds the form's own template, scripts and server side. Behind the view stand `run_control`
(its buttons), `run_view` (what it shows) and `grids` (its pictures).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ganmodel.config import OBJECTIVES
from ganmodel.ui.http.errors import answers_in_sentences
from ganmodel.ui.http.static import starts
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.shared.tab import Tab
from ganmodel.ui.shared.templates import rendered
from ganmodel.ui.train.charts import CHARTS
from ganmodel.ui.train.form.settings_form import describe, form_html
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView


def _build(parts: Any) -> None:
    control: RunControl = parts.control
    view: RunView = parts.view
    grids: Grids = parts.grids
    uploads = control.uploads
    of_form = [_describer(control), control.start, uploads.examine, uploads.forget]
    of_view = [view.watch, view.moment, view.overlay, grids.sheet, control.act]
    with gr.Row(elem_id="train-row"):
        with gr.Column(scale=0, min_width=280, elem_id="train-form"):
            gr.HTML(
                html_template=form_html(trusted=control.limits.trusted),
                js_on_load=starts("train/form/main.js"),
                server_functions=[answers_in_sentences(function) for function in of_form],
                padding=False,
            )
        with gr.Column(scale=1, min_width=320, elem_id="train-view"):
            gr.HTML(
                html_template=rendered(
                    "train/train.html", words="train", rules=OBJECTIVES.values(), charts=CHARTS
                ),
                js_on_load=starts("train/main.js"),
                server_functions=[answers_in_sentences(function) for function in of_view],
                padding=False,
            )


def _describer(control: RunControl) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def described(ask: dict[str, Any]) -> dict[str, Any]:
        owner = owner_of(ask["token"]) if ask.get("token") else None
        return describe(ask, control.runs, control.data_dir, control.limits_of(owner))

    described.__name__ = "describe"  # as the page's script calls it
    return described


TAB = Tab("Train", place=1, build=_build)
