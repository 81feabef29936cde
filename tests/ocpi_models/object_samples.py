"""Clean objects of each version to break in tests, and short ways to decode them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import polars as pl

from models.ocpi.decode import _STRICT, decode_pages
from models.ocpi.decoded import Decoded, PageContext
from models.tables import BY_NAME
from models.tables.schema_failures import schema_failures

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)

TARIFF: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "T1",
    "currency": "EUR",
    "elements": [
        {"price_components": [{"type": "ENERGY", "price": 0.45, "vat": 21.0, "step_size": 1}]}
    ],
    "last_updated": "2026-09-01T00:00:00Z",
}
PERIOD: dict[str, Any] = {
    "start_date_time": "2026-10-03T09:00:00Z",
    "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 0.50}],
    "tariff_id": "T1",
}
CDR: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "C1",
    "start_date_time": "2026-10-03T09:00:00Z",
    "end_date_time": "2026-10-03T10:00:00Z",
    "session_id": "S1",
    "cdr_token": {
        "country_code": "NL",
        "party_id": "EMS",
        "uid": "04AABBCC",
        "type": "RFID",
        "contract_id": "NL-EMS-C1-X",
    },
    "auth_method": "WHITELIST",
    "cdr_location": {
        "id": "L1",
        "name": "Station",
        "address": "Plein 1",
        "city": "Utrecht",
        "postal_code": "3511 AA",
        "country": "NLD",
        "coordinates": {"latitude": "52.09", "longitude": "5.11"},
        "evse_uid": "E1",
        "evse_id": "NL*VOL*E1",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_3_PHASE",
    },
    "currency": "EUR",
    "tariffs": [TARIFF],
    "charging_periods": [PERIOD],
    "total_cost": {"excl_vat": 5.625, "incl_vat": 6.80625},
    "total_energy": 12.5,
    "total_time": 1.0,
    "last_updated": "2026-10-03T10:05:00Z",
}
CDR_230: dict[str, Any] = {
    **CDR,
    "total_cost": {"before_taxes": 5.625, "taxes": [{"name": "VAT", "amount": 1.18125}]},
}
CDR_211: dict[str, Any] = {
    "id": "C1",
    "start_date_time": "2026-10-03T09:00:00Z",
    "stop_date_time": "2026-10-03T10:00:00Z",
    "auth_id": "NL-EMS-C1-X",
    "auth_method": "WHITELIST",
    "location": {
        "id": "L1",
        "name": "Station",
        "address": "Plein 1",
        "city": "Utrecht",
        "postal_code": "3511 AA",
        "country": "NLD",
        "coordinates": {"latitude": "52.09", "longitude": "5.11"},
        "time_zone": "Europe/Amsterdam",
        "evses": [
            {
                "uid": "E1",
                "evse_id": "NL*VOL*E1",
                "connectors": [
                    {
                        "id": "1",
                        "standard": "IEC_62196_T2",
                        "format": "SOCKET",
                        "power_type": "AC_3_PHASE",
                        "tariff_id": "T9",
                    }
                ],
            }
        ],
    },
    "currency": "EUR",
    "charging_periods": [
        {
            "start_date_time": "2026-10-03T09:00:00Z",
            "dimensions": [{"type": "FLAT", "volume": 1}, {"type": "ENERGY", "volume": 12.5}],
        }
    ],
    "total_cost": 5.63,
    "total_energy": 12.5,
    "total_time": 1,
    "total_parking_time": 0.25,
    "last_updated": "2026-10-03T10:05:00Z",
}
SESSION: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "S1",
    "start_date_time": "2026-10-03T09:00:00Z",
    "end_date_time": "2026-10-03T10:00:00Z",
    "kwh": 12.5,
    "cdr_token": CDR["cdr_token"],
    "auth_method": "WHITELIST",
    "location_id": "L1",
    "evse_uid": "E1",
    "connector_id": "1",
    "currency": "EUR",
    "charging_periods": [PERIOD],
    "total_cost": {"excl_vat": 5.625},
    "status": "COMPLETED",
    "last_updated": "2026-10-03T10:01:00Z",
}
CONNECTOR: dict[str, Any] = {
    "id": "1",
    "standard": "IEC_62196_T2",
    "format": "SOCKET",
    "power_type": "AC_3_PHASE",
    "max_voltage": 230,
    "max_amperage": 32,
    "tariff_ids": ["T1"],
    "last_updated": "2026-10-01T00:00:00Z",
}
EVSE: dict[str, Any] = {
    "uid": "E1",
    "evse_id": "NL*VOL*E1",
    "status": "AVAILABLE",
    "connectors": [CONNECTOR],
    "last_updated": "2026-10-01T00:00:00Z",
}
LOCATION: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "L1",
    "publish": True,
    "address": "Plein 1",
    "city": "Utrecht",
    "country": "NLD",
    "coordinates": {"latitude": "52.09", "longitude": "5.11"},
    "time_zone": "Europe/Amsterdam",
    "evses": [EVSE],
    "last_updated": "2026-10-01T00:00:00Z",
}
TOKEN: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "EMS",
    "uid": "04AABBCC",
    "type": "RFID",
    "contract_id": "NL-EMS-C1-X",
    "visual_number": "DF000-1",
    "issuer": "EMS",
    "group_id": "G1",
    "valid": True,
    "whitelist": "ALLOWED",
    "last_updated": "2026-10-01T00:00:00Z",
}


def changed(sample: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A copy of a sample with some members replaced; `a__b` reaches into `a`, `...` removes."""
    copied = copy.deepcopy(sample)
    for path, value in members.items():
        *steps, last = path.split("__")
        target: Any = copied
        for step in steps:
            target = target[int(step) if step.isdigit() else step]
        if value is ...:
            del target[last]
        else:
            target[int(last) if last.isdigit() else last] = value
    return copied


