"""Assembles the page: the head, the tabs, the theme, and their server sides.

`serving` serves it to visitors.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import gradio as gr
from starlette.routing import Route

from ganmodel import texts
from ganmodel.hosting import Limits
from ganmodel.ui.contract import as_html, contract, said
from ganmodel.ui.http import static
from ganmodel.ui.playground.api import Api
from ganmodel.ui.playground.find_route import FindRoute
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.opinions import Opinions
from ganmodel.ui.playground.place_in_png import RecallRoute
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.runs_drawer.download_route import DownloadRoute
from ganmodel.ui.runs_drawer.header import header
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.shared.tab import Tab
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView

# G's colour before D's. Inlined, since a browser would request a file from its host's root, which
# behind a proxy may belong to another page.
ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<rect x='5' y='5' width='10' height='10' rx='2' fill='%23574dc4'/>"
    "<rect x='1' y='1' width='10' height='10' rx='2' fill='%23b04e00'/></svg>"
)
STARTS_FIRST = "shared/start.js"  # the module that runs before any tab's


@dataclass(frozen=True)
class Parts:
    """The server sides of all rooms, created once for a runs folder."""

    control: RunControl
    view: RunView
    run_list: RunList
    grids: Grids
    generators: Generators
    opinions: Opinions
    renders: Renders
    find_route: FindRoute

    @classmethod
    def of(
        cls,
        runs: Path,
        data_dir: Path | None = None,
        limits: Limits | None = None,
        host: str | None = None,
    ) -> Parts:
        """`host`: the owner whose runs a class watches; None without a class."""
        control, bundled = RunControl(runs, data_dir, limits, host), BundledRuns()
        reference = ReferenceData(
            data_dir,
            control.limits.reading_seconds,
            control.limits.reading_pixels,
            trusted=control.limits.trusted,
        )
        ranks = DiscriminatorRanks()
        generators = Generators(runs, bundled, in_class=host is not None)
        view = RunView(control, bundled)
        return cls(
            control,
            view,
            RunList(control, view),
            Grids(view, reference, ranks),
            generators,
            Opinions(generators, reference, ranks),
            Renders(generators),
            FindRoute(generators),
        )

    def routes(self) -> list[Route]:
        """All routes beside Gradio's."""
        upload_route = UploadRoute(self.control.uploads, self.control.quotas)
        others = (DownloadRoute(self.control.runs), upload_route, RecallRoute(self.generators))
        parts = (self.grids, self.renders, self.find_route, *others)
        return [route for part in parts for route in part.routes()]


def build_page(parts: Parts) -> gr.Blocks:
    """The page as Gradio blocks; `serve` launches it with its theme."""
    with gr.Blocks(title=texts.TITLE, analytics_enabled=False, fill_width=True) as page:
        header(parts.run_list)
        with gr.Tabs(elem_id="page-tabs"):
            for tab in _tabs():
                with gr.Tab(tab.title, id=tab.title.lower(), render_children=tab.at_once):
                    tab.build(parts)
        Api(parts.generators, parts.renders, parts.find_route).add()
    return page


def _tabs() -> list[Tab]:
    """The tabs of all rooms: each folder here with a `tab` module that defines `TAB`."""
    rooms = sorted(path.parent.name for path in Path(__file__).parent.glob("*/tab.py"))
    found = [import_module(f"ganmodel.ui.{room}.tab") for room in rooms if room != "shared"]
    return sorted((module.TAB for module in found), key=lambda tab: tab.place)


def head(mode: str = "local", group: dict[str, str] | None = None, *, trusted: bool = True) -> str:
    """The content of the page's <head>: styles, the contract, the sentences, and the first module.

    Args:
        mode: one of `serving.MODES`.
        group: a class's `address` and its `qr` code as a data URL.
        trusted: as in `load_data`.

    Styles are included here, because `launch(css=…)` rewrites selectors and breaks those that begin
    at body.
    """
    return "".join(
        (
            f'<link rel="icon" href="{ICON}">',
            f'<link rel="stylesheet" href="{static.address(static.STYLES)}">',
            as_html(contract(mode, group, trusted=trusted), "ganmodel-contract"),
            as_html(said(), "ganmodel-words"),
            f'<script type="module" src="{static.address(STARTS_FIRST)}"></script>',
        )
    )
