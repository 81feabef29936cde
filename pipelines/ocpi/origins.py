"""The places a request may go to: origins that may see a token, addresses that may be met.

A partner's Link, redirects, version details and what its name resolves to are untrusted. This is
the only module that decides whether a URL of theirs may be asked. The machine's own services, the
house's network and the metadata of clouds (169.254.169.254) are no partners unless the settings say
so, by the address. It is looked at once it is connected to and before anything is sent, so that no
second resolving can lead elsewhere.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import httpx

from pipelines.ocpi.errors import ConfigurationError, OriginRefusedError

_PORTS = {"http": 80, "https": 443}
# A host is decoded only when it is looked at, and `xn--` names may be nonsense (an IDNAError).
_NO_URL = (httpx.InvalidURL, ValueError)
Origin = tuple[str, str, int]


def origin_of(url: httpx.URL) -> Origin:
    """Return scheme, host and port, the port spelled out."""
    return url.scheme, url.host.lower(), url.port or _PORTS.get(url.scheme, 0)


class Origins:
    """The origins that may see a token.

    Raises:
        ConfigurationError: one of them is no URL.
    """

    def __init__(self, home: str, further: Iterable[str] = ()) -> None:
        try:
            allowed = [origin_of(httpx.URL(url)) for url in (home, *further)]
        except _NO_URL as error:
            raise ConfigurationError(f"a URL of the settings cannot be read: {error}") from error
        self._allowed = tuple(dict.fromkeys(allowed))

    def permit(self, base: str, target: str) -> str | None:
        """Resolve a URL that the partner gave, and say whether it may be asked.

        A partner behind a TLS proxy writes http for its own https: the same host is asked
        over https on the port we know. A partner that moved to https may take us along.
        Userinfo never survives: it would replace our Authorization header.

        Args:
            base: the URL of the response that named it.
            target: what the partner wrote, absolute or relative.

        Returns:
            The URL to ask; None: it leads elsewhere.
        """
        try:
            url = httpx.URL(base).join(target.strip()).copy_with(userinfo=b"", fragment=None)
            scheme, host, port = origin = origin_of(url)
        except _NO_URL:
            return None
        if origin in self._allowed:
            return str(url)
        for known_scheme, known_host, known_port in self._allowed:
            if known_host != host:
                continue
            if scheme == "http" and known_scheme == "https":
                return str(url.copy_with(scheme="https", port=known_port))
            if (scheme, port, known_scheme, known_port) == ("https", 443, "http", 80):
                return str(url)
        return None


def origin_name(base: str, target: str) -> str:
    """Name the origin that a refused URL leads to, for messages."""
    try:
        scheme, host, port = origin_of(httpx.URL(base).join(target.strip()))
    except _NO_URL:
        return "something that is no URL"
    return f"{scheme}://{host}" + ("" if _PORTS.get(scheme) == port else f":{port}")


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
