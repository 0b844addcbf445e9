"""Lanes: kinds of work with threads of their own, so that no kind of it stops another.

A lane bounds what is worked on at once, what waits, and what each visitor has in it. Waiting takes
no thread: it is done in the event loop, in which all of this module runs.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from ganmodel.errors import KnownError

T = TypeVar("T")


class Lane:
    """One kind of work.

    Args:
        at_once: how many of it are worked on.
        each: how many one visitor may have in it, those that wait included.
        waiting: how many may wait, of all visitors.
        threads: for the work itself; by default one for each that is worked on. Fewer suffice for
            work that mostly waits for another process.
    """

    def __init__(self, at_once: int, each: int, waiting: int, threads: int | None = None) -> None:
        self.at_once, self.each, self.waiting = at_once, each, waiting
        self._threads = threads or at_once
        self._limiter: CapacityLimiter | None = None
        self._working = 0
        self._line: deque[asyncio.Future[None]] = deque()
        self._of: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, who: str, seconds: float) -> AsyncIterator[None]:
        """A place in this lane while its body runs; waits up to `seconds` for it.

        Raises:
            KnownError: too many of this visitor's or of all are here, or the wait was too long.
        """
        if self._of[who] >= self.each:
            raise KnownError("too-many-of-yours", most=self.each)
        self._of[who] += 1
        try:
            await self._enter(seconds)
            try:
                yield
            finally:
                self._leave()
        finally:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]

    async def work(self, function: Callable[..., T], *args: object) -> T:
        """Calls a function in one of this lane's threads; cancelling waits until it returns."""
        if self._limiter is None:  # bound to the event loop in which it is created
            self._limiter = CapacityLimiter(self._threads)
        return await run_sync(function, *args, limiter=self._limiter)

    async def _enter(self, seconds: float) -> None:
        if self._working < self.at_once:
            self._working += 1
            return
        if len(self._line) >= self.waiting or seconds <= 0:
            raise KnownError("busy")
        mine = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        try:
            async with asyncio.timeout(seconds):
                await mine
        except BaseException as error:
            if mine.done() and not mine.cancelled():
                self._leave()  # it came just then
            elif mine in self._line:
                self._line.remove(mine)
            if isinstance(error, TimeoutError):
                raise KnownError("busy") from None
            raise

    def _leave(self) -> None:
        """Gives this place to whoever waits longest."""
        while self._line:
            following = self._line.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._working -= 1
