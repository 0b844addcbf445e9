"""Settings: what is accepted, what is refused and in which words, and who wins."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganmodel.config import (
    EDITION,
    GROUPS,
    KNOBS,
    PRESETS,
    SETTINGS,
    ConfigError,
    Preset,
    RunConfig,
    changed_from_preset,
    check_setting,
    make_config,
    preset_of,
    read_config,
    setting_explanation,
    setting_label,
    warnings,
)
from ganmodel.objectives import OBJECTIVES, Objective
from ganmodel.words import message, worded

FLAGS = [name for name, f in SETTINGS.items() if isinstance(f.default, bool)]
TEXT = [name for name, f in SETTINGS.items() if isinstance(f.default, str)]
NUMERIC = [name for name in SETTINGS if name not in FLAGS and name not in TEXT]
WHOLE = [name for name in NUMERIC if isinstance(SETTINGS[name].default, int)]
CHOSEN = [name for name, f in SETTINGS.items() if f.metadata["choices"]]
RANGED = [name for name in NUMERIC if name not in CHOSEN]


def _values(name: str) -> st.SearchStrategy[Any]:
    """Every value that the setting accepts by itself."""
    facts = SETTINGS[name].metadata
    if name in CHOSEN:
        return st.sampled_from([*facts["choices"]])
    if name in FLAGS:
        return st.booleans()
    if name in WHOLE:
        return st.integers(facts["low"], facts["high"])
    if name in RANGED:
        return st.floats(facts["low"], facts["high"])
    letters = st.characters(codec="utf-8", exclude_characters="\0")
    return st.text(letters, min_size=0 if facts["may_be_empty"] else 1, max_size=40)


VALUES = st.fixed_dictionaries(
    {**{name: _values(name) for name in SETTINGS}, "edition": st.integers(1, EDITION)}
)
# Of each objective, what keeps it from being refused, whatever the other settings are.
SOUND = {
    "r3gan": {"norm_d": "none", "r1_gamma": 0.25, "r2_gamma": 1.5, "r1_every": 1},
    "wgan": {"norm_d": "none", "clip": 0.02},
    "wgan-gp": {"norm_d": "none", "gp_weight": 3.0},
}


@given(VALUES)
def test_values_in_range_make_a_config_or_are_refused_in_one_sentence(
    values: dict[str, Any],
) -> None:
    """Nothing but a ConfigError, and one that a person can act on, whatever the combination."""
    try:
        config = RunConfig(**values)
    except ConfigError as error:
        message = str(error)
        assert message.endswith(".")
        assert "\n" not in message
    else:
        assert config.to_json() == values


@given(VALUES)
def test_any_config_survives_json(values: dict[str, Any]) -> None:
    """Bit for bit, floats included: a resumed run must train with the very same numbers."""
    sound = SOUND.get(values["objective"], {"norm_d": "none"})
    config = RunConfig(**{**values, **sound})
    text = json.dumps(config.to_json(), allow_nan=False)
    assert RunConfig.from_json(json.loads(text)) == config


def _outside(name: str) -> st.SearchStrategy[float]:
    low, high = SETTINGS[name].metadata["low"], SETTINGS[name].metadata["high"]
    whole = st.integers(max_value=low - 1) | st.integers(min_value=math.floor(high) + 1)
    below = st.floats(max_value=low, exclude_max=True)
    above = st.floats(min_value=high, exclude_min=True)
    return whole | below | above


@given(st.sampled_from(RANGED).flatmap(lambda n: st.tuples(st.just(n), _outside(n))))
def test_a_number_out_of_range_is_refused_by_name(case: tuple[str, float]) -> None:
    name, value = case
    with pytest.raises(ConfigError, match=rf"\({name}\) must be a .*number from"):
        RunConfig(**{name: value})


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false_and_nothing_else(name: str) -> None:
    assert [getattr(RunConfig(**{name: value}), name) for value in (True, False)] == [True, False]
    for value in (1, 0, "true", "", None, 1.0, []):
        with pytest.raises(ConfigError, match=rf"\({name}\) must be true or false"):
            RunConfig(**{name: value})


@pytest.mark.parametrize("name", [name for name in CHOSEN if name in NUMERIC])
def test_a_number_to_choose_must_be_one_of_the_choices(name: str) -> None:
    choices = SETTINGS[name].metadata["choices"]
    for choice in choices:
        taken = getattr(RunConfig(**{name: float(choice)}), name)
        assert (taken, type(taken)) == (choice, int)
    for value in (min(choices) + 1, min(choices) + 0.5, max(choices) + 1, 0, True, "28", None):
        with pytest.raises(ConfigError, match=rf"\({name}\) must be"):
            RunConfig(**{name: value})


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize(
    "value",
    [True, False, math.nan, math.inf, -math.inf, "12", "", None, [], {}, 10**400, -(10**400), 1j],
    ids=lambda value: repr(value)[:8],
)
def test_what_is_no_number_in_range_is_refused_by_name(name: str, value: Any) -> None:
    """True and False count as 1 and 0 in Python, but nobody means them as a rate."""
    with pytest.raises(ConfigError, match=rf"\({name}\)"):
        RunConfig(**{name: value})


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("value", [1, None, True, "", "x" * 5000, ["adam"], {}], ids=repr)
def test_what_is_no_name_is_refused_by_name(name: str, value: Any) -> None:
    if value == "" and SETTINGS[name].metadata["may_be_empty"]:
        assert getattr(RunConfig(**{name: value}), name) == ""
        return
    with pytest.raises(ConfigError, match=rf"\({name}\)"):
        RunConfig(**{name: value})


@pytest.mark.parametrize("name", [name for name in CHOSEN if name in TEXT])
def test_an_unknown_choice_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig(**{name: "dreaming"})
    assert "'dreaming'" in str(caught.value)
    assert all(choice in str(caught.value) for choice in SETTINGS[name].metadata["choices"])


@pytest.mark.parametrize("name", [name for name in WHOLE if name in RANGED])
def test_a_whole_setting_takes_a_whole_float_and_no_other(name: str) -> None:
    """JSON from a browser has one kind of number: 64.0 is 64 there."""
    low = SETTINGS[name].metadata["low"]
    taken = getattr(RunConfig(**{name: float(low + 2)}), name)
    assert taken == low + 2
    assert type(taken) is int
    with pytest.raises(ConfigError, match="whole number"):
        RunConfig(**{name: low + 2.5})


def test_a_rate_given_as_a_whole_number_becomes_a_float() -> None:
    assert type(RunConfig(lr_g=1).lr_g) is float


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RunConfig().seed = 1  # type: ignore[misc]


@pytest.mark.parametrize("values", [None, [], "quick", 3])
def test_settings_that_are_no_object_are_refused(values: Any) -> None:
    with pytest.raises(ConfigError, match="JSON object"):
        RunConfig.from_json(values)


def test_a_setting_from_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="'telepathy'"):
        RunConfig.from_json({"telepathy": 1})
    with pytest.raises(ConfigError, match="'telepathy'"):
        make_config("quick", telepathy=1)
    with pytest.raises(ConfigError, match="'telepathy'"):
        check_setting("telepathy", 1)


def test_settings_without_an_edition_are_of_the_first_and_new_ones_of_the_newest() -> None:
    """Nobody chooses it: it is no setting, and so neither a flag, a field nor a knob."""
    assert RunConfig.from_json({"seed": 3}).edition == 1
    assert make_config("quick").edition == RunConfig().edition == EDITION
    assert make_config("quick", edition=1).edition == 1
    old = dataclasses.replace(RunConfig.from_json({}), images=7)
    assert RunConfig.from_json(old.to_json()) == old
    assert "edition" not in {*SETTINGS, *KNOBS}


def test_explicit_beats_objective_beats_preset_beats_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a preset and an objective of the test's own, so that tuning the real ones is free."""
    demanding = Objective("x", "x", "x", "x", (0.0, 0.0), needs={"n_critic": 5, "beta1": 0.125})
    preset = Preset("x", {"beta1": 0.25, "z_dim": 100, "network": "article"})
    monkeypatch.setitem(OBJECTIVES, "minimax", demanding)
    monkeypatch.setitem(PRESETS, "mine", preset)
    default = RunConfig()
    preset = make_config("mine")
    needed = make_config("mine", objective="minimax")
    chosen = make_config("mine", objective="minimax", beta1=0.75, z_dim=7)
    assert (preset.beta1, needed.beta1, chosen.beta1) == (0.25, 0.125, 0.75)
    assert default.beta1 not in (0.25, 0.125, 0.75)
    assert (preset.z_dim, needed.z_dim, chosen.z_dim) == (100, 100, 7)
    assert (default.n_critic, preset.n_critic, needed.n_critic, chosen.n_critic) == (1, 1, 5, 5)
    assert preset.momentum == default.momentum  # named by none of them
    assert (preset.preset, preset.network, default.network) == ("mine", "article", "small")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_goes_with_every_preset_without_a_warning(
    preset: str, objective: str
) -> None:
    """And brings along what it needs, over whatever the preset says."""
    config = make_config(preset, objective=objective)
    assert warnings(config) == []
    needs = OBJECTIVES[objective].needs
    assert {name: getattr(config, name) for name in needs} == needs
    rest = {n: v for n, v in PRESETS[preset].settings.items() if n not in needs}
    assert {name: getattr(config, name) for name in rest} == rest


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_makes_a_config_with_its_settings(name: str) -> None:
    """And with the rule, length and start number that it brings; the rule's needs come first."""
    config, preset = make_config(name), PRESETS[name]
    assert config.preset == name
    assert {k: getattr(config, k) for k in preset.also} == preset.also
    needs = OBJECTIVES[config.objective].needs
    rest = {k: v for k, v in preset.settings.items() if k not in needs}
    assert {k: getattr(config, k) for k in rest} == rest


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.also])
def test_what_a_person_chooses_wins_over_the_presets_own_choice(name: str) -> None:
    config = make_config(name, objective="hinge", images=777, seed=9)
    assert (config.objective, config.images, config.seed) == ("hinge", 777, 9)


