"""Lanes: how much of a kind of work goes on at once, how much waits, and who comes next."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from anyio import create_task_group

from ganmodel.errors import KnownError
from ganmodel.ui.http.lanes import Lane
from tests.asking import run_beside
from tests.patient import PATIENCE


class Entrance:
    """Visitors of a lane, each of whom stays until told to leave."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.inside: list[str] = []  # in the order in which they came in
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, who: str = "", seconds: float = PATIENCE) -> None:
        """Comes in, or stands in line; `who` is the visitor, by default one of this name."""
        self._leave[name] = asyncio.Event()

        async def stay() -> None:
            async with self.lane.turn(who or name, seconds):
                self.inside.append(name)
                await self._leave[name].wait()

        self._tasks[name] = asyncio.create_task(stay())
        await settled()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await self._tasks[name]
        await settled()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._tasks[name]

    async def refusal(self, name: str) -> str:
        with pytest.raises(KnownError) as caught:
            await self._tasks[name]
        return caught.value.code


async def settled() -> None:
    """After this, every task has gone as far as it can without another's doing."""
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def full(lane: Lane) -> AsyncIterator[Entrance]:
    """An entrance with one inside for each place; nobody stays."""
    entrance = Entrance(lane)
    for number in range(lane.at_once):
        await entrance.come(f"first {number}")
    assert len(entrance.inside) == lane.at_once
    yield entrance
    for number in range(lane.at_once):
        await entrance.leave(f"first {number}")
    await entrance.come("afterwards")  # the lane is whole again
    assert entrance.inside[-1] == "afterwards"
    await entrance.leave("afterwards")


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    run_beside(test())


def test_a_place_is_passed_on_in_the_order_of_waiting() -> None:
    async def test() -> None:
        async with full(Lane(at_once=2, each=1, waiting=9)) as entrance:
            for name in ("a", "b", "c"):
                await entrance.come(name)
            assert len(entrance.inside) == 2
            await entrance.leave("first 1")
            assert entrance.inside[2:] == ["a"]
            await entrance.leave("a")
            await entrance.leave("b")
            assert entrance.inside[2:] == ["a", "b", "c"]
            await entrance.leave("c")
            await entrance.come("first 1")

    in_loop(test)


def test_so_many_wait_and_no_more_and_some_wait_never() -> None:
    async def test() -> None:
        async with full(Lane(at_once=1, each=1, waiting=2)) as entrance:
            for name in ("a", "b", "c"):
                await entrance.come(name)
            assert await entrance.refusal("c") == "busy"
            await entrance.come("d", seconds=0)
            assert await entrance.refusal("d") == "busy"
            await entrance.leave("first 0")
            await entrance.leave("a")
            await entrance.leave("b")
            await entrance.come("first 0")
        assert entrance.inside == ["first 0", "a", "b", "first 0", "afterwards"]

    in_loop(test)


def test_a_visitor_has_a_share_of_it_that_waiting_counts_for() -> None:
    async def test() -> None:
        async with full(Lane(at_once=1, each=2, waiting=9)) as entrance:
            await entrance.come("a", who="eva")
            await entrance.come("b", who="eva")
            await entrance.come("c", who="eva")
            assert await entrance.refusal("c") == "too-many-of-yours"
            await entrance.give_up("a")
            await entrance.come("d", who="eva")  # that share is free again
            await entrance.leave("first 0")
            await entrance.leave("b")
            await entrance.leave("d")
            await entrance.come("first 0")
        assert entrance.inside[1:3] == ["b", "d"]

    in_loop(test)


def test_who_gives_up_or_waits_too_long_leaves_no_gap_in_the_line() -> None:
    async def test() -> None:
        async with full(Lane(at_once=1, each=1, waiting=3)) as entrance:
            await entrance.come("late", seconds=0.001)
            await entrance.come("gives up")
            await entrance.come("waits")
            assert await entrance.refusal("late") == "busy"
            await entrance.give_up("gives up")
            await entrance.leave("first 0")
            assert entrance.inside == ["first 0", "waits"]
            await entrance.leave("waits")
            await entrance.come("first 0")

    in_loop(test)


def test_who_gives_up_just_as_their_turn_comes_passes_it_on() -> None:
    async def test() -> None:
        async with full(Lane(at_once=1, each=1, waiting=2)) as entrance:
            await entrance.come("a")
            await entrance.come("b")
            entrance._leave["first 0"].set()
            while entrance._tasks["first 0"] and not entrance._tasks["first 0"].done():
                await asyncio.sleep(0)  # "a" has been given the place and has not run yet
            await entrance.give_up("a")
            await settled()
            assert entrance.inside[-1] == "b"
            await entrance.leave("b")
            await entrance.come("first 0")

    in_loop(test)


def test_an_error_in_its_body_leaves_the_lane() -> None:
    async def test() -> None:
        lane = Lane(at_once=1, each=1, waiting=0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                async with lane.turn("a", 0):
                    raise ZeroDivisionError

    in_loop(test)


def test_a_lanes_threads_are_its_own_and_one_that_is_busy_holds_no_other_up() -> None:
    async def test() -> None:
        slow, quick = (Lane(at_once=1, each=1, waiting=0) for _ in range(2))
        end, began = threading.Event(), threading.Event()

        def work() -> str:
            began.set()
            end.wait(PATIENCE)
            return "slow"

        busy = asyncio.create_task(slow.work(work))
        await asyncio.to_thread(began.wait, PATIENCE)
        waiting = asyncio.create_task(slow.work(str, "next"))
        assert await quick.work(str, "quick") == "quick"
        assert not waiting.done()
        end.set()
        assert [await busy, await waiting] == ["slow", "next"]

    in_loop(test)


def test_work_that_is_cancelled_keeps_its_thread_until_it_returns() -> None:
    async def test() -> None:
        lane = Lane(at_once=1, each=1, waiting=0)
        end, began, returned, lane_left = (threading.Event() for _ in range(4))

        def work() -> None:
            began.set()
            end.wait(PATIENCE)
            returned.set()

        async def end_it_later() -> None:
            await settled()
            assert not lane_left.is_set()
            end.set()

        async with create_task_group() as group:
            group.start_soon(lane.work, work)
            await asyncio.to_thread(began.wait, PATIENCE)
            group.cancel_scope.cancel()
            later = asyncio.create_task(end_it_later())
        lane_left.set()
        assert returned.is_set()
        await later

    in_loop(test)
