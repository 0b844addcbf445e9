"""Which settings do not go together: every refusal, every warning, and what stands beside them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ganmodel.config import NETWORKS, ConfigError, Pair, RunConfig, rules, warnings
from ganmodel.words import worded

R3GAN = {"objective": "r3gan", "r1_gamma": 0.3, "r2_gamma": 0.2, "r1_every": 1}
WGAN = {"objective": "wgan", "clip": 0.02, "optimizer": "rmsprop"}
WGAN_GP = {"objective": "wgan-gp", "gp_weight": 5.0}

# What is refused, the words that say so, and the one change that makes it sound.
REFUSED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "batch norm, residual": (
        {"norm_d": "batch", "network": "residual"},
        "The residual pair has no normalisation",
        {"network": "small"},
    ),
    "batch norm, R1": (
        {"norm_d": "batch", "r1_gamma": 0.1},
        "a gradient penalty (r1_gamma, r2_gamma, gp_weight) punishes the wrong thing",
        {"r1_gamma": 0.0},
    ),
    "batch norm, R2": (
        {"norm_d": "batch", "r2_gamma": 0.1},
        "a gradient penalty (r1_gamma, r2_gamma, gp_weight) punishes the wrong thing",
        {"norm_d": "spectral"},
    ),
    "batch norm, gradient penalty": (
        {**WGAN_GP, "norm_d": "batch"},
        "a gradient penalty (r1_gamma, r2_gamma, gp_weight) punishes the wrong thing",
        {"norm_d": "none"},
    ),
    "spectral norm, residual": (
        {"norm_d": "spectral", "network": "residual"},
        "The residual pair has no normalisation",
        {"norm_d": "none"},
    ),
    "r3gan, batch norm": (
        {**R3GAN, "norm_d": "batch"},
        "norm_d none",
        {"norm_d": "none"},
    ),
    "r3gan without R1": (
        {**R3GAN, "r1_gamma": 0.0},
        "diverges unless both penalties are on, but r1_gamma is 0",
        {"r1_gamma": 0.1},
    ),
    "r3gan without R2": (
        {**R3GAN, "r2_gamma": 0.0},
        "diverges unless both penalties are on, but r2_gamma is 0",
        {"r2_gamma": 0.1},
    ),
    "r3gan with neither": (
        {**R3GAN, "r1_gamma": 0.0, "r2_gamma": 0.0},
        "diverges unless both penalties are on",
        {"r1_gamma": 0.1, "r2_gamma": 0.1},
    ),
    "r3gan, lazy": (
        {**R3GAN, "r1_every": 2},
        "needs its penalties in every step of D: rare ones are known to fail with it, but r1_every "
        "is 2",
        {"r1_every": 1},
    ),
    "wgan without clipping": ({**WGAN, "clip": 0.0}, "but clip is 0", {"clip": 0.01}),
    "wgan-gp without its penalty": (
        {**WGAN_GP, "gp_weight": 0.0},
        "but gp_weight is 0",
        {"gp_weight": 10.0},
    ),
}
refused = pytest.mark.parametrize(("settings", "words", "remedy"), REFUSED.values(), ids=REFUSED)


@refused
def test_what_is_known_to_fail_is_refused_in_a_sentence_and_its_remedy_is_not(
    settings: dict[str, Any], words: str, remedy: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig(**settings)
    message = str(caught.value)
    assert words in message
    assert message.endswith(".")
    assert message.count(". ") == 0  # one sentence
    assert RunConfig(**{**settings, **remedy})


@refused
def test_no_way_leads_around_a_refusal(
    settings: dict[str, Any], words: str, remedy: dict[str, Any]
) -> None:
    """A config from JSON or by a change of a sound one is checked as a new one is."""
    sound = RunConfig(**{**settings, **remedy})
    with pytest.raises(ConfigError):
        RunConfig.from_json({**sound.to_json(), **settings})
    with pytest.raises(ConfigError):
        dataclasses.replace(sound, **{name: settings.get(name, "none") for name in remedy})


def test_every_refusal_there_is_has_a_case_here() -> None:
    """Each rule that `rules` asks in turn is the first to object in some case above."""
    asked = [getattr(rules, name) for name in dir(rules) if name.startswith("_refuse")]
    assert len(asked) >= 3
    objecting = set()
    for settings, _, remedy in REFUSED.values():
        # A config that was never checked: the rules get to see what may not exist.
        config = dataclasses.replace(RunConfig(**{**settings, **remedy}))
        for name, value in settings.items():
            object.__setattr__(config, name, value)
        objecting |= {rule for rule in asked if rule(config)}
    assert objecting == set(asked)


def test_a_pair_says_which_norms_its_d_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of ours has some and not others; one from outside may."""
    monkeypatch.setitem(NETWORKS, "smooth", Pair("smooth", norms=("none", "spectral")))
    assert RunConfig(network="smooth", norm_d="spectral").norm_d == "spectral"
    with pytest.raises(ConfigError, match="goes with norm_d none, spectral, but norm_d is batch"):
        RunConfig(network="smooth", norm_d="batch")