def test_a_lesson_shows_raw_g_and_names_its_cure() -> None:
    lessons = [name for name, preset in PRESETS.items() if preset.lesson]
    assert len(lessons) == 3
    for name in lessons:
        assert make_config(name).ema_half_life == 0  # so that averaged G is raw G
        assert worded(PRESETS[name].cure).endswith(".")


@pytest.mark.parametrize("name", ["slow", "", None, 3, ["quick"]])
def test_an_unknown_preset_is_refused_with_the_known_ones(name: Any) -> None:
    with pytest.raises(ConfigError, match=", ".join(PRESETS)):
        make_config(name)


def test_an_unknown_objective_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        make_config("quick", objective="wishful")
    assert all(name in str(caught.value) for name in OBJECTIVES)


def test_every_setting_and_objective_is_explained() -> None:
    assert {setting.metadata["group"] for setting in SETTINGS.values()} == set(GROUPS)
    assert all(worded(message(f"groups.{group}")) for group in GROUPS)
    for name in SETTINGS:
        assert worded(setting_label(name)), name
        assert worded(setting_explanation(name)).endswith("."), name
    for preset in PRESETS.values():
        assert worded(preset.label)
        assert worded(preset.explanation).endswith(".")
    for info in OBJECTIVES.values():
        assert worded(info.label)
        assert worded(info.explanation).endswith(".")
        assert info.formula_d.startswith("L_D")
        assert info.formula_g.startswith("L_G")
        assert info.source


