"""How good a generator is: against real pictures, in numbers that say what they were measured with.

`features` turns pictures into vectors, `measures` compares vectors, `copying` looks for pictures
that were copied, by `likeness`, and `evaluate` does the whole job for one generator. What a number
means to a person, and when it is taken, is decided elsewhere.
"""

from ganmodel.metrics.copying import (
    Copying,
    Originals,
    Pair,
    copies,
    copies_sentence,
    pairs_picture,
)
from ganmodel.metrics.evaluate import QUICK, THOROUGH, Effort, Reference, evaluate, sentence
from ganmodel.metrics.features import CLASSIFIERS, Classifier, Features, save_classifier
from ganmodel.metrics.measures import (
    Coverage,
    Moments,
    PrecisionRecall,
    class_coverage,
    frechet_distance,
    kernel_distance,
    modes_and_kl,
    moments,
    nearest_distances,
    precision_recall,
)

__all__ = [
    "CLASSIFIERS",
    "QUICK",
    "THOROUGH",
    "Classifier",
    "Copying",
    "Coverage",
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
    "evaluate",
    "frechet_distance",
    "kernel_distance",
    "modes_and_kl",
    "moments",
    "nearest_distances",
    "pairs_picture",
    "precision_recall",
    "save_classifier",
    "sentence",
]
