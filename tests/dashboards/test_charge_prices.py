"""One charge at many connectors: what it costs, worked out by hand, and how they rank."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from models.marts.prices_compare import OFFER, Wish, charge_prices, price_cells, price_steps, rank
from pipelines.stages.marts.stage import fill_places, fill_prices
from tests.dashboards.conftest import show
from tests.dashboards.test_pricing_marts import write_tariff
from tests.dashboards.warehouse_rows import AS_OF, write_evse
from tests.in_memory import in_memory

MONDAY = date(2026, 11, 2)
KWH = Decimal(30)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def offer(tariff: dict[str, Any] | None, kw: str = "50", zone: str = "Europe/Amsterdam") -> Any:
    text = None if tariff is None else [json.dumps({"id": "T", "currency": "EUR", **tariff})]
    return {
        **{"partner": "volt", "country_code": "NL", "party_id": "VLX", "offer": '["t"]'},
        **{"zone": zone, "kw": Decimal(kw), "tariffs": text},
        "reason": None if tariff else "TARIFF_UNKNOWN",
    }


def priced(*offers: Any, **wish: Any) -> list[dict[str, Any]]:
    schema: Any = {"kw": pl.Decimal(18, 9), "tariffs": pl.List(pl.String), "reason": pl.String}
    frame = pl.DataFrame(list(offers), schema_overrides=schema)
    asked = {"energy_kwh": KWH, "day": MONDAY, "clock": time(12), **wish}
    return charge_prices(frame, Wish(**asked)).to_dicts()


def elements(*components: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    element: dict[str, Any] = {"price_components": [{"step_size": 1, **one} for one in components]}
    return {"elements": [element | ({"restrictions": restrictions} if restrictions else {})]}


def test_energy_fee_and_idling_add_up() -> None:
    tariff = elements(
        {"type": "ENERGY", "price": 0.5, "vat": 21},
        {"type": "FLAT", "price": 1, "vat": 21},
        {"type": "PARKING_TIME", "price": 6, "vat": 21},
    )

    (row,) = priced(offer(tariff), idle_min=30)

    # 30 kWh at 0.50, 1 to start, half an hour idle at 6.00: 19.00, and 21 % on it.
    assert (row["cost_excl_vat"], row["cost_incl_vat"]) == (Decimal("19.00"), Decimal("22.99"))


def test_tariffs_that_differ_in_their_names_alone_are_named_each() -> None:
    terms = {"currency": "EUR", **elements({"type": "ENERGY", "price": 0.5})}
    named = [
        [json.dumps({"id": name, **terms}, separators=(",", ":"), sort_keys=True)]
        for name in ("one", 'an "other"')
    ]
    dearer = terms | elements({"type": "ENERGY", "price": 0.6})
    text = json.dumps({"id": "one", **dearer}, separators=(",", ":"), sort_keys=True)

    rows = priced(*({**offer({}), "tariffs": texts} for texts in (*named, [text])))

    assert [(row["cost_excl_vat"], row["tariff_ids"]) for row in rows] == [
        (Decimal("15.00"), ["one"]),
        (Decimal("15.00"), ['an "other"']),
        (Decimal("18.00"), ["one"]),
    ]


def test_time_costs_more_at_a_weaker_connector() -> None:
    tariff = elements({"type": "TIME", "price": 10})

    fast, slow = priced(offer(tariff, "60"), offer(tariff, "10"))

    # 30 kWh take half an hour at 60 kW and three hours at 10 kW.
    assert (fast["cost_excl_vat"], slow["cost_excl_vat"]) == (Decimal("5.00"), Decimal("30.00"))


def test_the_hour_is_local() -> None:
    tariff = elements({"type": "ENERGY", "price": 1}, start_time="18:00", end_time="20:00")

    (noon,) = priced(offer(tariff))
    (evening,) = priced(offer(tariff), clock=time(18))

    assert (noon["cost_excl_vat"], noon["reason"]) == (None, "NOTHING_APPLIES")
    assert evening["cost_excl_vat"] == Decimal("30.00")


def test_without_a_tariff_or_its_vat_a_price_is_unknown() -> None:
    tariff = elements({"type": "ENERGY", "price": 0.5})

    stated, none = priced(offer(tariff), offer(None, "11"))

    assert (stated["cost_excl_vat"], stated["cost_incl_vat"]) == (Decimal("15.00"), None)
    assert (none["cost_excl_vat"], none["reason"]) == (None, "TARIFF_UNKNOWN")


def connectors(*rows: tuple[str, str | None, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(name, Decimal(cost) if cost else None, count) for name, cost, count in rows],
        schema={"operator": pl.String, "cost_excl_vat": pl.Decimal(18, 6), "connector_count": int},
        orient="row",
    )


def test_operators_rank_by_their_middle_connector() -> None:
    rows = connectors(
        ("Dear", "9", 1), ("Dear", "20", 3), ("Cheap", "10", 5), ("Cheap", "30", 4),
        ("Silent", None, 7), ("Dear", None, 2), ("Hidden", "0", 1), ("Hidden", None, 5),
    )  # fmt: skip

    ranked = rank(rows, ("operator",), "cost_excl_vat", KWH)

    names = ("operator", "middle_excl_vat", "lowest_excl_vat", "connector_count", "unpriced_count")
    assert ranked.select(names).rows() == [
        ("Cheap", Decimal(10), Decimal(10), 9, 0),
        ("Dear", Decimal(20), Decimal(9), 4, 2),
        ("Hidden", Decimal(0), Decimal(0), 1, 5),
        ("Silent", None, None, 0, 7),
    ]
    assert ranked["middle_per_kwh_excl_vat"][0] == Decimal("0.333333")


def test_colours_part_connectors_evenly() -> None:
    rows = connectors(("A", "1", 2), ("A", "2", 2), ("A", "3", 2), ("A", "4", 2), ("A", "5", 2))

    assert price_steps(rows, "cost_excl_vat", 5) == [Decimal(step) for step in (1, 2, 3, 4)]
    assert price_steps(rows.head(1), "cost_excl_vat", 5) == [Decimal(1)]


def test_a_cell_shows_its_cheapest_and_its_middle() -> None:
    rows = connectors(("A", "4", 1), ("A", "6", 1), ("A", None, 3), ("A", "9", 5)).with_columns(
        partner=pl.lit("volt"),
        country_code=pl.lit("NL"),
        party_id=pl.lit("VLX"),
        location_id=pl.Series(["L1", "L1", "L2", "L3"]),
        name=pl.lit("Somewhere"),
        longitude=pl.Series([4.1, 4.1, 4.2, 5.3]),
        latitude=pl.Series([52.1, 52.1, 52.2, 52.3]),
    )

    near, far = price_cells(rows, "cost_excl_vat", 1.0).sort("longitude").to_dicts()

    assert (near["connector_count"], near["unpriced_count"], near["location_count"]) == (5, 3, 2)
    assert (near["lowest"], near["middle"]) == (Decimal(4), Decimal(4))
    assert (far["lowest"], far["middle"], far["location_id"]) == (Decimal(9), Decimal(9), "L3")


def test_only_connectors_that_can_make_the_charge_are_asked(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_tariff(con, "KWH", 0.4)
    for uid, kw in (("E1", 11), ("E2", 22), ("E3", None)):
        write_evse(con, uid, connector={"tariff_ids": ["KWH"], "power_kw": kw})
    fill_places(con, AS_OF)
    fill_prices(con, AS_OF)
    sql = files("dashboards") / "sql" / "pricing"

    asked = {"car_kw": "20", "needed_kw": "12"}
    rows = con.sql((sql / "charge_offers.sql").read_text(), params=asked).pl()
    left_out = {"places": None, "needed_kw": "12"}

    assert rows.select("offer", "kw").rows() == [('["kwh"]', Decimal(20))]
    assert [*OFFER, "tariffs", "reason"] == rows.columns
    assert con.execute((sql / "charge_left_out.sql").read_text(), left_out).fetchall() == [(1, 1)]


def test_the_basket_as_a_charge_costs_what_the_basket_costs(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(
        app, "pricing_cheapest", kwh="22", minutes="240", price="excl_vat", power="ac",
        currency="EUR", day="2026-11-02",
    )  # fmt: skip
    shown = app.dataframe[0].value
    rows = snapshot.execute(
        "select b.operator, b.cost_excl_vat, k.power_kw from mart.price_baskets as b "
        "join mart.connectors as k using (offer_key) where moment = 'noon' and idle_min = 0 "
        "and b.power_class = 'ac' and currency = 'EUR' and cost_excl_vat is not null"
    ).fetchall()
    # 22 kWh in four hours need 5.5 kW; the basket asks no connector whether it can.
    able = [(operator, cost) for operator, cost, kw in rows if kw and kw >= Decimal("5.5")]
    lowest: dict[str, float] = {}
    for operator, cost in able:
        lowest[operator] = min(lowest.get(operator, float("inf")), round(float(cost) + 1e-9, 2))

    found = shown[shown["connector_count"] > 0]
    cheapest = map(float, found["lowest_excl_vat"])
    assert dict(zip(found["operator"], cheapest, strict=True)) == lowest
    assert sum(found["connector_count"]) == len(able)
