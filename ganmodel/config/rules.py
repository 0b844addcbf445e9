"""Checks combinations of settings: refuses those known to fail, warns of those without effect.

A refusal says what fails and what to choose instead. A warning does not keep a run from starting.
"""

from __future__ import annotations

import re
from typing import Protocol

from ganmodel.config.errors import ConfigError

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
        sentence = refusal(config)
        if sentence:
            raise ConfigError(sentence)


def warnings(config: Combination) -> list[str]:
    """Sentences on settings that, combined with the others, have no effect or only cost time."""
    found = [
        (
            config.gp_weight > 0 and config.objective != "wgan-gp",
            f"The gradient penalty (gp_weight) belongs to wgan-gp; {config.objective} does not "
            "use it.",
        ),
        (
            config.clip > 0 and config.objective != "wgan",
            f"Clipping D's weights (clip) belongs to wgan; {config.objective} does not use it.",
        ),
        (
            config.objective in WASSERSTEIN and _zero_centred(config),
            f"{config.objective} keeps D's slope in check by itself; r1_gamma and r2_gamma on top "
            "only cost time.",
        ),
        (
            config.norm_d == "spectral" and config.objective in ("wgan-gp", "r3gan"),
            f"{config.objective}'s penalty limits D's slope already; spectral norm on top only "
            "makes D weaker and slower.",
        ),
        (
            config.objective == "wgan" and config.optimizer == "adam" and config.beta1 > 0,
            "wgan was found unstable with Adam's momentum (beta1 above 0); its own choice is "
            "rmsprop.",
        ),
        (
            config.momentum > 0 and config.optimizer != "sgd",
            f"momentum belongs to sgd; {config.optimizer} does not use it.",
        ),
        (
            config.fit != "crop" and _is_bare_word(config.dataset),
            f"Only pictures of your own become squares by {config.fit} (fit); those of "
            f"{config.dataset} are squares already.",
        ),
        (
            config.lr_g == 0 or config.lr_d == 0,
            f"With a rate of 0, {'G' if config.lr_g == 0 else 'D'} never changes.",
        ),
        (
            # Bundled networks to start from hold averaged G only, so nothing is dropped.
            config.start_from != ""
            and not names_shipped(config.start_from)
            and config.ema_half_life == 0,
            "Without averaging (ema_half_life 0) the averaged G of the start is dropped at the "
            "first step.",
        ),
    ]
    return [sentence for applies, sentence in found if applies]


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


def _refuse_residual_norm(config: Combination) -> str | None:
    if config.network == "residual" and config.norm_d != "none":
        return (
            "The residual pair has no normalisation, and its D starts with zeros that none could "
            f"divide by, but norm_d is {config.norm_d}: choose norm_d none, or the small or "
            "article networks."
        )
    return None


def _refuse_batch_norm(config: Combination) -> str | None:
    if config.norm_d != "batch":
        return None
    if _zero_centred(config) or config.gp_weight > 0:
        return (
            "BatchNorm in D (norm_d batch) makes each picture's verdict depend on the others in "
            "its batch, so a gradient penalty (r1_gamma, r2_gamma, gp_weight) punishes the wrong "
            "thing: choose norm_d none or spectral, or set the penalties to 0."
        )
    if config.objective == "r3gan":
        return "r3gan compares real and fake one by one; choose norm_d none instead of batch."
    return None


def _refuse_relativistic(config: Combination) -> str | None:
    if config.objective != "r3gan":
        return None
    if config.r1_gamma == 0 or config.r2_gamma == 0:
        missing = "r1_gamma" if config.r1_gamma == 0 else "r2_gamma"
        return (
            f"r3gan diverges unless both penalties are on, but {missing} is 0: set r1_gamma and "
            "r2_gamma to the same number above 0, such as 2."
        )
    if config.r1_every != 1:
        return (
            "r3gan needs its penalties in every step of D: rare ones are known to fail with it, "
            f"but r1_every is {config.r1_every}; set it to 1."
        )
    return None


def _refuse_wasserstein(config: Combination) -> str | None:
    if config.objective == "wgan" and config.clip == 0:
        return (
            "wgan measures a distance only while D's weights are clipped, but clip is 0: set it "
            "to 0.01 or so, or choose wgan-gp."
        )
    if config.objective == "wgan-gp" and config.gp_weight == 0:
        return (
            "wgan-gp without its penalty lets D's scores grow without bound, but gp_weight is 0: "
            "set it to 10 or so."
        )
    return None
