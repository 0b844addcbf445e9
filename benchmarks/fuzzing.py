"""Wrong calls, over every address and server function of a hosted page: a part of `load.py`.

Wrong are the values, the way they are written (a key twice, half a letter, too deep), who asks
(another site, another name), the addresses, and the bodies themselves.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.visitors import training
from tests.asking import Asker, ServedPage, page_of

ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 1e308, -0.0, float("nan"), float("inf"), "", "x",
    "../../etc/passwd", "\x00", "é" * 500, "run:../x", "shipped:mnist", "shipped/mnist", "a" * 64,
    "stops=1,2", "stops=~AAAA&rest=~~", "<script>", "mnist", "png", [], [[]], [1, 2], ["a", "b"],
    list(range(784)), {}, {"a": {}}, "\ud800", ["\udfff"], {"\ud800": 1}, "\U0001f409" * 90, "con",
    {"path": "http://192.0.2.1/x", "meta": {"_type": "gradio.FileData"}},
    [[{"path": "/etc/passwd", "url": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}]],
    {str(k): k for k in range(2_000)},
)  # fmt: skip
NAMES = [
    "token", "run", "key", "offset", "history", "grid", "quality", "marks", "images", "index",
    "raw", "kind", "action", "values", "who", "times", "before", "changes", "settings", "count",
    "title", "runs", "upload", "size", "with_classes", "generator", "moment", "place", "spot",
    "how", "form", "speed", "rows", "columns", "seed", "by_class", "third", "u", "v", "span",
    "side", "drawing", "pixels", "seconds", "what",
]  # fmt: skip
ROUTES = [
    "picture", "film", "draw", "frames", "map", "moments", "keep", "find", "download", "upload",
    "recall",
]  # fmt: skip
API = ["sample", "walk", "find", "list_weights", "no"]
ADDRESSES = (
    "", "config", "healthz", "gradio_api/info", "gradio_api/file=x", "assets/../x",
    "gradio_api/queue/data", "static/" + "a" * 5000, "assets/%00", "static/%ED%A0%80",
    "gradio_api/heartbeat/", "?__theme=%ff", "gradio_api/call/sample/" + "e" * 200,
)  # fmt: skip
# What a browser, a proxy or a program may say of who asks; "" is left out.
WHO = {
    "origin": ("", "http://evil.example", "null", "http://localhost:1", "http://[::1", "x"),
    "host": ("", "evil.example", "localhost:99999", "[::1", "a b", "127.0.0.1.evil.example"),
    "sec-fetch-site": ("", "cross-site", "same-site", "same-origin", "none", "x"),
    "x-forwarded-host": ("", "evil.example", "[::1, a b", "\xff"),
    "x-forwarded-for": ("", "made up", "192.0.2.1, 2001:db8::1", "127.0.0.1"),
    "x-gradio-server": ("", "http://evil.example"),
}
STRANGERS = 0.15  # the share of calls that say something of who asks


def fuzz(runs: Path, count: int) -> None:
    with page_of(runs, "--hosted") as page:
        visitor, run = training(page, images=200_000)
        trainer = run.status()["pid"]
        codes, trouble = wrong_calls(visitor, run.name, count)
        alive, logged = page.process.poll() is None, exceptions_of(page)
        trained = run.status()["pid"] == trainer and run.state() in ("running", "finished")
        print(
            f"{count:,} calls: {dict(codes.most_common())}; 5xx: {dict(trouble)}; "
            f"{len(logged)} exceptions in the log; page alive: {alive}; the run unharmed: {trained}"
        )
        for line in logged[:5]:
            print(line)


def wrong_calls(visitor: Asker, run: str, count: int) -> tuple[Counter[int], Counter[str]]:
    """How often each status was answered, and which ways led to one that no call should."""
    codes: Counter[int] = Counter()
    trouble: Counter[str] = Counter()
    functions = visitor.functions()
    ways = [*_ways(), *(f"function {name}" for name in sorted(functions))]
    for _ in range(count):
        way = random.choice(ways)
        ask = {name: random.choice(ODD) for name in random.sample(NAMES, random.randint(0, 9))}
        if random.random() < 0.8:
            ask["token"] = secrets.token_hex(32)  # or the gate would hold the one visitor back
        if random.random() < 0.3:
            ask |= {"run": run, "generator": "shipped:mnist", "place": "stops=1,2"}
        asker = replace(visitor, headers=visitor.headers | _who(), _functions=functions)
        status = _send(asker, way, functions, ask)
        codes[status] += 1
        if status >= 500 and status != 507:  # which says that a disk is full
            trouble[f"{way} {status}"] += 1
    return codes, trouble


def _who() -> dict[str, str]:
    """What a call says of who asks; mostly nothing, as programs do."""
    if random.random() > STRANGERS:
        return {}
    said = {name: random.choice(values) for name, values in WHO.items()}
    return {name: value for name, value in said.items() if value}


def _written(ask: dict[str, Any]) -> bytes:
    """JSON, now and then of two meanings, too deep, or in letters that are none."""
    body = json.dumps(ask).encode()
    twist = random.random()
    if twist < 0.05:  # a key twice, and once escaped
        return b'{"token": "%s", "tok\\u0065n": "%s"}' % (b"a" * 64, b"b" * 64)
    if twist < 0.1 and ask:
        return b'{"%s": 1, ' % next(iter(ask)).encode() + body[1:]
    if twist < 0.15:
        depth = random.choice((12, 20, 900, 100_000))
        return b'{"token": ' + b"[" * depth + b"]" * depth + b"}"
    if twist < 0.2:
        return body[:-1] + b', "x": "\xed\xa0\x80"}'
    if twist < 0.22:
        return body.decode().encode(random.choice(("utf-16", "utf-32", "utf-8-sig")))
    return body


def exceptions_of(page: ServedPage) -> list[str]:
    """The lines of its log that tell of one."""
    log = page.runs / ".logs" / "page.jsonl"
    return [line for line in log.read_text("utf-8").splitlines() if '"kind"' in line]


def _ways() -> list[str]:
    posts = [*(f"ganmodel-{name}" for name in ROUTES), *(f"gradio_api/call/{name}" for name in API)]
    return [
        *(f"POST {path}" for path in (*posts, "gradio_api/queue/join")),
        *(f"GET {path}" for path in ADDRESSES),
        "RAW",
    ]


def _send(visitor: Asker, way: str, functions: dict[str, int], ask: dict[str, Any]) -> int:
    kind, _, name = way.partition(" ")
    if kind == "GET":
        return visitor.get(name).status
    if kind == "RAW":  # no JSON at all, or cut off
        path = random.choice(["ganmodel-draw", "ganmodel-upload", "gradio_api/component_server/"])
        return visitor.post(path, json.dumps(ask).encode()[: random.randint(0, 40)]).status
    if kind == "POST" and name.startswith("gradio_api/call"):
        return visitor.post(name, _written({"data": list(ask.values())[:5]})).status
    if kind == "POST" and name == "ganmodel-download":
        return visitor.post(
            name, urlencode({key: str(ask[key])[:99] for key in ask}, errors="replace").encode()
        ).status
    if kind == "POST" and name == "gradio_api/queue/join":
        hashed = secrets.token_hex(6)
        joined = {
            "data": list(ask.values())[:5],
            "event_data": random.choice((None, None, ODD[-2])),
            "fn_index": random.choice([0, 1, 9, -1, "x", None]),
        }
        return visitor.post(name, _written(joined | {"session_hash": hashed})).status
    if kind == "POST":
        return visitor.post(name, _written(ask)).status
    call = {"data": random.choice([ask, ask, ask, [ask], "x", None]), "fn_name": name.split("/")[0],
            "component_id": functions[name], "session_hash": secrets.token_hex(6)}  # fmt: skip
    if random.random() < 0.1:
        call[random.choice(list(call))] = random.choice(ODD)
    return visitor.post("gradio_api/component_server/", _written(call)).status
