"""What the gate must let through: the page's own addresses, and Gradio's endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from ganmodel.hosting import Endpoint, Rule
from ganmodel.ui.http import offers, static
from ganmodel.ui.http.route import Route


def doors(page: gr.Blocks, table: Mapping[str, Route]) -> dict[str, Any]:
    """The arguments of `hosting.Gate` that depend on the page.

    Args:
        page: has Gradio's endpoints.
        table: the page's routes by name.
    """
    files = {("GET", path): Rule(file=True) for path in static.paths()}
    return {
        "rules": {
            **files,
            **{("POST", route.address): route.rule for route in table.values()},
            ("GET", f"{offers.PREFIX}*"): Rule(),
        },
        "api": {
            one["api_name"]: Endpoint(len(one["inputs"]), table[one["api_name"]].rule)
            for one in page.config["dependencies"]
        },
        "is_asked": lambda name: _is_asked(page, name),
    }


def _is_asked(page: gr.Blocks, name: str) -> bool:
    """Whether Gradio's queue has an event or a session of this name."""
    queue = page._queue
    events = queue.pending_event_ids_session.values()
    known = (queue.event_ids_to_events, queue.pending_messages_per_session, *events)
    return any(name in some for some in known)