def test_the_knobs_are_those_that_training_can_follow() -> None:
    assert set(KNOBS) == {
        *("lr_g", "lr_d", "n_critic", "g_steps", "r1_gamma", "r2_gamma", "gp_weight"),
    }


def test_a_kept_config_of_an_earlier_edition_means_the_preset_as_it_was() -> None:
    old = RunConfig.from_json({**make_config("lesson-collapse", edition=2).to_json()})
    assert (old.g_steps, old.lr_g, old.start_from, old.images) == (1, 1e-2, "", 30_000)
    assert changed_from_preset(old) == []
    assert "R1" in worded(preset_of("lesson-collapse", 2).cure)
    assert "finds a shape that passes" in worded(preset_of("lesson-collapse", 2).explanation)
    assert "G's steps" in worded(preset_of("lesson-collapse").cure)
    assert make_config("lesson-collapse").g_steps == 30


def test_a_config_is_read_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(make_config("article", seed=7).to_json()))
    assert read_config(path) == make_config("article", seed=7)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        (b"not json", "cannot be read"),
        (b'{"seed": 1', "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"seed": 1' + b"0" * 5000 + b"}", "cannot be read"),
        (b"[1]", "JSON object"),
        (b'{"seed": -1}', r"\(seed\)"),
        (b'{"lr_g": NaN}', r"\(lr_g\)"),
        (b'{"lr_g": Infinity}', r"\(lr_g\)"),
        (b'{"edition": %d}' % (EDITION + 1), "newer"),
        (b'{"edition": 0}', f"from 1 to {EDITION}"),
        (b'{"edition": true}', f"from 1 to {EDITION}"),
    ],
    ids=[
        "missing",
        "text",
        "torn",
        "binary",
        "deep",
        "long",
        "list",
        "range",
        "nan",
        "inf",
        "newer edition",
        "no edition",
        "true",
    ],
)
def test_a_file_that_is_no_config_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read_config(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_config_that_an_editor_saved_its_own_way_is_read(tmp_path: Path, encoding: str) -> None:
    config = make_config("quick", dataset="Blümchen/")
    text = json.dumps(config.to_json(), ensure_ascii=False).replace(",", ",\r\n")
    (tmp_path / "config.json").write_bytes(text.encode(encoding))
    assert read_config(tmp_path / "config.json") == config