@pytest.mark.parametrize("objective", ["minimax", "non-saturating", "lsgan", "hinge"])
def test_batch_norm_goes_with_what_has_no_penalty(objective: str) -> None:
    """DCGAN's own D has it."""
    assert RunConfig(objective=objective, norm_d="batch").norm_d == "batch"
    assert RunConfig(**{**WGAN, "norm_d": "batch"}).norm_d == "batch"


# What is wasted, the words that say so, and the change after which nothing is said.
WARNED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "gp_weight elsewhere": (
        {"gp_weight": 1.0},
        "The gradient penalty (gp_weight) belongs to wgan-gp; non-saturating does not use it.",
        {"objective": "wgan-gp"},
    ),
    "clip elsewhere": (
        {"objective": "hinge", "clip": 0.1},
        "Clipping D's weights (clip) belongs to wgan; hinge does not use it.",
        {"clip": 0.0},
    ),
    "wgan with R1": ({**WGAN, "r1_gamma": 0.1}, "wgan keeps D's slope in check", {"r1_gamma": 0.0}),
    "wgan-gp with R2": (
        {**WGAN_GP, "r2_gamma": 0.1},
        "wgan-gp keeps D's slope in check by itself",
        {"r2_gamma": 0.0},
    ),
    "wgan-gp with spectral norm": (
        {**WGAN_GP, "norm_d": "spectral"},
        "wgan-gp's penalty limits D's slope already",
        {"norm_d": "none"},
    ),
    "r3gan with spectral norm": (
        {**R3GAN, "norm_d": "spectral"},
        "r3gan's penalty limits D's slope already",
        {"norm_d": "none"},
    ),
    "wgan with Adam's momentum": (
        {**WGAN, "optimizer": "adam", "beta1": 0.5},
        "unstable with Adam's momentum (beta1 above 0)",
        {"beta1": 0.0},
    ),
    "momentum without sgd": (
        {"momentum": 0.5},
        "momentum belongs to sgd; adam does not use it.",
        {"optimizer": "sgd"},
    ),
    "G stands still": ({"lr_g": 0.0}, "With a rate of 0, G never changes.", {"lr_g": 1e-4}),
    "D stands still": ({"lr_d": 0.0}, "With a rate of 0, D never changes.", {"lr_d": 1e-4}),
    "a start without averaging": (
        {"start_from": "w.safetensors", "ema_half_life": 0},
        "the averaged G of the start is dropped at the first step.",
        {"ema_half_life": 100},
    ),
}


@pytest.mark.parametrize(("settings", "words", "remedy"), WARNED.values(), ids=WARNED)
def test_what_is_wasted_is_said_and_its_remedy_silences_it(
    settings: dict[str, Any], words: str, remedy: dict[str, Any]
) -> None:
    (warning,) = warnings(RunConfig(**settings))
    said = worded(warning)
    assert words in said
    assert said.endswith(".")
    assert warnings(RunConfig(**{**settings, **remedy})) == []


def test_nothing_is_said_of_the_defaults() -> None:
    assert warnings(RunConfig()) == []


def test_several_warnings_are_all_said() -> None:
    said = warnings(RunConfig(gp_weight=1.0, clip=0.1, momentum=0.5, lr_g=0.0))
    assert len(said) == 4
