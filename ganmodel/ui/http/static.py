"""The page's own scripts and styles, and the pictures of the recorded runs that ship, served from
memory at addresses that carry their version.

A version is the hash of all contents, so browsers may cache every file for ever. Modules import
each other by relative addresses, which keeps them within one version; pictures have one of their
own, since they outlive many of the scripts'.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import posixpath
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path, PurePosixPath

import brotli
import plotly
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ganmodel.hosting import path_of
from ganmodel.sampling import SHIPPED
from ganmodel.words import of_parts

ROOT = Path(str(files("ganmodel.ui")))
FOLDER = "ganmodel-static"
STYLES = "styles.css"  # all style sheets in one file
ERRORS = "errors.json"  # the words of errors by id, which few visits need
FIRST_SHEET = "page.css"  # of the shared ones, which come before the rooms' own
EARLY = "shared/early.js"  # no module: it stands in the page itself
PLOTLY = f"{FOLDER}/plotly-{version('plotly')}.min.js"
UTF_8 = "charset=utf-8"
ENCODINGS = ("br", "gzip")  # the best first
BROTLI_QUALITY = 5  # of 11; the highest takes more than ten seconds for plotly.js
# Comments on lines of their own, which is how Biome formats them; no string here spans lines.
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*(?:[^*]|\*(?!/))*\*/)[ \t]*$", re.MULTILINE)

# Static imports, as Biome formats them: types in comments have no semicolon after the address.
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*?"(\.[^"]+)";$', re.MULTILINE)


class File:
    """The answer at one address, compressed once for each encoding that a browser asks for."""

    def __init__(self, kind: str, read: Callable[[], bytes]) -> None:
        self.kind = kind
        self.encodings = () if kind.startswith("image/") else ENCODINGS  # these are compressed
        self._read = read
        self._encoded: dict[str, bytes] = {}
        self._lock = threading.Lock()

    async def encoded(self, encoding: str) -> bytes:
        """The content as "br" or "gzip", or uncompressed for ""."""
        if encoding not in self._encoded:
            await run_in_threadpool(self._encode, encoding)  # plotly.js takes a second
        return self._encoded[encoding]

    def _encode(self, encoding: str) -> None:
        with self._lock:
            if encoding in self._encoded:  # another request has encoded it meanwhile
                return
            content = self._read()
            if encoding == "br":
                content = brotli.compress(content, quality=BROTLI_QUALITY)
            elif encoding == "gzip":
                content = gzip.compress(content, 6, mtime=0)
            self._encoded[encoding] = content


@functools.cache
def modules() -> dict[str, str]:
    """The page's JavaScript modules: name below `ganmodel/ui`, such as "train/main.js", to text."""
    found = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.js"))}
    return {name: path.read_text("utf-8") for name, path in found.items() if name != EARLY}


def early() -> str:
    """The script that stands in the page itself, before all others."""
    return without_comments((ROOT / EARLY).read_text("utf-8"))


@functools.cache
def styles() -> str:
    """All style sheets, as one."""
    sheets = sorted(
        ROOT.rglob("*.css"),
        key=lambda path: (path.parent.name != "shared", path.name != FIRST_SHEET, path),
    )
    return "\n".join(path.read_text("utf-8") for path in sheets)


def errors() -> str:
    """The words of all errors by id, as JSON."""
    return json.dumps(of_parts("errors"), ensure_ascii=False)


def without_comments(script: str) -> str:
    """A script as it is sent: a third shorter, with unchanged line numbers."""
    return COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), script)


@functools.cache
def _version() -> str:
    whole = hashlib.sha256()
    for part in (*modules().items(), (STYLES, styles()), (ERRORS, errors())):
        whole.update("\0".join(part).encode())
    return whole.hexdigest()[:12]


def address(name: str) -> str:
    """The address of a module, or of `STYLES`: relative to the page, which a proxy may move."""
    return f"{FOLDER}/{_version()}/{name}"


@functools.cache
def recorded() -> dict[str, Path]:
    """The pictures of the recorded runs that ship: name, such as "mnist/reals.png", to path."""
    root = SHIPPED / "runs"
    paths = sorted([*root.glob("*/*.png"), *root.glob("*/samples*/*.png")])
    return {path.relative_to(root).as_posix(): path for path in paths}


