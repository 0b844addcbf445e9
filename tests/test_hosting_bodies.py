"""The bodies of calls to Gradio that are understood, and those that are not."""

from __future__ import annotations

import pytest

from ganmodel.hosting.bodies import MisunderstoodError, call_in


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_a_number_that_json_does_not_know_is_not_understood(number: str) -> None:
    with pytest.raises(MisunderstoodError):
        call_in(f'{{"session_hash": {number}}}'.encode())


def test_other_numbers_are() -> None:
    assert call_in(b'{"data": [1, -0.5, 1e9, 123456789012345678901234567890]}')["data"][1] == -0.5
