"""The page's server: our own middleware before Gradio's, on sockets that already listen.

`serving` decides for whom it runs and with which limits.
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
from ganmodel.ui.http.mended_links import MendedLinks
from ganmodel.ui.http.root_address import RootAddress
from ganmodel.ui.http.static import Static


def whole(
    page: gr.Blocks,
    routes: Sequence[Route],
    gate: Middleware,
    root_path: str,
    head: str,
    theme: gr.themes.Base,
) -> FastAPI:
    """The whole application: the gate, and behind it Gradio's page and our routes.

    Gradio is mounted rather than launched: `launch` puts its own middleware before ours, so that
    other sites would be answered before the gate, and calls itself through the shell's proxy.
    """
    app = FastAPI(
        root_path=urlsplit(root_path).path.rstrip("/"),
        middleware=[
            Middleware(MendedLinks),
            Middleware(Addressed),
            gate,
            Middleware(Static),
            Middleware(RootAddress),
        ],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    return gr.mount_gradio_app(
        app,
        page,
        path="",
        root_path=root_path,
        theme=theme,
        head=head,
        show_error=True,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        max_file_size="1mb",  # of Gradio's own upload, which the gate blocks anyway
        app_kwargs={"routes": list(routes)},
    )


class Server:
    """uvicorn in its own thread, on sockets that already listen."""

    def __init__(self, app: FastAPI, place: Place) -> None:
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1,::ffff:127.0.0.1")
        config = uvicorn.Config(
            app,
            log_config=None,  # uvicorn's own needs standard streams, which not every process has
            access_log=False,
            forwarded_allow_ips=trusted,  # the proxies trusted to name the client's address
            timeout_graceful_shutdown=1,  # an open page would keep its connection for ever
        )
        self._server = uvicorn.Server(config)
        self._place = place
        self._thread = threading.Thread(target=self._run, daemon=True, name="server")

    def start(self) -> None:
        """Returns once the page answers, or its server has failed."""
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
