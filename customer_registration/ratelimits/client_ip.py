"""The client's address, as far as it can be believed."""

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from customer_registration.conf import config

__all__ = ["client_ip"]

_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([0-9a-fA-F:.]+)\](?::\d+)?")


def client_ip(meta: Mapping[str, Any]) -> str | None:
    """Return the address that limits count by, or ``None`` where it cannot be told.

    ``X-Forwarded-For`` is believed only as far as ``TRUSTED_PROXIES`` reaches from its right end. Where the address
    found so is one of the shop's own servers (``STOREFRONT_SERVERS``), the entry that server added is the client.
    IPv6 clients count by their /64, which one subscriber holds (RFC 6177); IPv4-mapped ones as IPv4.

    Args:
        meta: the WSGI environ or ``request.META``.
    """
    limits = config().rate_limits
    hops = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    hops.append(str(meta.get("REMOTE_ADDR", "")))
    position = max(0, len(hops) - 1 - limits.trusted_proxies)
    address = _parse(hops[position])
    if address is not None and any(address in network for network in _networks(limits.storefront_servers)):
        address = _parse(hops[position - 1]) if position else None
    return _counted_as(address) if address is not None else None


def network_of(text: str) -> str | None:
    """Return what the limits count a client of this address by, as `client_ip` does; ``None`` if it is no address."""
    address = _parse(text.strip())
    return _counted_as(address) if address is not None else None


def _counted_as(address: IPv4Address | IPv6Address) -> str:
    return str(IPv6Network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    if with_port := _WITH_PORT.fullmatch(text):  # some proxies append the client's port
        text = with_port[1] or with_port[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@cache
def _networks(texts: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