@functools.cache
def recorded_address() -> str:
    """Where the pictures of recorded runs are: their names follow."""
    whole = hashlib.sha256()
    for name, path in recorded().items():
        whole.update(name.encode() + b"\0" + path.read_bytes())
    return f"{FOLDER}/runs-{whole.hexdigest()[:12]}/"


def loading(roots: Sequence[str]) -> str:
    """Tags that load modules and all that they import side by side: a browser by itself would
    discover them one import after the other."""
    return "".join(f'<link rel="modulepreload" href="{address(n)}">' for n in imported(roots))


@functools.cache
def _imports(name: str) -> tuple[str, ...]:
    """What a module imports by itself."""
    folder = PurePosixPath(name).parent
    found = IMPORT.findall(modules()[name])
    return tuple(posixpath.normpath(folder / one) for one in found)


def imported(roots: Sequence[str]) -> list[str]:
    """Modules and all that they import, directly or not."""
    found: dict[str, None] = {}
    left = list(roots)
    while left:
        name = left.pop()
        if name not in found:
            found[name] = None
            left += _imports(name)
    return sorted(found)


def starting(first: str, rooms: Mapping[str, Sequence[str]]) -> str:
    """The script that brings rooms in the first answer to life.

    Args:
        first: the module that runs before theirs.
        rooms: their names, to the modules that start each.
    """
    lines, calls = [f'import "./{address(first)}";'], []
    for room, names in rooms.items():
        for name in names:
            known = f"start{len(calls)}"
            lines.append(f'import {{ start as {known} }} from "./{address(name)}";')
            calls.append(f"{known}(document.querySelector('[data-room=\"{room}\"]'));")
    script = "\n".join((*lines, *calls, 'dispatchEvent(new Event("ganmodel-alive"));'))
    return f'<script type="module">{script}</script>'


def starts_when_seen(*names: str) -> str:
    """The script of a `gr.HTML` that gets its words at once, and whose modules are loaded, and
    started, once a visitor sees it."""
    preloads = json.dumps(imported(names))
    starts = "".join(
        f'import(at + "{name}").then((room) => room.start(element));' for name in names
    )
    return (
        'document.dispatchEvent(new CustomEvent("ganmodel-words", { detail: element }));'
        "new IntersectionObserver((entries, observer) => {"
        "if (!entries.some((entry) => entry.isIntersecting)) return;"
        "observer.disconnect();"
        f'const at = new URL("{address("")}", document.baseURI).href;'
        f"for (const name of {preloads}) document.head.append(Object.assign("
        'document.createElement("link"), { rel: "modulepreload", href: at + name }));'
        f"{starts}"
        "}).observe(element);"
    )


@functools.cache
def _served() -> dict[str, File]:
    """Path to file."""
    found = {
        f"/{address(name)}": File(f"text/javascript; {UTF_8}", without_comments(text).encode)
        for name, text in modules().items()
    }
    found[f"/{address(STYLES)}"] = File(f"text/css; {UTF_8}", styles().encode)
    found[f"/{address(ERRORS)}"] = File(f"application/json; {UTF_8}", errors().encode)
    for name, path in recorded().items():
        found[f"/{recorded_address()}{name}"] = File("image/png", path.read_bytes)
    # From the plotly package on this machine: the page loads nothing from outside.
    plotly_js = Path(str(files(plotly).joinpath("package_data", "plotly.min.js")))
    found[f"/{PLOTLY}"] = File(f"text/javascript; {UTF_8}", plotly_js.read_bytes)
    return found


def paths() -> Iterable[str]:
    """Every path that `Static` answers."""
    return _served().keys()


class Static:
    """ASGI middleware before everything that is slower; passes on what is not one of the files."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        file = _served().get(path_of(scope)) if known else None
        if file is None:
            await self.app(scope, receive, send)
            return
        accepted = Headers(scope=scope).get("accept-encoding", "")
        encoding = next((one for one in file.encodings if one in accepted), "")
        content = await file.encoded(encoding)
        headers = {
            "content-type": file.kind,
            "content-length": str(len(content)),
            "cache-control": "public, max-age=31536000, immutable",
            "vary": "accept-encoding",
        } | ({"content-encoding": encoding} if encoding else {})
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        body = b"" if scope["method"] == "HEAD" else content
        await send({"type": "http.response.body", "body": body})
