"""Drops results of Gradio's API that nobody fetches, which Gradio keeps for ever.

Gradio has no setting for this, so it is done on its queue's own containers; the tests of this
module fail where an upgrade moves them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import gradio as gr

SECONDS = 60.0  # for which a result may be fetched
MOST_BYTES = 64 * 2**20  # of all results together; the oldest sessions go first
MESSAGE = 512  # bytes of a message, besides its texts
# Gradio copies a session's last results into the state of its components, which this page never
# uses: a few sessions suffice for what is being computed.
SESSIONS = 8


class Results:
    """The results that Gradio holds for one page's API.

    Args:
        page: whose queue has been configured.
        within: runs a coroutine in the event loop of the page's server, and returns its result.
    """

    def __init__(
        self, page: gr.Blocks, within: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        self._queue = page._queue
        self._within = within
        self._since: dict[str, float] = {}  # sessions of which nothing is computed, since when

    def expire(self) -> None:
        """Drops sessions that are over, and the oldest ones where all hold too much."""
        self._within(self.drop_old(time.monotonic()))

    async def drop_old(self, now: float) -> None:
        """The same, in the event loop."""
        computed = self._queue.event_ids_to_events
        events = self._queue.pending_event_ids_session
        messages = self._queue.pending_messages_per_session
        known = [*{**messages, **events}]
        over = (one for one in known if not any(e in computed for e in events.get(one, ())))
        self._since = {one: self._since.get(one, now) for one in over}
        for session in [one for one, since in self._since.items() if now - since >= SECONDS]:
            await self._drop(session)
        held = self.held()
        total = sum(held.values())
        for session, size in held.items():
            if total <= MOST_BYTES:
                break
            total -= size
            await self._drop(session)

    def held(self) -> dict[str, int]:
        """Bytes of the messages that wait to be fetched, by session, the oldest first."""
        waiting = self._queue.pending_messages_per_session
        return {session: _bytes_in(messages) for session, messages in waiting.items()}

    async def _drop(self, session: str) -> None:
        await self._queue.clean_events(session_hash=session)  # what is computed sends no more
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)
        self._since.pop(session, None)


def keep_few_sessions(page: gr.Blocks) -> None:
    """Bounds the states that Gradio keeps; before the page is mounted."""
    page.state_session_capacity = SESSIONS


def _bytes_in(messages: asyncio.Queue[Any]) -> int:
    # asyncio's queues tell only how many items they hold.
    return sum(MESSAGE + _size(getattr(one, "output", None)) for one in messages._queue)


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_size(one) for one in value.values())
    return sum(_size(one) for one in value) if isinstance(value, list | tuple) else 0
