"""Addresses that a partner's name may lead to: the internet's, and private ones that are named.

A partner decides what its name resolves to. The machine's own services, the house's network and the
metadata of clouds (169.254.169.254) are no partners unless the settings say so, by the address.
The address is looked at once it is connected to and before anything is sent, so that no second
resolving can lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import httpx

from pipelines.ocpi.errors import OriginRefusedError

_CONNECTED: Final = "connection.connect_tcp.complete"
_LOOPBACK: Final = ("127.0.0.1", "::1")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_Address = IPv4Address | IPv6Address


class AddressGuard:
    """Refuses connections to private addresses, as a listener to httpx's tracing.

    `urls`: those of the settings; an address in one of them is named, and so may be asked.
    """

    def __init__(self, who: str, urls: Iterable[str]) -> None:
        self._who = who
        hosts = set(map(_host, urls))
        named = {*hosts, *(_LOOPBACK if "localhost" in hosts else ())}
        self._named = {address for host in named if (address := _read(host)) is not None}

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Look at a connection that was made.

        Raises:
            OriginRefusedError: it leads to a private address that nobody named.
        """
        if event != _CONNECTED:
            return
        stream = info["return_value"]
        try:
            self.check(str(stream.get_extra_info("server_addr")[0]))
        except OriginRefusedError:
            await stream.aclose()  # nobody else knows of it yet
            raise

    def check(self, text: str) -> None:
        """Refuse an address, as text, that is neither public nor named."""
        address = _read(text)
        if address is not None and not address.is_global and address not in self._named:
            raise OriginRefusedError(
                f"{self._who}: its name leads to the private address {address}; if that is right, "
                f"name the address in origins, as https://{address}"
            )


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except (httpx.InvalidURL, ValueError):
        return ""  # whoever asks it refuses it, with its reason


def _read(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (address if isinstance(address, IPv4Address) else _embedded(address)) or address


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the address that gateways and the system translate another into."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
