"""Files at one-time addresses: taken once, for a minute, and so many at most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ganmodel.errors import KnownError
from ganmodel.ui.http import offers as offers_module
from ganmodel.ui.http.offers import MOST, MOST_BYTES, MOST_EACH, PREFIX, SECONDS, Offer, Offers
from ganmodel.ui.http.sending import sends


class Pieces:
    """A file's bytes, which knows whether it was closed."""

    def __init__(self, content: bytes = b"all") -> None:
        self._left = [content]
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        return self._left.pop()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What `offers` takes for the time."""
    told = SimpleNamespace(now=1000.0)
    fake = SimpleNamespace(monotonic=lambda: told.now)
    monkeypatch.setattr(offers_module, "time", fake)
    return told


def offer(owner: str = "eva", held: int = 0) -> Offer:
    return Offer(owner, "all.bin", "application/octet-stream", Pieces(), held=held)


def secret(address: str) -> str:
    return address.removeprefix(PREFIX.removeprefix("/"))


def is_there(offers: Offers, address: str) -> bool:
    with suppress(KnownError):
        return bool(offers.take(secret(address)))
    return False


def test_an_address_is_long_and_answers_once() -> None:
    offers = Offers()
    address = offers.add_bytes("eva", "größe.gif", "image/gif", b"GIF")
    assert len(secret(address)) == 32
    with TestClient(Starlette(routes=[sends(offers)])) as client:
        first, second = client.get(f"/{address}"), client.get(f"/{address}")
        made_up = client.get(f"{PREFIX}{'0' * 32}")
    assert (first.status_code, first.content) == (200, b"GIF")
    assert first.headers["content-type"] == "image/gif"
    assert first.headers["content-length"] == "3"
    assert first.headers["cache-control"] == "no-store"
    assert "gr%C3%B6%C3%9Fe.gif" in first.headers["content-disposition"]
    assert second.status_code == made_up.status_code == 410
    assert second.content == made_up.content
    with pytest.raises(KnownError, match="of no use any more"):
        offers.take(secret(address))


def test_after_its_time_it_answers_no_more_and_its_file_is_closed(clock: SimpleNamespace) -> None:
    offers, kept, late = Offers(), offer(), offer()
    address = offers.add(kept)
    clock.now += SECONDS
    assert is_there(offers, address)
    address = offers.add(late)
    clock.now += SECONDS + 0.1
    assert not is_there(offers, address)
    assert late.pieces.is_closed
    assert not kept.pieces.is_closed  # whoever took it closes it


def test_what_nobody_fetches_is_dropped_by_the_chore(clock: SimpleNamespace) -> None:
    offers, one = Offers(), offer()
    offers.add(one)
    clock.now += SECONDS + 0.1
    offers.expire()
    assert one.pieces.is_closed


def test_a_visitors_oldest_go_first_and_nobody_elses() -> None:
    offers, other = Offers(), offer("other")
    theirs = offers.add(other)
    own = [offer() for _ in range(MOST_EACH + 2)]
    addresses = [offers.add(one) for one in own]
    assert [one.pieces.is_closed for one in own] == [True] * 2 + [False] * MOST_EACH
    assert [is_there(offers, one) for one in addresses] == [False] * 2 + [True] * MOST_EACH
    assert is_there(offers, theirs)


def test_so_many_are_offered_in_all() -> None:
    offers = Offers()
    made = [offer(f"visitor {number}") for number in range(MOST + 3)]
    addresses = [offers.add(one) for one in made]
    assert [one.pieces.is_closed for one in made] == [True] * 3 + [False] * MOST
    assert [is_there(offers, one) for one in addresses] == [False] * 3 + [True] * MOST


def test_so_many_bytes_are_held_in_all() -> None:
    offers, half = Offers(), MOST_BYTES // 2
    made = [offer(f"visitor {number}", held=half) for number in range(3)]
    light = offer("visitor 3")
    for one in (*made, light):
        offers.add(one)
    assert [one.pieces.is_closed for one in made] == [True, False, False]
    assert not light.pieces.is_closed
