"""The Train tab's layout: the form on the left, the live view beside it.

What the buttons do is in `desk`, what the view is told in `watching` and `pictures`; how it shows
that, in assets/train/.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import gradio as gr

from ganmodel.config import OBJECTIVES, PRESETS
from ganmodel.data import DATASETS, missing_reason
from ganmodel.ui import texts
from ganmodel.ui.assets import read_scripts, read_template
from ganmodel.ui.desk import Desk
from ganmodel.ui.pictures import Pictures
from ganmodel.ui.visitors import KNOWN_ERRORS, answers_in_sentences
from ganmodel.ui.watching import Watch

# Private: these endpoints belong to the page's own buttons.
EVENT: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


SCRIPTS = ("state", "status", "pictures", "time", "curves", "coach", "control", "sheet", "main")


def train_tab(desk: Desk, watch: Watch, pictures: Pictures) -> None:
    """Builds the tab inside the current Blocks context."""
    with gr.Row(elem_id="train-row"):
        with gr.Column(scale=0, min_width=280, elem_id="train-form"):
            form = _form(desk)
        with gr.Column(scale=1, min_width=320, elem_id="train-view"):
            gr.HTML(
                html_template=_view(),
                js_on_load=read_scripts(f"train/{name}.js" for name in SCRIPTS),
                server_functions=[
                    answers_in_sentences(function)
                    for function in (
                        watch.watch,
                        watch.moment,
                        watch.overlay,
                        pictures.sheet,
                        desk.act,
                    )
                ],
                padding=False,
            )
    _connect(desk, form)


def _form(desk: Desk) -> dict[str, Any]:
    dataset = gr.Dropdown(
        [(d.label, name) for name, d in DATASETS.items()],
        value="mnist", label="data", info=texts.DATASET_INFO, elem_id="train-dataset",
        filterable=False,
    )  # fmt: skip
    dataset_note = gr.HTML("", elem_id="train-dataset-note", elem_classes="gm-note")
    preset = gr.Dropdown(
        [(p.label, name) for name, p in PRESETS.items()],
        value="quick", label="recipe", info=texts.PRESET_INFO, elem_id="train-preset",
        filterable=False,
    )  # fmt: skip
    preset_note = gr.HTML(_preset_note("quick"), elem_classes="gm-note")
    objective = gr.Dropdown(
        [(o.label, name) for name, o in OBJECTIVES.items()],
        value="non-saturating", label="training rule", info=texts.OBJECTIVE_INFO,
        elem_id="train-objective", filterable=False,
    )  # fmt: skip
    objective_note = gr.HTML(_objective_note("non-saturating"), elem_classes="gm-note")
    length = gr.Slider(
        10_000, 2_000_000, value=300_000, step=10_000, label=texts.LENGTH_LABEL,
        info=texts.LENGTH_INFO, elem_id="train-length", buttons=[],
    )  # fmt: skip
    gr.HTML("<p></p>", elem_id="train-length-note", elem_classes="gm-note")
    seed = gr.Number(
        0, label=texts.SEED_LABEL, info=texts.SEED_INFO, elem_id="train-seed", precision=0
    )
    start = gr.Button(texts.START, variant="primary", elem_id="train-start")
    gr.HTML(f"<p>{texts.START_INFO}</p>", elem_classes="gm-note")
    # Carry the browser's token in and a run's name in and out; the scripts fill them.
    token = gr.Textbox(visible="hidden", elem_id="train-token")
    run = gr.Textbox(visible="hidden", elem_id="train-run")

    dataset.change(_dataset_note(desk), dataset, dataset_note, queue=False, **EVENT)
    preset.change(_preset_note, preset, preset_note, queue=False, **EVENT)
    objective.change(_objective_note, objective, objective_note, queue=False, **EVENT)
    return {
        "settings": [preset, dataset, objective, length, seed],
        "token": token, "run": run,
        "start": start,
    }  # fmt: skip


def _connect(desk: Desk, form: dict[str, Any]) -> None:
    """Start: it sends the token (and the run it is about), errors come as a toast."""
    token, run = form["token"], form["run"]
    form["start"].click(
        _told(lambda *settings: desk.start(*settings).name),
        [token, *form["settings"]],
        run,
        js="(token, ...settings) => [ganmodel.token(), ...settings]",
        trigger_mode="multiple",  # a second click gets its answer instead of vanishing
        **EVENT,
    ).success(None, run, None, js="(run) => { ganmodel.follow(run); }")


def _told(action: Callable[..., str]) -> Callable[..., str]:
    """For a button's function: a known error becomes a toast with its own sentence."""

    def tell(*values: Any) -> str:
        try:
            return action(*values)
        except KNOWN_ERRORS as error:
            raise gr.Error(html.escape(str(error)), duration=12, print_exception=False) from None

    return tell


def _view() -> str:
    formulas = "".join(
        f"<p><b>{html.escape(info.label)}</b><br>{html.escape(info.loss_d)}<br>"
        f"{html.escape(info.loss_g)}</p>"
        for info in OBJECTIVES.values()
    )
    view = read_template("train/view.html", "train")
    return view.replace("%how%", texts.train.HOW_IT_WORKS).replace("%formulas%", formulas)


def _dataset_note(desk: Desk) -> Callable[[str], str]:
    def note(name: str) -> str:
        if name not in DATASETS or missing_reason(name, desk.data_dir) is None:
            return ""
        words = texts.NOT_HERE.format(size=DATASETS[name].download_bytes / 1e6)
        return f'<p class="gm-warning">{html.escape(words)}</p>'

    return note


def _preset_note(name: str) -> str:
    return f"<p>{html.escape(PRESETS[name].explanation)}</p>" if name in PRESETS else ""


def _objective_note(name: str) -> str:
    if name not in OBJECTIVES:
        return ""
    info = OBJECTIVES[name]
    formulas = f"{html.escape(info.loss_d)}<br>{html.escape(info.loss_g)}"
    return f'<p>{html.escape(info.explanation)}</p><p class="gm-formula">{formulas}</p>'
