"""Bad objects: all their reasons, nobody's identifiers, nothing else spoiled."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import (
    CDR,
    FETCHED,
    LOCATION,
    TARIFF,
    TOKEN,
    changed,
    context,
    decode,
    deviations,
    reasons,
    row,
    rows,
)

from models.ocpi.decode import decode_pages
from models.ocpi.modules import MODULES
from models.ocpi.page_rows import MAX_PAYLOAD


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[]", "not a JSON object but a list"),
        (b"null", "not a JSON object but null"),
        (b"7", "not a JSON object but a number"),
        (b'"x"', "not a JSON object but a text"),
        (b"true", "not a JSON object but a boolean"),
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_object_is_refused(raw: bytes, reason: str) -> None:
    decoded = decode("cdrs", raw, CDR)
    ((found,),) = reasons(decoded)
    assert found.startswith(reason)
    assert decoded.frames["core.cdrs"].height == 1
    assert (decoded.object_count, decoded.quarantined) == (2, 1)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("depth", [100, 300, 500, 900])
def test_nesting_beyond_reason_spoils_only_its_own_object(module: str, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    names = [*CDR, *LOCATION, *TARIFF, "evses", "charging_periods", "x_own", "signed_data"]
    raws = [f'{{"id":"1","uid":"1","{name}":{deep}}}' for name in names]
    raws += [json.dumps({**CDR, "tariffs": [], "signed_data": 7}).replace("7", deep)]
    decoded = decode(module, *raws)
    assert decoded.object_count == len(raws)


def test_a_number_of_absurd_precision_does_not_spoil_its_page() -> None:
    raw = json.dumps(CDR).replace('"TIME", "volume": 0.5', '"TIME", "volume": 1e-99999999999')
    period, _ = rows(decode("cdrs", raw, CDR), "core.charging_periods")
    assert (period["time_h"], period["time_h_decimals"]) == (0, 99)


def test_a_refused_object_says_who_it_is_and_where_it_came_from() -> None:
    refused = row(decode("cdrs", changed(CDR, currency=None)), "core.quarantine")
    assert (refused["country_code"], refused["party_id"], refused["object_id"]) == (
        "NL",
        "VOL",
        "C1",
    )
    assert (refused["partner"], refused["module"], refused["page_id"]) == (
        "voltix",
        "cdrs",
        "page-1",
    )
    assert refused["fetched_at"] == FETCHED


def test_the_deviations_of_a_refused_object_are_not_listed() -> None:
    assert not deviations(decode("cdrs", changed(CDR, currency=None, total_energy="12.5")))


def test_people_are_masked_in_a_payload() -> None:
    refused = row(decode("cdrs", changed(CDR, currency=None)), "core.quarantine")
    token = json.loads(refused["payload"])["cdr_token"]
    assert token["uid"] == "p:04AABBCC"
    assert token["contract_id"] == "p:NL-EMS-C1-X"
    assert json.loads(refused["payload"])["cdr_location"]["evse_uid"] == "E1"


TOKEN_OF_CDR = CDR["cdr_token"]
IN_DISGUISE: list[dict[str, Any]] = [
    {"cdr_token": {"UID": "04AABBCC", "Contract_ID": "NL-EMS-C1-X"}},
    {"cdr_token": {**TOKEN_OF_CDR, "uid": ["04AABBCC", ["04AABBCC"]]}},
    {"cdr_token": {**TOKEN_OF_CDR, "uid": {"value": "04AABBCC"}}},
    {"cdr_token": {**TOKEN_OF_CDR, "contract_id": {"id": ["NL-EMS-C1-X"]}}},
    {"cdr_token": "04AABBCC"},
    {"cdr_token": [["04AABBCC", "NL-EMS-C1-X"]]},
    {"cdr_token": None, "CdrToken": TOKEN_OF_CDR},
    {"id": TOKEN_OF_CDR},
    {"id": [TOKEN_OF_CDR]},
    {"meter_id": {"type": "RFID", "uid": "04AABBCC"}},
    {"cdr_token": {"id": "04AABBCC", "type": "RFID"}},
    {"meter_id": TOKEN_OF_CDR},
    {"authorization_reference": TOKEN_OF_CDR, "meter_id": [TOKEN_OF_CDR]},
]


@pytest.mark.parametrize("change", IN_DISGUISE)
@pytest.mark.parametrize("refused", [True, False])
def test_people_are_hidden_wherever_a_malformed_object_names_them(
    change: dict[str, Any], refused: bool
) -> None:
    sent = changed(CDR, **change, **({"currency": None} if refused else {}))
    decoded = decode("cdrs", sent)
    shown = "".join(frame.write_json() for frame in decoded.frames.values())
    hidden = re.sub("p:(04AABBCC|NL-EMS-C1-X)", "", shown)
    assert "04AABBCC" not in hidden
    assert "NL-EMS-C1-X" not in hidden


def test_people_are_masked_in_a_token_and_in_its_id() -> None:
    broken = changed(TOKEN, country_code=None)
    refused = row(decode("tokens", broken, own_party=("", "")), "core.quarantine")
    assert refused["object_id"] == "p:04AABBCC"
    assert json.loads(refused["payload"])["uid"] == "p:04AABBCC"
    assert json.loads(refused["payload"])["visual_number"] == "p:DF000-1"


def test_people_are_masked_in_what_cannot_be_parsed() -> None:
    raw = json.dumps(CDR)[:-1] + ","
    refused = row(decode("cdrs", raw), "core.quarantine")
    assert "04AABBCC" not in refused["payload"]
    assert "NL-EMS-C1-X" not in refused["payload"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": "C1", "cdr_token": {"uid": , : "04AABBCC"',
        b'{"id": "C1", "cdr_token": {"u\xffid": "04:AA:BB:CC"',
        b'{"cdr_token": {"u\xffid": "NL-EMS-C1-X", "t"04AABBCC"}',
    ],
)
def test_nothing_that_may_name_somebody_is_shown_of_what_cannot_be_parsed(raw: bytes) -> None:
    refused = row(decode("cdrs", raw.decode("latin-1")), "core.quarantine")
    assert not re.search("AABB|AA:BB|EMS-C1", refused["payload"])
    assert "cdr_token" in refused["payload"]


def test_an_evse_uid_in_a_payload_is_not_a_person() -> None:
    refused = row(decode("locations", changed(LOCATION, id=None)), "core.quarantine")
    assert json.loads(refused["payload"])["evses"][0]["uid"] == "E1"


def test_a_large_payload_is_cut() -> None:
    refused = row(
        decode("cdrs", changed(CDR, currency=None, remark="é" * 100_000)), "core.quarantine"
    )
    assert len(refused["payload"].encode()) <= MAX_PAYLOAD


def test_the_payload_hash_tells_distinct_objects_apart() -> None:
    bad = changed(CDR, currency=None)
    decoded = decode("cdrs", bad, bad, changed(bad, id="C2"))
    hashes = [refused["payload_hash"] for refused in rows(decoded, "core.quarantine")]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("module", MODULES)
def test_an_empty_page_gives_empty_frames_of_every_table(module: str) -> None:
    decoded = decode(module)
    assert set(decoded.frames) == {*MODULES[module].tables, "core.quarantine", "core.deviations"}
    assert all(frame.is_empty() for frame in decoded.frames.values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*CDR, *LOCATION, *TARIFF, *TOKEN, "uid", "connectors"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(
    st.sampled_from(sorted(MODULES)),
    st.sampled_from(["2.1.1", "2.2.1", "2.3.0", None]),
    st.lists(JSON, max_size=3),
)
def test_whatever_json_comes_nothing_crashes_and_every_object_is_accounted_for(
    module: str, version: str | None, objects: list[object]
) -> None:
    raws = [json.dumps(one).encode() for one in objects]
    decoded = decode_pages([(raws, context(module, version))])
    main = MODULES[module].tables[0]
    accounted = decoded.frames[main].height + decoded.quarantined
    assert decoded.object_count == len(objects)
    assert accounted >= len(objects)
