"""Judges one picture: D's rank of it, the closest real pictures, its likeliest class.

All of it is relative to the data that the generator was trained on. What is unknown, or may not be
shown to this visitor, is omitted from the answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.data import DATASETS, DataError, Known
from ganmodel.runs import read_newest
from ganmodel.sampling import ClassProbe, closest_reals
from ganmodel.ui.http.errors import told
from ganmodel.ui.playground.generators import Generators, ResolvedPlace
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.picture_json import pixels_of
from ganmodel.ui.shared.reference_data import ReferenceData

CLOSEST_SHOWN = 3
CLASSES_SHOWN = 3


class Opinions:
    """Asks D, the data and a classifier. Safe to use from several threads."""

    def __init__(
        self, generators: Generators, reference: ReferenceData, ranks: DiscriminatorRanks
    ) -> None:
        self._generators = generators
        self._reference = reference
        self._ranks = ranks

    def opinion(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The opinions on the picture at a place; `ask` as for `Drawing.draw`.

        Returns `opinion` (the share of real pictures that D finds less real), `closest` (up to
        three real pictures with their distance), `usual` (the usual distance between real ones)
        and `believed` (the likeliest classes with their shares, by a classifier). If the
        generator's data is not available here, `missing` says so instead of the first three.
        """
        resolved: ResolvedPlace

        def look() -> Path:
            nonlocal resolved
            resolved = self._generators.resolve(ask)
            return resolved.path

        return read_newest(look, lambda _: self._opinion_of(resolved))

    def _opinion_of(self, resolved: ResolvedPlace) -> dict[str, Any]:
        if not resolved.shows_reals:
            return {}
        drawn = resolved.draw(resolved.place.z(resolved.z_dim))
        picture = torch.from_numpy(drawn[0]).permute(2, 0, 1)
        about = resolved.sampler.about
        answer: dict[str, Any] = {"believed": _likeliest_classes(about.get("dataset", ""), picture)}
        run = resolved.run
        config = RunConfig.from_json(about.get("config")) if run is None else run.config()
        try:
            kept = self._reference.of(config, Known.of(about), run)
        except DataError as error:
            return answer | {"missing": told(error)}
        labels = resolved.labels
        label = None if labels is None else labels.argmax(1)
        share = self._ranks.share_below(resolved.path, picture, label, kept)
        if share is not None:
            answer["opinion"] = share
        closest = closest_reals(picture, kept.data.images, CLOSEST_SHOWN)
        answer["closest"] = [
            {"pixels": pixels_of(kept.data.images[one.index]), "distance": round(one.distance, 2)}
            for one in closest
        ]
        return answer | {"usual": round(kept.usual, 2)}


def _likeliest_classes(dataset: str, picture: Tensor) -> list[dict[str, Any]]:
    probe = ClassProbe.for_data(dataset, *picture.shape[:2])
    if probe is None:
        return []
    names = DATASETS[dataset].classes
    return [
        {"name": names[index], "share": round(share, 3)}
        for index, share in probe.likeliest(picture, CLASSES_SHOWN)
    ]
