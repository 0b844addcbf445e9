"""How want of memory shows itself, whoever wanted it: Python, PyTorch, or the libraries below it.

What a person is told then is said where it is known what they asked for.
"""

from __future__ import annotations

import errno

import torch

# Of PyTorch's allocator, of oneDNN's, which computes for it, and of Python's threads.
_WORDS = ("can't allocate memory", "could not create a primitive", "can't start new thread")


def is_want_of_memory(error: BaseException) -> bool:
    """PyTorch has a class for it on accelerators only; on a processor its words must tell."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
