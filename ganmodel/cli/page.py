"""`ganmodel app`: the page. `python app.py` is the same command."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from ganmodel.cli.shared import InputError, add_data_dir

LEAST_PASSWORD = 8  # characters


def add_app(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "app",
        help="open the web page (the same as python app.py)",
        description="Serves the page on this machine. docs/hosting.md says how to open it to "
        "others, and what it allows them.",
    )
    parser.add_argument("--host", default=None, help="address to listen on; 0.0.0.0 is every one "
                        "(default: GRADIO_SERVER_NAME, or this machine only)")  # fmt: skip
    parser.add_argument("--port", type=int, default=None, help="port to listen on (default: "
                        "GRADIO_SERVER_PORT, or 7860)")  # fmt: skip
    parser.add_argument("--root-path", default=None, metavar="PATH", help="where a reverse proxy "
                        "shows the page, such as /demo (default: GRADIO_ROOT_PATH)")  # fmt: skip
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR", help="the folder that "
                        "holds the runs (default: GANMODEL_RUNS, or runs)")  # fmt: skip
    parser.add_argument(
        "--auth",
        default=None,
        metavar="NAME:PASSWORD",
        help="what everybody has to give (default: GANMODEL_AUTH, which ps does not show)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--hosted", action="store_true", help="for strangers: a queue, turns, limits "
                      "(default: GANMODEL_HOSTED=1; always on a Hugging Face Space)")  # fmt: skip
    mode.add_argument("--classroom", action="store_true", help="for a room: you train, everybody "
                      "on the local network watches; shows the address and a QR code")  # fmt: skip
    parser.add_argument("--share", action="store_true", help="a public link, through Gradio's "
                        "tunnel, with the limits of --hosted")  # fmt: skip
    add_data_dir(parser)
    parser.set_defaults(run_command=_app)


def _app(options: argparse.Namespace) -> int:
    login = options.auth or os.environ.get("GANMODEL_AUTH") or None
    if login is not None:
        name, _, password = login.partition(":")
        if not name or len(password) < LEAST_PASSWORD:
            raise InputError(
                "--auth, or GANMODEL_AUTH, must be NAME:PASSWORD with a password of at least "
                f"{LEAST_PASSWORD} characters."
            )
    if options.port is not None and not 0 <= options.port <= 65535:
        raise InputError(f"--port must be from 0 to 65,535, but it is {options.port:,}.")
    root_path = options.root_path
    if root_path is not None and not root_path.startswith(("/", "http://", "https://")):
        raise InputError(f"--root-path must begin with / or be an address, not {root_path!r:.60}.")
    everybody = os.environ.get("GANMODEL_HOSTED") == "1" or "SPACE_ID" in os.environ
    mode = "classroom" if options.classroom else "local"
    if options.hosted or (everybody and not options.classroom):
        mode = "hosted"

    from ganmodel.ui import serve

    serve(
        host=options.host,
        port=options.port,
        root_path=root_path,
        share=options.share,
        login=login,
        mode=mode,
        runs=options.runs or Path(os.environ.get("GANMODEL_RUNS") or "runs"),
        data_dir=options.data_dir,
    )
    return 0
