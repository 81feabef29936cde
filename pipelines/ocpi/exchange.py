"""One answered request: what was asked, what came back, nothing secret; pages, and the outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipelines.ocpi.errors import OcpiError

HEADERS_THAT_MATTER = (
    *("link", "x-total-count", "x-limit", "content-type", "content-encoding", "date", "etag"),
    *("last-modified", "retry-after", "x-request-id", "x-correlation-id"),
    *("ocpi-from-country-code", "ocpi-from-party-id", "ocpi-to-country-code"),
    "ocpi-to-party-id",
)
_LONGEST_HEADER = 2048
_SECRET_PARAMETER = re.compile(
    r"([?&;](?:access_|api_?|auth_)?(?:token|key|password|secret|sig|signature)=)[^&;#>\s]*",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?<=://)[^/@\s?#]*@")


def routing_headers(own: tuple[str, str], to: tuple[str, str] | None) -> dict[str, str]:
    """Return the headers that say from which party a request comes and to which it goes.

    OCPI 2.2.1 and later, transport_and_format, message routing headers.

    Args:
        own: who we are, `(country_code, party_id)`.
        to: the party that is meant; None: nobody in particular.
    """
    sides = {"from": own} if to is None else {"from": own, "to": to}
    return {
        f"ocpi-{side}-{name}": value
        for side, party in sides.items()
        for name, value in zip(("country-code", "party-id"), party, strict=True)
    }


@dataclass(frozen=True)
class Exchange:
    """One response, whole, as it was received."""

    module: str  # OCPI module identifier, or `versions` or `version_details`
    url: str  # the URL asked, without secrets
    http_status: int  # the HTTP status
    # the response headers that matter, names in lower case, without secrets
    headers: Mapping[str, str]
    # the body after its Content-Encoding was undone, otherwise untouched
    body: bytes = field(repr=False)
    fetched_at: datetime  # when the last byte came, UTC
    sha256: str | None = None  # the hash under which the body was stored; None: it was not


class Redactor:
    """Takes secrets out of text that will be stored or shown.

    `secrets`: texts that must never be seen, in every encoding they are sent in.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(sorted({s for s in secrets if s}, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """Return the text with secrets, userinfo and secret parameters blanked."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _SECRET_PARAMETER.sub(r"\1***", _USERINFO.sub("", text))

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Pick the headers that matter; repeated ones are joined as HTTP allows."""
        kept: dict[str, str] = {}
        for name, value in headers:
            name = name.lower()
            if name in HEADERS_THAT_MATTER:
                joined = f"{kept[name]}, {value}" if name in kept else value
                kept[name] = self(joined)[:_LONGEST_HEADER]
        return kept


@dataclass(frozen=True)
class Page:
    """One response of a pull."""

    exchange: Exchange  # the response
    accepted: bool  # whether it counts; an error's page does not
    ocpi_status: int | None  # OCPI status code; None where the body has none
    object_count: int | None  # objects on it; None where it could not be read
    total_count: int | None  # its X-Total-Count


@dataclass(frozen=True)
class Outcome:
    """The end of a pull."""

    complete: bool  # every object that the partner promised came
    # inclusive start of the window asked for, whole seconds; None: from ever
    date_from: datetime | None
    date_to: datetime | None  # exclusive end; None: open
    total_count: int | None  # what the partner promised last, over all windows; None: nothing
    objects: int  # objects on accepted pages, repeats included
    distinct: int  # different objects among them
    pages: int  # accepted pages
    requests: int  # HTTP requests made, retries and redirects included
    bytes: int  # inflated bytes of accepted pages
    error: OcpiError | None  # why it is not complete
    notes: tuple[str, ...]  # non-conformities survived, in one line each
