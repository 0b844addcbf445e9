"""The log of a hosted page: one JSON object a line, in a few rotating files.

It records what failed and where in the code, never who asked for what: an exception is logged with
its type and traceback lines but without its message, which may quote a visitor.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import time
import traceback
from pathlib import Path

FOLDER = ".logs"  # below the runs
MOST_BYTES = 1_000_000  # of one file
KEPT = 4  # older ones


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `where`, `said` and, for an exception, `kind` and `lines`."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "where": record.name,
            "said": record.getMessage() if record.name.startswith("ganmodel") else record.msg,
        }
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            told["kind"] = kind.__name__
            told["lines"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        return json.dumps(told, ensure_ascii=False, default=str)


def log_to(runs: Path) -> Path:
    """Sends all log records to files below `runs`; returns the path of the current one."""
    path = runs / FOLDER / "page.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=MOST_BYTES, backupCount=KEPT)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path
