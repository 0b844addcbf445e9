"""What a bystander waits for while others do what keeps a hosted page busy.

    python benchmarks/bystander.py              # every attack, each on a page of its own
    python benchmarks/bystander.py films steps  # some of them
    GANMODEL_CHECKOUT=DIR python benchmarks/bystander.py  # another checkout's page

Four times a second the bystander asks what a page asks: for a file, the list of runs, the news of a
run, a picture, and what settings lead to. Nothing of it waits for the one before, so that a page
that stands still is seen by all that it does not answer. A volley of the attack is sent every two
seconds: what comes of nobody's run has another made-up token for each connection. Aim: 95 % of the
answers within 2 s, each attack; the exit code tells whether.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import re
import secrets
import socket
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from benchmarks.asking_pages import Asking, Request, asking
from benchmarks.figures import at_least, percentile
from benchmarks.serving import ROOT, serve

AIM = 2.0  # seconds
VOLLEYS, BETWEEN = 5, 2.0  # how many, and seconds from one to the next
EVERY = 0.25  # seconds between two looks of the bystander
GIVEN_UP = 150.0  # seconds after which an answer counts as one that took so long
SHORT = 0.3  # seconds after which an attacker hangs up
FILM = "shipped/mnist-quick"
SMALL = {"preset": "quick", "dataset": "mnist", "evaluate_every": 0}
ELSEWHERE = "127.0.0.2"  # where attackers ask from; the bystander has another address
ANSWERED, HUNG_UP, NOT_READ, HALF = range(4)  # what an attacker does about the answer


@dataclass(frozen=True)
class Attack:
    """`count` connections at once; `prepare` gives their requests, one after the other."""

    words: str
    count: int
    manners: tuple[int, ...]
    prepare: Callable[[Asking], Iterator[Request]]


# --- attacks -------------------------------------------------------------------------------------


def steps(page: Asking) -> Iterator[Request]:
    """Steps by hand of one's own paused run, a hundred each time."""
    token, run = training(page)
    page.call("pause", token, run=run)
    while page.call("watch", token, run=run)["state"] != "paused":
        time.sleep(0.1)
    return _again(page, "step", token, run=run, who="both", times=100)


def pauses(page: Asking, visitors: int = 1) -> Iterator[Request]:
    """Pause of runs that wait in the queue, whose trainers cannot reply."""
    training(page)
    queued = []
    for token in (secrets.token_hex(32) for _ in range(visitors)):
        run = page.call("start", token, settings={**SMALL, "images": 20_000})["run"]
        queued.append(page.request("pause", token, run=run))
    return itertools.cycle(queued)


def crowd(page: Asking) -> Iterator[Request]:
    return pauses(page, 39)


def films(page: Asking) -> Iterator[Request]:
    return _again(page, "film", run=FILM, form="mp4")


def halves(page: Asking) -> Iterator[Request]:
    return _again(page, "draw", generator="shipped:mnist", place="stops=1,2" + " " * 500)


def searches(page: Asking) -> Iterator[Request]:
    drawing = [255 * (12 < i % 28 < 16) for i in range(784)]
    return _again(page, "search", generator="shipped:mnist", place="stops=1,2", drawing=drawing)


def sheets(page: Asking) -> Iterator[Request]:
    for index in itertools.count():
        asked = {"run": FILM, "images": 10**9, "index": index % 64}
        yield page.request("sheet", secrets.token_hex(32), **asked)


def _again(page: Asking, name: str, token: str = "", **values: Any) -> Iterator[Request]:
    """One question again and again, of one token or of made-up ones."""
    while True:
        yield page.request(name, token or secrets.token_hex(32), **values)


def training(page: Asking) -> tuple[str, str]:
    """A token, and its run that trains."""
    token = secrets.token_hex(32)
    run = page.call("start", token, settings={**SMALL, "images": 2_000_000})["run"]
    while page.call("watch", token, run=run)["state"] != "running":
        time.sleep(0.1)
    return token, run


ATTACKS = {
    "nothing": Attack("nothing", 0, (ANSWERED,), halves),
    "steps": Attack("60 steps by hand of one's own run", 60, (ANSWERED,), steps),
    "pauses": Attack("60 pauses of one's own queued run", 60, (ANSWERED,), pauses),
    "crowd": Attack("156 pauses of 39 visitors' queued runs", 156, (ANSWERED,), crowd),
    "films": Attack("45 films, hung up or not read", 45, (HUNG_UP, NOT_READ), films),
    "halves": Attack("60 requests of which half is sent", 60, (HALF,), halves),
    "searches": Attack("60 searches, hung up or not read", 60, (HUNG_UP, NOT_READ), searches),
    "sheets": Attack("60 sheets, hung up or not read", 60, (HUNG_UP, NOT_READ), sheets),
}


# --- connections ---------------------------------------------------------------------------------


