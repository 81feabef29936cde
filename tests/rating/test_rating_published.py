"""Which published tariff counts: the version in force, the order of the list, the claim."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import duckdb
from rating_world import KWH, ORIGIN, SEEN, START, insert, insert_cdr, insert_tariff, prices

from pipelines.stages.rating.warehouse import rate_warehouse

DAY = timedelta(days=1)


def test_an_announced_price_leaves_the_one_before_in_force(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "before")
    insert_cdr(con, "after", start_at=START + 3 * DAY, end_at=START + 3 * DAY + timedelta(hours=1))
    insert_tariff(con, "0.25", START - 9 * DAY, valid_to_at=START - DAY)
    insert_tariff(con, "0.5", START - DAY, start_at=START + 2 * DAY)
    rate_warehouse(con, {})
    assert prices(con) == {"before": "2.500000", "after": "5.000000"}


def test_a_withdrawn_tariff_is_no_tariff(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.25", START - 9 * DAY, valid_to_at=START - DAY)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "TARIFF_MISSING"}


def offer(con: duckdb.DuckDBPyConnection) -> None:
    """A connector that lists ZZ before AA."""
    place = {"location_id": "L", "evse_uid": "E"}
    names = ["ZZ", "AA"]
    connector = {**ORIGIN, **SEEN, **place, "id": "1", "tariff_ids": names, "first_seen_at": START}
    insert(con, "core.connectors", connector)
    for name, price in (("AA", "0.25"), ("ZZ", "0.4")):
        insert_tariff(con, price, START - DAY, id=name, tariff=KWH.format(id=name, price=price))


def claim(con: duckdb.DuckDBPyConnection, id: str, amount: str | None, **changes: object) -> None:
    insert_cdr(
        con, id, tariff_id=None, location_id="l", evse_uid="e", connector_id="1",
        total_cost_excl_vat=None if amount is None else Decimal(amount), **changes,
    )  # fmt: skip


def test_the_list_orders_tariffs_and_the_claim_chooses(con: duckdb.DuckDBPyConnection) -> None:
    offer(con)
    for id, amount in (
        ("none", None), ("second", "2.5"), ("above", "9"), ("between", "3"), ("below", "1")
    ):  # fmt: skip
        claim(con, id, amount)
    rate_warehouse(con, {})
    assert prices(con) == {
        "none": "4.000000", "second": "2.500000", "above": "4.000000", "between": "4.000000",
        "below": "4.000000",
    }  # fmt: skip
    notes = con.execute("select distinct notes from rating.cdrs where source = 'published'")
    assert notes.fetchall() == [(["PERIOD_WITHOUT_TARIFF_ID", "TARIFF_AMBIGUOUS"],)]


def test_what_the_cdrs_own_connector_names_is_the_tariff(con: duckdb.DuckDBPyConnection) -> None:
    offer(con)
    claim(con, "A", "4", connector_tariff_ids=["aa"])
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}
