"""Measures the quality of a generator against real pictures.

`features` maps pictures to vectors, `measures` compares vectors, `reference` computes the scores
of real pictures, `copying` detects copies of training pictures by the distance of `likeness`, and
`evaluate` runs all of it for one generator. How the numbers are interpreted, and when they are
taken, is decided elsewhere.
"""

from ganmodel.metrics.copying import (
    LEAST_REALS,
    Copying,
    Originals,
    Pair,
    copies,
    copies_sentence,
    pairs_picture,
)
from ganmodel.metrics.evaluate import (
    EARLY,
    QUICK,
    THOROUGH,
    Effort,
    evaluate,
    pairs_of,
    sentence,
)
from ganmodel.metrics.features import CLASSIFIERS, Classifier, Features, save_classifier
from ganmodel.metrics.likeness import LEAST_SIDE
from ganmodel.metrics.measures import (
    Coverage,
    DensityCoverage,
    Moments,
    PrecisionRecall,
    class_coverage,
    density_coverage,
    frechet_distance,
    frechet_error,
    kernel_distance,
    modes_and_kl,
    moments,
    nearest_distances,
    precision_recall,
)
from ganmodel.metrics.reference import Reference

__all__ = [
    "CLASSIFIERS",
    "EARLY",
    "LEAST_REALS",
    "LEAST_SIDE",
    "QUICK",
    "THOROUGH",
    "Classifier",
    "Copying",
    "Coverage",
    "DensityCoverage",
    "Effort",
    "Features",
    "Moments",
    "Originals",
    "Pair",
    "PrecisionRecall",
    "Reference",
    "class_coverage",
    "copies",
    "copies_sentence",
    "density_coverage",
    "evaluate",
    "frechet_distance",
    "frechet_error",
    "kernel_distance",
    "modes_and_kl",
    "moments",
    "nearest_distances",
    "pairs_of",
    "pairs_picture",
    "precision_recall",
    "save_classifier",
    "sentence",
]
