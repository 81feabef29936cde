"""What our drivers charged, on the pages, against the CDRs themselves asked in other words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import money, number, price
from tests.dashboards.conftest import show


@pytest.fixture
def billed(snapshot: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The snapshot with what was charged by month, currency and partner, from the CDRs."""
    snapshot.execute(
        """
        create temp view billed as
        select
            r.currency, strftime(c.end_at, '%Y-%m') as month, c.partner,
            count(*) filter (where not c.credit and r.replaced_by_id is null) as charges,
            sum(r.energy_kwh) as kwh,
            sum(r.claimed_excl_vat - r.rejected_excl_vat) as cost,
            sum(r.energy_kwh) filter (where r.claimed_excl_vat is not null) as priced_kwh
        from core.cdrs as c
        join recon.cdrs as r using (partner, country_code, party_id, id)
        where not c.home_charging_compensation and r.verdict <> 'rejected'
        group by all
        """
    )
    return snapshot


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


@pytest.mark.parametrize("partners", [[], ["voltix", "lumen"]])
def test_a_month_is_the_sum_of_its_cdrs(
    app: AppTest, billed: duckdb.DuckDBPyConnection, partners: list[str]
) -> None:
    show(app, "charges", currency="EUR", period="2026-10")
    app.multiselect(key="partner").set_value(partners).run()
    rows = billed.execute(
        "select sum(charges), sum(kwh), sum(cost), sum(priced_kwh) from billed "
        "where currency = 'EUR' "
        "and month = '2026-10' and (len($1) = 0 or list_contains($1, partner))",
        [partners],
    ).fetchall()
    charges, kwh, cost, priced = rows[0]

    assert metric(app, "Charges") == number(charges)
    assert metric(app, "Energy") == number(kwh, unit="kWh")
    assert metric(app, "Cost before taxes") == money(cost, "EUR")
    assert metric(app, "Each kWh") == price(Decimal(cost) / Decimal(priced), "EUR")


def test_months_stand_beside_the_ones_before(
    app: AppTest, billed: duckdb.DuckDBPyConnection
) -> None:
    show(app, "charges", currency="EUR")
    months = dict(
        billed.execute(
            "select month, sum(charges) from billed where currency = 'EUR' group by 1"
        ).fetchall()
    )

    rows = app.dataframe[-1].value.set_index("period")

    assert dict(rows["charge_count"]) == months
    for month in ("2026-09", "2026-10"):
        before = f"2026-{int(month[-2:]) - 1:02}"
        assert rows.loc[month, "before_charge_count"] == months[before]


def test_groups_add_up_to_the_month(app: AppTest, billed: duckdb.DuckDBPyConnection) -> None:
    show(app, "charges", currency="EUR", period="2026-10", by="partner")
    expected = billed.execute(
        "select partner, sum(cost) from billed where currency = 'EUR' and month = '2026-10' "
        "group by 1 having sum(charges) > 0"
    ).fetchall()

    rows = app.dataframe[0].value
    found = {
        name: round(float(cost), 2)
        for name, cost, count in zip(
            rows["group_name"], rows["cost_excl_vat"], rows["charge_count"], strict=True
        )
        if count
    }
    assert found == {name: round(float(cost), 2) for name, cost in expected}


def test_first_attempts_are_told_from_repeated_ones(
    app: AppTest, billed: duckdb.DuckDBPyConnection
) -> None:
    show(app, "drivers", days="91")
    rows = billed.execute(
        """
        select coalesce(c.token_uid, c.contract_id), lower(c.location_id), c.start_at, c.end_at,
            r.energy_kwh >= 0.1 and c.end_at - c.start_at >= interval 2 minutes
        from core.cdrs as c
        join recon.cdrs as r using (partner, country_code, party_id, id)
        where not c.home_charging_compensation and r.verdict <> 'rejected' and not c.credit
            and r.replaced_by_id is null
            and c.end_at > (select max(fetched_at) from ops.pages) - interval 91 days
            and c.end_at <= (select max(fetched_at) from ops.pages)
        union all
        select coalesce(s.token_uid, s.contract_id), lower(s.location_id), s.start_at, s.end_at,
            s.status <> 'INVALID' and s.energy_kwh >= 0.1
            and s.end_at - s.start_at >= interval 2 minutes
        from core.sessions as s
        where s.status in ('COMPLETED', 'INVALID') and s.end_at is not null
            and s.end_at > (select max(fetched_at) from ops.pages) - interval 91 days
            and s.end_at <= (select max(fetched_at) from ops.pages)
            and not exists (
                select 1 from recon.cdrs as r
                where r.partner = s.partner and lower(r.session_id) = lower(s.id)
                    and r.country_code = s.country_code and r.party_id = s.party_id
                    and (s.status <> 'INVALID' or r.verdict <> 'rejected')
            )
        order by 3
        """
    ).fetchall()
    last: dict[tuple[str, str], tuple[Any, bool]] = {}
    repeats = 0
    for token, location, start, end, good in rows:
        before = last.get((token, location))
        repeats += (
            before is not None and not before[1] and start - before[0] <= timedelta(minutes=15)
        )
        last[token, location] = (end, good)

    assert metric(app, "Attempts") == number(len(rows))
    assert metric(app, "Failed") == number(sum(not row[-1] for row in rows))
    assert metric(app, "Repeated") == number(repeats)
