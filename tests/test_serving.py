"""What whoever starts a page is told, and what ends it; see the tests of whole pages, too."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator

import pytest

from ganmodel.listening import Place, listen
from ganmodel.ui.http.gradio_import import without_proxies
from ganmodel.ui.serving import Class, _listen_for_the_end, _say, _told, address_for_others


@pytest.fixture
def handlers() -> Iterator[None]:
    """What the process did at each signal, again at the end."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_terminal_that_is_closed_asks_the_page_to_end_unless_nohup_says_otherwise() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    asked = _listen_for_the_end()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
    assert asked == [signal.SIGHUP, signal.SIGTERM, signal.SIGINT]
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    asked = _listen_for_the_end()
    os.kill(os.getpid(), signal.SIGHUP)
    assert asked == []


@pytest.fixture
def everywhere() -> Iterator[Place]:
    place = listen("0.0.0.0", 0)
    yield place
    place.close()


def test_a_page_open_to_the_network_without_a_mode_says_what_that_allows(everywhere: Place) -> None:
    told = " ".join(_told("local", everywhere, False, None, None, None))
    assert "train on it without limits" in told
    assert "--hosted" in told
    assert "password" in _told("local", everywhere, False, None, None, "eva:correct horse")[1]
    assert "without limits" not in " ".join(_told("hosted", everywhere, False, None, None, None))
    here = listen(None, 0)
    here.close()
    assert len(_told("local", Place(here.host, here.port, ()), False, None, None, None)) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_every_terminal_can_print_it_with_a_qr_code_or_without(
    encoding: str, everywhere: Place
) -> None:
    group = Class("http://192.0.2.1:7860/", "a" * 64)
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    _say(_told("classroom", everywhere, False, None, group, None), group, stream)
    stream.flush()
    printed = stream.buffer.getvalue().decode(encoding)
    assert "The class opens http://192.0.2.1:7860/" in printed
    assert ("█" in printed) == (encoding == "utf-8")


def test_nothing_to_print_on_is_no_trouble() -> None:
    _say(["The page is open."], Class("http://192.0.2.1:7860/", "a" * 64), None)


def test_the_shells_proxy_is_hidden_from_gradio_and_from_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with without_proxies():
        assert "ALL_PROXY" not in os.environ
    assert os.environ["ALL_PROXY"] == "socks5://127.0.0.1:9"


def test_the_address_for_others_is_the_one_that_was_told_or_that_of_the_network(
    everywhere: Place,
) -> None:
    told = address_for_others(everywhere, "https://demo.example/gan")
    assert told == "https://demo.example/gan/"
    found = address_for_others(everywhere, "/gan")  # a path alone names no machine
    assert found.endswith(f":{everywhere.port}/")
    assert "0.0.0.0" not in found
