"""Binds the page's sockets to a host and a port.

Every error in host or port is found here, before the page is built or its modules are imported, and
raised with a sentence. `hosting` checks who may send requests.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any

from ganmodel.errors import KnownError
from ganmodel.files import reason

LOOPBACK = ("localhost", "127.0.0.1", "::1")
FIRST_PORT, LAST_PORT = 7860, 7959  # without a chosen port, the first free one of these is used
# Ports that browsers refuse: the list of "bad ports" in the Fetch standard.
REFUSED_PORTS = frozenset((
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
))  # fmt: skip

_HOST = re.compile(
    r"(?:\[(?P<address>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_][a-z0-9._-]{0,252}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
)


class WrongPlaceError(KnownError, ValueError):
    """No program can listen on this host and port; the message is one sentence."""


class TakenError(KnownError, OSError):
    """Another program uses the port; `strerror` is a sentence without its full stop."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, **values)
        self.errno, self.strerror = errno.EADDRINUSE, str(self).removesuffix(".")


@dataclass(frozen=True)
class Place:
    """The host, port and bound sockets of a page."""

    host: str  # without brackets
    port: int
    sockets: tuple[socket.socket, ...]

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach it."""
        return any(not _is_loopback(one.getsockname()[0]) for one in self.sockets)

    @property
    def address(self) -> str:
        """The page's address for a browser on this machine."""
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}/"

    def close(self) -> None:
        for one in self.sockets:
            one.close()


def listen(host: str | None, port: int | None) -> Place:
    """Binds a port of this machine; connections wait until the page is served.

    Args:
        host: a name or address of this machine, with or without brackets; None: loopback only.
        port: 0 for any free one; None for the first free one from `FIRST_PORT` on.

    Raises:
        TakenError: another program uses the port.
        WrongPlaceError: no program can listen on this host and port.
    """
    host = (host or LOOPBACK[1]).strip()
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if split_host(f"[{host}]" if ":" in host else host) is None:
        raise WrongPlaceError("wrong-host", host=repr(host[:60]))
    if port and port in REFUSED_PORTS:
        raise WrongPlaceError("port-of-others", port=port)
    families = _families(host, port or 0)
    if port is not None:
        return _bind(host, port, families)
    for number in range(FIRST_PORT, LAST_PORT + 1):
        with contextlib.suppress(TakenError):
            return _bind(host, number, families)
    raise TakenError("ports-taken", first=FIRST_PORT, last=LAST_PORT)


def _families(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """The address families and addresses that a host resolves to, without duplicates."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise WrongPlaceError("unknown-host", host=host) from None
    return list(dict.fromkeys((family, place[0]) for family, _, _, _, place in found))


def _bind(host: str, port: int, families: list[tuple[socket.AddressFamily, str]]) -> Place:
    sockets: list[socket.socket] = []
    for family, address in families:
        try:
            sockets.append(_bound(family, address, port))
        except OSError as error:
            if sockets and error.errno == errno.EADDRNOTAVAIL:
                continue  # the name resolves to IPv6, too, which this machine lacks
            for one in sockets:
                one.close()
            raise _told(host, port, error) from error
        port = port or sockets[0].getsockname()[1]
    return Place(host, port, tuple(sockets))


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    both = family == socket.AF_INET6 and address == "::" and socket.has_dualstack_ipv6()
    bound = socket.create_server((address, port), family=family, backlog=2048, dualstack_ipv6=both)
    # asyncio sets TCP_NODELAY only on sockets whose protocol is IPPROTO_TCP; without it, each
    # response waits 40 ms for the browser to acknowledge its first packet.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, bound.detach())


def _told(host: str, port: int, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return TakenError("port-taken", port=port)
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return WrongPlaceError("not-this-machine", host=host)
    if error.errno == errno.EACCES:
        return WrongPlaceError("port-forbidden", port=port)
    why = error.strerror or reason(error)
    return WrongPlaceError("cannot-listen", host=host, port=port, reason=why)


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def split_host(host: str) -> tuple[str, int | None] | None:
    """The lower-case name and the port of "name", "name:1" or "[::1]:1"; None if invalid."""
    found = _HOST.fullmatch(host.lower())
    if found is None or int(found["port"] or 0) > 65535:
        return None
    name = found["address"] or found["name"]
    if found["address"] and not is_address(name):
        return None
    return name.rstrip("."), int(found["port"]) if found["port"] else None


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
