"""Serves the page: for oneself, for strangers, or for a class; shuts down without losing data.

`page` assembles the page; `hosting` limits what strangers may do.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit, urlunsplit

import gradio as gr
import segno
from gradio.networking import setup_tunnel
from starlette.middleware import Middleware

from ganmodel.files import write_bytes
from ganmodel.hosting import (
    LOOK_SECONDS,
    TOKEN,
    Caretaker,
    Gate,
    Limits,
    classroom,
    give_memory_back,
    hosted,
    limit_malloc_arenas,
    log_to,
    names_at,
    unprinted,
)
from ganmodel.listening import Place
from ganmodel.signals import hear_the_end
from ganmodel.ui.http.connections import bounds as connection_bounds
from ganmodel.ui.http.doors import doors
from ganmodel.ui.http.gradio_results import Results, keep_few_sessions
from ganmodel.ui.http.headers import SPACES
from ganmodel.ui.http.sending import sends
from ganmodel.ui.http.server import Server, whole
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.page import Parts, build_page, first_lines
from ganmodel.ui.theme import theme
from ganmodel.words import say

log = logging.getLogger(__name__)

MODES = ("local", "hosted", "classroom")
HOST_KEY = ".host-key"  # in the runs folder: the secret token of the browser that hosts a class
UPLOAD_SECONDS = 30.0  # between two removals of old uploads
GROWTH_SECONDS = 10.0  # between two checks for runs that grow too large
SPARE_SECONDS = 1.0  # between two looks at the trainer that waits
OFFER_SECONDS = 10.0  # between two removals of files that nobody fetched
RESULT_SECONDS = 10.0  # between two removals of results of Gradio's API
MEMORY_SECONDS = 10.0  # between two returns of unused memory


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
        runs: the folder of the runs; data_dir: torchvision's folder of data sets.
        allow_hosts: names by which the page may be called, besides this machine's own.
    """
    asked = _listen_for_the_end()  # before anybody can know the address
    # One thread: a forward pass of one picture takes under a millisecond, but many times that when
    # two threads of ours wait for each other while a trainer uses the cores.
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
    parts.control.address = address_for_others(place, root_path)
    door = parts.door()
    page = build_page(door, trusted=limits.trusted)
    keep_few_sessions(page)
    page.queue(default_concurrency_limit=4, max_size=64, api_open=False)
    routes = [*door.routes(), sends(parts.offers)]
    given = [*allow_hosts, urlsplit(root_path).hostname or ""]
    names = names_at(place, given, any_name=mode != "local" and not allow_hosts)
    known = doors(page, door.table)
    bounds = connection_bounds()
    # Half of the connections, since a whole class, or a proxy's visitors, may share an address.
    most = {"at_once": bounds.most // 2}
    gate = Middleware(Gate, **known, **most, limits=limits, login=login, names=names)
    group_facts = group and {"address": group.address, "qr": group.qr().svg_data_uri()}
    lines = first_lines(mode, group_facts, trusted=limits.trusted)
    framed_by = SPACES if mode == "hosted" else ()
    app = whole(page, routes, gate, root_path, lines, theme(), framed_by)
    server = Server(app, place, bounds)
    chores: dict[Callable[[], object], float] = {
        parts.control.queue.look: LOOK_SECONDS,
        parts.control.launcher.spare.keep: SPARE_SECONDS,
        parts.offers.expire: OFFER_SECONDS,
        Results(page, server.within).expire: RESULT_SECONDS,
    }
    if mode != "local":
        chores |= {
            parts.control.expire_uploads: UPLOAD_SECONDS,
            parts.control.stop_outgrown: GROWTH_SECONDS,
            give_memory_back: MEMORY_SECONDS,
        }
    caretaker = Caretaker(chores)
    screen, quiet = sys.stdout, contextlib.ExitStack()
    try:
        if mode != "local":
            quiet.enter_context(unprinted())
        server.start()
        caretaker.start()
        public = _tunnel(page, place) if share else None
        if public:
            names.add(urlsplit(public).hostname or "")
            parts.control.address = public
        _say(_told(mode, place, share, public, group, login), group, screen)
        while not asked and server.lives():
            time.sleep(0.1)
    finally:
        caretaker.stop()
        parts.control.launcher.spare.end()
        parts.control.queue.close()
        server.end()
        quiet.close()
    return bool(asked)


def _told(
    mode: str, place: Place, share: bool, public: str | None, group: Class | None, login: str | None
) -> list[str]:
    """The sentences for whoever started the page."""
    told = [say("page.open", address=place.address)]
    if mode == "local" and place.is_open:
        told.append(
            say("page.open-to-network-by-password") if login else say("page.open-to-network")
        )
    if share:
        told.append(say("page.shared", address=public) if public else say("page.not-shared"))
    if mode == "hosted":
        told.append(say("page.hosted"))
    if group is not None:
        told.append(say("page.class-address", address=group.address))
        told.append(say("page.host-address", address=group.host_address))
    return told


def _say(told: list[str], group: Class | None, screen: TextIO | None) -> None:
    """Prints them, and a class's QR code where the terminal can show its block characters."""
    if screen is None:
        return
    with contextlib.suppress(OSError):  # the terminal was closed meanwhile
        for sentence in told:
            print(sentence, file=screen, flush=True)
        encoding = getattr(screen, "encoding", None) or ""
        if group is not None and encoding.lower().replace("-", "").startswith("utf"):
            group.qr().terminal(screen, compact=True)


def _tunnel(page: gr.Blocks, place: Place) -> str | None:
    """The address of Gradio's tunnel to this page; None where there is none."""
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
    """Listens for Ctrl-C, SIGTERM and a closed terminal: a list to which signals are appended.

    A handler interrupts the main thread at any point, so it takes no lock: setting an event on
    which that thread waits would deadlock.
    """
    asked: list[int] = []
    hear_the_end(lambda number, _: asked.append(number))
    return asked


def address_for_others(place: Place, root_path: str = "") -> str:
    """The page's address for other machines: the configured one, or the local network's.

    Without either, the address for a browser on this machine.
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
    """The same at every start, so that a class keeps its host."""
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
