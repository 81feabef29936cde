"""Sessions, tokens, hub clients and invoice records."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from object_samples import (
    CDR_211,
    SESSION,
    TOKEN,
    changed,
    decode,
    deviations,
    kinds,
    reasons,
    row,
)

CLIENT = {
    "country_code": "NL",
    "party_id": "EMS",
    "role": "EMSP",
    "status": "CONNECTED",
    "last_updated": "2026-10-01T00:00:00Z",
}
INVOICE = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "R1",
    "invoice_id": "2026-10",
    "cdrs": ["C1", "C2"],
    "last_updated": "2026-11-01T00:00:00Z",
}


def test_a_clean_session_is_a_row_without_deviation() -> None:
    decoded = decode("sessions", SESSION)
    assert not deviations(decoded)
    session = row(decoded, "core.sessions")
    assert (session["energy_kwh"], session["status"]) == (Decimal("12.5"), "COMPLETED")
    assert session["token_uid"] == "p:04AABBCC"
    assert session["total_cost_incl_vat"] is None
    assert json.loads(session["charging_periods"])[0]["tariff_id"] == "T1"


def test_a_session_that_goes_on_has_no_end_and_no_cost() -> None:
    ongoing = changed(SESSION, end_date_time=..., total_cost=None, status="ACTIVE")
    session = row(decode("sessions", ongoing), "core.sessions")
    assert (session["end_at"], session["total_cost_excl_vat"]) == (None, None)


def test_a_session_of_2_1_1() -> None:
    sample = {
        **{k: CDR_211[k] for k in ("id", "auth_id", "auth_method", "location", "currency")},
        "start_datetime": "2026-10-03T09:00:00Z",
        "end_datetime": "2026-10-03T10:00:00Z",
        "kwh": "12.5",
        "total_cost": 5.63,
        "status": "completed",
        "last_updated": "2026-10-03T10:01:00Z",
    }
    decoded = decode("sessions", sample, version="2.1.1")
    session = row(decoded, "core.sessions")
    assert (session["location_id"], session["evse_uid"], session["evse_id"]) == (
        "L1",
        "E1",
        "NL*VOL*E1",
    )
    assert (session["total_cost_excl_vat"], session["status"]) == (Decimal("5.63"), "COMPLETED")
    assert kinds(decoded) == {("kwh", "coerced"), ("status", "normalised")}


@pytest.mark.parametrize("name", ["start_datetime", "start_date_time"])
def test_a_start_under_the_name_of_another_version_is_found(name: str) -> None:
    sample = changed(SESSION, start_date_time=...) | {name: "2026-10-03T09:00:00Z"}
    assert row(decode("sessions", sample), "core.sessions")["start_at"].hour == 9


def test_an_end_under_the_name_of_another_version_is_found() -> None:
    sample = changed(SESSION, end_date_time=...) | {"end_datetime": "2026-10-03T10:00:00Z"}
    decoded = decode("sessions", sample)
    assert row(decoded, "core.sessions")["end_at"].hour == 10
    assert kinds(decoded) == {("end_date_time", "renamed")}


@pytest.mark.parametrize("status", [None, "", "DREAMING", ..., 7])
def test_a_session_without_a_usable_status_is_refused(status: Any) -> None:
    decoded = decode("sessions", changed(SESSION, status=status))
    assert len(reasons(decoded)) == 1
    assert decoded.frames["core.sessions"].is_empty()


def test_tokens_are_pseudonyms_in_every_column() -> None:
    decoded = decode("tokens", TOKEN)
    assert not deviations(decoded)
    token = row(decoded, "core.tokens")
    people = ("uid", "contract_id", "visual_number", "group_id")
    assert all(token[name].startswith("p:") for name in people)
    assert (token["type"], token["valid"], token["whitelist"]) == ("RFID", True, "ALLOWED")


def test_a_token_of_2_1_1_has_its_contract_in_auth_id() -> None:
    sample = changed(TOKEN, contract_id=...) | {"auth_id": "NL-EMS-C1-X"}
    decoded = decode("tokens", sample, version="2.1.1")
    assert row(decoded, "core.tokens")["contract_id"] == "p:NL-EMS-C1-X"
    assert not deviations(decoded)


def test_a_token_of_an_unknown_type_is_kept() -> None:
    for sent in (None, "KEYFOB", ""):
        decoded = decode("tokens", changed(TOKEN, type=sent))
        assert row(decoded, "core.tokens")["type"] in {"OTHER", "KEYFOB"}
        assert deviations(decoded)


def test_a_pseudonym_is_made_once_for_each_person_on_a_page() -> None:
    asked: list[str] = []

    def pseudonym(person: str) -> str:
        asked.append(person)
        return person[::-1]

    decode("sessions", SESSION, changed(SESSION, id="S2", kwh="1"), pseudonym=pseudonym)
    assert sorted(asked) == ["04AABBCC", "NL-EMS-C1-X"]


def test_hub_clients_and_invoices() -> None:
    client = row(decode("hubclientinfo", CLIENT), "core.hub_clients")
    assert (client["role"], client["status"]) == ("EMSP", "CONNECTED")
    invoice = row(decode("invoicereconciliation", INVOICE, version="2.3.0"), "core.invoices")
    assert (invoice["invoice_id"], invoice["cdr_ids"]) == ("2026-10", ["C1", "C2"])


@pytest.mark.parametrize(
    ("module", "sample", "member"),
    [
        ("hubclientinfo", CLIENT, "role"),
        ("hubclientinfo", CLIENT, "status"),
        ("invoicereconciliation", INVOICE, "invoice_id"),
        ("invoicereconciliation", INVOICE, "id"),
        ("tokens", TOKEN, "uid"),
    ],
)
def test_what_core_cannot_hold_is_refused(module: str, sample: dict[str, Any], member: str) -> None:
    assert reasons(decode(module, changed(sample, **{member: None}))) == [[f"{member}: missing"]]