async def attacker(where: tuple[str, int], request: Request, manner: int) -> str:
    """One connection of an attack: the status of its answer, where one is awaited."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((ELSEWHERE, 0))
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, where)
    reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
    try:
        content = written(where, request)
        writer.write(content[: random.randint(20, len(content) - 1)] if manner == HALF else content)
        if manner == HUNG_UP:
            await asyncio.sleep(SHORT)
            return "hung up"
        if manner == ANSWERED:
            return (await reader.readline()).split()[1].decode()
        await asyncio.Event().wait()  # until the attack is over
        return ""
    finally:
        writer.close()


async def asked(where: tuple[str, int], request: Request | str) -> int:
    """The status of a whole answer; of a file, where `request` is its path."""
    reader, writer = await asyncio.open_connection(*where)
    try:
        writer.write(written(where, request))
        status = (await reader.readline()).split()
        await reader.read()
        return int(status[1])
    finally:
        writer.close()


def written(where: tuple[str, int], request: Request | str) -> bytes:
    host = f"Host: {where[0]}:{where[1]}\r\nConnection: close\r\n"
    if isinstance(request, str):
        return f"GET /{request} HTTP/1.1\r\n{host}\r\n".encode()
    told = {**request.headers, "Content-Length": len(request.body)}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST /{request.path} HTTP/1.1\r\n{host}{head}\r\n".encode() + request.body


# --- the bystander -------------------------------------------------------------------------------


class Bystander:
    """Notes how long each answer took, and what was none."""

    def __init__(self, page: Asking, where: tuple[str, int], file: str) -> None:
        self.page, self.where, self.file = page, where, file
        self.token = secrets.token_hex(32)
        news = page.call("watch", self.token, run=FILM)
        self.known = {name: news[name] for name in ("offset", "history")}
        self.waits: dict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()

    async def look(self) -> None:
        """What a page asks, all at once."""
        place = f"stops=53,46&at={random.random():.4f}"
        asks: dict[str, dict[str, Any]] = {
            "runs": {},
            "watch": {"run": FILM, **self.known},
            "draw": {"generator": "shipped:mnist", "place": place},
            "describe": {"settings": {"preset": "quick", "width": random.choice((16, 32, 64))}},
        }
        requests = {name: self.page.request(name, self.token, **asks[name]) for name in asks}
        notes = [self._note(name, request) for name, request in requests.items()]
        await asyncio.gather(self._note("file", self.file), *notes)

    async def _note(self, name: str, request: Request | str) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(GIVEN_UP):
                status = str(await asked(self.where, request))
        except (OSError, TimeoutError, IndexError) as error:
            status = type(error).__name__
        self.waits[name].append(time.monotonic() - began)
        if status != "200":
            self.refused[f"{name} {status}"] += 1


async def attacked(
    page: Asking, attack: Attack, requests: Iterator[Request], seen: Bystander, volleys: int
) -> Counter[str]:
    """Looks as long as volleys are sent; how the attackers were answered."""
    manners = itertools.cycle(attack.manners)
    attackers: list[asyncio.Task[str]] = []
    looks: list[asyncio.Task[None]] = []

    async def volley() -> None:
        for _ in range(attack.count):
            one = attacker(seen.where, next(requests), next(manners))
            attackers.append(asyncio.create_task(one))

    await asyncio.gather(
        _every(BETWEEN, volleys, volley),
        _every(EVERY, round(volleys * BETWEEN / EVERY), lambda: _begin(looks, seen.look())),
    )
    await asyncio.gather(*looks)
    answers: Counter[str] = Counter()
    for task in attackers:
        if not task.done():
            task.cancel()
            answers["none yet"] += 1
        elif task.exception() is None:
            answers[task.result()] += 1
        else:
            answers[type(task.exception()).__name__] += 1
    await asyncio.gather(*attackers, return_exceptions=True)
    return answers


async def _every(seconds: float, times: int, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
    began = time.monotonic()
    for count in range(1, times + 1):
        await do()
        await asyncio.sleep(max(0.0, began + count * seconds - time.monotonic()))


async def _begin(tasks: list[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    tasks.append(asyncio.create_task(work))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"of {', '.join(ATTACKS)}")
    parser.add_argument("--volleys", type=at_least(1), default=VOLLEYS, help=f"default {VOLLEYS}")
    options = parser.parse_args()
    if unknown := set(options.attacks) - set(ATTACKS):
        parser.error(f"no such attack: {', '.join(sorted(unknown))}")
    chosen = options.attacks or ATTACKS
    late = [name for name in chosen if measured(ATTACKS[name], options.volleys) > AIM]
    print(f"aim, p95 at most {AIM:g} s: {'missed by ' + ', '.join(late) if late else 'kept'}")
    return bool(late)


def measured(attack: Attack, volleys: int) -> float:
    """The bystander's p95, in seconds, on a page that is attacked so."""
    with serve(ROOT, "--hosted") as served:
        page, parts = asking(served.url), urlsplit(served.url)
        requests = attack.prepare(page)
        file = re.search(r"ganmodel-static/[^\"' ]+\.css", page.get("").decode())
        seen = Bystander(page, (str(parts.hostname), int(parts.port or 0)), file.group())
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(seen.look())  # what is read once is nobody's wait
            seen.waits.clear()
            answers = loop.run_until_complete(attacked(page, attack, requests, seen, volleys))
    waits = [wait for each in seen.waits.values() for wait in each]
    high = percentile(waits, 95)
    worst = {name: f"{max(each):.2f}" for name, each in seen.waits.items()}
    print(
        f"{attack.words}: median {percentile(waits, 50):.3f}, p95 {high:.3f}, worst "
        f"{max(waits):.3f} s of {len(waits)} answers {worst}; refused {dict(seen.refused)}; "
        f"attackers got {dict(answers)}",
        flush=True,
    )
    return high


if __name__ == "__main__":
    sys.exit(main())
