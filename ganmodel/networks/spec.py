"""`NetworkSpec`: all that is needed to build a pair of networks and to load its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ganmodel.config import NETWORKS, NORMS, SIZES, RunConfig
from ganmodel.words import Message, message, worded

MOST_CLASSES = 1000  # of stacked-mnist
SMALL = 32  # pixels, up to which pictures are small: two stages are enough
MOST_TIMES = 8  # the width: as in DCGAN, whose smallest map has 8 times the channels of its largest


class SpecError(ValueError):
    """No supported pair is like that; `why` fits into a sentence."""

    def __init__(self, why: Message) -> None:
        super().__init__(worded(why))
        self.why = why


@dataclass(frozen=True)
class NetworkSpec:
    """The architecture of a pair: all that is needed to build it and load its weights.

    `classes` is 0 for an unconditional pair. `norm_d` is "none", "batch" or "spectral".

    Raises:
        SpecError: a value that no supported pair has, such as from a foreign file.
    """

    network: str
    z_dim: int
    width: int
    channels: int
    size: int = 28
    norm_d: str = "none"
    classes: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "z_dim": range(2, 1025),
            "width": range(4, 257),
            "channels": (1, 3),
            "size": SIZES,
            "classes": (0, *range(2, MOST_CLASSES + 1)),
        }
        for name, names in (("network", NETWORKS), ("norm_d", NORMS)):
            value = getattr(self, name)
            if not isinstance(value, str) or value not in names:
                shown = f"{value!r:.40}"
                raise SpecError(
                    message("reasons.spec-choice", name=name, value=shown, names=[*names])
                )
        norms = NETWORKS[self.network].norms
        if self.norm_d not in norms:
            told = {"norm_d": f"{self.norm_d!r}", "network": self.network, "norms": [*norms]}
            raise SpecError(message("reasons.spec-norm", **told))
        for name, values in allowed.items():
            value = getattr(self, name)
            if type(value) is not int or value not in values:
                shown = f"{value!r:.40}"
                raise SpecError(message("reasons.spec-number", name=name, value=shown))

    @property
    def stages(self) -> int:
        """How often G doubles the side of its first map, and D halves an image's.

        As often as it takes from a side of 4 on, log2(size / 4). Small pictures need fewer: 28
        pixels begin as 7, and 32 as 8.
        """
        return 2 if self.size <= SMALL else (self.size // 4).bit_length() - 1

    def widths(self, width: int) -> list[int]:
        """The channels of D's maps, one after each stage; in reverse they are those of G's.

        `width` for the largest and twice as many for each smaller one, `MOST_TIMES` at most.
        """
        return [width * min(2**stage, MOST_TIMES) for stage in range(self.stages)]

    @property
    def side(self) -> int:
        """Height and width of G's first map and of D's last."""
        return self.size >> self.stages

    @classmethod
    def of(cls, config: RunConfig, channels: int, size: int = 28, classes: int = 0) -> NetworkSpec:
        """The spec of `config`'s pair for data with these channels, size and classes."""
        return cls(
            config.network,
            config.z_dim,
            config.width,
            channels,
            size,
            config.norm_d,
            classes if config.conditional else 0,
        )

    @classmethod
    def from_json(cls, values: Any) -> NetworkSpec:
        """The inverse of `to_json`; a `SpecError` says what is missing or wrong.

        Files written before `classes` and `norm_d` existed lack them.
        """
        names = set(cls.__dataclass_fields__)
        needed = names - {"norm_d", "classes"}
        if not isinstance(values, Mapping) or not needed <= set(values) <= names:
            raise SpecError(message("reasons.spec-incomplete", names=sorted(names)))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
