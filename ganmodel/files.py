"""Writing files whole: under a temporary name beside the target, then moved into place.

A reader, or a process that starts after a crash, sees the old file or the new one and never half of
one. What the files mean is known elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a temporary path in the same folder and moves the result to `path`.

    Raises:
        OSError: the folder cannot be written; nothing is left behind where that can be helped.
    """
    # Starts with a dot and ends with .tmp, so no listing of ours takes it for a finished file.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def write_bytes(path: Path, content: bytes) -> None:
    write_whole(path, lambda temporary: temporary.write_bytes(content))


def write_json(path: Path, value: Any) -> None:
    """JSON that every reader accepts: a NaN raises ValueError instead of being written."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, text.encode())


def read_json(path: Path) -> Any:
    """The value in a JSON file, or None where there is no readable one."""
    try:
        return json.loads(path.read_bytes())  # any Unicode, with a byte order mark or without
    except (OSError, ValueError, RecursionError):
        return None


def reason(error: BaseException) -> str:
    """An error as the middle of a sentence: "the disk is full" rather than "[Errno 28] …"."""
    if not isinstance(error, OSError):
        return str(error)
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than allowed here",
        errno.EACCES: "writing there is not allowed",
        errno.EPERM: "writing there is not allowed",
        errno.EROFS: "the disk is read-only",
        errno.ENOTDIR: "a part of its path is a file, not a folder",
        errno.EEXIST: "a file of that name is in the way",
    }
    return known.get(error.errno or 0, error.strerror or str(error))
