"""What programs may ask for is within what the page's own renders take."""

from __future__ import annotations

import pytest

from ganmodel.ui.playground.api import Sample, Walk
from ganmodel.ui.playground.generators import SHIPPED
from ganmodel.ui.playground.renders import Keep


@pytest.mark.parametrize("name", ["seed", "rows", "columns"])
def test_the_largest_grid_of_a_program_can_be_made(name: str) -> None:
    most = Sample.model_json_schema()["properties"][name]["maximum"]
    assert Keep(generator=SHIPPED, form="grid", **{name: most})


@pytest.mark.parametrize(("name", "as_"), [("frames", "count"), ("speed", "speed")])
def test_the_longest_film_of_a_program_can_be_made(name: str, as_: str) -> None:
    most = Walk.model_json_schema()["properties"][name]["maximum"]
    assert Keep(generator=SHIPPED, form="gif", **{as_: most})


@pytest.mark.parametrize("asked", [Sample, Walk])
def test_the_longest_name_of_a_program_is_one_of_the_pages(asked: type[Sample | Walk]) -> None:
    longest = asked.model_json_schema()["properties"]["weights"]["maxLength"]
    assert Keep(generator=SHIPPED + longest * "x", form="png")
