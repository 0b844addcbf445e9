"""What `import ganmodel` offers, and what the command line does its work with.

`training` trains in memory or into a run's folder; `drawing` loads a generator and draws with it;
`measuring` compares it with real pictures; `extending` adds objectives, pairs and data sets from
outside.
"""

from ganmodel.api.drawing import draw, load, sample, walk
from ganmodel.api.extending import register_data, register_objective, register_pair
from ganmodel.api.measuring import evaluate
from ganmodel.api.training import Trained, train

__all__ = [
    "Trained",
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
