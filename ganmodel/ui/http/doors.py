"""What the gate must let through: the page's own routes and files, and Gradio's functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import gradio as gr
from starlette.routing import Route

from ganmodel.ui.http import static


def doors(
    page: gr.Blocks, routes: Iterable[Route], forms: Collection[str], files: Collection[str]
) -> dict[str, Any]:
    """The arguments of `hosting.Gate` that depend on the page.

    Args:
        page: has Gradio's server functions and API names.
        routes: this page's own routes.
        forms, files: the paths among them to which a form or a file is posted, not JSON.
    """
    functions = {
        (number, function.__name__)
        for number, block in page.blocks.items()
        for function in getattr(block, "server_fns", ())
    }
    own = {(method, route.path) for route in routes for method in route.methods or ()}
    known = page.config["dependencies"]
    return {
        "own": own | {("GET", path) for path in static.paths()},
        "forms": set(forms),
        "files": set(files),
        "functions": functions,
        "api": {one["api_name"]: len(one["inputs"]) for one in known},
        "is_asked": lambda name: _is_asked(page, name),
    }


def _is_asked(page: gr.Blocks, name: str) -> bool:
    """Whether Gradio's queue has an event or a session of this name."""
    queue = page._queue
    events = queue.pending_event_ids_session.values()
    known = (queue.event_ids_to_events, queue.pending_messages_per_session, *events)
    return any(name in some for some in known)
