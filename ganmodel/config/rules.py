"""Checks combinations of settings: refuses those known to fail, warns of those without effect.

A refusal says what fails and what to choose instead. A warning does not keep a run from starting.
"""

from __future__ import annotations

import re
from typing import Protocol

from ganmodel.config.errors import ConfigError
from ganmodel.words import Message, message

WASSERSTEIN = ("wgan", "wgan-gp")
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
    def ema_half_life(self) -> float: ...
    @property
    def start_from(self) -> str: ...


def check_combination(config: Combination) -> None:
    """Raises a `ConfigError` where the settings together are known not to work."""
    for refusal in (
        _refuse_residual_norm,
        _refuse_batch_norm,
        _refuse_relativistic,
        _refuse_wasserstein,
    ):
        if error := refusal(config):
            raise error


def warnings(config: Combination) -> list[Message]:
    """What settings, combined with the others, have no effect or only cost time."""
    objective = config.objective
    found = [
        (
            config.gp_weight > 0 and objective != "wgan-gp",
            message("rules.gp-weight-unused", objective=objective),
        ),
        (
            config.clip > 0 and objective != "wgan",
            message("rules.clip-unused", objective=objective),
        ),
        (
            objective in WASSERSTEIN and _zero_centred(config),
            message("rules.penalties-unneeded", objective=objective),
        ),
        (
            config.norm_d == "spectral" and objective in ("wgan-gp", "r3gan"),
            message("rules.spectral-unneeded", objective=objective),
        ),
        (
            objective == "wgan" and config.optimizer == "adam" and config.beta1 > 0,
            message("rules.wgan-with-adam"),
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
    of_penalty = {"wgan": (), "wgan-gp": ("gp_weight",), "r3gan": ("r1_gamma", "r2_gamma")}
    own = () if config.norm_d == "batch" else of_penalty.get(config.objective, ("r1_gamma",))
    return ("lr_g", "lr_d", "n_critic", "g_steps", *own)


def names_shipped(start_from: str) -> bool:
    """Whether `start_from` is the name of bundled networks rather than a path."""
    return _is_bare_word(start_from)


def _is_bare_word(name: str) -> bool:
    """Whether it may be the name of something that comes with ganmodel, rather than a path."""
    return _NAME.fullmatch(name) is not None


def _zero_centred(config: Combination) -> bool:
    return config.r1_gamma > 0 or config.r2_gamma > 0


def _refuse_residual_norm(config: Combination) -> ConfigError | None:
    if config.network == "residual" and config.norm_d != "none":
        return ConfigError("residual-needs-no-norm", norm_d=config.norm_d)
    return None


def _refuse_batch_norm(config: Combination) -> ConfigError | None:
    if config.norm_d != "batch":
        return None
    if _zero_centred(config) or config.gp_weight > 0:
        return ConfigError("batch-norm-with-penalty")
    return ConfigError("batch-norm-with-r3gan") if config.objective == "r3gan" else None


def _refuse_relativistic(config: Combination) -> ConfigError | None:
    if config.objective != "r3gan":
        return None
    if config.r1_gamma == 0 or config.r2_gamma == 0:
        missing = "r1_gamma" if config.r1_gamma == 0 else "r2_gamma"
        return ConfigError("r3gan-needs-both-penalties", missing=missing)
    if config.r1_every != 1:
        return ConfigError("r3gan-needs-penalties-in-every-step", r1_every=config.r1_every)
    return None


def _refuse_wasserstein(config: Combination) -> ConfigError | None:
    if config.objective == "wgan" and config.clip == 0:
        return ConfigError("wgan-needs-clipping")
    if config.objective == "wgan-gp" and config.gp_weight == 0:
        return ConfigError("wgan-gp-needs-penalty")
    return None
