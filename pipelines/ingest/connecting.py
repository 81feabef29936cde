"""From an entry of the partners file to the settings of a client."""

from collections.abc import Mapping, Sequence

from pipelines.config.connections import resolve_token
from pipelines.config.partners import FeedPartner, OcpiPartner, Partner, sole_owner
from pipelines.ingest.landing_writer import PartnerSession
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.offer import Offer, Party

_NOBODYS_COUNTRY = "XX"  # ISO 3166-1 leaves it to users: no real party can have it


def connection_of(partner: OcpiPartner, environ: Mapping[str, str]) -> Connection:
    """Return the client's settings for a partner.

    Raises:
        ConfigError: the token's variable is not set.
    """
    return Connection(
        name=partner.name,
        versions_url=str(partner.versions_url),
        token=resolve_token(partner, environ),
        token_encoding=partner.token_encoding,
        version=partner.version,
        modules=partner.modules,
        own_party=partner.party,
        is_hub=partner.kind == "hub",
        origins=tuple(str(origin) for origin in partner.origins),
        page_limit=partner.page_limit,
        window_days=partner.window_days,
        requests_per_second=float(partner.requests_per_second),
        timeout_s=partner.timeout.total_seconds(),
        page_timeout_s=partner.page_timeout.total_seconds(),
        session_timeout_s=partner.visit_timeout.total_seconds(),
        max_page_bytes=partner.max_page,
        proxy=str(partner.proxy) if partner.proxy else None,
        ca_file=partner.ca_file,
    )


def session_with(partner: Partner, run_id: str, offer: Offer | None = None) -> PartnerSession:
    """Begin a session with a partner."""
    parties = offer.parties if offer is not None else ()
    return PartnerSession(
        run_id=run_id,
        partner=partner.name,
        ocpi_version=offer.version if offer is not None else None,
        own_party=owner_of(partner, parties),
        parties=accepted_parties(partner, parties),
    )


def owner_of(partner: Partner, offered: Sequence[Party] = ()) -> tuple[str, str]:
    """Name the owner of objects that name none.

    The only party configured, else the only charge point operator of the credentials, else a
    party that cannot exist, so that nobody's objects are given to somebody.
    """
    sole = sole_owner(partner)
    if sole is not None:
        return sole.country_code, sole.party_id
    operators = {party.key for party in offered if party.role in {"CPO", None}}
    if len(operators) == 1:
        return next(iter(operators))
    return nobody(partner.name)


def nobody(name: str) -> tuple[str, str]:
    """Return a party that cannot exist, for objects of a partner of which no owner is known."""
    return _NOBODYS_COUNTRY, name[:3].upper().ljust(3, "X")


def accepted_parties(partner: Partner, offered: Sequence[Party] = ()) -> tuple[str, ...] | None:
    """Name the parties whose objects are to be expected, as `CC/PID`; None: any."""
    if partner.parties:
        return tuple(sorted(str(party) for party in partner.parties))
    if isinstance(partner, FeedPartner) or not offered:
        return None
    return tuple(sorted({"/".join(party.key) for party in offered if party.role != "HUB"}))
