"""Which version an object is in, where nobody says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from object_samples import (
    CDR,
    CDR_211,
    CDR_230,
    CONNECTOR,
    EVSE,
    LOCATION,
    SESSION,
    TARIFF,
    TOKEN,
    changed,
    decode,
    deviations,
)

from models.ocpi.fields import detect_version

OLD_CONNECTOR = {"id": "1", "voltage": 230, "amperage": 16}
BOTH = {**CONNECTOR, "voltage": 230}


@pytest.mark.parametrize(
    ("sample", "version"),
    [
        (CDR, "2.2.1"),
        (CDR_211, "2.1.1"),
        (CDR_230, "2.3.0"),
        (SESSION, "2.2.1"),
        ({"id": "S", "start_datetime": "2026-10-03T09:00:00Z"}, "2.1.1"),
        (TARIFF, "2.2.1"),
        ({**TARIFF, "tax_included": "NO"}, "2.3.0"),
        ({**TARIFF, "min_price": {"before_taxes": 1}}, "2.3.0"),
        (TOKEN, "2.2.1"),
        ({"uid": "1", "auth_id": "2"}, "2.1.1"),
        (LOCATION, "2.2.1"),
        (changed(LOCATION, evses=[changed(EVSE, connectors=[OLD_CONNECTOR])]), "2.1.1"),
        (changed(LOCATION, evses=[changed(EVSE, connectors=[BOTH])]), "2.2.1"),
        ({**LOCATION, "parking_places": []}, "2.3.0"),
        ({}, "2.2.1"),
        ([], "2.2.1"),
    ],
)
def test_the_version_is_detected(sample: Any, version: str) -> None:
    assert detect_version(json.dumps(sample).encode()) == version


def test_what_is_no_json_has_the_default_version() -> None:
    assert detect_version(b"{") == "2.2.1"


def test_a_page_without_a_version_is_decoded_object_by_object() -> None:
    decoded = decode("cdrs", CDR, CDR_211, CDR_230, version=None)
    versions = decoded.frames["core.cdrs"].get_column("ocpi_version").to_list()
    assert versions == ["2.2.1", "2.1.1", "2.3.0"]
    assert not deviations(decoded)
