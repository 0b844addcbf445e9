"""ganmodel: train a GAN in a web page, watch it learn, then walk through its latent space.

The names below are what programs use; `ganmodel.api` says what each does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganmodel.api.drawing import draw as draw
    from ganmodel.api.drawing import load as load
    from ganmodel.api.drawing import sample as sample
    from ganmodel.api.drawing import walk as walk
    from ganmodel.api.extending import register_data as register_data
    from ganmodel.api.extending import register_objective as register_objective
    from ganmodel.api.extending import register_pair as register_pair
    from ganmodel.api.measuring import evaluate as evaluate
    from ganmodel.api.training import Trained as Trained
    from ganmodel.api.training import train as train
    from ganmodel.data import DataSet as DataSet
    from ganmodel.networks import Architecture as Architecture
    from ganmodel.objectives import Objective as Objective

__version__ = "0.1.0"
# Each name and the module below ganmodel that has it, imported when a program asks for it: reading
# the version must not load torch.
_PLACES = {
    "Architecture": "networks",
    "DataSet": "data",
    "Objective": "objectives",
    "Trained": "api.training",
    "draw": "api.drawing",
    "evaluate": "api.measuring",
    "load": "api.drawing",
    "register_data": "api.extending",
    "register_objective": "api.extending",
    "register_pair": "api.extending",
    "sample": "api.drawing",
    "train": "api.training",
    "walk": "api.drawing",
}
__all__ = ["__version__", *_PLACES]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"ganmodel.{_PLACES[name]}"), name)
