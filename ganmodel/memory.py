"""Recognises errors that mean too little memory, from Python, PyTorch or libraries below it.

What a person is told then is decided by whoever knows what they asked for.
"""

from __future__ import annotations

import errno

import torch

# In messages of PyTorch's allocator, of oneDNN, which computes for it, and of Python's threads.
_WORDS = ("can't allocate memory", "could not create a primitive", "can't start new thread")


def is_want_of_memory(error: BaseException) -> bool:
    """Whether an error means too little memory.

    PyTorch has a class for that on accelerators only; on processors its message must tell.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
