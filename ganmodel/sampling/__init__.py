"""Weights to pictures, and what D and the data say of them; the page uses networks only here."""

from ganmodel.sampling.directions import (
    first_layer_directions,
    measured_effects,
    principal_directions,
)
from ganmodel.sampling.finding import Found, find
from ganmodel.sampling.opinions import (
    ClassProbe,
    Closest,
    DiscriminatorRank,
    closest_reals,
    usual_distance,
)
from ganmodel.sampling.samplers import SHIPPED, Sampler, SamplerCache, draw, sample
from ganmodel.weights import WeightsError

__all__ = [
    "SHIPPED",
    "ClassProbe",
    "Closest",
    "DiscriminatorRank",
    "Found",
    "Sampler",
    "SamplerCache",
    "WeightsError",
    "closest_reals",
    "draw",
    "find",
    "first_layer_directions",
    "measured_effects",
    "principal_directions",
    "sample",
    "usual_distance",
]
