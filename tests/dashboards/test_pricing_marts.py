"""Basket prices of connectors, and what versions of tariffs changed, on a few rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from pipelines.stages.marts.stage import fill_places, fill_prices
from tests.dashboards.warehouse_rows import AS_OF, OWNER, write_evse, write_row
from tests.in_memory import in_memory


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def write_tariff(
    con: duckdb.DuckDBPyConnection,
    name: str,
    price: float,
    *,
    since: datetime = AS_OF - timedelta(days=30),
    until: datetime | None = None,
    vat: float | None = None,
    currency: str = "EUR",
    **more: Any,
) -> None:
    component = {"type": "ENERGY", "price": price, "step_size": 1}
    component |= {} if vat is None else {"vat": vat}
    owner = {**OWNER, **{key: more.pop(key) for key in OWNER if key in more}}
    whole = {"id": name, "currency": currency, **more}
    whole["elements"] = [{"price_components": [component]}]
    text = json.dumps(whole)
    write_row(
        con,
        "core.tariffs",
        **owner,
        id=name,
        valid_from_at=since,
        valid_to_at=until,
        currency=currency,
        tariff=text,
        content_hash=text,
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    fill_places(con, AS_OF)
    fill_prices(con, AS_OF)


def noon(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return (
        con.sql(
            "select * from mart.price_baskets where moment = 'noon' and idle_min = 0 "
            "order by offer, power_class"
        )
        .pl()
        .to_dicts()
    )


def test_connectors_that_pay_the_same_are_one_row(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.4, vat=21)
    for uid in ("E1", "E2", "E3"):
        write_evse(con, uid, connector={"tariff_ids": ["kwh"]})

    fill(con)

    (row,) = noon(con)
    assert row["connector_count"] == 3
    assert (row["state"], row["currency"], row["tariff_ids"]) == ("priced", "EUR", ["KWH"])
    assert row["cost_excl_vat"] == Decimal("8.8")
    assert row["per_kwh_excl_vat"] == Decimal("0.4")
    assert row["per_kwh_incl_vat"] == Decimal("0.484")


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        (None, "TARIFF_NOT_STATED"),
        ([], "TARIFF_NOT_STATED"),
        (["NOWHERE"], "TARIFF_UNKNOWN"),
        (["OLD"], "TARIFF_ENDED"),
        (["LATER"], "TARIFF_NOT_ACTIVE"),
    ],
)
def test_what_has_no_price_is_unknown_and_says_why(
    con: duckdb.DuckDBPyConnection, ids: list[str] | None, reason: str
) -> None:
    write_tariff(con, "OLD", 0.3, until=AS_OF - timedelta(days=1))
    write_tariff(con, "LATER", 0.3, start_date_time="2030-01-01T00:00:00Z")
    write_evse(con, "E1", connector={"tariff_ids": ids})

    fill(con)

    (row,) = noon(con)
    assert (row["state"], row["reason"]) == ("unpriced", reason)
    assert row["cost_excl_vat"] is row["per_kwh_excl_vat"] is None


def test_no_basket_fits_an_unknown_power(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.4)
    write_evse(
        con,
        "E1",
        connector={"tariff_ids": ["KWH"], "power_type": "DC", "power_kw": None},
    )

    fill(con)

    (row,) = noon(con)
    assert (row["power_class"], row["reason"]) == ("unknown", "POWER_UNKNOWN")


def test_the_only_other_party_lends_its_tariff(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.4, party_id="SIS")
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})

    fill(con)

    assert noon(con)[0]["per_kwh_excl_vat"] == Decimal("0.4")


def test_two_other_parties_leave_it_unknown(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.4, party_id="SIS")
    write_tariff(con, "KWH", 0.5, party_id="BRO")
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})

    fill(con)

    assert noon(con)[0]["reason"] == "TARIFF_UNKNOWN"


def test_copies_of_an_evse_are_priced_once(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.4)
    write_evse(con, "E1", canonical_evse="X", connector={"tariff_ids": ["KWH"]})
    write_evse(
        con, "E2", canonical_evse="X", is_current_copy=False, connector={"tariff_ids": ["KWH"]}
    )

    fill(con)

    assert [row["connector_count"] for row in noon(con)] == [1]


def test_an_outlier_is_far_from_five_peers(con: duckdb.DuckDBPyConnection) -> None:
    for number, price in enumerate((0.38, 0.39, 0.40, 0.41, 0.42, 0.9)):
        write_tariff(con, f"T{number}", price)
        write_evse(con, f"E{number}", connector={"tariff_ids": [f"T{number}"]})

    fill(con)

    assert [row["is_outlier"] for row in noon(con)] == [False] * 5 + [True]


def test_four_peers_are_too_few_to_tell(con: duckdb.DuckDBPyConnection) -> None:
    for number, price in enumerate((0.4, 0.4, 0.4, 0.9)):
        write_tariff(con, f"T{number}", price)
        write_evse(con, f"E{number}", connector={"tariff_ids": [f"T{number}"]})

    fill(con)

    assert {row["is_outlier"] for row in noon(con)} == {None}


def test_a_version_is_priced_against_the_one_before(con: duckdb.DuckDBPyConnection) -> None:
    changed = AS_OF - timedelta(days=3)
    write_tariff(con, "KWH", 0.4, until=changed, end_date_time="2026-10-18T00:00:00Z")
    write_tariff(con, "KWH", 0.5, since=changed)
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})
    write_evse(con, "E2", connector={"tariff_ids": ["KWH"]})

    fill(con)

    rows = con.execute(
        "select valid_from_at, power_class, connector_count, before_per_kwh_excl_vat, "
        "after_per_kwh_excl_vat, delta_per_kwh_excl_vat from mart.price_changes "
        "where moment = 'noon' and idle_min = 0"
    ).fetchall()
    assert rows == [(changed, "ac", 2, Decimal("0.4"), Decimal("0.5"), Decimal("0.1"))]


def test_a_change_of_currency_has_no_difference(con: duckdb.DuckDBPyConnection) -> None:
    changed = AS_OF - timedelta(days=3)
    write_tariff(con, "KWH", 0.4, until=changed)
    write_tariff(con, "KWH", 0.5, since=changed, currency="GBP")
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})

    fill(con)

    rows = con.execute(
        "select distinct currency, previous_currency, delta_per_kwh_excl_vat "
        "from mart.price_changes"
    ).fetchall()
    assert rows == [("GBP", "EUR", None)]


def test_a_tariff_nobody_names_changes_no_connector(con: duckdb.DuckDBPyConnection) -> None:
    changed = AS_OF - timedelta(days=3)
    write_tariff(con, "KWH", 0.4, until=changed)
    write_tariff(con, "KWH", 0.3, since=changed)
    write_evse(con, "E1", connector={"tariff_ids": None})

    fill(con)

    rows = con.execute(
        "select power_class, connector_count, delta_per_kwh_excl_vat from mart.price_changes "
        "where moment = 'noon' and idle_min = 0 order by power_class"
    ).fetchall()
    assert rows == [(name, 0, Decimal("-0.1")) for name in ("ac", "dc", "hpc")]


def test_a_connector_that_several_versions_touch_counts_once(
    con: duckdb.DuckDBPyConnection,
) -> None:
    days = [AS_OF - timedelta(days=age) for age in (30, 20, 10)]
    for price, since, until in zip((0.4, 0.5, 0.6), days, (*days[1:], None), strict=True):
        write_tariff(con, "KWH", price, since=since, until=until)
        write_tariff(con, "FLEET", price + 0.1, since=since, until=until)
    write_tariff(con, "CHEAP", 0.4, since=days[0], until=days[1])
    write_tariff(con, "CHEAP", 0.3, since=days[1])
    write_evse(con, "E1", connector={"tariff_ids": ["KWH", "FLEET"]})
    write_evse(con, "E2", connector={"tariff_ids": ["kwh", "CHEAP"]})

    fill(con)

    text = (files("dashboards") / "sql" / "changes" / "prices.sql").read_text()
    write_row(con, "ops.pages", page_id="P", fetched_at=AS_OF)
    basket = {"places": None, "moment": "noon", "idle_min": 0}
    since = {days: (AS_OF - timedelta(days=days)).isoformat() for days in (25, 15, 5)}
    totals = ("direction", "direction_tariff_count", "direction_connector_count")
    found = {
        age: sorted(
            con.sql(text, params={**basket, "since": at}).pl().select(totals).unique().rows()
        )
        for age, at in since.items()
    }
    assert found == {25: [("cheaper", 1, 1), ("dearer", 2, 2)], 15: [("dearer", 2, 2)], 5: []}


def test_a_price_that_went_up_and_down_again_did_not_change(
    con: duckdb.DuckDBPyConnection,
) -> None:
    days = [AS_OF - timedelta(days=age) for age in (30, 20, 10)]
    for price, begin, end in zip((0.4, 0.6, 0.4), days, (*days[1:], None), strict=True):
        write_tariff(con, "KWH", price, since=begin, until=end)
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})
    write_row(con, "ops.pages", page_id="P", fetched_at=AS_OF)

    fill(con)

    text = (files("dashboards") / "sql" / "changes" / "prices.sql").read_text()
    basket = {"places": None, "moment": "noon", "idle_min": 0}
    whole, half = (
        con.sql(text, params={**basket, "since": (AS_OF - timedelta(days=age)).isoformat()}).pl()
        for age in (25, 15)
    )
    assert whole.is_empty()
    assert half["delta_per_kwh_excl_vat"].to_list() == [Decimal("-0.2")]
    assert half["delta_share"].to_list() == [pytest.approx(-1 / 3)]
