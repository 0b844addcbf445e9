"""ganmodel: train a GAN in a web page, watch it learn, then walk through its latent space.

The names below are what programs use; `ganmodel.api` says what each does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganmodel.api import (
        Trained,
        draw,
        evaluate,
        load,
        register_data,
        register_objective,
        register_pair,
        sample,
        train,
        walk,
    )
    from ganmodel.data import DataSet
    from ganmodel.networks import Architecture
    from ganmodel.objectives import Objective

__version__ = "0.1.0"
__all__ = [
    "Architecture",
    "DataSet",
    "Objective",
    "Trained",
    "__version__",
    "draw",
    "evaluate",
    "load",
    "register_data",
    "register_objective",
    "register_pair",
    "sample",
    "train",
    "walk",
]
_ELSEWHERE = {"Architecture": "networks", "DataSet": "data", "Objective": "objectives"}


def __getattr__(name: str) -> Any:
    """Imports what a program asks for, since reading the version must not load torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"ganmodel.{_ELSEWHERE.get(name, 'api')}"), name)
