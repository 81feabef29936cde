"""The strict and the lenient decoder give the same frames, for clean pages and for dirty ones."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import CDR, CDR_230, PERIOD, SESSION, TARIFF, changed, context, decode_leniently
from polars.testing import assert_frame_equal

from models.ocpi.decode import decode_pages
from models.ocpi.decoded import PageOrigins
from models.ocpi.strict.cdrs import decode_cdrs, decode_sessions

VERSIONS = {"2.2": CDR, "2.2.1": CDR, "2.3.0": CDR_230}
_PATHS = (
    "country_code party_id id start_date_time end_date_time session_id cdr_token cdr_token__uid "
    "cdr_token__country_code cdr_token__party_id cdr_token__type auth_method cdr_location "
    "cdr_location__id cdr_location__city cdr_location__country cdr_location__coordinates "
    "cdr_location__coordinates__latitude cdr_location__coordinates__longitude "
    "cdr_location__connector_standard cdr_location__name currency tariffs tariffs__0 "
    "tariffs__0__id tariffs__0__currency charging_periods charging_periods__0 "
    "charging_periods__0__start_date_time charging_periods__0__dimensions "
    "charging_periods__0__dimensions__0 charging_periods__0__dimensions__0__type "
    "charging_periods__0__dimensions__0__volume charging_periods__0__tariff_id total_cost "
    "total_cost__excl_vat total_cost__incl_vat total_cost__before_taxes total_cost__taxes "
    "total_cost__taxes__0 total_cost__taxes__0__amount total_energy total_time "
    "total_parking_time total_fixed_cost total_time_cost credit remark meter_id signed_data "
    "credit_reference_id home_charging_compensation stop_date_time start_datetime last_updated"
)
PATHS = _PATHS.split()
VALUES: tuple[Any, ...] = (
    ...,
    None,
    "",
    " x ",
    "x" * 300,
    "nl",
    "NLD",
    "ÅÅ",
    "CafÃ©",
    "a\nb",
    "\x7f",
    "\x85",
    "\u2003x",
    "2026-10-03T09:00:00",
    "2026-10-03T09:00:00.5Z",
    "2026-10-03T09:00:00.1234567Z",
    "2026-02-30T09:00:00Z",
    "2026- 1-03T09:00:00Z",
    "2026-10-03T09:00:60Z",
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59.9Z",
    "1.5",
    "0",
    "52.090000000001",
    0,
    -1,
    7,
    1.5,
    0.1234567891,
    123456789012.5,
    1e30,
    True,
    [],
    {},
    [{}],
    ["a"],
    {"a": [1, {"b": None}]},
    {"excl_vat": 1, "incl_vat": None},
    {"excl_vat": None},
    {"excl_vat": "1.0", "extra": 1},
    {"before_taxes": 1, "taxes": []},
    {"before_taxes": 1, "taxes": [{"amount": 0.1}, {"amount": 0.2, "name": "x"}]},
    {"before_taxes": 999999999999, "taxes": [{"amount": 999999999999}]},
    {"type": "TIME", "volume": 1},
    {"type": "STATE_OF_CHARGE", "volume": 1},
    [{"type": "TIME", "volume": 1}, {"type": "TIME", "volume": 2}],
    [PERIOD, PERIOD],
    [TARIFF, changed(TARIFF, id="T2")],
    "UNKNOWN",
    "rfid",
    "MAX_POWER",
)


def broken(sample: dict[str, Any], changes: list[tuple[str, Any]]) -> dict[str, Any]:
    """The sample with those changes that can be made to it."""
    for path, value in changes:
        try:
            sample = changed(sample, **{path: copy.deepcopy(value)})
        except (KeyError, IndexError, TypeError):
            continue
    return sample


def origins(module: str, raws: list[bytes], version: str = "2.2.1") -> PageOrigins:
    return PageOrigins([context(module, version)], [len(raws)])


def assert_same(module: str, version: str, raws: list[bytes]) -> None:
    fast = decode_pages([(raws, context(module, version))])
    slow = decode_leniently(raws, context(module, version))
    assert fast.quarantined == slow.quarantined
    assert fast.frames.keys() == slow.frames.keys()
    for name, frame in slow.frames.items():
        assert_frame_equal(fast.frames[name], frame, check_exact=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_clean_cdr_goes_the_fast_way(version: str) -> None:
    raws = [json.dumps(changed(VERSIONS[version], id=f"C{i}")).encode() for i in range(3)]
    assert decode_cdrs(raws, version, origins("cdrs", raws, version)).objects == {0, 1, 2}
    assert_same("cdrs", version, raws)


def test_a_clean_session_goes_the_fast_way() -> None:
    raws = [json.dumps(SESSION).encode()]
    assert decode_sessions(raws, "2.2.1", origins("sessions", raws)).objects == {0}
    assert_same("sessions", "2.2.1", raws)


def test_a_dirty_cdr_does_not_keep_the_others_from_the_fast_way() -> None:
    pages = [CDR, changed(CDR, id=" C2"), changed(CDR, id="C3"), changed(CDR, tariffs=["T"])]
    raws = [*(json.dumps(cdr).encode() for cdr in pages), b"{", b"null"]
    assert decode_cdrs(raws, "2.2.1", origins("cdrs", raws)).objects == {0, 2}
    assert_same("cdrs", "2.2.1", raws)


# A page of many CDRs: a page takes as long as the next thirty CDRs on it.
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("first", range(0, len(PATHS), 6), ids=lambda first: PATHS[first])
def test_every_value_in_every_place(version: str, first: int) -> None:
    cdrs = [
        broken(VERSIONS[version], [(path, value)])
        for path in PATHS[first : first + 6]
        for value in VALUES
    ]
    assert_same("cdrs", version, [json.dumps(cdr).encode() for cdr in cdrs])


@given(st.datetimes(timezones=st.just(UTC)), st.integers(min_value=1, max_value=31))
def test_every_moment_and_every_day_that_does_not_exist(moment: datetime, day: int) -> None:
    text = moment.isoformat().replace("+00:00", "Z")
    texts = [text, f"{text[:8]}{day:02}{text[10:]}", f"{text[:5]}02-29{text[10:]}"]
    cdrs = [changed(CDR, start_date_time=t, id=f"C{i}") for i, t in enumerate(texts)]
    assert_same("cdrs", "2.2.1", [json.dumps(cdr).encode() for cdr in cdrs])


@pytest.mark.parametrize("text", ["2028-02-29T00:00:00Z", "2026-12-31T23:59:59.999999Z"])
def test_moments_of_every_day_go_the_fast_way(text: str) -> None:
    raws = [json.dumps(changed(CDR, end_date_time=text)).encode()]
    assert decode_cdrs(raws, "2.2.1", origins("cdrs", raws)).objects == {0}
    assert_same("cdrs", "2.2.1", raws)


CHANGES = st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(VALUES)), max_size=3)


@given(st.sampled_from(list(VERSIONS)), st.lists(CHANGES, min_size=1, max_size=5))
def test_pages_of_cdrs_with_several_faults(version: str, pages: list[Any]) -> None:
    cdrs = [broken(VERSIONS[version], changes) for changes in pages]
    assert_same("cdrs", version, [json.dumps(cdr).encode() for cdr in cdrs])


@given(st.lists(CHANGES, min_size=1, max_size=4), st.sampled_from(VALUES))
def test_pages_of_sessions(pages: list[Any], status: Any) -> None:
    sessions = [broken(SESSION, [*changes, ("kwh", status)]) for changes in pages]
    assert_same("sessions", "2.2.1", [json.dumps(session).encode() for session in sessions])


_NUMBERS = (
    "0.50 5 5.0 -0 -0.0 1e3 1E-3 0.123456789 0.1234567891 999999999 9999999999 "
    '999999999999.999999 0.0000001 00 +1 .5 5. 1_0 NaN null [] [1,\n2] {} "0.5" true'
)
NUMBERS = _NUMBERS.split(" ")


@pytest.mark.parametrize(
    "place",
    [
        '"volume": 12.5',
        '"volume": 0.5',
        '"total_energy": 12.5',
        '"excl_vat": 5.625',
        '"incl_vat": 6.80625',
    ],
)
def test_every_spelling_of_a_number(place: str) -> None:
    name = place.split(":")[0]
    raws = [json.dumps(CDR).replace(place, f"{name}: {number}").encode() for number in NUMBERS]
    assert_same("cdrs", "2.2.1", [*raws, json.dumps(CDR).encode()])


@given(
    st.text(max_size=6),
    st.sampled_from(["id", "cdr_location__city", "charging_periods__0__tariff_id", "remark"]),
)
def test_every_text(text: str, path: str) -> None:
    assert_same("cdrs", "2.2.1", [json.dumps(changed(CDR, **{path: text})).encode()])


@given(st.binary(max_size=40))
def test_any_bytes_at_all(junk: bytes) -> None:
    raw = json.dumps(CDR).encode()
    assert_same("cdrs", "2.2.1", [junk, raw[:200] + junk + raw[200:], raw])
