"""The Train tab's layout: the form on the left, the live view beside it.

What the form offers is in `settings_form`; what the view's buttons do, in `desk`; what it is told,
in `watching` and `pictures`; how both show that, in assets/form/ and assets/train/.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import gradio as gr

from ganmodel import texts
from ganmodel.config import OBJECTIVES
from ganmodel.ui.assets import read_scripts, read_template
from ganmodel.ui.desk import Desk
from ganmodel.ui.pictures import Pictures
from ganmodel.ui.settings_form import describe, form_html
from ganmodel.ui.visitors import answers_in_sentences, owner_of
from ganmodel.ui.watching import Watch

# The form's scripts run as one, in this order, and so do the view's.
FORM_SCRIPTS = ("form", "picking", "smaller", "own")
SCRIPTS = ("state", "status", "pictures", "time", "curves", "coach", "control", "sheet", "main")


def train_tab(desk: Desk, watch: Watch, pictures: Pictures) -> None:
    """Builds the tab inside the current Blocks context."""
    uploads = desk.uploads
    asked = [watch.watch, watch.moment, watch.overlay, pictures.sheet, desk.act]
    with gr.Row(elem_id="train-row"):
        with gr.Column(scale=0, min_width=280, elem_id="train-form"):
            gr.HTML(
                html_template=form_html(trusted=desk.limits.trusted),
                js_on_load=read_scripts(f"form/{name}.js" for name in FORM_SCRIPTS),
                server_functions=[
                    answers_in_sentences(function)
                    for function in (_describer(desk), desk.start, uploads.examine, uploads.forget)
                ],
                padding=False,
            )
        with gr.Column(scale=1, min_width=320, elem_id="train-view"):
            gr.HTML(
                html_template=_view(),
                js_on_load=read_scripts(f"train/{name}.js" for name in SCRIPTS),
                server_functions=[answers_in_sentences(function) for function in asked],
                padding=False,
            )


def _describer(desk: Desk) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def described(ask: dict[str, Any]) -> dict[str, Any]:
        owner = owner_of(ask["token"]) if ask.get("token") else None
        return describe(ask, desk.runs, desk.data_dir, desk.limits_of(owner))

    described.__name__ = "describe"  # as the page's script calls it
    return described


def _view() -> str:
    formulas = "".join(
        f"<p><b>{html.escape(info.label)}</b><br>{html.escape(info.loss_d)}<br>"
        f"{html.escape(info.loss_g)}</p>"
        for info in OBJECTIVES.values()
    )
    view = read_template("train/view.html", "train")
    return view.replace("%how%", texts.train.HOW_IT_WORKS).replace("%formulas%", formulas)
