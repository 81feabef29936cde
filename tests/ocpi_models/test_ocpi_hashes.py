"""The content hash names a content: the same for every spelling, another for every change."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import (
    CDR,
    CDR_230,
    EVSE,
    LOCATION,
    SESSION,
    TARIFF,
    TOKEN,
    changed,
    decode,
    rows,
)

from models.ocpi.json.canonical import canonical_number, canonical_text
from models.ocpi.json.parse import parse_strictly
from models.ocpi.modules import MODULES

SAMPLES = {
    "cdrs": ("core.cdrs", CDR),
    "sessions": ("core.sessions", SESSION),
    "tariffs": ("core.tariffs", TARIFF),
    "locations": ("core.locations", LOCATION),
}


def hash_of(module: str, sample: dict[str, Any] | str, table: str | None = None) -> str:
    (only,) = rows(decode(module, sample), table or SAMPLES[module][0])
    assert len(only["content_hash"]) == 32
    content_hash: str = only["content_hash"]
    return content_hash


@pytest.mark.parametrize("module", SAMPLES)
def test_the_hash_does_not_depend_on_spelling_or_last_updated(module: str) -> None:
    sample = SAMPLES[module][1]
    original = hash_of(module, sample)
    assert hash_of(module, json.dumps(sample, indent=3, sort_keys=True)) == original
    assert hash_of(module, dict(reversed(sample.items()))) == original
    assert hash_of(module, changed(sample, last_updated="2027-01-01T00:00:00Z")) == original
    spelled = json.dumps(sample).replace("12.5", "12.500").replace("0.45", "4.5e-1")
    assert hash_of(module, spelled) == original


@pytest.mark.parametrize(
    ("module", "version", "sample", "pinned"),
    [
        ("cdrs", "2.2.1", CDR, "c5f62a60ea7ac11e7edf0cb5e514f0bf"),
        ("cdrs", "2.3.0", CDR_230, "97082f3c659010310d49380c50ec48c7"),
        ("sessions", "2.2.1", SESSION, "ab142330aea89b55e99c314c6d1cddd3"),
        ("locations", "2.2.1", LOCATION, "fe4cf0a7f433ec26c00b0e7aa7762ba5"),
        ("tokens", "2.2.1", TOKEN, "dbbcbadb2efba386cb008af731836538"),
    ],
)
def test_what_stands_in_warehouses_keeps_its_hash(
    module: str, version: str, sample: dict[str, Any], pinned: str
) -> None:
    """Else every CDR would look changed when it comes again after an upgrade."""
    decoded = decode(module, sample, version=version)
    assert rows(decoded, MODULES[module].tables[0])[0]["content_hash"] == pinned


def test_a_column_added_since_counts_where_it_is_known() -> None:
    samples = [CDR_230, changed(CDR_230, booking_id="B1"), changed(CDR_230, booking_id="B2")]
    decoded = [decode("cdrs", sample, version="2.3.0") for sample in samples]
    assert len({rows(one, "core.cdrs")[0]["content_hash"] for one in decoded}) == 3


@pytest.mark.parametrize(
    ("module", "path", "value"),
    [
        ("cdrs", "total_energy", 12.501),
        ("cdrs", "remark", "x"),
        ("cdrs", "cdr_token__uid", "04AABBCD"),
        ("cdrs", "charging_periods__0__dimensions__0__volume", 12.6),
        ("cdrs", "charging_periods__0__start_date_time", "2026-10-03T09:00:01Z"),
        ("cdrs", "tariffs__0__elements__0__price_components__0__price", 0.46),
        ("cdrs", "tariffs", []),
        ("cdrs", "tariffs", None),
        ("sessions", "kwh", 12.6),
        ("sessions", "charging_periods__0__tariff_id", "T2"),
        ("tariffs", "elements__0__price_components__0__vat", None),
        ("tariffs", "currency", "GBP"),
        ("locations", "address", "Plein 2"),
        ("locations", "coordinates__latitude", "52.0900001"),
    ],
)
def test_every_change_of_content_changes_the_hash(module: str, path: str, value: Any) -> None:
    sample = SAMPLES[module][1]
    assert hash_of(module, changed(sample, **{path: value})) != hash_of(module, sample)


def test_places_are_hashed_without_what_is_in_them() -> None:
    busy = changed(LOCATION, evses__0__status="CHARGING")
    cheap = changed(LOCATION, evses__0__connectors__0__tariff_ids=["T2"])
    assert hash_of("locations", busy) == hash_of("locations", LOCATION)
    evse, connector = "core.evses", "core.connectors"
    assert hash_of("locations", busy, evse) != hash_of("locations", LOCATION, evse)
    assert hash_of("locations", cheap, evse) == hash_of("locations", LOCATION, evse)
    assert hash_of("locations", cheap, connector) != hash_of("locations", LOCATION, connector)
    assert hash_of(
        "locations",
        changed(LOCATION, evses=[changed(EVSE, last_updated="2026-12-01T00:00:00Z")]),
        evse,
    ) == hash_of("locations", LOCATION, evse)


def test_how_many_decimals_hours_were_stated_with_is_no_content() -> None:
    stated = json.dumps(CDR).replace('"volume": 0.5', '"volume": 0.50')
    assert hash_of("cdrs", stated) == hash_of("cdrs", CDR)


def test_fields_do_not_run_into_each_other() -> None:
    one = changed(CDR, session_id="a", remark=None)
    other = changed(CDR, session_id=None, remark="a")
    assert hash_of("cdrs", one) != hash_of("cdrs", other)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(min_value=0, max_value=5))
def test_a_number_has_one_spelling(number: Decimal, zeros: int) -> None:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    respelled = Decimal((sign, (*digits, *[0] * zeros), exponent - zeros))
    assert canonical_text(respelled) == canonical_text(number)
    canonical = canonical_number(number)
    assert canonical is not None
    assert Decimal(canonical) == number


@given(
    st.recursive(
        st.integers() | st.text() | st.booleans(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_canonical_text_is_stable(value: Any) -> None:
    once = canonical_text(value)
    assert canonical_text(parse_strictly(once.encode())) == once
