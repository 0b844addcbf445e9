"""Checks combinations of settings: refuses those known to fail, warns of those without effect.

A refusal says what fails and what to choose instead. A warning does not keep a run from starting.
"""

from __future__ import annotations

import re
from typing import Protocol

from ganmodel.config.errors import ConfigError
from ganmodel.config.pairs import NETWORKS
from ganmodel.objectives import OBJECTIVES
from ganmodel.words import Message, message

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class Combination(Protocol):
    """The settings that the rules read; `RunConfig` has them and more."""

    @property
    def dataset(self) -> str: ...
    @property
    def fit(self) -> str: ...
    @property
    def objective(self) -> str: ...
    @property
    def network(self) -> str: ...
    @property
    def norm_d(self) -> str: ...
    @property
    def optimizer(self) -> str: ...
    @property
    def lr_g(self) -> float: ...
    @property
    def lr_d(self) -> float: ...
    @property
    def beta1(self) -> float: ...
    @property
    def momentum(self) -> float: ...
    @property
    def gp_weight(self) -> float: ...
    @property
    def clip(self) -> float: ...
    @property
    def r1_gamma(self) -> float: ...
    @property
    def r2_gamma(self) -> float: ...
    @property
    def r1_every(self) -> int: ...
    @property
    def slope_by(self) -> str: ...
    @property
    def ema_half_life(self) -> float: ...
    @property
    def start_from(self) -> str: ...


def check_combination(config: Combination) -> None:
    """Raises a `ConfigError` where the settings together are known not to work."""
    for refusal in (
        _refuse_norm,
        _refuse_batch_norm,
        _refuse_lack,
        _refuse_rare_penalties,
    ):
        if error := refusal(config):
            raise error


def warnings(config: Combination) -> list[Message]:
    """What settings, combined with the others, have no effect or only cost time."""
    objective = OBJECTIVES[config.objective]
    interpolating = [name for name, other in OBJECTIVES.items() if other.interpolates]
    clipping = [name for name, other in OBJECTIVES.items() if other.clips]
    found = [
        (
            config.gp_weight > 0 and not objective.interpolates,
            message("rules.gp-weight-unused", users=interpolating, objective=objective.name),
        ),
        (
            config.clip > 0 and not objective.clips,
            message("rules.clip-unused", users=clipping, objective=objective.name),
        ),
        (
            objective.bounded and _zero_centred(config),
            message("rules.penalties-unneeded", objective=objective.name),
        ),
        (
            config.slope_by == "difference" and not _zero_centred(config),
            message("rules.difference-unused", slope_by=config.slope_by),
        ),
        (
            config.norm_d == "spectral" and bool(objective.requires) and not objective.clips,
            message("rules.spectral-unneeded", objective=objective.name),
        ),
        (
            objective.clips and config.optimizer == "adam" and config.beta1 > 0,
            message("rules.clipping-with-adam", objective=objective.name),
        ),
        (
            config.momentum > 0 and config.optimizer != "sgd",
            message("rules.momentum-unused", optimizer=config.optimizer),
        ),
        (
            config.fit != "crop" and _is_bare_word(config.dataset),
            message("rules.fit-unused", fit=config.fit, dataset=config.dataset),
        ),
        (
            config.lr_g == 0 or config.lr_d == 0,
            message("rules.rate-of-0", network="G" if config.lr_g == 0 else "D"),
        ),
        (
            # Bundled networks to start from hold averaged G only, so nothing is dropped.
            config.start_from != ""
            and not names_shipped(config.start_from)
            and config.ema_half_life == 0,
            message("rules.average-dropped"),
        ),
    ]
    return [warning for applies, warning in found if applies]


def useful_knobs(config: Combination) -> tuple[str, ...]:
    """The knobs that have an effect under these settings, in the order in which to show them."""
    own = () if config.norm_d == "batch" else OBJECTIVES[config.objective].penalties
    return ("lr_g", "lr_d", "n_critic", "g_steps", *own)


def names_shipped(start_from: str) -> bool:
    """Whether `start_from` is the name of bundled networks rather than a path."""
    return _is_bare_word(start_from)


def _is_bare_word(name: str) -> bool:
    """Whether it may be the name of something that comes with ganmodel, rather than a path."""
    return _NAME.fullmatch(name) is not None


def _zero_centred(config: Combination) -> bool:
    return config.r1_gamma > 0 or config.r2_gamma > 0


def _refuse_norm(config: Combination) -> ConfigError | None:
    norms = NETWORKS[config.network].norms
    if config.norm_d in norms:
        return None
    others = [name for name, pair in NETWORKS.items() if config.norm_d in pair.norms]
    told = {"network": config.network, "norm_d": config.norm_d, "others": others}
    if norms == ("none",):
        return ConfigError("pair-without-norm", **told)
    return ConfigError("pair-without-that-norm", norms=[*norms], **told)


def _refuse_batch_norm(config: Combination) -> ConfigError | None:
    if config.norm_d != "batch":
        return None
    if _zero_centred(config) or config.gp_weight > 0:
        return ConfigError("batch-norm-with-penalty")
    if OBJECTIVES[config.objective].relativistic:
        return ConfigError("batch-norm-with-pairs", objective=config.objective)
    return None


def _refuse_lack(config: Combination) -> ConfigError | None:
    """A setting is 0 without which the objective does not work."""
    objective = OBJECTIVES[config.objective]
    for name in objective.requires:
        if getattr(config, name) == 0:
            usual = objective.needs[name]
            return ConfigError("objective-requires", why=objective.why, missing=name, usual=usual)
    return None


def _refuse_rare_penalties(config: Combination) -> ConfigError | None:
    objective = OBJECTIVES[config.objective]
    if objective.in_every_step and config.r1_every != 1:
        return ConfigError("penalties-too-rare", objective=objective.name, every=config.r1_every)
    return None
