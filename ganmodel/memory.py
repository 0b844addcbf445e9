"""Recognises out-of-memory errors of Python, PyTorch and the libraries that it uses.

Callers word the message, since they know what the user requested.
"""

from __future__ import annotations

import errno

import torch

# From messages of PyTorch's allocator, of oneDNN (its CPU backend), and of Python's threads.
_WORDS = ("can't allocate memory", "could not create a primitive", "can't start new thread")


def is_want_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out.

    PyTorch raises `OutOfMemoryError` on accelerators only; on the CPU its message is matched.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
