"""Puts the page together: both tabs, the look, the scripts, what stands behind them.

`serving` opens it to visitors.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import gradio as gr
import plotly
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ganmodel import texts
from ganmodel.config import AMBIGUOUS, NO_NUMBER
from ganmodel.hosting import Limits
from ganmodel.ui.api import Api
from ganmodel.ui.assets import read_asset, read_scripts, read_template
from ganmodel.ui.desk import Desk
from ganmodel.ui.downloads import Downloads
from ganmodel.ui.easel import Easel
from ganmodel.ui.films import Films
from ganmodel.ui.finding import Finding
from ganmodel.ui.opinions import Opinions
from ganmodel.ui.pictures import Pictures
from ganmodel.ui.playground_tab import playground_tab
from ganmodel.ui.reals import Reals
from ganmodel.ui.receiving import Receiving
from ganmodel.ui.recipes import Recipes
from ganmodel.ui.shelf import Shelf
from ganmodel.ui.studio import Studio
from ganmodel.ui.train_tab import train_tab
from ganmodel.ui.visitors import answers_in_sentences
from ganmodel.ui.watching import Watch

PLOTLY_ROUTE = "/ganmodel-static/plotly.min.js"
# G's colour before D's. Within the page, since a browser would look for a file at its host's root,
# which a proxy may have given to another page.
ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='5' y='5' width='10' height='10' rx='2' fill='%23574dc4'/>"
    "<rect x='1' y='1' width='10' height='10' rx='2' fill='%23b04e00'/></svg>"
)
# An address is mended before anything reads it; the others add to what common.js makes.
SHARED_SCRIPTS = ("links.js", "common.js", "tabs.js", "numbers.js", "drops.js")
STYLES = ("page.css", "play/play.css", "form/form.css", "train/train.css", "drawer/drawer.css")


@dataclass(frozen=True)
class Parts:
    """What stands behind the page, put together once for a runs folder."""

    desk: Desk
    watch: Watch
    shelf: Shelf
    pictures: Pictures
    easel: Easel
    opinions: Opinions
    studio: Studio
    finding: Finding

    @classmethod
    def of(
        cls,
        runs: Path,
        data_dir: Path | None = None,
        limits: Limits | None = None,
        host: str | None = None,
    ) -> Parts:
        """`host`: the owner whose runs a class watches; None without a class."""
        desk, films = Desk(runs, data_dir, limits, host), Films()
        reals = Reals(
            data_dir,
            desk.limits.reading_seconds,
            desk.limits.reading_pixels,
            trusted=desk.limits.trusted,
        )
        easel = Easel(runs, films, in_class=host is not None)
        watch, opinions = Watch(desk, films), Opinions(reals)
        return cls(
            desk,
            watch,
            Shelf(desk, watch),
            Pictures(watch, reals, opinions),
            easel,
            opinions,
            Studio(easel),
            Finding(easel),
        )

    def routes(self) -> list[Route]:
        """Everything that is answered beside Gradio."""
        receiving = Receiving(self.desk.uploads, self.desk.quotas)
        others = (Downloads(self.desk.runs), receiving, Recipes(self.easel))
        parts = (self.pictures, self.studio, self.finding, *others)
        return [Route(PLOTLY_ROUTE, _plotly), *(route for part in parts for route in part.routes())]


def build_page(parts: Parts) -> gr.Blocks:
    """The page as Gradio blocks; `serve` launches it with its look."""
    shelf = parts.shelf
    with gr.Blocks(title=texts.TITLE, analytics_enabled=False, fill_width=True) as page:
        gr.HTML(
            html_template=read_template("drawer/drawer.html", "drawer"),
            js_on_load=read_scripts(("drawer/drawer.js", "drawer/compare.js")),
            server_functions=[
                answers_in_sentences(function)
                for function in (shelf.runs_of, shelf.file, shelf.compare, shelf.reproduce)
            ],
            elem_id="page-header",
            padding=False,
        )
        with gr.Tabs(elem_id="page-tabs"):
            with gr.Tab("Train", id="train"):
                train_tab(parts.desk, parts.watch, parts.pictures)
            with gr.Tab("Playground", id="playground", render_children=True):
                playground_tab(parts.easel, parts.opinions)
        Api(parts.easel, parts.studio, parts.finding).add()
    return page


def head(mode: str = "local", group: dict[str, str] | None = None) -> str:
    """The look, the scripts that both tabs share, and where plotly.js is to be had.

    `mode` is one of `serving.MODES`; `group` a class's `address` and its `qr` code as a data URL.

    As <style>, because `launch(css=…)` rewrites selectors and breaks those that begin at body.
    """
    address = f"{PLOTLY_ROUTE[1:]}?v={version('plotly')}"
    told = {
        **texts.words_for_scripts(),
        "numbers": {"AMBIGUOUS": AMBIGUOUS, "NO_NUMBER": NO_NUMBER},
    }
    words = json.dumps(told).replace("<", "\\u003c")  # no way out of <script>
    known = f"GANMODEL_MODE = {mode!r}, GANMODEL_CLASS = {json.dumps(group)}"
    script = (
        f"const GANMODEL_PLOTLY = {address!r}, GANMODEL_WORDS = {words}, {known};\n"
        f"{read_scripts(SHARED_SCRIPTS)}"
    )
    style = "\n".join(read_asset(name) for name in STYLES)
    icon = f'<link rel="icon" href="{ICON}">'
    return f"{icon}<style>{style}</style><script>{script}</script>"


def _plotly(request: Request) -> Response:
    """plotly.js from the plotly package on this machine: the page loads nothing from outside."""
    path = Path(str(files(plotly).joinpath("package_data", "plotly.min.js")))
    # Its address carries its version, so a browser may keep it for good.
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type="text/javascript", headers=headers)
