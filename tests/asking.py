"""Asks a page as its scripts do, without a browser: a served one, or its functions directly."""

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
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ganmodel.errors import PREFIX, KnownError
from ganmodel.hosting import Endpoint, Gate, Rate, Rule
from ganmodel.ui.http.asks import File, Pending, Refusal
from ganmodel.ui.http.door import Door
from ganmodel.ui.http.errors import understood
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.sending import sends
from ganmodel.ui.http.visitors import Visitor, Who, owner_of
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, Standing
from ganmodel.ui.routes import ROUTES
from ganmodel.words import worded
from tests.patient import PATIENCE
from tests.support import MINE, wait_until

TOKEN_HEADER = "x-ganmodel-token"
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

    def ask(self, name: str, **values: Any) -> Answer:
        """The response of a route to a question as JSON; `token` is another visitor's."""
        address = "ganmodel-" + name.replace("_", "-")
        return self.post(address, values, **{TOKEN_HEADER: values.pop("token", self.token)})

    def call(self, name: str, **values: Any) -> Any:
        """A route's answer, as the page's scripts get it: an error has its sentence beside it."""
        return self.lines(name, **values)[-1]

    def lines(self, name: str, **values: Any) -> list[Any]:
        """All lines of a route's answer."""
        return told_in(self.ask(name, **values).body)

    def file(self, name: str, **values: Any) -> Answer:
        """A file of which a route gives a one-time address."""
        return self.get(self.call(name, **values)["address"])

    def upload(self, upload: str, name: str, content: bytes) -> Answer:
        """Sends one file of an upload."""
        named = {"token": self.token, "upload": upload, "name": quote(name)}
        headers = {f"x-ganmodel-{part}": value for part, value in named.items()}
        return self.send("POST", "ganmodel-upload", content, headers)

    def start(self, **settings: Any) -> dict[str, Any]:
        """Starts a small run."""
        chosen = {"preset": "quick", "dataset": "mnist", "images": 20_000, "evaluate_every": 0}
        return self.call("start", settings={**chosen, **settings})


@dataclass
class Direct(Asker):
    """One visitor of parts of a page in this process."""

    client: TestClient | None = None

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        answer = self.client.request(method, "/" + path, content=body, headers=headers)
        return Answer(answer.status_code, dict(answer.headers), answer.content)


@contextmanager
def direct(*parts: Any, token: str = MINE) -> Iterator[Direct]:
    """A visitor of the routes that these parts answer."""
    kinds = {type(part).__qualname__ for part in parts}
    table = [one for one in ROUTES if one.function.__qualname__.partition(".")[0] in kinds]
    offers = next((part.offers for part in parts if hasattr(part, "offers")), Offers())
    with direct_to(Door(table, parts), offers, token) as client:
        yield client


@contextmanager
def direct_to(door: Door, offers: Offers | None = None, token: str = MINE) -> Iterator[Direct]:
    """A visitor of a door, without a gate before it."""
    app = Starlette(routes=[*door.routes(), sends(offers or Offers())])
    with TestClient(app) as client:
        yield Direct("", token, client=client)


def sentence_of(code: str, values: dict[str, Any]) -> str:
    """An error's, as a page words it."""
    return worded({"id": PREFIX + code, "values": values})


def in_words(answer: Any) -> Any:
    """An answer with every message in it worded, as a page would show it."""
    if isinstance(answer, list):
        return [in_words(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    if answer.keys() == {"id", "values"}:
        return worded(answer)
    return {name: in_words(one) for name, one in answer.items()}


def told_in(body: bytes) -> list[Any]:
    """The lines of an answer in words; an error has its sentence, beside its code."""
    return [_worded(json.loads(line)) for line in body.splitlines()]


def _worded(line: Any) -> Any:
    if not isinstance(line, dict) or "error" not in line:
        return in_words(line)
    return {"error": sentence_of(**line["error"]), "code": line["error"]["code"]}


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
    most_files: int | None = None,
    **environment: str,
) -> Iterator[ServedPage]:
    """`python app.py` with these flags, as a process of its own, once it answers; see `patient`.

    `login` is a "name:password", which its visitors give. `ends_runs`: at the end.
    `most_files`: how many the page may have open.
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
    command = [sys.executable, str(ROOT / "tests" / "patient.py"), *where, *flags]
    if most_files is not None:
        command = ["sh", "-c", f'ulimit -n {most_files}; exec "$@"', "sh", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
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


def visitor(token: str, may: Who = Who.READER) -> Visitor:
    """Whoever has that token, as the door knows them."""
    return Visitor(owner_of(token), may)


def answer_of(function: Callable[..., Any], ask: dict[str, Any], *more: Any) -> Any:
    """What a page's function answers to a visitor, as JSON values; a file as it is.

    `ask` has the visitor's `token` besides the request's values; of lines, all are answered. `more`
    follows in the call. Raises what the function raises, and what the door does of wrong values.
    """
    values = {name: value for name, value in ask.items() if name != "token"}
    named = {route.function: route.who for route in ROUTES}
    who = named[getattr(type(function.__self__), function.__name__)]
    asker = visitor(ask.get("token", ""), who)
    try:
        asked = get_type_hints(function)["ask"].model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise understood(error) from None
    found = function(asker, asked, *more)
    if isinstance(found, Pending):
        found = wait_until(found.look)
    if isinstance(found, File):
        return found
    if isinstance(found, Iterator):
        return [_dumped(line) for line in found]
    return _dumped(found)


def told_by(function: Callable[..., Any], ask: dict[str, Any], *more: Any) -> Any:
    """As `answer_of`, but an error is answered as its sentence, as a page shows it."""
    try:
        return answer_of(function, ask, *more)
    except KnownError as error:
        return _worded({"error": Refusal.of(error).model_dump(mode="json")})


def resolved(generators: Generators, token: str, **standing: Any) -> ResolvedPlace:
    """A place of a generator, as the Playground's functions resolve it for a visitor."""
    return generators.resolve(visitor(token), Standing(**standing))


def _dumped(answer: BaseModel) -> Any:
    return in_words(answer.model_dump(mode="json", exclude_unset=True, by_alias=True))


def gated(**options: Any) -> TestClient:
    """The gate of a small page, in this process; what is let through is sent back."""

    async def answer(request: Request) -> Response:
        told = {"path": request.url.path, "body": (await request.body()).decode()}
        return JSONResponse(told | {"headers": dict(request.headers)})

    everywhere = Route("/{rest:path}", answer, methods=["GET", "POST", "HEAD", "DELETE"])
    rules = {
        ("POST", "/ganmodel-draw"): Rule("draw", token=True, largest=1_000),
        ("POST", "/ganmodel-describe"): Rule("describe", largest=1_000),
        ("POST", "/ganmodel-film"): Rule("film", token=True, largest=1_000, rate=Rate(2, 6)),
        ("GET", "/ganmodel-file/*"): Rule(),
        ("GET", "/ganmodel-static/styles.css"): Rule(file=True),
    }
    api = {"sample": Endpoint(1, Rule("sample", largest=1_000))}
    gate = Middleware(Gate, rules, api, is_asked=lambda name: name == "known", **options)
    app = Starlette(routes=[everywhere], middleware=[gate])
    return TestClient(app, base_url="http://localhost:7860", headers={TOKEN_HEADER: "a" * 64})


def run_beside(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, in a thread of its own.

    Playwright's loop runs on in the tests' thread once a browser test was there, and a thread can
    have one loop only.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
