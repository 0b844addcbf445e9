"""Serves the page: for oneself, for strangers, or for a class; and ends without losing anything.

What the page is made of is in `page`; what strangers may do, in `hosting`.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import gradio as gr
import segno
from gradio.networking import setup_tunnel
from starlette.middleware import Middleware
from starlette.routing import Route

from ganmodel import texts
from ganmodel.files import write_bytes
from ganmodel.hosting import (
    LOOK_SECONDS,
    Caretaker,
    Gate,
    Limits,
    classroom,
    give_memory_back,
    hosted,
    limit_malloc_arenas,
    log_to,
    names_at,
)
from ganmodel.listening import Place
from ganmodel.signals import hear_the_end
from ganmodel.ui.downloads import DOWNLOAD_ROUTE
from ganmodel.ui.page import Parts, build_page, head
from ganmodel.ui.receiving import UPLOAD_ROUTE
from ganmodel.ui.recipes import RECALL_ROUTE
from ganmodel.ui.server import Server, whole
from ganmodel.ui.visitors import TOKEN, owner_of

log = logging.getLogger(__name__)

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
    place: Place,
    *,
    root_path: str = "",
    share: bool = False,
    login: str | None = None,
    mode: str = "local",
    runs: Path = Path("runs"),
    data_dir: Path | None = None,
    allow_hosts: Sequence[str] = (),
) -> bool:
    """Serves the page until the process is asked to end; False if the server ended by itself.

    Args:
        place: where it listens.
        root_path: where a reverse proxy shows the page, such as "/demo", or its whole address.
        share: also through Gradio's tunnel, with the limits of a hosted page.
        login: "name:password" that everybody has to give.
        mode: one of `MODES`.
        runs: the folder of the runs; data_dir: the one torchvision reads.
        allow_hosts: names by which the page may be called, beside this machine's own.
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
        limit_malloc_arenas()
    limits = {"local": Limits, "hosted": hosted, "classroom": classroom}[mode]()
    group = None
    if mode == "classroom":
        group = Class(address_for_others(place, root_path), _host_key(runs))
    parts = Parts.of(runs, data_dir, limits, owner_of(group.key) if group else None)
    parts.desk.address = address_for_others(place, root_path)
    page = build_page(parts)
    page.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    routes = parts.routes()
    given = [*allow_hosts, urlsplit(root_path).hostname or ""]
    names = names_at(place, given, any_name=mode != "local" and not allow_hosts)
    gate = Middleware(Gate, **doors(page, routes), limits=limits, login=login, names=names)
    group_facts = group and {"address": group.address, "qr": group.qr().svg_data_uri()}
    server = Server(whole(page, routes, gate, root_path, head(mode, group_facts)), place)
    chores: dict[Callable[[], object], float] = {parts.desk.turns.look: LOOK_SECONDS}
    if mode != "local":
        chores |= {
            parts.desk.expire_uploads: UPLOAD_SECONDS,
            parts.desk.stop_outgrown: GROWTH_SECONDS,
            give_memory_back: MEMORY_SECONDS,
        }
    caretaker = Caretaker(chores)
    try:
        server.start()
        caretaker.start()
        public = _tunnel(page, place) if share else None
        if public:
            names.add(urlsplit(public).hostname or "")
            parts.desk.address = public
        _say(_told(mode, place, share, public, group, login), group)
        while not asked and server.lives():
            time.sleep(0.1)
    finally:
        caretaker.stop()
        parts.desk.turns.close()
        server.end()
    return bool(asked)


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
    return {
        "own": own,
        "forms": {DOWNLOAD_ROUTE},
        "files": {UPLOAD_ROUTE, RECALL_ROUTE},
        "functions": functions,
        "api": api,
        "is_asked": lambda name: _is_asked(page, name),
    }


def _is_asked(page: gr.Blocks, name: str) -> bool:
    """Whether Gradio's queue knows this event, or this session."""
    queue = page._queue
    events = queue.pending_event_ids_session.values()
    known = (queue.event_ids_to_events, queue.pending_messages_per_session, *events)
    return any(name in some for some in known)


def _told(
    mode: str, place: Place, share: bool, public: str | None, group: Class | None, login: str | None
) -> list[str]:
    """What whoever started the page should know."""
    told = [texts.OPEN.format(address=place.address)]
    if mode == "local" and place.is_open:
        told.append(texts.OPEN_TO_NETWORK_BY_PASSWORD if login else texts.OPEN_TO_NETWORK)
    if share:
        told.append(texts.SHARED.format(address=public) if public else texts.NOT_SHARED)
    if mode == "hosted":
        told.append(texts.HOSTED)
    if group is not None:
        told.append(texts.CLASS_ADDRESS.format(address=group.address))
        told.append(texts.HOST_ADDRESS.format(address=group.host_address))
    return told


def _say(told: list[str], group: Class | None) -> None:
    """Prints it, and a class's QR code where the terminal has the blocks to draw it with."""
    with contextlib.suppress(OSError):  # a terminal that was closed meanwhile
        for sentence in told:
            print(sentence, flush=True)  # noqa: T201
        encoding = getattr(sys.stdout, "encoding", None) or ""
        if group is not None and encoding.lower().replace("-", "").startswith("utf"):
            group.qr().terminal(compact=True)


def _tunnel(page: gr.Blocks, place: Place) -> str | None:
    """The address of Gradio's tunnel to this page; None where it can't be had."""
    try:
        found = setup_tunnel(
            local_host=place.sockets[0].getsockname()[0] if not place.is_open else "127.0.0.1",
            local_port=place.port,
            share_token=page.share_token,
            share_server_address=None,
            share_server_tls_certificate=None,
        )
    except Exception as error:
        log.warning("No tunnel: %s", type(error).__name__)
        return None
    return urlunsplit(("https", *urlsplit(found)[1:]))


def _listen_for_the_end() -> list[int]:
    """Hears Ctrl-C, a supervisor's SIGTERM and a terminal that is closed: a list they come into.

    A handler runs in the middle of whatever the main thread does, so it takes no lock: an event
    that the thread waits for can't be set by it without standing still for good.
    """
    asked: list[int] = []
    hear_the_end(lambda number, _: asked.append(number))
    return asked


def address_for_others(place: Place, root_path: str = "") -> str:
    """The page's address for other machines: the one it was told, or that on the local network.

    Where it has neither, the one for a browser on this machine.
    """
    if urlsplit(root_path).hostname:
        return f"{root_path.rstrip('/')}/"
    if place.host not in ("0.0.0.0", "::"):
        return place.address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.254.254.254", 1))  # nothing is sent: it only picks the interface
            return f"http://{probe.getsockname()[0]}:{place.port}/"
        except OSError:
            return f"http://127.0.0.1:{place.port}/"


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
