"""Generator and Discriminator, built from one `NetworkSpec`.

Shapes:  z (N, z_dim) ~ N(0, 1)    ->  G  ->  images (N, C, S, S) in [-1, 1]
         images (N, C, S, S)       ->  D  ->  logits (N, 1)
         labels (N,), class indices, go to both if the pair is conditional; G also accepts float
         class weights (N, classes) and generates a blend

C is the data's number of channels, 1 or 3, and S its size. A pair is one G and one D, and each has
a file of its own here: `article`, the networks of the article that this project implements;
`small`, at a fraction of that cost; `residual`, deeper and without normalisation, for objectives
whose gradient penalties need D's unaltered gradient. All layers follow from the size, the width and
the number of stages, in each of which G doubles its map and D halves it.

Unless `norm_d` is "batch", D has no batch statistics: one pass over reals and fakes together gives
each image the same logit as alone, and gradient penalties are well defined. `training` trains them.
A pair from outside is registered with `register_architecture`, or given as it is, see `own`.
"""

from ganmodel.networks.own import OwnNetwork, OwnNetworkError, OwnSpec, check_own
from ganmodel.networks.pair import (
    Architecture,
    Discriminator,
    Generator,
    architecture_of,
    build_pair,
    gains_channels_last,
    register_architecture,
)
from ganmodel.networks.spec import MOST_CLASSES, NetworkSpec, SpecError

__all__ = [
    "MOST_CLASSES",
    "Architecture",
    "Discriminator",
    "Generator",
    "NetworkSpec",
    "OwnNetwork",
    "OwnNetworkError",
    "OwnSpec",
    "SpecError",
    "architecture_of",
    "build_pair",
    "check_own",
    "gains_channels_last",
    "register_architecture",
]
