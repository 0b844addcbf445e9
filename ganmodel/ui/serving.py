"""Serves the page: for oneself, for strangers, or for a class; and ends without losing anything.

What the page is made of is in `page`; what strangers may do, in `hosting`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import segno
from starlette.middleware import Middleware
from starlette.routing import Route

from ganmodel import texts
from ganmodel.files import write_bytes
from ganmodel.hosting import (
    LOOK_SECONDS,
    Addressed,
    Caretaker,
    Gate,
    Limits,
    classroom,
    give_memory_back,
    hosted,
    log_to,
    share_memory,
)
from ganmodel.ui.links import MendedLinks
from ganmodel.ui.page import Parts, build_page, head
from ganmodel.ui.theme import theme
from ganmodel.ui.visitors import TOKEN, owner_of

MODES = ("local", "hosted", "classroom")
HOST_KEY = ".host-key"  # in the runs folder: the secret token of the browser that hosts a class
UPLOAD_SECONDS = 30.0  # from one look for old uploads to the next
GROWTH_SECONDS = 10.0  # from one look for runs that grow too large to the next
MEMORY_SECONDS = 10.0  # from one return of unused memory to the next


@dataclass(frozen=True)
class Class:
    """A class's address, for everybody and for its host."""

    address: str
    key: str

    @property
    def host_address(self) -> str:
        return f"{self.address}?host={self.key}"

    def qr(self) -> segno.QRCode:
        return segno.make(self.address, error="m", micro=False)


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    root_path: str | None = None,
    share: bool = False,
    login: str | None = None,
    mode: str = "local",
    runs: Path = Path("runs"),
    data_dir: Path | None = None,
) -> None:
    """Serves the page until the process is asked to end.

    Args:
        host, port: win over GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, which win over this machine
            only (a class: its network) and port 7860.
        root_path: where a reverse proxy shows the page, such as "/demo".
        share: also through Gradio's tunnel, with the limits of a hosted page.
        login: "name:password" that everybody has to give.
        mode: one of `MODES`.
        runs: the folder of the runs; data_dir: the one torchvision reads.
    """
    asked = _listen_for_the_end()  # before anybody can know that the page is there
    # One thread: a forward pass of one picture takes under a millisecond, but many times that
    # when two threads of ours wait for each other while a trainer uses the cores.
    import torch

    torch.set_num_threads(1)
    mode = "hosted" if share and mode == "local" else mode
    runs = runs.resolve()
    if mode != "local":
        log_to(runs)
        share_memory()
    limits = {"local": Limits, "hosted": hosted, "classroom": classroom}[mode]()
    group = None
    if mode == "classroom":
        host = host or os.environ.get("GRADIO_SERVER_NAME") or "0.0.0.0"
        port = port or int(os.environ.get("GRADIO_SERVER_PORT") or 7860)
        group = Class(f"http://{_own_address(host)}:{port}/", _host_key(runs))
    parts = Parts.of(runs, data_dir, limits, owner_of(group.key) if group else None)
    page = build_page(parts)
    page.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    routes = parts.routes()
    gate = Middleware(Gate, **doors(page, routes), limits=limits, login=login)
    public = page.launch(
        server_name=host,
        server_port=port,
        root_path=root_path,
        share=share,
        theme=theme(),
        head=head(mode, group and {"address": group.address, "qr": group.qr().svg_data_uri()}),
        show_error=True,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        max_file_size="1mb",  # of Gradio's own upload, which the gate keeps closed besides
        app_kwargs={
            "routes": routes,
            "middleware": [Middleware(MendedLinks), Middleware(Addressed), gate],
        },
        prevent_thread_lock=True,
    )[2]
    chores: dict[Callable[[], object], float] = {parts.desk.turns.look: LOOK_SECONDS}
    if mode != "local":
        chores |= {
            parts.desk.expire_uploads: UPLOAD_SECONDS,
            parts.desk.stop_outgrown: GROWTH_SECONDS,
            give_memory_back: MEMORY_SECONDS,
        }
    caretaker = Caretaker(chores)
    try:
        caretaker.start()
        _say(mode, share, public, group)
        while not asked:
            time.sleep(0.1)
    finally:
        caretaker.stop()
        parts.desk.turns.close()
        with contextlib.suppress(OSError):
            page.close(verbose=False)


def doors(page: gr.Blocks, routes: Iterable[Route]) -> dict[str, Any]:
    """What the gate lets through besides Gradio's own: our routes, and our server functions."""
    functions = {
        (number, function.__name__)
        for number, block in page.blocks.items()
        for function in getattr(block, "server_fns", ())
    }
    own = {(method, route.path) for route in routes for method in route.methods or ()}
    known = page.config["dependencies"]
    api = {one["api_name"]: len(one["inputs"]) for one in known}
    return {"own": own, "functions": functions, "api": api}


def _say(mode: str, share: bool, public: str | None, group: Class | None) -> None:
    """What whoever started the page should know, on the terminal."""
    told = []
    if share:
        told.append(texts.SHARED.format(address=public) if public else texts.NOT_SHARED)
    if mode == "hosted":
        told.append(texts.HOSTED)
    if group is not None:
        told.append(texts.CLASS_ADDRESS.format(address=group.address))
        told.append(texts.HOST_ADDRESS.format(address=group.host_address))
    for sentence in told:
        print(sentence, flush=True)  # noqa: T201
    if group is not None:
        group.qr().terminal(compact=True)


def _listen_for_the_end() -> list[int]:
    """Hears Ctrl-C and a supervisor's SIGTERM, which Gradio does not know: a list they come into.

    A handler runs in the middle of whatever the main thread does, so it takes no lock: an event
    that the thread waits for can't be set by it without standing still for good.
    """
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    return asked


def _own_address(host: str) -> str:
    """This machine's address on the local network, where it has one."""
    if host not in ("0.0.0.0", "::"):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.254.254.254", 1))  # nothing is sent: it only picks the interface
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def _host_key(runs: Path) -> str:
    """The same at every start, so that a class's host stays its host."""
    path = runs / HOST_KEY
    try:
        kept = path.read_text("ascii").strip()
    except (OSError, ValueError):
        kept = ""
    if TOKEN.fullmatch(kept):
        return kept
    key = secrets.token_hex(32)
    runs.mkdir(parents=True, exist_ok=True)
    write_bytes(path, key.encode())
    path.chmod(0o600)
    return key
