"""Evaluates one generator against real pictures; all measures are returned in one dictionary.

The generator is passed as a function that draws pictures, the data as tensors; no file is opened
here, and the global random state is neither read nor changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ganmodel.metrics.copying import LEAST_REALS, copies, copies_sentence, pairs_picture
from ganmodel.metrics.likeness import LEAST_SIDE
from ganmodel.metrics.measures import class_coverage, modes_and_kl, nearest_distances
from ganmodel.metrics.reference import LEAST, Reference
from ganmodel.units import LEAST_COMPARED
from ganmodel.words import Message, message, say

N_MODES = 1_000  # of Stacked-MNIST

Draw = Callable[[int], Tensor | tuple[Tensor, Tensor | None]]


@dataclass(frozen=True)
class Effort:
    """How many pictures each measure uses; 0 leaves a measure out."""

    samples: int  # for the Fréchet distance and the classes
    points: int  # on each side, for measures of neighbours, whose cost grows with the square
    nearest: int  # samples whose nearest training image is looked up, pixel by pixel
    originals: int  # most training pictures to search for copies; with more, the search is left out


EARLY = Effort(samples=1_000, points=0, nearest=0, originals=1_000)  # the cheap measures only
QUICK = Effort(samples=2_500, points=2_000, nearest=0, originals=5_000)
THOROUGH = Effort(samples=10_000, points=10_000, nearest=1_000, originals=1_000_000)
STACKED_SAMPLES = 26_000  # the protocol's number, see `modes_and_kl`
FEW = 500  # pictures on a side, below which a share is printed with its standard error
SHOWN_PAIRS = 8  # in a picture as narrow as a column of the page
NEIGHBOURS = ("kid", "precision", "recall", "density", "coverage")


def evaluate(
    draw: Draw,
    reference: Reference,
    *,
    effort: Effort = THOROUGH,
    samples: int | None = None,
) -> dict[str, Any]:
    """Measures the generator behind `draw` against real pictures; returns JSON values.

    `draw(count)` gives uint8 `(count, C, H, W)`, always the same for the same count; for a
    generator with classes, a pair of these and of the classes `(count,)` they were drawn from. It
    is called once. `THOROUGH` uses 10,000 samples (Stacked-MNIST: 26,000), `QUICK` 2,500, which
    takes about a second with the shipped classifiers. `samples` overrides the number.

    A Fréchet distance is biased upwards where samples are few. `fd_real` is that of as many unseen
    real pictures, and `fd_over_r` subtracts the bias: 1 is as good as real at any number of
    samples, so values of different numbers are comparable. `fd_over_r_error` is its standard error.
    Measures that do not apply or are left out are None: all of classes for features without
    classes, and `agreement` for a generator without classes. `copies` is `Copying.plain()`, and
    `copying` is 1 for an alarm, else 0.

    Raises:
        ValueError: too few samples, or pictures of another kind than the reference's.
    """
    features = reference.features
    stacked = features.n_classes == N_MODES
    usual = STACKED_SAMPLES if stacked and effort is THOROUGH else effort.samples
    count = usual if samples is None else samples
    if count < LEAST:
        raise ValueError(f"An evaluation needs at least {LEAST} samples, but {count} were asked.")
    drawn = draw(count)
    images, asked = drawn if isinstance(drawn, tuple) else (drawn, None)
    if images.shape != (count, *reference.images.shape[1:]):
        raise ValueError(
            f"The generator draws pictures {tuple(images.shape[1:])}, {len(images)} of them, but "
            f"{count} like the real ones {tuple(reference.images.shape[1:])} were asked for."
        )
    images = images.cpu()
    fakes = features.of(images)

    distance = reference.distance(fakes)
    points = reference.pairable(min(count, effort.points)) if effort.points else 0
    found = reference.neighbours(fakes, points) if points else dict.fromkeys(NEIGHBOURS)
    real = reference.real_neighbours(points) if points else dict.fromkeys(NEIGHBOURS)
    nearest = real_nearest = None
    if effort.nearest:
        nearest = float(nearest_distances(images[: effort.nearest], reference.images)[0].median())
        real_nearest = reference.real_nearest
    return {
        "samples": count,
        "compared": reference.comparable(count),
        "fd": distance.fd,
        "fd_real": distance.real,
        "fd_unit": distance.unit,
        "fd_over_r": distance.in_units,
        "fd_over_r_error": _ratio(distance.error, distance.unit),
        "points": points,
        **found,
        **{f"{name}_real": value for name, value in real.items()},
        "nearest": nearest,
        "nearest_real": real_nearest,
        "nearest_over_real": _ratio(nearest, real_nearest),
        **_of_classes(reference, fakes, asked),
        **_of_copies(reference, images, effort),
        "features": {
            "name": features.name,
            "sha256": features.sha256,
            "dimensions": fakes.shape[1],
            "summary": features.summary,
        },
    }


def _of_classes(reference: Reference, fakes: Tensor, asked: Tensor | None) -> dict[str, Any]:
    features = reference.features
    result: dict[str, Any] = dict.fromkeys(
        ("classes", "classes_covered", "class_kl", "histogram", "modes", "modes_kl", "agreement")
    )
    if features.n_classes is None:
        return result
    classes = features.classes(fakes)
    coverage = class_coverage(classes, features.n_classes, reference.class_shares)
    result["classes"] = features.n_classes
    result["classes_covered"] = coverage.covered
    result["class_kl"] = coverage.kl
    result["histogram"] = coverage.shares.tolist()
    if features.n_classes == N_MODES:
        result["modes"], result["modes_kl"] = modes_and_kl(classes)
    if asked is not None:
        result["agreement"] = float((classes == asked.cpu()).double().mean())
    return result


def _of_copies(reference: Reference, images: Tensor, effort: Effort) -> dict[str, Any]:
    reals = reference.images
    looked = LEAST_REALS <= len(reals) <= effort.originals and min(reals.shape[2:]) >= LEAST_SIDE
    if not looked:
        return {"copies": None, "copying": None, "copied": None}
    found = copies(reference.originals, images)
    alarm, share = found["copies"]["alarm"], found["copies"]["share"]
    return {**found, "copying": int(alarm), "copied": share}


def pairs_of(result: dict[str, Any], draw: Draw, reference: Reference) -> Tensor | None:
    """Copies above their originals, uint8 `(H, W, C)`; None if copies were not searched for.

    Without any copy, the pictures that come nearest to one. `result` is what `evaluate` returned
    for the same `draw`, `reference` what it compared with.
    """
    if result["copies"] is None or not result["copies"]["pairs"]:
        return None
    drawn = draw(result["samples"])
    images = drawn[0] if isinstance(drawn, tuple) else drawn
    pairs = result["copies"]["pairs"]
    copied = [pair for pair in pairs if pair["copy"]]
    return pairs_picture(reference.images, images, (copied or pairs)[:SHOWN_PAIRS])


def _ratio(value: float | None, unit: float | None) -> float | None:
    """None where the unit is 0, such as for real pictures that are all the same."""
    if value is None or not unit:
        return None
    ratio = value / unit
    return ratio if math.isfinite(ratio) else None


def sentence(result: dict[str, Any]) -> str:
    """What `evaluate` found, in plain sentences for a terminal."""
    clauses = _of_distance(result)
    for name in NEIGHBOURS[1:]:
        if result[name] is not None:
            values = {"value": _told(result, name), "real": result[f"{name}_real"]}
            clauses.append(say(f"measures.neighbours.{name}", **values))
    if result["nearest"] is not None:
        values = {"value": result["nearest"], "real": result["nearest_real"]}
        clauses.append(say("measures.nearest", **values))
    if result["copies"] is not None:
        clauses.append(copies_sentence(result))
    if result["modes"] is not None:
        values = {"modes": result["modes"], "all": N_MODES, "kl": result["modes_kl"]}
        clauses.append(say("measures.modes", **values))
    elif result["classes"] is not None:
        values = {"covered": result["classes_covered"], "classes": result["classes"]}
        clauses.append(say("measures.classes", **values))
    if result["agreement"] is not None:
        clauses.append(say("measures.agreement", share=100 * result["agreement"]))
    used = result["features"]
    return say(
        "measures.report",
        clauses=say("joins.clauses").join(clauses),
        features=used["name"],
        sha256=used["sha256"][:16],
        summary=used["summary"],
    )


def _told(result: dict[str, Any], name: str) -> Message:
    """A measure of neighbours; a share of few pictures with its standard error."""
    value, count = result[name], result["points"]
    if name == "density" or count >= FEW:
        return message("measures.value", value=value)
    # With one more picture of either kind, for shares near 0 and 1: Agresti and Coull 1998.
    share = (value * count + 1) / (count + 2)
    error = math.sqrt(share * (1 - share) / (count + 2))
    return message("measures.value-about", value=value, error=error)


def _of_distance(result: dict[str, Any]) -> list[str]:
    times, error = result["fd_over_r"], result["fd_over_r_error"]
    compared = result["compared"]
    facts = {"fd": result["fd"], "samples": result["samples"], "real": result["fd_real"]}
    if compared < result["samples"]:
        frechet = say("measures.frechet-at-a-time", compared=compared, **facts)
    else:
        frechet = say("measures.frechet", **facts)
    if times is None:
        return [frechet]
    clauses = [say("measures.distance", times=times, error=error), frechet]
    if compared < LEAST_COMPARED:
        clauses.append(say("measures.coarse"))
    return clauses
