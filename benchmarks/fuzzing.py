"""Wrong calls, over every address and server function of a hosted page: a part of `load.py`."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.visitors import training
from tests.asking import Asker, ServedPage, page_of

ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 1e308, -0.0, float("nan"), float("inf"), "", "x",
    "../../etc/passwd", "\x00", "é" * 500, "run:../x", "shipped:mnist", "shipped/mnist", "a" * 64,
    "stops=1,2", "stops=~AAAA&rest=~~", "<script>", "mnist", "png", [], [[]], [1, 2], ["a", "b"],
    list(range(784)), {}, {"a": {}},
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
ADDRESSES = ("", "config", "healthz", "gradio_api/info", "gradio_api/file=x", "assets/../x",
             "gradio_api/queue/data")  # fmt: skip


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
        status = _send(visitor, way, functions, ask)
        codes[status] += 1
        if status >= 500 and status != 507:  # which says that a disk is full
            trouble[f"{way} {status}"] += 1
    return codes, trouble


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
        return visitor.post(name, {"data": list(ask.values())[:4]}).status
    if kind == "POST" and name == "gradio_api/queue/join":
        hashed = secrets.token_hex(6)
        joined = {
            "data": list(ask.values())[:4],
            "fn_index": random.choice([0, 1, 9, -1, "x", None]),
        }
        return visitor.post(name, joined | {"session_hash": hashed}).status
    if kind == "POST":
        return visitor.post(name, ask).status
    call = {"data": random.choice([ask, ask, ask, [ask], "x", None]), "fn_name": name.split("/")[0],
            "component_id": functions[name], "session_hash": secrets.token_hex(6)}  # fmt: skip
    if random.random() < 0.1:
        call[random.choice(list(call))] = random.choice(ODD)
    return visitor.post("gradio_api/component_server/", call).status
