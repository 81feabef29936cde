"""The books: entries equal the statements, accruals come back, files fit the templates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from settle_builder import AS_OF, SettleBuilder, insert, rates

from models.contract import Contract
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import Ledger, Letterhead
from pipelines.exports.ledger import ledger_csv
from pipelines.stages.rating.pending import agreement_rows
from pipelines.stages.settle.closing import Closing
from pipelines.stages.settle.stage import settle_checks
from pipelines.stages.settle.warehouse import read_journal, unbooked

D = Decimal


def session(world: SettleBuilder, session_id: str, **fields: Any) -> None:
    start = fields.pop("start_at", datetime(2026, 10, 20, 10, tzinfo=UTC))
    row = {
        "partner": "voltix",
        "country_code": "NL",
        "party_id": "VOL",
        "id": session_id,
        "status": "COMPLETED",
        "start_at": start,
        "end_at": datetime(2026, 10, 20, 11, tzinfo=UTC),
        "energy_kwh": D(10),
        "currency": "EUR",
        "last_updated_at": start,
        "content_hash": session_id,
        "fetched_at": start,
        "page_id": "p",
    }
    insert(world.con, "core.sessions", [row | fields])


@pytest.fixture
def world() -> SettleBuilder:
    built = SettleBuilder.open()
    built.cdr("A", "10.00", rates={"21": "10"})
    disputed = {"verdict": "overclaimed", "disputed": "2", "rule": "TIME_COST_MISMATCH"}
    built.cdr("B", "12.00", rates={"21": "10"}, **disputed)
    return built


def entries(world: SettleBuilder, month: str = "2026-10") -> list[tuple[str, str, str, Decimal]]:
    rows = read_journal(world.con, month, None)
    return [(row["kind"], row["debit"], row["credit"], row["amount"]) for row in rows]


def test_a_statement_is_booked_with_its_tax_and_its_disputes(world: SettleBuilder) -> None:
    world.settle()
    assert entries(world) == [
        ("charging", "expense", "payable", D(20)),
        ("dispute_reserve", "dispute_expense", "dispute_reserve", D(2)),
        ("vat", "input_vat", "payable", D("4.20")),
    ]
    assert all(check.passed for check in settle_checks(world.con))


def test_a_credit_changes_the_accounts_over(world: SettleBuilder) -> None:
    world.cdr("C", "-30.00", rates={"21": "-30"}, credit=True)
    world.settle()
    assert ("charging", "payable", "expense", D(30)) in entries(world)
    assert all(check.passed for check in settle_checks(world.con))


def test_under_reverse_charge_both_sides_are_booked_at_our_own_rate(world: SettleBuilder) -> None:
    world.contracts = {"voltix": Contract(reverse_charge=True)}
    world.settle(own_country="DE")
    booked = ("reverse_charge_input_vat", "reverse_charge_output_vat", D("3.80"))
    assert ("reverse_charge", *booked) in entries(world)
    assert not [entry for entry in entries(world) if entry[0] == "vat"]


def test_sessions_without_a_cdr_are_accrued_and_taken_back(world: SettleBuilder) -> None:
    session(world, "S1", total_cost_excl_vat=D("4.50"))
    session(world, "S2")  # at the mean of 22.00 for 40 kWh
    session(world, "S3", total_cost_excl_vat=D(0))  # free
    world.settle()
    found = world.rows("settle.accruals", "session_id", "basis", "amount_excl_vat")
    assert found == [("S1", "session", D("4.50")), ("S2", "mean", D("5.50"))]
    assert ("accrual", "expense", "accrued", D(10)) in entries(world)
    assert entries(world, "2026-11") == [("accrual_reversal", "accrued", "expense", D(10))]


def test_a_session_over_the_months_end_is_accrued_in_part(world: SettleBuilder) -> None:
    begin = datetime(2026, 10, 31, 21, tzinfo=UTC)
    end = datetime(2026, 11, 1, 1, tzinfo=UTC)
    session(world, "S1", start_at=begin, end_at=end, total_cost_excl_vat=D(8))
    world.settle()
    found = world.rows("settle.accruals", "month", "kind", "amount_excl_vat")
    assert found == [("2026-10", "running", D(6)), ("2026-11", "completed", D(8))]


def test_a_session_with_its_cdr_is_accrued_no_more(world: SettleBuilder) -> None:
    session(world, "S1", total_cost_excl_vat=D(4))
    world.con.execute("update core.cdrs set session_id = 's1' where id = 'A'")
    world.settle()
    assert world.rows("settle.accruals", "session_id") == []


def test_a_session_of_two_connections_is_accrued_once_until_either_bills_it(
    world: SettleBuilder,
) -> None:
    world.contracts["hub"] = Contract()
    session(world, "S1", total_cost_excl_vat=D(4))
    session(world, "s1", partner="hub", total_cost_excl_vat=D(4))
    world.settle()
    assert world.rows("settle.accruals", "partner", "amount_excl_vat") == [("hub", D(4))]
    world.cdr("C", "4.00", partner="hub")
    world.con.execute("update core.cdrs set session_id = 'S1' where id = 'C'")
    world.settle()
    assert world.rows("settle.accruals", "session_id") == []


def test_a_claim_in_another_partys_name_bills_no_session(world: SettleBuilder) -> None:
    world.contracts["hub"] = Contract()
    session(world, "S1", total_cost_excl_vat=D(4))
    rejected = {"verdict": "rejected", "rejected": "4.00", "rule": "PARTY_NOT_PARTNERS"}
    world.cdr("C", "4.00", partner="hub", **rejected)
    world.con.execute("update core.cdrs set session_id = 'S1' where id = 'C'")
    world.settle()
    assert world.rows("settle.accruals", "partner", "amount_excl_vat") == [("voltix", D(4))]


def test_accruals_are_whole_minor_units(world: SettleBuilder) -> None:
    begin = datetime(2026, 10, 31, 21, tzinfo=UTC)
    end = datetime(2026, 11, 1, 1, tzinfo=UTC)
    for currency, cost in (("JPY", "411"), ("EUR", "4.11"), ("KWD", "0.411")):
        spent = {"currency": currency, "total_cost_excl_vat": D(cost)}
        session(world, currency, start_at=begin, end_at=end, **spent)
    world.settle()
    found = world.rows("settle.accruals", "month", "currency", "amount_excl_vat")
    assert [row[1:] for row in found if row[0] == "2026-10"] == [
        ("EUR", D("3.08")), ("JPY", D(308)), ("KWD", D("0.308"))
    ]  # fmt: skip


PLACE = {"location_id": "L", "evse_uid": "E", "connector_id": "1"}


def priced_connector(world: SettleBuilder) -> None:
    """A connector whose published tariff is 0.50 for a kWh and 0.30 for a minute of parking."""
    key = {"partner": "voltix", "country_code": "NL", "party_id": "VOL"}
    place = {"location_id": "l", "evse_uid": "E", "id": "1", "tariff_ids": ["T"]}
    insert(world.con, "core.connectors", [{**key, **place, "power_type": "AC_3_PHASE"}])
    tariff = (
        '{"id":"T","currency":"EUR","elements":[{"price_components":['
        '{"type":"ENERGY","price":0.5},{"type":"PARKING_TIME","price":18}]}]}'
    )
    insert(
        world.con,
        "core.tariffs",
        [
            {**key, "id": "T", "currency": "EUR", "content_hash": "t", "tariff": tariff,
             "valid_from_at": datetime(2026, 1, 1, tzinfo=UTC), "fetched_at": AS_OF, "page_id": "p"}
        ],
    )  # fmt: skip


def test_an_accrual_is_what_the_engine_makes_of_the_session(world: SettleBuilder) -> None:
    priced_connector(world)
    periods = (
        '[{"start_date_time":"2026-10-20T10:00:00Z","dimensions":[{"type":"ENERGY","volume":10}]},'
        '{"start_date_time":"2026-10-20T10:50:00Z","dimensions":'
        '[{"type":"PARKING_TIME","volume":0.1667}]}]'
    )
    session(world, "S1", **PLACE, total_cost_excl_vat=D("4.50"))
    session(world, "S2", **PLACE, charging_periods=periods)
    session(world, "S3", total_cost_excl_vat=D("4.50"))  # nobody knows where
    session(world, "S4", **PLACE, energy_kwh=None)
    world.settle()
    found = world.rows("settle.accruals", "session_id", "basis", "amount_excl_vat")
    assert found == [
        ("S1", "published", D(5)), ("S2", "published", D(8)), ("S3", "session", D("4.50")),
        ("S4", "unknown", None),
    ]  # fmt: skip


def test_an_accrual_is_at_the_agreed_price_where_there_is_one(world: SettleBuilder) -> None:
    priced_connector(world)
    agreed = {"currency": "EUR", "tariff_source": "agreement",
              "agreement": [{"energy": "0.4", "valid_from": "2026-10-20"}, {"discount": "10",
              "valid_to": "2026-10-19"}]}  # fmt: skip
    world.contracts = {"voltix": Contract.model_validate(agreed)}
    insert(world.con, "core.agreement_prices", agreement_rows(world.contracts).to_dicts())
    session(world, "S1", **PLACE)
    before = datetime(2026, 10, 12, 10, tzinfo=UTC)
    session(world, "S2", **PLACE, start_at=before, end_at=before + timedelta(hours=1))
    world.settle()
    found = world.rows("settle.accruals", "session_id", "basis", "amount_excl_vat")
    assert found == [("S1", "agreement", D(4)), ("S2", "agreement", D("4.50"))]


def test_unknown_tax_is_said_currency_by_currency(world: SettleBuilder) -> None:
    world.cdr("C", "5.00")
    world.cdr("D", "8.00", currency="DKK", country="DNK")
    world.settle()
    said = [one for one in unbooked(world.con, "2026-10", None, Letterhead()) if "VAT" in one]
    assert said == [
        "nobody stated the VAT of 8.00 DKK: none is booked",
        "nobody stated the VAT of 5.00 EUR: none is booked",
    ]


CHART = Ledger.model_validate(
    {
        "accounts": {"expense": "6300", "expense@NL": "6301", "payable": "3300"},
        "cost_centres": {"NL": "100", "*": "900"},
        "columns": {"Betrag": "amount", "Soll": "debit_account"},
    }
)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("datev", "20,00;S;EUR;6301;3300;3110;NL/VOL 2026-10 EUR;EV charging 2026-10 NL;100"),
        (
            "sap",
            "1,2026-10-31,40,6301,20.00,EUR,100,21.00,NL/VOL 2026-10 EUR,EV charging 2026-10 NL",
        ),
        ("own", "20.00,6301"),
        (
            "csv",
            "2026-10,2026-10-31,NL/VOL 2026-10 EUR,voltix,NL/VOL,charging,expense,payable,6301,"
            "3300,20.00,EUR,NL,21.00,100,EV charging 2026-10 NL",
        ),
    ],
)
def test_files_fit_what_the_books_take_in(world: SettleBuilder, kind: str, first: str) -> None:
    world.settle()
    text = ledger_csv(read_journal(world.con, "2026-10", None), CHART, kind).decode("utf-8-sig")
    assert text.splitlines()[1] == first
    assert datetime(2026, 10, 31, tzinfo=UTC) < AS_OF


@pytest.mark.parametrize("kind", ["datev", "sap", "own"])
def test_files_for_books_have_whole_minor_units(world: SettleBuilder, kind: str) -> None:
    world.cdr("P", "1.2345", rates={"9": "1.2345"})
    world.cdr("Q", "1.0000", rates={"6": "1", "7": "2"})
    world.cdr("Z", "0.0040", rates={"5": "0.004"})
    world.settle()
    text = ledger_csv(read_journal(world.con, "2026-10", None), CHART, kind).decode("utf-8-sig")
    mark = "," if kind == "datev" else r"\."
    assert re.findall(rf"\d{mark}\d{{3,}}", text) == []
    amounts = set(re.findall(rf"\b\d+{mark}\d\d\b", text))
    assert {amount.replace(",", ".") for amount in amounts} >= {"1.23", "0.33", "0.67"}
    assert not {"0,00", "0.00"} & amounts


def test_a_locked_month_keeps_its_entries_to_the_byte(world: SettleBuilder, tmp_path: Path) -> None:
    complete = {"partner": "voltix", "module": "cdrs", "party": "*", "pull_id": "q"}
    insert(world.con, "ops.watermarks", [{**complete, "complete_until_at": AS_OF}])
    insert(world.con, "ops.pages", [{"page_id": "p", "partner": "voltix", "fetched_at": AS_OF}])
    session(world, "S1", total_cost_excl_vat=D("4.50"))
    priced_connector(world)
    session(world, "S2", **PLACE)
    world.settle()
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as store:
        later = AS_OF + timedelta(days=9)
        closing = Closing(world.con, store, Contract(), rates(), "1", later)
        closing.lock("voltix", "2026-10", "ada")
        decisions = store.view()
    world.settle(decisions)
    booked = ledger_csv(read_journal(world.con, "2026-10", None), CHART, "csv")

    world.cdr("LATE", "4.00", rates={"21": "10"})
    world.con.execute(
        "update core.cdrs set session_id = 'S1', fetched_at = ? where id = 'LATE'", [later]
    )
    # What becomes known of its tariffs and sessions changes nothing that was accrued.
    world.con.execute("update core.tariffs set tariff = replace(tariff, '0.5', '0.9')")
    world.con.execute("update core.sessions set energy_kwh = 11 where id = 'S2'")
    session(world, "S3", total_cost_excl_vat=D("7.00"))
    world.settle(decisions, as_of=later)

    assert ledger_csv(read_journal(world.con, "2026-10", None), CHART, "csv") == booked
    november = entries(world, "2026-11")
    assert ("charging", "expense", "payable", D(4)) in november
    assert ("accrual_reversal", "accrued", "expense", D("9.50")) in november
    actual = world.rows("settle.accruals", "amount_excl_vat", "cdr_id", "actual_excl_vat")
    assert actual == [(D("4.50"), "LATE", D(4)), (D(5), None, None)]
    said = unbooked(world.con, "2026-11", "voltix", Letterhead())
    assert (
        "accrued in 2026-10 for 1 session that was billed since: 4.50 EUR, their CDRs claim "
        "4.00 EUR" in said
    )
