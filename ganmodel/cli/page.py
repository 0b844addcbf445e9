"""`ganmodel app`: the page. `python app.py` is the same command."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

from ganmodel.cli.shared import EXIT_FAILED, InputError, add_data_dir, flag_help, path_type
from ganmodel.listening import FIRST_PORT, listen, split_host
from ganmodel.words import say

LEAST_PASSWORD = 8  # characters
MOST_PORT = 65_535
WORDS = {"1": True, "true": True, "yes": True, "on": True,
         "0": False, "false": False, "no": False, "off": False, "": False}  # fmt: skip
ROOT = re.compile(r"(https?://[\w.:\[\]-]+)?(/[\w.~%-]+)*/?", re.ASCII)


def add_app(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "app",
        help=flag_help("cli.app.help"),
        description=say("cli.app.description"),
    )
    parser.add_argument("--host", default=None, help=flag_help("cli.app.host-help"))
    parser.add_argument("--port", type=int, default=None,
                        help=flag_help("cli.app.port-help", first=FIRST_PORT))  # fmt: skip
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME",
                        help=flag_help("cli.app.allow-host-help"))  # fmt: skip
    parser.add_argument("--root-path", default=None, metavar="PATH",
                        help=flag_help("cli.app.root-path-help"))  # fmt: skip
    parser.add_argument("--runs", default=None, metavar="DIR",
                        help=flag_help("cli.app.runs-help"))  # fmt: skip
    parser.add_argument("--auth", default=None, metavar="NAME:PASSWORD",
                        help=flag_help("cli.app.auth-help"))  # fmt: skip
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--hosted", action="store_true", help=flag_help("cli.app.hosted-help"))
    mode.add_argument("--classroom", action="store_true", help=flag_help("cli.app.classroom-help"))
    parser.add_argument("--share", action="store_true", help=flag_help("cli.app.share-help"))
    add_data_dir(parser)
    parser.set_defaults(run_command=_app)


def _app(options: argparse.Namespace) -> int:
    login = _login(options.auth or os.environ.get("GANMODEL_AUTH") or None)
    port = _port(options.port)
    root_path = _root_path(options.root_path)
    runs = _runs(options.runs)
    mode = _mode(options)
    host = options.host or os.environ.get("GRADIO_SERVER_NAME") or None
    if mode == "classroom":
        host = host or "0.0.0.0"

    names = _names(options.allow_host)
    place = listen(host, port)
    try:
        runs.mkdir(parents=True, exist_ok=True)  # or the served page could not save anything
    except OSError:
        place.close()
        raise

    from ganmodel.ui import serve

    ended_as_asked = serve(
        place,
        root_path=root_path,
        share=options.share,
        login=login,
        mode=mode,
        runs=runs,
        data_dir=options.data_dir,
        allow_hosts=names,
    )
    return 0 if ended_as_asked else EXIT_FAILED


def _login(login: str | None) -> str | None:
    if login is not None:
        name, _, password = login.partition(":")
        if not name or len(password) < LEAST_PASSWORD:
            raise InputError("auth-form", least=LEAST_PASSWORD)
    return login


def _port(port: int | None) -> int | None:
    if port is None and (told := os.environ.get("GRADIO_SERVER_PORT")):
        if not re.fullmatch(r"[0-9]{1,9}", told):
            raise InputError("port-of-environment", value=f"{told!r:.60}")
        port = int(told)
    if port is not None and not 0 <= port <= MOST_PORT:
        raise InputError("flag-range", flag="--port", low=0, high=MOST_PORT, value=port)
    return port


def _root_path(flag: str | None) -> str:
    given = os.environ.get("GRADIO_ROOT_PATH", "") if flag is None else flag
    name = "GRADIO_ROOT_PATH" if flag is None else "--root-path"
    if not ROOT.fullmatch(given):
        raise InputError("root-path-form", name=name, value=f"{given!r:.60}")
    return given.rstrip("/")


def _runs(flag: str | None) -> Path:
    if flag is not None and not flag.strip():
        raise InputError("runs-empty")
    return path_type(flag or os.environ.get("GANMODEL_RUNS", "").strip() or "runs")


def _mode(options: argparse.Namespace) -> str:
    told = os.environ.get("GANMODEL_HOSTED", "")
    everybody = WORDS.get(told.strip().lower())
    if everybody is None:
        raise InputError("hosted-form", value=f"{told!r:.60}")
    if options.classroom:
        return "classroom"
    return "hosted" if options.hosted or everybody or "SPACE_ID" in os.environ else "local"


def _names(flags: list[str]) -> list[str]:
    told = flags or os.environ.get("GANMODEL_ALLOW_HOSTS", "").split(",")
    names = [name.strip() for name in told if name.strip()]
    for name in names:
        if split_host(name) is None or ":" in name.rpartition("]")[2]:
            raise InputError("allow-host-form", value=f"{name!r:.60}")
    return names
