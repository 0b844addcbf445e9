"""Routes beside Gradio's: a question as JSON in the body, answered by a file or line by line.

A picture in JSON is a third larger, and what takes seconds should be seen to go on and be cut short
by closing the connection; server functions of Gradio can do neither. The token comes in the body,
never in an address. What is answered, the modules beside this one decide.
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
from ganmodel.ui.visitors import KNOWN_ERRORS, answers_in_sentences, is_text, told

log = logging.getLogger(__name__)

SHORT = 4_096  # bytes of a question about a run
LONG = 200_000  # of one that holds a place or a drawing


def answered(
    path: str,
    function: Callable[[dict[str, Any]], Response],
    most: int = SHORT,
    at_once: int | None = None,
) -> Route:
    """A route that asks `function` with the body's JSON; trouble is {"error": sentence}, 400.

    `at_once` bounds the threads that work on it: dozens that are quick would only take Python's one
    lock from each other, and from the thread that sends the answers.
    """
    ask_safely, limiters = answers_in_sentences(function), []

    async def route(request: Request) -> Response:
        if at_once and not limiters:  # made where the loop runs
            limiters.append(CapacityLimiter(at_once))
        asked = _asked(await body_of(request, most))
        limiter = limiters[0] if limiters else None
        answer = await run_sync(ask_safely, asked, limiter=limiter)
        return answer if isinstance(answer, Response) else JSONResponse(answer, 400)

    return Route(path, route, methods=["POST"])


def streamed(
    path: str, function: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], most: int = LONG
) -> Route:
    """A route that sends what `function` yields as JSON, one object a line, as it comes.

    Trouble is a last line {"error": sentence}. Where the visitor goes away, nothing more is asked
    of `function`.
    """

    async def route(request: Request) -> Response:
        ask = _asked(await body_of(request, most))
        return StreamingResponse(_lines(function, ask), media_type="application/x-ndjson")

    return Route(path, route, methods=["POST"])


async def body_of(request: Request, most: int) -> bytes:
    """The body's first `most` bytes and one more, which tells that there was more."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return body[: most + 1]
    return body


def _asked(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # cut off at `most` as well
        return None


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
