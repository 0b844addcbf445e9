"""Routes beside Gradio's: a question as JSON in the body, answered by a file or by lines of JSON.

Gradio's server functions answer in JSON only, which makes pictures a third larger, and can neither
report progress nor be cancelled. The token is in the body, never in an address.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ganmodel import texts
from ganmodel.ui.http.errors import KNOWN_ERRORS, answers_in_sentences, told
from ganmodel.ui.http.requests import body_of, is_text, json_of

log = logging.getLogger(__name__)

SHORT = 4_096  # bytes of a question about a run
LONG = 200_000  # of one that holds a place or a drawing


def answered(
    path: str,
    function: Callable[[dict[str, Any]], Response],
    most: int = SHORT,
    at_once: int | None = None,
) -> Route:
    """A route that calls `function` with the body's JSON; an error is {"error": sentence}, 400.

    `at_once` bounds the threads that work on it: more would only contend for Python's global
    lock, with each other and with the event loop.
    """
    ask_safely, limiters = answers_in_sentences(function), []

    async def route(request: Request) -> Response:
        if at_once and not limiters:  # created inside the event loop
            limiters.append(CapacityLimiter(at_once))
        asked = json_of(await body_of(request, most))
        limiter = limiters[0] if limiters else None
        answer = await run_sync(ask_safely, asked, limiter=limiter)
        return answer if isinstance(answer, Response) else JSONResponse(answer, 400)

    return Route(path, route, methods=["POST"])


def streamed(
    path: str, function: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], most: int = LONG
) -> Route:
    """A route that sends each value that `function` yields at once, as one line of JSON.

    An error is a last line {"error": sentence}. `function` is not advanced any further once the
    visitor has disconnected.
    """

    async def route(request: Request) -> Response:
        ask = json_of(await body_of(request, most))
        return StreamingResponse(_lines(function, ask), media_type="application/x-ndjson")

    return Route(path, route, methods=["POST"])


def _lines(
    function: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], ask: Any
) -> Iterator[str]:
    try:
        if not isinstance(ask, dict) or not is_text(ask):
            yield _line({"error": texts.BAD_CALL})
            return
        for news in function(ask):
            yield _line(news)
    except KNOWN_ERRORS as error:
        yield _line({"error": told(error)})
    except Exception:
        log.exception("%s failed", function.__name__)
        yield _line({"error": texts.UNEXPECTED})


def _line(news: dict[str, Any]) -> str:
    return json.dumps(news) + "\n"
