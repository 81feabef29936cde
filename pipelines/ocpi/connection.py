"""The settings of one connection: all that the client needs to know of a partner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipelines.ocpi.errors import ConfigurationError

TokenEncoding = Literal["auto", "base64", "raw"]
PartyId = tuple[str, str]


@dataclass(frozen=True)
class RetryPolicy:
    """The persistence of a client.

    Args:
        attempts: tries for one request, the first included.
        first_wait_s: upper bound of the first pause; doubles with each further one.
        longest_wait_s: upper bound of any pause that the partner did not ask for.
        total_wait_s: most seconds spent in pauses for one request; a partner that asks
            for more counts as rate limited.
        failures_to_open: failed requests in a row after which the circuit opens.
        open_s: seconds that it stays open before one request may try again.
    """

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    total_wait_s: float = 300.0
    failures_to_open: int = 3
    open_s: float = 60.0


@dataclass(frozen=True)
class Connection:
    """One partner's endpoint and how to treat it.

    Args:
        name: our name for the partner, used in messages.
        versions_url: the partner's versions endpoint.
        token: the credentials token that the partner gave us; never shown.
        token_encoding: how the token goes into the Authorization header; `auto`: Base64 as
            OCPI 2.2-d2 and later want it, and raw once where that is refused.
        version: OCPI version to speak, or `auto`: the highest that both speak.
        modules: modules wanted; None: all that the partner offers.
        own_party: `(country_code, party_id)` that we are.
        is_hub: whether the partner routes for others, so that requests need OCPI-from/-to.
        origins: further origins (`https://host[:port]`) that may be given the token.
        page_limit: objects asked for in one page.
        window_days: longest window the partner allows; None: any.
        history_from: where history begins for partners that insist on a date_from.
        requests_per_second: most requests in a second.
        timeout_s: seconds to connect, and between two bytes.
        page_timeout_s: seconds for a whole response.
        session_timeout_s: seconds for everything that one client asks.
        max_page_bytes: largest response, as sent and inflated.
        max_pages: most pages of one list, against lists without end.
        retry: how stubborn to be.
        proxy: URL of an HTTP proxy.
        ca_file: file of certificate authorities to trust instead of the public ones.
    """

    name: str
    versions_url: str
    token: str = field(repr=False)
    token_encoding: TokenEncoding = "auto"  # noqa: S105 - how a token is written, not one
    version: str = "auto"
    modules: tuple[str, ...] | None = None
    own_party: PartyId | None = None
    is_hub: bool = False
    origins: tuple[str, ...] = ()
    page_limit: int = 1000
    window_days: int | None = None
    history_from: datetime = datetime(2010, 1, 1, tzinfo=UTC)
    requests_per_second: float = 10.0
    timeout_s: float = 30.0
    page_timeout_s: float = 120.0
    session_timeout_s: float = 1800.0
    max_page_bytes: int = 64 << 20
    max_pages: int = 200_000
    retry: RetryPolicy = RetryPolicy()
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what could never work, before the first request."""
        if not self.token or not all("!" <= char <= "~" for char in self.token):
            raise ConfigurationError(
                f"{self.name}: the token is empty or holds blanks or characters other than "
                "printable ASCII; copy it again from the partner's letter"
            )
        if not self.versions_url.lower().startswith(("https://", "http://")):
            raise ConfigurationError(
                f"{self.name}: versions_url must start with https://, it is {self.versions_url!r}"
            )
        timeouts = (self.timeout_s, self.page_timeout_s, self.session_timeout_s)
        if min(self.page_limit, self.requests_per_second, *timeouts) <= 0:
            raise ConfigurationError(f"{self.name}: limits and timeouts must be above zero")
