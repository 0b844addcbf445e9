"""`ganmodel app`: the page. `python app.py` is the same command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ganmodel.cli.shared import add_data_dir


def add_app(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser("app", help="open the web page (the same as python app.py)")
    parser.add_argument("--host", default=None, help="address to listen on; 0.0.0.0 is every one "
                        "(default: GRADIO_SERVER_NAME, or this machine only)")  # fmt: skip
    parser.add_argument("--port", type=int, default=None, help="port to listen on (default: "
                        "GRADIO_SERVER_PORT, or 7860)")  # fmt: skip
    parser.add_argument(
        "--share", action="store_true", help="a public link, through Gradio's tunnel"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR",
                        help="the folder that holds the runs (default: runs)")  # fmt: skip
    add_data_dir(parser)
    parser.set_defaults(run_command=_app)


def _app(options: argparse.Namespace) -> int:
    from ganmodel.ui import serve

    serve(
        host=options.host,
        port=options.port,
        share=options.share,
        runs=options.runs,
        data_dir=options.data_dir,
    )
    return 0
