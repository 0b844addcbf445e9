"""Numbers as people write them; the page's fields are held to the same list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ganmodel.config import SETTINGS, ConfigError, read_number

WRITTEN = json.loads((Path(__file__).parent / "data" / "numbers.json").read_text("utf-8"))


@pytest.mark.parametrize("kind", ["any", "whole"])
def test_a_number_is_read_as_it_is_meant_whatever_its_decimal_sign(kind: str) -> None:
    meant = WRITTEN[kind]
    assert {text: read_number(text, kind == "whole") for text in meant} == meant


def test_what_can_be_two_numbers_is_refused_with_both() -> None:
    for text, both in WRITTEN["ambiguous"].items():
        with pytest.raises(ConfigError, match="{}.*{}".format(*both)):
            read_number(text)


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_no_number_is_none_and_not_half_of_it(whole: bool) -> None:
    assert [text for text in WRITTEN["none"] if read_number(text, whole) is not None] == []


def test_a_setting_is_read_as_help_writes_its_range_and_default() -> None:
    for name, setting in SETTINGS.items():
        facts, whole = setting.metadata, isinstance(setting.default, int)
        for value in (facts["low"], facts["high"], setting.default):
            if type(value) in (int, float):
                assert read_number(f"{value:,}", whole) == value, name
