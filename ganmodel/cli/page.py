"""`ganmodel app`: the page. `python app.py` is the same command."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

from ganmodel.cli.shared import EXIT_FAILED, InputError, add_data_dir, path_type
from ganmodel.listening import WrongPlaceError, listen, split_host

LEAST_PASSWORD = 8  # characters
WORDS = {"1": True, "true": True, "yes": True, "on": True,
         "0": False, "false": False, "no": False, "off": False, "": False}  # fmt: skip
ROOT = re.compile(r"(https?://[\w.:\[\]-]+)?(/[\w.~%-]+)*/?", re.ASCII)


def add_app(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "app",
        help="open the web page (the same as python app.py)",
        description="Serves the page on this machine. docs/hosting.md says how to open it to "
        "others, and what it allows them.",
    )
    parser.add_argument("--host", default=None, help="address to listen on; 0.0.0.0 is every one, "
                        ":: every one of IPv6 too (default: GRADIO_SERVER_NAME, or this machine "
                        "only)")  # fmt: skip
    parser.add_argument("--port", type=int, default=None, help="port to listen on (default: "
                        "GRADIO_SERVER_PORT, or the first free one from 7860 on)")  # fmt: skip
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name "
                        "by which browsers may call the page, beside this machine's own, such as "
                        "that of a reverse proxy; may be given several times (default: "
                        "GANMODEL_ALLOW_HOSTS, separated by commas)")  # fmt: skip
    parser.add_argument("--root-path", default=None, metavar="PATH", help="where a reverse proxy "
                        "shows the page, such as /demo (default: GRADIO_ROOT_PATH)")  # fmt: skip
    parser.add_argument("--runs", default=None, metavar="DIR", help="the folder that holds the "
                        "runs (default: GANMODEL_RUNS, or runs)")  # fmt: skip
    parser.add_argument(
        "--auth",
        default=None,
        metavar="NAME:PASSWORD",
        help="what everybody has to give (default: GANMODEL_AUTH, which ps does not show)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--hosted", action="store_true", help="for strangers: a queue, turns, limits "
                      "(default: GANMODEL_HOSTED, yes or no; always on a Space)")  # fmt: skip
    mode.add_argument("--classroom", action="store_true", help="for a room: you train, everybody "
                      "on the local network watches; shows the address and a QR code")  # fmt: skip
    parser.add_argument("--share", action="store_true", help="a public link, through Gradio's "
                        "tunnel, with the limits of --hosted")  # fmt: skip
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
    try:
        place = listen(host, port)
    except WrongPlaceError as error:
        raise InputError(str(error)) from None
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
            raise InputError(
                "--auth, or GANMODEL_AUTH, must be NAME:PASSWORD with a password of at least "
                f"{LEAST_PASSWORD} characters."
            )
    return login


def _port(port: int | None) -> int | None:
    if port is None and (told := os.environ.get("GRADIO_SERVER_PORT")):
        if not re.fullmatch(r"[0-9]{1,9}", told):
            raise InputError(f"GRADIO_SERVER_PORT must be a number, but it is {told!r:.60}.")
        port = int(told)
    if port is not None and not 0 <= port <= 65535:
        raise InputError(f"--port must be from 0 to 65,535, but it is {port:,}.")
    return port


def _root_path(flag: str | None) -> str:
    given = os.environ.get("GRADIO_ROOT_PATH", "") if flag is None else flag
    name = "GRADIO_ROOT_PATH" if flag is None else "--root-path"
    if not ROOT.fullmatch(given):
        raise InputError(
            f"{name} must begin with / or be an address, such as /demo or "
            f"https://example.org/demo, not {given!r:.60}."
        )
    return given.rstrip("/")


def _runs(flag: str | None) -> Path:
    if flag is not None and not flag.strip():
        raise InputError("--runs must name a folder, but it is empty.")
    return path_type(flag or os.environ.get("GANMODEL_RUNS", "").strip() or "runs")


def _mode(options: argparse.Namespace) -> str:
    told = os.environ.get("GANMODEL_HOSTED", "")
    everybody = WORDS.get(told.strip().lower())
    if everybody is None:
        raise InputError(f"GANMODEL_HOSTED must be yes or no, but it is {told!r:.60}.")
    if options.classroom:
        return "classroom"
    return "hosted" if options.hosted or everybody or "SPACE_ID" in os.environ else "local"


def _names(flags: list[str]) -> list[str]:
    told = flags or os.environ.get("GANMODEL_ALLOW_HOSTS", "").split(",")
    names = [name.strip() for name in told if name.strip()]
    for name in names:
        if split_host(name) is None or ":" in name.rpartition("]")[2]:
            raise InputError(
                "--allow-host must be a name or an address such as demo.example.org, without "
                f"http:// and port, but it is {name!r:.60}."
            )
    return names
