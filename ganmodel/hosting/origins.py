"""Tells who calls: the page itself, a program, or another web site through a visitor's browser.

Any site can make a visitor's browser call any address, this machine's included, and can let a name
of its own resolve to it (DNS rebinding). Scripts cannot change what a browser sends as Host, Origin
and Sec-Fetch-Site, so these distinguish the page's own calls. Programs send only Host.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence

from starlette.types import Scope

from ganmodel.errors import KnownError
from ganmodel.listening import LOOPBACK, Place, is_address, split_host

PORT_OF = {"http": 80, "https": 443}


class Names:
    """The host names that the page answers to.

    Args:
        names: such as "localhost" or "demo.example"; "*" is every one.
        given: more of them, from whoever started the page.
        addresses: whether every IP address is accepted, too. Another site cannot use one: it can
            only let a name of its own resolve to this machine.
    """

    def __init__(
        self, names: Iterable[str] = LOOPBACK, given: Iterable[str] = (), *, addresses: bool = False
    ) -> None:
        self._names = {*names}
        self._given = {name.lower().strip("[]").rstrip(".") for name in given}
        self._addresses = addresses

    def add(self, name: str) -> None:
        self._given.add(name.lower())

    def knows(self, name: str) -> bool:
        """Whether the page answers to this name, given without a port."""
        known = name in self._names or name in self._given or "*" in self._names
        return known or (self._addresses and is_address(name))

    def was_given(self, name: str) -> bool:
        return name in self._given


def names_at(place: Place, given: Sequence[str], *, any_name: bool) -> Names:
    """The names that a page listening at `place` answers to, besides those that are `given`.

    `any_name`: every name is accepted, as for a page that treats everybody as a stranger anyway:
    another site can do no more there than its owner could directly.
    """
    if any_name:
        return Names(("*",), given)
    own = {*LOOPBACK, place.host.lower(), *(one.getsockname()[0] for one in place.sockets)}
    if not place.is_open:
        return Names(own, given)
    machine = socket.gethostname().lower()
    return Names({*own, machine, f"{machine}.local"}, given, addresses=True)


def refusal(scope: Scope, names: Names) -> KnownError | None:
    """Why a call is not answered; None: it is the page's own, or a program's."""
    hosts = headers_of(scope, b"host")
    for host in hosts:
        named = split_host(host)
        if named is None or not names.knows(named[0]):
            return KnownError("unknown-name", name=host[:80])
    if not _is_from_elsewhere(scope, hosts, names):
        return None
    return KnownError("from-elsewhere")


def _is_from_elsewhere(scope: Scope, hosts: list[str], names: Names) -> bool:
    """Whether another site made a browser ask."""
    site = headers_of(scope, b"sec-fetch-site")
    if site and all(one in ("same-origin", "none") for one in site):
        return False  # none: a person followed a bookmark, or typed the address
    if site:  # following a link to here, or showing the page in a frame, is nobody's harm
        navigates = headers_of(scope, b"sec-fetch-mode") == ["navigate"]
        return not (navigates and scope["method"] in ("GET", "HEAD"))
    # A browser tells no site over plain HTTP, except on this machine. A proxy that changed Host
    # may have told the first one; no script of another site can send that header.
    own = [split_host(host) for host in (*hosts, *forwarded_hosts(scope))]
    for origin in headers_of(scope, b"origin"):
        scheme, _, rest = origin.partition("://")
        asked = split_host(rest)
        if asked is None or scheme not in PORT_OF:
            return True
        name, port = asked[0], asked[1] or PORT_OF[scheme]
        if names.was_given(name):  # behind a proxy that kept no trace of it
            continue
        same = [one for one in own if one and one[0] == name]
        default = PORT_OF.values()
        if not any(port == given or (given is None and port in default) for _, given in same):
            return True
    return False


def forwarded_hosts(scope: Scope) -> list[str]:
    """The hosts that a proxy says it was asked for."""
    told = headers_of(scope, b"x-forwarded-host")
    return [one.strip() for value in told for one in value.split(",")]


def headers_of(scope: Scope, name: bytes) -> list[str]:
    """All values of a header, in lower case."""
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key == name]
