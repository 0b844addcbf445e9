"""Wrong requests to every route of a hosted page and to its gate: a part of `load.py`.

Nothing may fail in an unexpected way, be shown to somebody else than its owner, or be logged as an
exception; and the page answers afterwards. What the requests are, is in `wrong_requests`.
"""

from __future__ import annotations

import http.client
import json
import random
import secrets
import socket
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.asking_pages import asking
from benchmarks.serving import ROOT, serve
from benchmarks.visitors import Page, training
from benchmarks.wrong_requests import Requests, Victim, Wrong
from ganmodel.runs import Run
from tests.support import wait_until

AT_ONCE = 8
PATIENCE = 90.0  # seconds until an answer that never comes is called missing
SMALL = {"preset": "quick", "dataset": "mnist", "images": 3_000, "width": 8, "batch_size": 64,
         "evaluate_every": 0}  # fmt: skip
EXPECTED = (503, 507)  # busy, and a full disk
SHOWS_ITS_OWN = ("generators",)  # beside which run, and with which key, they are asked


@dataclass
class Found:
    """How often each status was answered; what was wrong with answers, by the way that led there;
    and what of a visitor was shown to others."""

    codes: Counter[str] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)


def fuzz(count: int, seed: int = 0) -> bool:
    """Whether `count` wrong requests did no harm; prints what they did."""
    with serve(ROOT, "--hosted") as page:
        victims = [finished(page) for _ in range(2)]
        player = finished(page)
        token, run = training(page)
        found = wrong_calls(page, victims, player, count, seed)
        asked = asking(page.url)
        drawn = asked.call("draw", secrets.token_hex(32), generator="shipped:mnist", place="")
        kept = all(
            asked.call("runs", one.token)["runs"][0]["title"].encode() == one.marks[0]
            for one in victims
        )
        beside = asked.call("watch", token, run=run.name)["state"]
        logged = exceptions_of(page)
        printed = page.log.read_text("utf-8", "replace")
        print(
            f"{count:,} calls: {dict(found.codes.most_common())}; "
            f"unexpected: {dict(found.trouble)}; shown to others: {dict(found.leaks)}; "
            f"{len(logged)} exceptions in the log, {printed.count('Traceback')} printed; "
            f"the page draws: {'pixels' in drawn}; others' runs unharmed: {kept}; "
            f"a run beside it is {beside}"
        )
        for line in logged[:5]:
            print(line)
    harm = found.trouble or found.leaks or logged or "Traceback" in printed
    return not harm and kept


def finished(page: Page) -> Victim:
    """A visitor with a small run that has ended."""
    token = secrets.token_hex(32)
    asked = asking(page.url, page.headers)
    name = asked.call("start", token, settings=SMALL)["run"]
    wait_until(lambda: Run(page.runs / name).state() == "finished", 120)
    return victim(page, token, name)


def victim(page: Page, token: str, run: str) -> Victim:
    """The owner of a run, to which a title is given that only they may see."""
    asked = asking(page.url, page.headers)
    title = f"secret {secrets.token_hex(8)}"
    asked.call("rename", token, run=run, title=title)
    key = asked.call("link", token, run=run)["key"]
    owner = sha256(token.encode()).hexdigest()
    return Victim(token, run, key, (title.encode(), token.encode(), key.encode(), owner.encode()))


def wrong_calls(
    page: Page, victims: Sequence[Victim], player: Victim, count: int, seed: int = 0
) -> Found:
    """Sends wrong requests, several at once."""
    requests = Requests(victims, player, random.Random(seed))
    found, send = Found(), partial(_sent, page)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, count, 500):  # so that few of them are in memory
            wrong = [requests.any() for _ in range(min(500, count - start))]
            for one, (status, body) in zip(wrong, pool.map(send, wrong), strict=True):
                _judge(found, one, status, body, victims)
    return found


def _judge(found: Found, one: Wrong, status: str, body: bytes, victims: Sequence[Victim]) -> None:
    found.codes[status] += 1
    unexpected = status.isdecimal() and int(status) >= 500 and int(status) not in EXPECTED
    if unexpected or b'"unexpected"' in body or status == TimeoutError.__name__:
        found.trouble[f"{one.way} {status}"] += 1
    marks = [mark for each in victims for mark in each.marks]
    told = {value for _, value in one.headers}
    shown = any(mark in body for mark in marks if mark.decode() not in told)
    if shown or (one.names and status == "200" and one.way not in SHOWS_ITS_OWN and _tells(body)):
        found.leaks[one.way] += 1


def _tells(body: bytes) -> bool:
    """Whether an answer tells of what was asked for: of lines, the last is no error."""
    lines = body.splitlines()
    try:
        last = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return True  # a file
    return not (isinstance(last, dict) and "error" in last)


def _sent(page: Page, wrong: Wrong) -> tuple[str, bytes]:
    """The answer's status and content; of no answer, why there is none."""
    parts = urlsplit(page.url)
    headers = [*wrong.headers, *page.headers.items()]
    if not any(name == "host" for name, _ in headers):
        headers.append(("host", parts.netloc))
    length = len(wrong.body) + (10 if wrong.cut else 0)
    if wrong.body or wrong.method == "POST":
        headers.append(("content-length", str(length)))
    lines = [f"{wrong.method} /{wrong.path} HTTP/1.1", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
    try:
        with socket.create_connection((parts.hostname, parts.port), PATIENCE) as line:
            line.sendall(head + wrong.body)
            if wrong.cut:
                line.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(line, method=wrong.method)
            answer.begin()
            return str(answer.status), answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, b""


def exceptions_of(page: Page) -> list[str]:
    """The lines of its log that tell of one."""
    log: Path = page.runs / ".logs" / "page.jsonl"
    return [line for line in log.read_text("utf-8").splitlines() if '"kind"' in line]
