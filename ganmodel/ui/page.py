"""Assembles the page: the head, the tabs, the theme, and their server sides.

`serving` serves it to visitors.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import gradio as gr

from ganmodel.hosting import Limits
from ganmodel.ui.contract import as_html, contract, words
from ganmodel.ui.http import static
from ganmodel.ui.http.door import Door
from ganmodel.ui.http.first_answer import Lines
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.published import publish
from ganmodel.ui.playground.api import Api
from ganmodel.ui.playground.directions import Directions
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.opinions import Opinions
from ganmodel.ui.playground.place_in_png import Recall
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.playground.search import Search
from ganmodel.ui.routes import ROUTES
from ganmodel.ui.runs_drawer.downloads import Downloads
from ganmodel.ui.runs_drawer.header import HEADER
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.shared.tab import Room, Tab
from ganmodel.ui.shared.templates import rendered
from ganmodel.ui.train.form.contact_sheets import ContactSheets
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.form.uploads import Uploads
from ganmodel.ui.train.game import GameRounds
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.words import say

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
    """The server sides of all rooms, created once for a runs folder; `routes` has their methods."""

    control: RunControl
    form: SettingsForm
    uploads: Uploads
    upload_route: UploadRoute
    contact_sheets: ContactSheets
    view: RunView
    grids: Grids
    game: GameRounds
    run_list: RunList
    downloads: Downloads
    generators: Generators
    drawing: Drawing
    directions: Directions
    opinions: Opinions
    renders: Renders
    search: Search
    recall: Recall
    api: Api
    offers: Offers

    @classmethod
    def of(
        cls,
        runs: Path,
        data_dir: Path | None = None,
        limits: Limits | None = None,
        host: str | None = None,
    ) -> Parts:
        """`host`: the owner whose runs a class watches; None without a class."""
        control, bundled, offers = RunControl(runs, data_dir, limits, host), BundledRuns(), Offers()
        reference = ReferenceData(
            data_dir,
            control.limits.reading_seconds,
            control.limits.reading_pixels,
            trusted=control.limits.trusted,
        )
        ranks = DiscriminatorRanks()
        generators = Generators(runs, bundled, in_class=host is not None)
        view = RunView(control, bundled)
        renders, search = Renders(generators, offers), Search(generators)
        return cls(
            control=control,
            form=SettingsForm(
                runs,
                data_dir,
                control.limits_of,
                control.queue.place_of_next,
                looked_at=control.launcher.spare.expect,
            ),
            uploads=control.uploads,
            upload_route=UploadRoute(control.uploads, control.quotas),
            contact_sheets=ContactSheets(
                control.uploads,
                control.limits.examining_seconds,
                control.limits.reading_pixels,
                trusted=control.limits.trusted,
            ),
            view=view,
            grids=Grids(view, reference, ranks, offers),
            game=GameRounds(bundled),
            run_list=RunList(control, view),
            downloads=Downloads(runs, offers),
            generators=generators,
            drawing=Drawing(generators),
            directions=Directions(generators),
            opinions=Opinions(generators, reference, ranks),
            renders=renders,
            search=search,
            recall=Recall(generators),
            api=Api(generators, renders, search),
            offers=offers,
        )

    def door(self) -> Door:
        """What answers the page's requests."""
        return Door(ROUTES, vars(self).values())


def build_page(door: Door, *, trusted: bool = True) -> gr.Blocks:
    """The page as Gradio blocks; `serve` launches it with its theme.

    Args:
        door: answers what Gradio's API is asked.
        trusted: as in `load_data`.
    """
    with gr.Blocks(title=say("page.title"), analytics_enabled=False, fill_width=True) as page:
        _place(HEADER, elem_classes="gm-page-header")
        with gr.Tabs(elem_id="page-tabs", elem_classes="gm-tabs"):
            for tab in _tabs():
                # Built before it is opened: what is slow about a tab, its modules wait for that.
                title = say(
                    f"page.tabs.{tab.room.name}"
                )  # `tabs.js` puts the visitor's language there
                with gr.Tab(title, id=tab.room.name, render_children=True):
                    if tab.is_first:
                        _place(tab.room)
                    else:
                        template, started = tab.room.html(trusted=trusted), tab.room.modules
                        gr.HTML(
                            html_template=template, js_on_load=static.starts_when_seen(*started)
                        )
        publish(door)
    return page


def _place(room: Room, **options: Any) -> None:
    """Where a room will be that came with the first answer; `early.js` takes it there."""
    here = f'detail: {{ name: "{room.name}", place: element }}'
    gr.HTML(
        html_template="",
        js_on_load=f'document.dispatchEvent(new CustomEvent("ganmodel-place", {{ {here} }}));',
        padding=False,
        **options,
    )


def _tabs() -> list[Tab]:
    """The tabs of all rooms: each folder here with a `tab` module that defines `TAB`."""
    rooms = sorted(path.parent.name for path in Path(__file__).parent.glob("*/tab.py"))
    found = [import_module(f"ganmodel.ui.{room}.tab") for room in rooms if room != "shared"]
    return sorted((module.TAB for module in found), key=lambda tab: tab.place)


def first_lines(
    mode: str = "local", group: dict[str, str] | None = None, *, trusted: bool = True
) -> Lines:
    """Our lines in the first answer: what a visitor sees and uses before Gradio's page is there.

    Args:
        mode: one of `serving.MODES`.
        group: a class's `address` and its `qr` code as a data URL.
        trusted: as in `load_data`.
    """
    tabs = _tabs()
    rooms = [HEADER, *(tab.room for tab in tabs if tab.is_first)]
    modules = [STARTS_FIRST, *(module for room in rooms for module in room.modules)]
    told = contract(mode, group, trusted=trusted)
    head = (
        f'<link rel="icon" href="{ICON}">',
        f'<meta property="og:title" content="{say("page.title")}">',
        f'<meta property="og:description" content="{say("train.claim")}">',
        f'<link rel="stylesheet" href="{static.address(static.STYLES)}">',
        as_html(told, "ganmodel-contract"),
        as_html(words(), "ganmodel-words"),
        static.starting(STARTS_FIRST, {room.name: room.modules for room in rooms}),
    )
    body = rendered(
        "shared/first.html",
        early=static.early(),
        version=gr.__version__.replace(".", "-"),
        tabs=tabs,
        rooms={room.name: room.html(trusted=trusted) for room in rooms},
    )
    # Behind what is seen first: a browser asks a server for six files at a time.
    return Lines("".join(head), body + static.loading(modules))
