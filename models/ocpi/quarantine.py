"""Rows of `core.quarantine` and `core.deviations`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from models.ocpi.decoded_object import DecodedObject, RefusedPart, Row
from models.ocpi.issues import Deviation
from models.ocpi.json.canonical import digest, json_text
from models.ocpi.values.people import masked, masked_text

MAX_PAYLOAD = 64 * 1024


def refused_row(refused: RefusedPart, pseudonym: Callable[[str], str], *, is_token: bool) -> Row:
    """Return the row of a part of an object that was refused."""
    sent = json_text(refused.payload)
    hidden = json_text(masked(refused.payload, pseudonym, is_token=is_token))
    return {
        "country_code": refused.country_code,
        "party_id": refused.party_id,
        "object_id": refused.object_id,
        "reasons": refused.reasons,
        "payload_hash": digest(sent),
        "payload": _cut(hidden),
    }


def unreadable_row(raw: bytes | msgspec.Raw, reasons: list[str]) -> Row:
    """Return the row of bytes that are no JSON object."""
    sent = bytes(raw)
    return {
        "country_code": None,
        "party_id": None,
        "object_id": None,
        "reasons": reasons,
        "payload_hash": digest(sent),
        "payload": _cut(masked_text(sent[: 2 * MAX_PAYLOAD]).decode("utf-8", "replace")),
    }


def deviation_row(
    deviation: Deviation, country_code: str | None, party_id: str | None, object_id: str | None
) -> Row:
    """Return the row of one deviation of an object."""
    return {
        "country_code": country_code,
        "party_id": party_id,
        "object_id": object_id,
        "path": deviation.path or "$",
        "kind": deviation.kind,
        "original": deviation.original,
        "repaired": deviation.repaired,
    }


def refusal_of(decoded: DecodedObject, tree: dict[str, Any], object_id: str | None) -> RefusedPart:
    """Return the refusal of a whole object."""
    return RefusedPart(
        decoded.country_code, decoded.party_id, object_id, decoded.issues.reasons, tree
    )


def _cut(text: str) -> str:
    data = text.encode()
    return text if len(data) <= MAX_PAYLOAD else data[:MAX_PAYLOAD].decode("utf-8", "ignore")
