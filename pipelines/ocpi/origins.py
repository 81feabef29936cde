"""The origins that may see a partner's token: its own, and those that the settings name.

A partner's Link, redirects and version details are untrusted. This is the only module
that decides whether a URL of theirs may be asked.
"""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from pipelines.ocpi.errors import ConfigurationError

_PORTS = {"http": 80, "https": 443}
# A host is decoded only when it is looked at, and `xn--` names may be nonsense (an IDNAError).
_NO_URL = (httpx.InvalidURL, ValueError)
Origin = tuple[str, str, int]


def origin_of(url: httpx.URL) -> Origin:
    """Return scheme, host and port, the port spelled out."""
    return url.scheme, url.host.lower(), url.port or _PORTS.get(url.scheme, 0)


class Origins:
    """The origins that may see a token.

    Args:
        home: the URL that the settings name for the partner.
        further: further origins named by the settings.

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
