"""Adds objectives, pairs of networks and data sets from outside of the package.

What is registered in one process is known in that one. For the page and its trainers, a module that
registers is named to all of them, see `ganmodel.extensions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ganmodel import objectives, words
from ganmodel.config import Pair
from ganmodel.data import DATASETS, DataSet
from ganmodel.networks import Architecture, register_architecture
from ganmodel.objectives import Objective


def register_objective(
    objective: Objective, *, label: str, explanation: str, why: str = ""
) -> None:
    """Adds an objective, for `--objective`, the form and `train`.

    Args:
        label: what it is called where one chooses it.
        explanation: what it does, in a sentence.
        why: what happens without the settings that it `requires`, as the beginning of a sentence.

    Raises:
        ValueError: there is one of that name, or it `requires` a setting that it does not bring.
    """
    objectives.register(objective, label=label, explanation=explanation, why=why or label)


def register_pair(
    name: str, architecture: Architecture, *, norms: Sequence[str] = ("none", "spectral")
) -> None:
    """Adds a pair of networks, for `--network`, the form and `train`; the Playground draws with it.

    Args:
        norms: what its D may have, of `config.NORMS`: spectral norm is added around any; "batch"
            only if `discriminator` has BatchNorm where `spec.norm_d` says so.

    Raises:
        ValueError: there is one of that name.
    """
    register_architecture(Pair(name, (*norms,)), architecture)


def register_data(dataset: DataSet, *, title: str, about: str) -> None:
    """Adds a data set that a function reads, for `--dataset`, the form and `train`.

    Args:
        dataset: with its `read`.
        title: what it is called: "MNIST".
        about: what it shows: "handwritten digits".

    Raises:
        ValueError: there is one of that name, or it has no `read`.
    """
    if dataset.name in DATASETS or dataset.read is None:
        raise ValueError(f"{dataset.name!r} is there already, or has nothing that reads it.")
    own = f"datasets.{dataset.name}"
    words.add({f"{own}.title": title, f"{own}.about": about})
    DATASETS[dataset.name] = dataset
