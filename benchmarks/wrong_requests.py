"""Requests that are wrong in some way, to every route of a page and to its gate, for `fuzzing`.

A route's values are generated from its model, with what visitors name, and mutated: other types,
numbers and letters, values too few or too many, somebody else's names. So are who asks, the
addresses, and the way bodies are written: a key twice, half a letter, too deep, cut off.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.asking_pages import TOKEN_HEADER
from ganmodel.ui.http.door import VALUE_HEADER
from ganmodel.ui.http.route import Body, Route
from ganmodel.ui.routes import ROUTES

ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**53, 2**63, 1e308, -0.0, float("nan"), float("inf"), "",
    "x", "../../etc/passwd", "\x00", "é" * 500, "run:../x", "shipped:mnist", "shipped/mnist-quick",
    "a" * 64, "stops=1,2", "stops=~AAAA&rest=~~", "<script>", "mnist", "png", [], [[]], [1, 2],
    ["a", "b"], list(range(784)), {}, {"a": {}}, "\ud800", ["\udfff"], {"\ud800": 1},
    "\U0001f409" * 90, "con", {"path": "http://192.0.2.1/x", "meta": {"_type": "gradio.FileData"}},
    [[{"path": "/etc/passwd", "url": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}]],
    {str(k): k for k in range(2_000)}, 10**400, 0.5, -(2**63), "1", "0" * 16,
)  # fmt: skip
# What a person would name; the names of runs and generators are those of the victims besides.
NAMED: dict[str, tuple[Any, ...]] = {
    "run": ("shipped/mnist-quick", "shipped/lesson-d-wins", None),
    "generator": ("shipped:mnist", "shipped:mnist-classes", "shipped:stacked-mnist"),
    "place": ("", "stops=1,2", "stops=53,46,8&path=loop&at=0.3", "stops=1,2&class=3&psi=2", "x=1",
              "stops=1,2&at=nan", "stops=1,2&class=1e400", "stops=~AAAA&rest=~~"),
    "settings": ({}, {"preset": "quick"}, {"preset": "r3gan", "width": 64}, {"preset": []},
                 {"preset": "few", "dataset": "upload:" + "0" * 16}, {"dataset": "/etc/passwd"}),
    "changes": ({}, {"images": 600}, {"batch_size": 4096}, {"lr_g": "x"}, {"dataset": "cifar10"}),
    "values": ({}, {"lr_g": 0.001}, {"n_critic": 100}, {"x": 1}, {"lr_g": -1}),
    "who": ("d", "g", "both", "x"),
    "upload": ("0" * 16, "0123456789abcdef", "../x"),
    "name": ("a.png", "a.zip", "../a.png", "a/b/c.png", "\u202ea.png", "con.png", "." * 300),
    "title": ("a title", "<img src=x>", "\u202ex", " " * 61),
    "drawing": ([255 * (12 < k % 28 < 16) for k in range(784)], [0] * 784, [256] * 784, []),
    "weights": ("mnist", "mnist-classes", "../x"),
}  # fmt: skip
METHODS = ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "CONNECT", "FOO", "post")
ADDRESSES = (
    "", "config", "healthz", "gradio_api/info", "gradio_api/file=/etc/passwd", "assets/../x",
    "gradio_api/queue/data", "gradio_api/queue/data?session_hash=x", "static/" + "a" * 5000,
    "assets/%00", "static/%ED%A0%80", "gradio_api/heartbeat/", "?__theme=%ff", "gradio_api/upload",
    "gradio_api/call/sample/" + "e" * 200, "ganmodel-file/" + "0" * 32, "ganmodel-file/", "//x",
    "ganmodel-file/../config", "ganmodel-static/../x", "gradio_api/component_server", "login",
    "gradio_api/proxy=http://192.0.2.1/", "monitoring", "mcp", "%2e%2e/config", "ganmodel-draw/",
    "ganmodel-draw/x", "GANMODEL-draw", "ganmodel-", "ganmodel-%64raw", "x/ganmodel-draw",
)  # fmt: skip
API = ("sample", "walk", "find", "list_weights", "no", "sample/", "../sample")
# What a browser, a proxy or a program may say of who asks; "" is left out.
WHO: dict[str, tuple[str, ...]] = {
    "origin": ("", "http://evil.example", "null", "http://localhost:1", "http://[::1", "x"),
    "host": ("", "evil.example", "localhost:99999", "[::1", "a b", "127.0.0.1.evil.example"),
    "sec-fetch-site": ("", "cross-site", "same-site", "same-origin", "none", "x"),
    "x-forwarded-host": ("", "evil.example", "[::1, a b", "\xff"),
    "x-forwarded-for": ("", "made up", "192.0.2.1, 2001:db8::1", "127.0.0.1"),
    "x-gradio-server": ("", "http://evil.example"),
    "content-type": ("", "text/plain", "multipart/form-data; boundary=x", "\xff"),
    "accept": ("", "text/html", "application/x-ndjson"),
    "expect": ("", "100-continue", "x"),
    "content-encoding": ("", "gzip"),
}  # fmt: skip
STRANGERS = 0.15  # the share of requests that say something of who asks


@dataclass(frozen=True)
class Victim:
    """A visitor whose things nobody else may see: `marks` are in what they alone are shown."""

    token: str
    run: str
    key: str
    marks: tuple[bytes, ...]


@dataclass(frozen=True)
class Wrong:
    """A request as it is sent; `way` says which kind of it, `names` whose run it asks for."""

    way: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool = False  # less is sent than is declared
    names: str = ""


class Requests:
    """Generates wrong requests.

    Args:
        victims: whose names they use, never with their tokens or valid keys.
        player: the token of a visitor who asks for wrong things of their own.
        chance: what is random here.
    """

    def __init__(self, victims: Sequence[Victim], player: Victim, chance: random.Random) -> None:
        self.victims, self.player, self.chance = victims, player, chance
        self.runs = [one.run for one in (*victims, player)]

    def any(self) -> Wrong:
        """One of them: most are of a route."""
        kind = self.chance.random()
        if kind < 0.8:
            return self.of(self.chance.choice(ROUTES))
        return self.chance.choice((self.of_gradio, self.of_gate))()

    # --- routes ----------------------------------------------------------------------------------

    def of(self, route: Route) -> Wrong:
        """A wrong request to a route, or, now and then, a right one."""
        values = {
            name: self._value(name, schema, route.request.model_json_schema().get("$defs", {}))
            for name, schema in route.request.model_json_schema()["properties"].items()
        }
        values = self._mutated(values)
        headers = self._token()
        if route.body is Body.VALUES:
            body = self._written(values)
        else:
            for name, value in values.items():
                told = quote(str(value).encode("utf-8", "replace"))
                headers.append((VALUE_HEADER + name.replace("\x00", ""), told))
            body = self.chance.choice((b"", b"x", b"PK\3\4", b"\x89PNG\r\n\x1a\n", b"GIF89a" * 99))
        return self._sent(f"{route.name}", "POST", route.address[1:], headers, body)

    def _value(self, name: str, schema: dict[str, Any], known: dict[str, Any]) -> Any:
        """One that fits a property's schema, or nearly."""
        if name in NAMED and self.chance.random() < 0.9:
            mine: list[Any] = [*NAMED[name]]
            if name == "run":
                mine += self.runs
            if name == "generator":
                mine += [f"run:{run}" for run in self.runs]
            return self.chance.choice(mine)
        if "$ref" in schema:
            schema = known[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return self._value(name, self.chance.choice(schema["anyOf"]), known)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        match schema.get("type"):
            case "null":
                return None
            case "boolean":
                return self.chance.random() < 0.5
            case "integer" | "number":
                low = schema.get("minimum", schema.get("exclusiveMinimum", -1))
                high = schema.get("maximum", schema.get("exclusiveMaximum", 10**6))
                some = (low, high, low - 1, high + 1, 0, 1, 5, self.chance.randint(0, 200))
                return self.chance.choice(some)
            case "array":
                return [self._value("", schema["items"], known) for _ in range(2)]
            case "object":
                inside = schema.get("properties", {})
                return {key: self._value(key, one, known) for key, one in inside.items()}
        victim = self.chance.choice(self.victims)
        return self.chance.choice(("", "x", "0" * 32, victim.key.upper(), victim.key[:-1]))

    def _mutated(self, values: dict[str, Any]) -> dict[str, Any]:
        """Usually wrong in one or two ways."""
        names = list(values)
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            kind = self.chance.random()
            if kind < 0.6 and names:
                values[self.chance.choice(names)] = self.chance.choice(ODD)
            elif kind < 0.75 and names:
                values.pop(self.chance.choice(names), None)
            elif kind < 0.9:
                extra = self.chance.choice(("token", "x", "self", "visitor", "__class__", "é", ""))
                values[extra] = self.chance.choice(ODD)
            elif names:
                name = self.chance.choice(names)
                values[name] = self.chance.choice(([values.get(name)], {name: values.get(name)}))
        return values

    # --- the gate, and what is Gradio's ----------------------------------------------------------

    def of_gradio(self) -> Wrong:
        """A wrong call of the API for programs."""
        data = [self.chance.choice(ODD) for _ in range(self.chance.randint(0, 6))]
        if self.chance.random() < 0.3:
            data = self.chance.choice(
                ([], ["mnist", 3, 2, 2, ""], ["mnist", "stops=1,2", 9, 9, "gif"])
            )
        if self.chance.random() < 0.3:
            told = {
                "data": data,
                "event_data": self.chance.choice((None, None, ODD[-8])),
                "fn_index": self.chance.choice((0, 1, 2, 3, 9, -1, "x", None, 10**400)),
                "session_hash": self.chance.choice((secrets.token_hex(6), None, 1, "\ud800")),
            }
            path = self.chance.choice(
                ("queue/join", "cancel", "reset", "component_server", "run/x")
            )
            return self._sent(path, "POST", f"gradio_api/{path}", [], self._written(told))
        name = self.chance.choice(API)
        path = f"gradio_api/call/{name}"
        return self._sent(path, "POST", path, self._token(), self._written({"data": data}))

    def of_gate(self) -> Wrong:
        """A wrong method or address."""
        address = self.chance.choice((*ADDRESSES, *(one.address[1:] for one in ROUTES)))
        method = "GET" if self.chance.random() < 0.5 else self.chance.choice(METHODS)
        body = self.chance.choice((b"", b"", b"{}", b"x" * 999))
        return self._sent(f"{method} {address[:30]}", method, address, self._token(), body)

    # --- who asks, and how it is written ---------------------------------------------------------

    def _token(self) -> list[tuple[str, str]]:
        kind = self.chance.random()
        made_up = f"{self.chance.getrandbits(256):064x}"
        if kind < 0.7:  # or the gate would hold the one visitor back
            return [(TOKEN_HEADER, made_up)]
        if kind < 0.85:
            return [(TOKEN_HEADER, self.player.token)]
        victim = self.chance.choice(self.victims)
        odd = (
            "", "0" * 64, victim.run, victim.key, victim.token[:32], victim.token.upper(), "\xff",
            victim.token[:-1], victim.token + "0", victim.marks[-1].decode(), f"x{victim.token}",
        )  # fmt: skip
        wrong = self.chance.choice(odd)
        if kind < 0.95:
            return [(TOKEN_HEADER, wrong)]
        if kind < 0.98:  # twice: the first counts, for the gate as for the door
            return [(TOKEN_HEADER, made_up), (TOKEN_HEADER, victim.token)]
        return []

    def _written(self, ask: dict[str, Any]) -> bytes:
        """JSON, now and then of two meanings, too deep, in letters that are none, or no object."""
        body = json.dumps(ask).encode()
        twist = self.chance.random()
        if twist < 0.03 and ask:  # a key twice
            first = json.dumps(next(iter(ask))).encode()
            return b"{" + first + b": 1, " + body[1:]
        if twist < 0.05:  # and once escaped
            return b'{"run": "x", "r\\u0075n": "shipped/mnist-quick"}'
        if twist < 0.08:
            depth = self.chance.choice((12, 20, 900, 20_000))
            return b'{"settings": ' + b"[" * depth + b"]" * depth + b"}"
        if twist < 0.11:
            return body[:-1] + b', "x": "\xed\xa0\x80"}'
        if twist < 0.13:
            return body.decode().encode(self.chance.choice(("utf-16", "utf-32", "utf-8-sig")))
        if twist < 0.15:
            return self.chance.choice((b"", b"[]", b"null", b"5", b'"x"', b"{", b"NaN", b"\xff"))
        if twist < 0.17:
            return body[: self.chance.randint(0, len(body))]
        return body

    def _sent(
        self,
        way: str,
        method: str,
        path: str,
        headers: list[tuple[str, str]],
        body: bytes,
    ) -> Wrong:
        said = {"content-type": "application/json"}
        if self.chance.random() < STRANGERS:
            chosen = self.chance.sample(list(WHO), 3)
            said |= {name: self.chance.choice(WHO[name]) for name in chosen}
        told = [*headers, *((name, value) for name, value in said.items() if value)]
        cut = bool(body) and self.chance.random() < 0.03
        return Wrong(way, method, path, tuple(told), body, cut, self._named(body))

    def _named(self, body: bytes) -> str:
        """The victim's run that a body asks for, if it is one."""
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(values, dict):
            return ""
        given = [values.get("run"), values.get("generator"), *_listed(values.get("runs"))]
        found = [one.run for one in self.victims if {one.run, f"run:{one.run}"} & _texts(given)]
        return found[0] if found else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(values: list[Any]) -> set[str]:
    return {value for value in values if isinstance(value, str)}
