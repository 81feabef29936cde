"""Fields of a line that name a charge: by what a partner may call them, and within free text."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

#: What an attribute of a line, or a column of a sheet, may be called: letters and digits only.
FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "cdr_id": (
        *("cdrid", "cdr", "cdrreference", "cdrnumber", "cdrnr", "chargedetailrecord"),
        *("chargedetailrecordid", "detailrecordid"),
    ),
    "session_id": (
        *("sessionid", "session", "sessionreference", "chargingsessionid", "transactionid"),
    ),
    "evse_id": ("evseid", "evse", "chargepointid", "chargepoint", "chargingpointid", "evseuid"),
    "start_at": (
        *("startat", "start", "startdatetime", "starttime", "sessionstart", "startdate", "begin"),
        *("started", "startedat", "chargingstart"),
    ),
    "amount": (
        *("amount", "net", "netamount", "amountexclvat", "nettoamount", "totalexclvat"),
        *("priceexclvat", "totalcostexclvat", "netto", "nettobetrag", "bedragexclbtw"),
    ),
    "vat_rate": ("vatrate", "vat", "vatpercentage", "taxrate", "ustsatz", "btwpercentage"),
    "energy_kwh": ("energykwh", "energy", "kwh", "totalenergy", "volume", "consumptionkwh"),
    "description": ("description", "text", "name"),
}
_FIELD_OF = {name: field for field, names in FIELD_NAMES.items() for name in names}
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.*:-]{4,98}[A-Za-z0-9]")
_MOST_REFERENCES = 20


def field_called(name: str) -> str | None:
    """Return the field that an attribute or column of this name holds; None: none that we know."""
    return _FIELD_OF.get(re.sub(r"[^a-z0-9]", "", name.lower()))


def references_in(texts: Iterable[str | None]) -> list[str]:
    """Return the words of texts that could be the id of a CDR or a session, each once."""
    found: dict[str, None] = {}
    for text in texts:
        if text:
            found.update(dict.fromkeys(_REFERENCE.findall(text)))
    return list(found)[:_MOST_REFERENCES]


def timestamp_of(text: str) -> datetime | None:
    """Return a moment in UTC; None: the text is none, or does not say in which zone it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)


def line_row(
    attributes: Iterable[tuple[str | None, str | None]],
    named: str | None,
    texts: Iterable[str | None],
    row: dict[str, Any],
) -> dict[str, Any]:
    """Add to a line what it says of the charge that it bills.

    Args:
        attributes: name and value of its attributes (BG-32).
        named: the object that it names (BT-128).
        texts: everything else that may hold an id: article numbers, name, description, note.
        row: the rest of the line.
    """
    known: dict[str, str] = {}
    for name, value in attributes:
        field = field_called(name) if name and value else None
        if field is not None and value:
            known.setdefault(field, value)
    start = known.get("start_at")
    return {
        **row,
        "cdr_reference": known.get("cdr_id") or named,
        "session_reference": known.get("session_id"),
        "other_references": references_in(texts),
        "evse_id": known.get("evse_id"),
        "start_at": timestamp_of(start) if start else None,
    }
