"""One id for all copies of an EVSE (eMI3 EVSE id, as in OCPI `evse_id`)."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[*\-\s]")
_EMI3 = re.compile(r"[A-Z]{2}[A-Z0-9]{3}E[A-Z0-9]{1,41}")


def canonical_evse(
    evse_id: str | None, *, partner: str, country_code: str, party_id: str, uid: str
) -> str:
    """Return the EVSE id in upper case without separators; without one partner, party and uid."""
    compact = _SEPARATORS.sub("", evse_id or "").upper()
    if _EMI3.fullmatch(compact):
        return compact
    return f"{partner}/{country_code}/{party_id}/{uid}"
