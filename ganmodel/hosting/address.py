"""The network address that a call comes from, available to all code that answers it.

Visitors behind a reverse proxy that forwards no client address share one, as do those of a school.
Addresses are never written to the disk.
"""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

_address: ContextVar[str] = ContextVar("address", default="")


def calling_address() -> str:
    """The address of the call being answered, in its threads too; "" outside of any call."""
    return _address.get()


class Addressed:
    """ASGI middleware that remembers a call's address while it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client") or ("", 0)
        held = _address.set(network_of(str(client[0])))
        try:
            await self.app(scope, receive, send)
        finally:
            _address.reset(held)


def network_of(address: str) -> str:
    """The unit that is counted: an IPv4 address, or an IPv6 /64, which one machine may own."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), 64), strict=False))
