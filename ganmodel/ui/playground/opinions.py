"""Judges one picture: D's rank of it, the closest real pictures, its likeliest class.

All of it is relative to the data that the generator was trained on. What is unknown, or may not be
shown to this visitor, is omitted from the answer.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.data import DATASETS, DataError, Known
from ganmodel.runs import read_newest
from ganmodel.sampling import ClassProbe, closest_reals
from ganmodel.ui.http.asks import Answer, Refusal
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.playground.generators import Generators, ResolvedPlace, Standing
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.picture_json import Pixels, pixels_of
from ganmodel.ui.shared.reference_data import ReferenceData

CLOSEST_SHOWN = 3
CLASSES_SHOWN = 3


class OpinionOf(Standing):
    """Without `more`, D alone is asked, which is quicker, and nothing is downloaded for it."""

    more: bool = True


class Close(Answer):
    """A real picture, and how far it is from the drawn one."""

    pixels: Pixels
    distance: float


class Believed(Answer):
    """A class that a classifier believes to see, and how much of it."""

    name: str
    share: float


class Opinion(Answer):
    """The opinions on a picture.

    `opinion`: the share of real pictures that D finds less real; `closest`: up to three real
    pictures; `usual`: the usual distance between real ones; `believed`: the likeliest classes.
    Where the generator's data is not available here, `missing` says so instead of the first three.
    """

    opinion: float = 0.0
    closest: list[Close] = []
    usual: float = 0.0
    believed: list[Believed] = []
    missing: Refusal | None = None


class Opinions:
    """Asks D, the data and a classifier. Safe to use from several threads."""

    def __init__(
        self, generators: Generators, reference: ReferenceData, ranks: DiscriminatorRanks
    ) -> None:
        self._generators = generators
        self._reference = reference
        self._ranks = ranks

    def opinion(self, visitor: Visitor, ask: OpinionOf) -> Opinion:
        """The opinions on the picture at a place; empty where real pictures may not be shown."""
        resolved: ResolvedPlace

        def look() -> Path:
            nonlocal resolved
            resolved = self._generators.resolve(visitor, ask)
            return resolved.path

        return read_newest(look, lambda _: self._opinion_of(resolved, ask.more))

    def _opinion_of(self, resolved: ResolvedPlace, more: bool) -> Opinion:
        if not resolved.shows_reals:
            return Opinion()
        drawn = resolved.draw(resolved.place.z(resolved.z_dim))
        picture = torch.from_numpy(drawn[0]).permute(2, 0, 1)
        about = resolved.sampler.about
        answer = Opinion()
        if more:
            answer.believed = _likeliest_classes(about.get("dataset", ""), picture)
        run = resolved.run
        config = RunConfig.from_json(about.get("config")) if run is None else run.config()
        if not (more or self._reference.is_here(config, run)):
            answer.missing = Refusal.of(DataError("reals-not-here"))
            return answer
        try:
            kept = self._reference.of(config, Known.of(about), run)
        except DataError as error:
            answer.missing = Refusal.of(error)
            return answer
        labels = resolved.labels
        label = None if labels is None else labels.argmax(1)
        share = self._ranks.share_below(resolved.path, picture, label, kept)
        if share is not None:
            answer.opinion = share
        if not more:
            return answer
        answer.closest = [
            Close(pixels=pixels_of(kept.data.images[one.index]), distance=round(one.distance, 2))
            for one in closest_reals(picture, kept.data.images, CLOSEST_SHOWN)
        ]
        answer.usual = round(kept.usual, 2)
        return answer


def _likeliest_classes(dataset: str, picture: Tensor) -> list[Believed]:
    probe = ClassProbe.for_data(dataset, *picture.shape[:2])
    if probe is None:
        return []
    names = DATASETS[dataset].classes
    return [
        Believed(name=names[index], share=round(share, 3))
        for index, share in probe.likeliest(picture, CLASSES_SHOWN)
    ]
