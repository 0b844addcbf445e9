"""How a page is asked: by its routes, or, one from before them, by its components' functions.

A benchmark that compares two checkouts speaks to both; which way a page understands, it finds out.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

TOKEN_HEADER = "x-ganmodel-token"
FUNCTIONS = "gradio_api/component_server/"
# Under which names an older page knows what is asked for, where they are others.
BEFORE = {"runs": "runs_of", "generator": "describe", "search": "find"}
ACTIONS = {
    **dict.fromkeys(("pause", "resume", "stop", "set", "step", "longer", "again"), "act"),
    **dict.fromkeys(("rename", "delete", "undo", "link"), "file"),
}
# What an older page has as routes of its own.
ROUTES_BEFORE = {"picture", "film", "draw", "frames", "map", "moments", "keep", "search"}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Request:
    """What is posted to `path`, which is relative to the page."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Asking:
    """A page at `url`; `numbers` are an older one's components by function, None for routes."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] | None = None

    def request(self, name: str, token: str, **values: Any) -> Request:
        """The question `name`, as this page understands it."""
        kind = {"Content-Type": "application/json", **self.headers}
        if self.numbers is None:
            path = "ganmodel-" + name.replace("_", "-")
            return Request(path, json.dumps(values).encode(), {**kind, TOKEN_HEADER: token})
        values["token"] = token
        if name in ROUTES_BEFORE:
            path = "ganmodel-" + BEFORE.get(name, name)
            return Request(path, json.dumps(values).encode(), kind)
        if name in ACTIONS:
            values["action"] = name
        known = ACTIONS.get(name) or BEFORE.get(name, name)
        number = self.numbers["generators" if name == "generator" else known]
        call = {"data": values, "component_id": number, "fn_name": known,
                "session_hash": token[:12]}  # fmt: skip
        return Request(FUNCTIONS, json.dumps(call).encode(), kind)

    def call(self, name: str, token: str, **values: Any) -> Any:
        """The answer as JSON; of several lines, the last."""
        asked = self.request(name, token, **values)
        status, body = _sent(self.url + asked.path, asked.body, asked.headers)
        if status != 200:
            raise RuntimeError(f"{name}: {status} {body[:200]!r}")
        return json.loads(body.splitlines()[-1])

    def get(self, path: str) -> bytes:
        return _sent(self.url + path, None, self.headers)[1]


def asking(url: str, headers: dict[str, str] | None = None) -> Asking:
    """The page at `url`, asked as it understands it."""
    known = headers or {}
    status, _ = _sent(f"{url}ganmodel-generator", b"{}", known)
    if status != 404:
        return Asking(url, known)
    config = json.loads(_sent(f"{url}config", None, known)[1])
    numbers: dict[str, int] = {}
    for component in config["components"]:
        for name in component["props"].get("server_fns", ()):
            numbers.setdefault(name, component["id"])
    return Asking(url, known, numbers)


def _sent(url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    try:
        with _direct.open(urllib.request.Request(url, body, headers), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
