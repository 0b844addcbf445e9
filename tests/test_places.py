"""A place as text: exact both ways, the point it names, and a sentence for everything else."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganmodel.latents import noise, slerp
from ganmodel.places import MOST_PSI, MOST_SEED, MOST_STOPS, Place, PlaceError, class_number

single = st.floats(-30, 30, width=32)
vectors = st.lists(single, min_size=1, max_size=6).map(tuple)
stops = st.integers(0, MOST_SEED) | vectors
shares = st.floats(0, 1)
classes = st.none() | st.integers(0, 999)


@st.composite
def places(draw: Any) -> Place:
    label = draw(classes)
    other = draw(classes) if label is not None else None
    return Place(
        tuple(draw(st.lists(stops, min_size=2, max_size=MOST_STOPS))),
        draw(st.sampled_from(["slerp", "lerp", "loop"])),
        draw(shares),
        draw(vectors | st.just(())),
        draw(st.floats(0, MOST_PSI)),
        label,
        other,
        draw(shares) if other is not None else 0.0,
    )


def test_a_class_is_called_by_its_number_or_its_name_and_a_number_is_never_a_name() -> None:
    """Folders 1 to 3 are numbers 0 to 2: an address that says class=1 means the same for good."""
    names = ["1", "2", "3", "cat", "a,b"]
    assert [class_number(text, names) for text in ("0", "1", "4", "cat", "a,b")] == [0, 1, 4, 3, 4]
    assert Place.parse("class=cat", names) == Place.parse("class=3", names) == Place(label=3)
    assert Place.parse("class=cat,0,0.25", names) == Place(label=3, other=0, blend=0.25)
    assert Place.parse("class=a,b", names).label == 4
    with pytest.raises(PlaceError, match=r"from 0 to 2, so there is no '3'; the one named 3 is 2"):
        class_number("3", names[:3])
    for text, known in (("dog", names), ("cat", []), ("", names), ("-1", names), ("²", names)):
        with pytest.raises(PlaceError, match="class must be"):
            class_number(text, known)


@given(places())
def test_every_place_is_read_back_exactly_as_it_was_written(place: Place) -> None:
    assert Place.parse(str(place)) == place


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_gets_one_sentence(text: str) -> None:
    try:
        Place.parse(text)
    except PlaceError as error:
        assert str(error).endswith(".")  # noqa: PT017


def test_a_vector_is_float32_little_end_first_in_the_alphabet_of_addresses() -> None:
    """The page's script writes the same; what it wrote must mean the same here."""
    import base64

    values = (1.5, -0.25, 3.0)
    text = base64.urlsafe_b64encode(struct.pack("<3f", *values)).decode().rstrip("=")
    assert Place.parse(f"stops=1,~{text}").stops == (1, values)


def test_the_point_is_the_ways_own_plus_what_was_moved_times_variety() -> None:
    place = Place.parse("stops=3,8&at=0.25&psi=0.5")
    a, b = noise([3, 8], 5)
    rest = (0.5, 0.0, -1.0, 0.0, 2.0)
    moved = Place((3, 8), "slerp", 0.25, rest, 0.5)
    expected = slerp(a[None], b[None], 0.25)
    torch.testing.assert_close(place.z(5), 0.5 * expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(
        moved.z(5), 0.5 * (expected + torch.tensor(rest)), rtol=1e-5, atol=1e-6
    )


def test_shares_of_the_way_give_a_point_each() -> None:
    place = Place((3, 8, 21), "lerp")
    points = place.z(4, torch.tensor([0.0, 0.5, 1.0]))
    torch.testing.assert_close(points, noise([3, 8, 21], 4), rtol=0, atol=1e-6)


def test_a_blend_shares_its_weight_between_two_classes() -> None:
    weights = Place(label=1, other=3, blend=0.25).class_weights(4)
    assert weights.tolist() == [[0, 0.75, 0, 0.25]]
    assert Place(label=2).class_weights(4).tolist() == [[0, 0, 1, 0]]
    assert Place().class_weights(0) is None


def test_without_a_class_it_is_the_first_start_numbers_remainder() -> None:
    assert Place((7, 1)).class_weights(4).argmax() == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("stops=1", "from 2 to 12 stops"),
        ("stops=" + ",".join("1" * 13), "from 2 to 12 stops"),
        ("stops=1,-2", "whole number"),
        ("stops=1,99999999999", "start number must be a number from 0"),
        ("stops=1,x", "whole number"),
        ("stops=1,²", "whole number"),
        ("stops=1,~!!!", "no vector"),
        ("stops=1,~AAA", "no vector"),
        ("at=nan", "at must be a number from 0 to 1"),
        ("at=1.5", "at must be"),
        ("at=x", "at must be a number"),
        ("psi=inf", "psi must be"),
        ("path=zigzag", "path must be slerp"),
        ("class=1,2", "one class or a,b,share"),
        ("class=1,2,7", "blend must be"),
        ("colour=3", "no 'colour'"),
        ("nonsense", "written as stops="),
        ("rest=" + "AADIQg", "within ±30"),
        ("x" * 100_000, "at most 80,000 characters"),
    ],
)
def test_what_is_no_place_gets_a_sentence_that_says_why(text: str, sentence: str) -> None:
    with pytest.raises(PlaceError, match=sentence.replace("(", r"\(")):
        Place.parse(text)


def test_a_place_of_another_generator_is_refused_with_both_numbers() -> None:
    with pytest.raises(PlaceError, match="3 coordinates, but the generator takes 4"):
        Place((1, 2), rest=(1.0, 2.0, 3.0)).z(4)
    with pytest.raises(PlaceError, match="classes 0 to 3, not 4"):
        Place(label=4).class_weights(4)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 31.0])
def test_no_coordinate_is_further_out_than_noise_can_be(value: float) -> None:
    with pytest.raises(PlaceError, match="within"):
        Place(rest=(value,))
