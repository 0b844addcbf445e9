"""Asks a served page as its scripts do, without a browser: server functions, routes, files."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ganmodel.hosting import Gate
from tests.patient import PATIENCE
from tests.support import wait_until

Result = TypeVar("Result")
ROOT = Path(__file__).resolve().parents[1]
# Where nobody listens: a machine without internet, wherever this runs.
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {
    "no_proxy": "127.0.0.1,localhost"
}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Asker:
    """One visitor of the page at `url`."""

    url: str
    token: str = field(default_factory=lambda: secrets.token_hex(32))
    headers: dict[str, str] = field(default_factory=dict)
    _functions: dict[str, int] | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.send("POST", path, body, {"content-type": "application/json", **headers})

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(
            self.url + path.lstrip("/"), body, {**self.headers, **headers}, method=method
        )
        try:
            with _direct.open(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())

    def functions(self) -> dict[str, int]:
        """Every server function's name with its component's number; doubles as "name/number"."""
        if self._functions is None:
            found: dict[str, int] = {}
            for component in self.get("config").json()["components"]:
                for name in component["props"].get("server_fns", []):
                    key = name if name not in found else f"{name}/{component['id']}"
                    found[key] = component["id"]
            self._functions = found
        return self._functions

    def call(self, function: str, **ask: Any) -> Any:
        """A server function's answer, as the page's scripts get it."""
        number = self.functions()[function]
        asked = {"token": self.token, **ask}
        body = {"data": asked, "component_id": number, "fn_name": function.split("/")[0],
                "session_hash": self.token[:12]}  # fmt: skip
        answer = self.post("gradio_api/component_server/", body)
        return answer.json() if answer.status == 200 else {"status": answer.status}

    def start(self, **settings: Any) -> dict[str, Any]:
        """Starts a small run."""
        chosen = {"preset": "quick", "dataset": "mnist", "images": 20_000, "evaluate_every": 0}
        return self.call("start", settings={**chosen, **settings})


@dataclass(frozen=True)
class ServedPage:
    url: str
    runs: Path
    process: subprocess.Popen[bytes]
    log: Path
    headers: dict[str, str] = field(default_factory=dict)  # such as a password that all know

    def visitor(self, **more: Any) -> Asker:
        return Asker(self.url, **{"headers": self.headers, **more})

    def end(self) -> None:
        """Asks it to end, as a supervisor does, and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    def printed(self) -> str:
        return self.log.read_text("utf-8", "replace")


@contextmanager
def page_of(
    runs: Path,
    *flags: str,
    data_dir: Path | None = None,
    login: str | None = None,
    ends_runs: bool = True,
    **environment: str,
) -> Iterator[ServedPage]:
    """`python app.py` with these flags, as a process of its own, once it answers; see `patient`.

    `login` is a "name:password", which its visitors give. `ends_runs`: at the end.
    """
    runs.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = runs.parent / f"page-{port}.log"
    where = ["--runs", str(runs), "--port", str(port)]
    known = {"GANMODEL_DATA": str(data_dir)} if data_dir else {}
    headers = {}
    if login:
        known["GANMODEL_AUTH"] = login
        headers["authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "patient.py"), *where, *flags],
            env={**os.environ, **OFFLINE, **known, **environment},
            cwd=runs.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    page = ServedPage(f"http://127.0.0.1:{port}/", runs, process, log, headers)
    try:
        wait_until(lambda: _answers(page.url) or process.poll() is not None, what="the page")
        assert process.poll() is None, page.printed()
        yield page
    finally:
        for run in runs.glob("*/config.json") if ends_runs else ():
            (run.parent / "stop").touch()
        if process.poll() is None:
            page.end()
        assert not re.search(r"Traceback", page.printed()), page.printed()


def _answers(url: str) -> bool:
    try:
        with _direct.open(url + "healthz", timeout=PATIENCE) as answer:
            return answer.status == 200
    except OSError:
        return False


CALL = {"data": {"token": "a" * 64}, "component_id": 8, "fn_name": "watch", "session_hash": "x"}


def gated(**options: Any) -> TestClient:
    """The gate of a small page, in this process; what is let through is sent back."""

    async def answer(request: Request) -> Response:
        told = {"path": request.url.path, "body": (await request.body()).decode()}
        return JSONResponse(told | {"headers": dict(request.headers)})

    everywhere = Route("/{rest:path}", answer, methods=["GET", "POST", "HEAD", "DELETE"])
    gate = Middleware(
        Gate,
        own={("POST", f"/ganmodel-{name}") for name in ("draw", "download", "upload")},
        forms={"/ganmodel-download"},
        files={"/ganmodel-upload"},
        functions={(8, "watch")},
        api={"sample": 1},
        is_asked=lambda name: name == "known",
        **options,
    )
    app = Starlette(routes=[everywhere], middleware=[gate])
    return TestClient(app, base_url="http://localhost:7860")


def run_beside(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, in a thread of its own.

    Playwright's loop runs on in the tests' thread once a browser test was there, and a thread can
    have one loop only.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
