"""The settings of one connection: all that the client needs to know of a partner."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipelines.ocpi.errors import ConfigurationError

TokenEncoding = Literal["auto", "base64", "raw"]
PartyId = tuple[str, str]


@dataclass(frozen=True)
class RetryPolicy:
    """The persistence of a client."""

    attempts: int = 5  # tries for one request, the first included
    first_wait_s: float = 0.5  # upper bound of the first pause; doubles with each further one
    longest_wait_s: float = 30.0  # upper bound of any pause that the partner did not ask for
    # most seconds spent in pauses for one request; a partner that asks for more counts as rate
    # limited
    total_wait_s: float = 300.0
    failures_to_open: int = 3  # failed requests in a row after which the circuit opens
    open_s: float = 60.0  # seconds that it stays open before one request may try again


@dataclass(frozen=True)
class Connection:
    """One partner's endpoint and how to treat it."""

    name: str  # our name for the partner, used in messages
    versions_url: str  # the partner's versions endpoint
    token: str = field(repr=False)  # the credentials token that the partner gave us; never shown
    # how the token goes into the Authorization header; `auto`: Base64 as OCPI 2.2-d2 and later want
    # it, and raw once where that is refused
    token_encoding: TokenEncoding = "auto"  # noqa: S105 - how a token is written, not one
    version: str = "auto"  # OCPI version to speak, or `auto`: the highest that both speak
    modules: tuple[str, ...] | None = None  # modules wanted; None: all that the partner offers
    own_party: PartyId | None = None  # `(country_code, party_id)` that we are
    # whether the partner routes for others, so that requests need OCPI-from/-to
    is_hub: bool = False
    # further origins (`https://host[:port]`) that may be given the token
    origins: tuple[str, ...] = ()
    page_limit: int = 1000  # objects asked for in one page
    window_days: int | None = None  # longest window the partner allows; None: any
    requests_per_second: float = 10.0  # most requests in a second
    timeout_s: float = 30.0  # seconds to connect, and between two bytes
    page_timeout_s: float = 120.0  # seconds for a whole response
    session_timeout_s: float = 1800.0  # seconds for everything that one client asks
    max_page_bytes: int = 64 << 20  # largest response, as sent and inflated
    max_pages: int = 200_000  # most pages of one list, against lists without end
    retry: RetryPolicy = RetryPolicy()  # how stubborn to be
    proxy: str | None = field(default=None, repr=False)  # URL of an HTTP proxy
    # file of certificate authorities to trust instead of the public ones
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
