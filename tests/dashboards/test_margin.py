"""Retail prices against roaming cost: which price fits, what is left, what cannot be said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from models.marts.retail import retail_prices
from pipelines.config.home import Home
from pipelines.stages.marts.stage import build_marts
from tests.dashboards.conftest import show
from tests.dashboards.test_rules_and_filters import write_cdr
from tests.dashboards.warehouse_rows import AS_OF, write_evse
from tests.in_memory import in_memory

FILE = {
    "currency": "EUR",
    "prices": [
        {"from": "2026-01-01", "kwh": "0.60", "session": "0.50"},
        {"from": "2026-01-01", "until": "2026-10-18", "power": "ac", "kwh": "0.40", "minute": 0.01},
        {"from": "2026-10-17", "partner": "other", "power": "ac", "kwh": "9"},
    ],
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def months(con: duckdb.DuckDBPyConnection, file: dict[str, Any]) -> list[dict[str, Any]]:
    text = (files("dashboards") / "sql" / "margin" / "months.sql").read_text()
    values = {"places": None, "currency": "EUR", "retail": json.dumps(retail_prices(file))}
    return con.sql(text, params=values).pl().to_dicts()


def test_the_most_particular_price_that_fits_holds(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_cdr(con, "A", AS_OF - timedelta(days=5))  # 10 kWh, 30 minutes, costs 5
    write_cdr(con, "B", AS_OF - timedelta(days=1))

    build_marts(con, as_of=AS_OF)

    (row,) = months(con, FILE)
    # A by the price for AC: 10 x 0.40 + 30 x 0.01; B by the general one: 10 x 0.60 + 0.50.
    assert row["retail_excl_vat"] == Decimal("4.30") + Decimal("6.50")
    assert (row["cost_excl_vat"], row["margin_excl_vat"]) == (10, Decimal("0.80"))
    assert row["margin_share"] == pytest.approx(0.8 / 10.8)


def test_what_no_price_fits_is_in_no_sum(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_cdr(con, "A", AS_OF - timedelta(days=5))
    write_cdr(con, "B", AS_OF - timedelta(days=1))

    build_marts(con, as_of=AS_OF)

    (row,) = months(con, {"currency": "EUR", "prices": [{"from": "2026-10-18", "kwh": 1}]})
    assert (row["charge_count"], row["unpriced_count"]) == (1, 1)
    assert (row["retail_excl_vat"], row["cost_excl_vat"]) == (10, 5)


def test_nobody_pays_the_minutes_of_dates_of_another_century(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    write_cdr(con, "A", AS_OF - timedelta(days=5))
    write_cdr(con, "B", AS_OF - timedelta(days=20_000), minutes=60 * 24 * 19_995)

    build_marts(con, as_of=AS_OF)

    (row,) = months(con, {**FILE, "prices": [{"from": "2026-01-01", "kwh": 1, "minute": "0.01"}]})
    assert (row["charge_count"], row["unpriced_count"]) == (1, 1)
    assert row["retail_excl_vat"] == Decimal("10.30")


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ({"from": "2026-01-01"}, "price 1 states none of kwh, session, minute"),
        ({"from": "soon", "kwh": 1}, "price 1: `from` is a day"),
        ({"from": "2026-01-01", "kwh": "dear"}, "price 1: `kwh` is an amount"),
        ({"from": "2026-01-01", "kwh": 1, "power": "fast"}, "power is one of"),
        ({"from": "2026-01-01", "kwh": 1, "town": "Utrecht"}, "unknown key: town"),
    ],
)
def test_a_file_that_cannot_be_is_refused(price: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        retail_prices({"currency": "EUR", "prices": [price]})


def test_the_page_says_how_to_state_prices_and_then_shows_them(app: AppTest, home: Home) -> None:
    show(app, "margin")
    assert "retail.yaml" in app.info[0].value
    (home.path / "retail.yaml").write_text(app.code[0].value, encoding="utf-8")

    app.run()

    assert "Margin" in [metric.label for metric in app.metric]
    assert not app.error
