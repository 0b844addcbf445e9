"""The page's server: our own middleware before Gradio's, on sockets that already listen.

`serving` decides for whom it runs and with which limits.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp

from ganmodel.hosting import Addressed
from ganmodel.listening import Place
from ganmodel.ui.http import connections
from ganmodel.ui.http.first_answer import FirstAnswer, Lines
from ganmodel.ui.http.headers import Headed
from ganmodel.ui.http.mended_links import MendedLinks
from ganmodel.ui.http.static import Static

T = TypeVar("T")
WITHIN_SECONDS = 10.0  # for which another thread waits; a server that fails has no loop any more


def whole(
    page: gr.Blocks,
    routes: Sequence[Route],
    gate: Middleware,
    root_path: str,
    lines: Lines,
    theme: gr.themes.Base,
    framed_by: Sequence[str] = (),
) -> ASGIApp:
    """The whole application: the gate, and behind it Gradio's page and our routes.

    Gradio is mounted rather than launched: `launch` puts its own middleware before ours, so that
    other sites would be answered before the gate, and calls itself through the shell's proxy.
    `lines`: our own in the first answer; `framed_by`: origins that may show the page in a frame.
    """
    app = FastAPI(
        root_path=urlsplit(root_path).path.rstrip("/"),
        middleware=[
            Middleware(MendedLinks),
            Middleware(Addressed),
            gate,
            Middleware(Static),
            Middleware(FirstAnswer, lines, framed_by),
        ],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    mounted = gr.mount_gradio_app(
        app,
        page,
        path="",
        root_path=root_path,
        theme=theme,
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
    return Headed(mounted)


class Server:
    """uvicorn in its own thread, on sockets that already listen."""

    def __init__(self, app: ASGIApp, place: Place, bounds: connections.Bounds) -> None:
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1,::ffff:127.0.0.1")
        config = uvicorn.Config(
            app,
            http=connections.Connections(bounds).protocol,  # type: ignore[arg-type]  # as a class
            ws="none",
            backlog=connections.ACCEPTED_AT_ONCE,
            timeout_keep_alive=connections.KEPT_ALIVE_SECONDS,
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
        for one in self._place.sockets:
            one.listen(connections.LISTENED)  # `backlog` means both, to asyncio

    def within(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine returns that runs in the server's event loop; for other threads."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_SECONDS)

    def lives(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._server.should_exit = True
        if self.lives():
            self._thread.join(5.0)
        self._place.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        await self._server.serve(sockets=list(self._place.sockets))


def _is_news(record: logging.LogRecord) -> bool:
    """False of what uvicorn says of requests that the end of the server cut off."""
    is_cut_off = record.exc_info and record.exc_info[0] is asyncio.CancelledError
    return not is_cut_off and not str(record.msg).startswith("Cancel %s running task")
