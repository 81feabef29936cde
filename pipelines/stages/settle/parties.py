"""Our own parties: their CDRs are what we claim, not what is claimed from us."""

from __future__ import annotations

from pipelines.config import FeedPartner, Partner, Partners


def own_party(partner: Partner) -> tuple[str, str] | None:
    """Return who we are for a partner, `(country_code, party_id)`; None: the file does not say."""
    if isinstance(partner, FeedPartner) or partner.party is None:
        return None
    return partner.party.country_code, partner.party.party_id


def own_parties(partners: Partners) -> dict[str, frozenset[tuple[str, str]]]:
    """Partner → our own parties there, for settlement."""
    known = {partner.name: own_party(partner) for partner in partners.partners}
    return {name: frozenset({party}) for name, party in known.items() if party is not None}
