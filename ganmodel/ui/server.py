"""The page's server: our own layers before Gradio's, on sockets that listen already.

Whose page it is and what it allows, `serving` decides.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Route

from ganmodel.hosting import Addressed
from ganmodel.listening import Place
from ganmodel.ui.front import Front
from ganmodel.ui.links import MendedLinks
from ganmodel.ui.theme import theme


def whole(
    page: gr.Blocks, routes: Sequence[Route], gate: Middleware, root_path: str, head: str
) -> FastAPI:
    """The whole of what is served: the gate, and behind it Gradio's page and our routes.

    Gradio is mounted rather than launched: `launch` puts its own layers before ours, so that other
    sites would be answered before the gate, and asks itself through the shell's proxy.
    """
    app = FastAPI(
        root_path=urlsplit(root_path).path.rstrip("/"),
        middleware=[Middleware(MendedLinks), Middleware(Addressed), gate, Middleware(Front)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    return gr.mount_gradio_app(
        app,
        page,
        path="",
        root_path=root_path,
        theme=theme(),
        head=head,
        show_error=True,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        max_file_size="1mb",  # of Gradio's own upload, which the gate keeps closed besides
        app_kwargs={"routes": list(routes)},
    )


class Server:
    """uvicorn in a thread of its own, on sockets that listen already."""

    def __init__(self, app: FastAPI, place: Place) -> None:
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1,::ffff:127.0.0.1")
        config = uvicorn.Config(
            app,
            log_config=None,  # its own wants standard streams, which not every process has
            access_log=False,
            forwarded_allow_ips=trusted,  # the proxies whose word on who asks is taken
            timeout_graceful_shutdown=1,  # a page that watches would keep its connection for good
        )
        self._server = uvicorn.Server(config)
        self._place = place
        self._thread = threading.Thread(target=self._run, daemon=True, name="server")

    def start(self) -> None:
        """Returns once the page answers, or it has become clear that it never will."""
        self._thread.start()
        while self.lives() and not self._server.started:
            time.sleep(0.01)

    def lives(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._server.should_exit = True
        if self.lives():
            self._thread.join(5.0)
        self._place.close()

    def _run(self) -> None:
        self._server.run(sockets=list(self._place.sockets))
