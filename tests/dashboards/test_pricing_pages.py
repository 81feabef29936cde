"""The pricing pages against the same snapshot asked in other words."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import number, percent
from tests.dashboards.conftest import show


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def test_every_connector_is_in_a_basket(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "pricing_missing")
    connectors, unknown = snapshot.execute(
        """
        select
            count(*),
            count(*) filter (
                where not exists (
                    select 1 from core.tariffs as t
                    where t.partner = k.partner
                        and list_contains(
                            list_transform(k.tariff_ids, lambda id: lower(id)), lower(t.id)
                        )
                )
            )
        from core.connectors as k
        join core.evses as e
            on k.partner = e.partner and k.country_code = e.country_code
            and k.party_id = e.party_id and k.location_id = e.location_id and k.evse_uid = e.uid
        where e.is_current_copy
        """
    ).fetchall()[0]

    assert metric(app, "Connectors") == number(connectors)
    with_price = int(metric(app, "With a price").replace(",", ""))
    assert 0 < with_price <= connectors - unknown


def test_the_median_is_that_of_connectors(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "pricing", currency="EUR")
    rows = snapshot.execute(
        "select per_kwh_excl_vat, connector_count from mart.price_baskets where moment = 'noon' "
        "and idle_min = 0 and power_class = 'ac' and currency = 'EUR' "
        "and per_kwh_excl_vat is not null"
    ).fetchall()
    each = sorted(price for price, count in rows for _ in range(count))

    assert metric(app, "Median") == f"EUR {each[(len(each) - 1) // 2]:,.4f}"


def test_idling_never_makes_a_basket_cheaper(snapshot: duckdb.DuckDBPyConnection) -> None:
    pairs = snapshot.execute(
        """
        select a.cost_excl_vat, b.cost_excl_vat
        from mart.price_baskets as a
        join mart.price_baskets as b using (
            partner, country_code, party_id, offer, country, operator, zone, power_class, moment
        )
        where a.idle_min = 0 and b.idle_min = 60 and a.cost_excl_vat is not null
        """
    ).fetchall()

    assert pairs
    assert all(without <= idling for without, idling in pairs)


def test_a_tariff_explains_itself(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    (elements,) = snapshot.execute(
        "select len(cast(json_extract(tariff, '$.elements') as json[])) from core.tariffs "
        "where partner = 'borealis' and id = 'DC-HOURLY' and country_code = 'CA'"
    ).fetchall()[0]
    show(app, "tariff", partner="borealis", country_code="CA", party_id="BRL", id="dc-hourly")

    table = app.dataframe[0].value
    assert len(table) == elements == 24
    assert "for each kWh" in str(table.iloc[0, 1])


def test_a_tariff_lists_what_is_odd(app: AppTest) -> None:
    show(app, "tariff", partner="lumen", country_code="GB", party_id="LMN", id="SHOW-OVERSTAY")

    findings = app.dataframe[1].value
    assert findings["rule"].str.startswith("STEP").any()


def test_a_simulated_charge_costs_what_its_lines_add_up_to(app: AppTest) -> None:
    show(app, "simulator", partner="lumen", country_code="GB", party_id="LMN", id="AC-GRACE")

    lines = app.dataframe[0].value
    total = Decimal(metric(app, "Before taxes").removeprefix("GBP ").replace(",", ""))
    assert sum(Decimal(str(amount)) for amount in lines["unrounded_excl_vat"]) == total
    assert next(iter(lines["what"])) == "Energy"


def test_a_longer_stay_costs_parking(app: AppTest) -> None:
    show(app, "simulator", partner="lumen", country_code="GB", party_id="LMN", id="AC-GRACE")
    before = metric(app, "Before taxes")

    app.number_input(key="stay").set_value(600).run()

    assert metric(app, "Before taxes") != before
    assert "Parking" in list(app.dataframe[0].value["what"])


def test_a_connector_is_simulated_by_the_tariff_it_names(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    names = ("partner", "country_code", "party_id", "location_id", "evse_uid", "connector_id")
    row = snapshot.execute(
        "select partner, country_code, party_id, location_id, evse_uid, id, tariff_ids[1] "
        "from core.connectors where tariff_ids = ['AC-KWH'] and partner = 'lumen' "
        "order by location_id, evse_uid, id limit 1"
    ).fetchall()[0]
    show(app, "simulator", **dict(zip(names, row[:6], strict=True)))

    assert metric(app, "By tariff").replace("\\", "") == "AC-KWH"
    assert not app.error


def test_a_connector_with_dangling_tariffs_has_no_price(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    names = ("partner", "country_code", "party_id", "location_id", "evse_uid", "connector_id")
    row = snapshot.execute(
        "select partner, country_code, party_id, location_id, evse_uid, id from core.connectors "
        "where tariff_ids = ['AC-PRIVATE'] order by all limit 1"
    ).fetchall()[0]
    show(app, "simulator", **dict(zip(names, row, strict=True)))

    assert not app.metric
    assert any("its price is unknown" in info.value for info in app.info)


@pytest.mark.parametrize("page", ["tariff", "simulator"])
def test_an_object_that_is_not_there_says_so(app: AppTest, page: str) -> None:
    show(app, page, partner="lumen", country_code="GB", party_id="LMN", id="<script>")

    assert any("There is no such" in info.value for info in app.info)


def test_the_share_without_a_price_is_of_the_chosen_class(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "pricing", currency="EUR")
    unpriced, total = snapshot.execute(
        "select sum(connector_count) filter (where state = 'unpriced'), sum(connector_count) "
        "from mart.price_baskets where moment = 'noon' and idle_min = 0 and power_class = 'ac' "
        "and (currency = 'EUR' or currency is null)"
    ).fetchall()[0]

    assert metric(app, "Without a price") == percent(unpriced / total)
