"""Weights to pictures, and what D and the data say of them: the page's only door to a network."""

from ganmodel.sampling.opinions import Closest, Judge, closest_real, usual_distance
from ganmodel.sampling.samplers import SHIPPED, Sampler, SamplerCache
from ganmodel.weights import WeightsError

__all__ = [
    "SHIPPED",
    "Closest",
    "Judge",
    "Sampler",
    "SamplerCache",
    "WeightsError",
    "closest_real",
    "usual_distance",
]