def context(module: str, version: str | None = "2.2.1", **others: Any) -> PageContext:
    """A page's context; pseudonyms are `p:` and the identifier."""
    settings: dict[str, Any] = {
        "partner": "voltix",
        "module": module,
        "version": version,
        "page_id": "page-1",
        "fetched_at": FETCHED,
        "own_party": ("NL", "OWN"),
        "pseudonym": lambda person: f"p:{person}",
    }
    return PageContext(**{**settings, **others})


def decode(
    module: str,
    *samples: dict[str, Any] | str | bytes,
    version: str | None = "2.2.1",
    **others: Any,
) -> Decoded:
    """Decode samples as one page and check every frame against its table."""
    raws = [
        s if isinstance(s, bytes) else s.encode() if isinstance(s, str) else json.dumps(s).encode()
        for s in samples
    ]
    decoded = decode_pages([(raws, context(module, version, **others))])
    for name, frame in decoded.frames.items():
        assert schema_failures(BY_NAME[name], frame, loaded=False) is None
    return decoded


def decode_leniently(raws: list[bytes], origin: PageContext) -> Decoded:
    """Decode a page object by object: the same frames, without the strict decoder."""
    with patch.dict(_STRICT, clear=True):
        return decode_pages([(raws, origin)])


def rows(decoded: Decoded, table: str) -> list[dict[str, Any]]:
    """The rows of one table."""
    return decoded.frames[table].to_dicts()


def row(decoded: Decoded, table: str) -> dict[str, Any]:
    """The only row of a table."""
    (only,) = rows(decoded, table)
    return only


def deviations(decoded: Decoded) -> list[tuple[str, str, str | None, str | None]]:
    """Path, kind, original and repaired of every deviation."""
    columns = ("path", "kind", "original", "repaired")
    return decoded.frames["core.deviations"].select(columns).rows()


def kinds(decoded: Decoded) -> set[tuple[str, str]]:
    """Path and kind of every deviation."""
    return {(path, kind) for path, kind, *_ in deviations(decoded)}


def reasons(decoded: Decoded) -> list[list[str]]:
    """The reasons of every refused object."""
    return decoded.frames["core.quarantine"].get_column("reasons").to_list()


def without_page(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame without what the page decides."""
    return frame.drop("fetched_at", "page_id")
