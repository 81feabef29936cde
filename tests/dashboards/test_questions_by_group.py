"""Questions of analysts by week, power, contract and place: asked again, row by row.

The other words are plain Python over what partners sent (`core`, `recon`), with nothing of `mart`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import number, percent, timestamp
from pipelines.config.home import Home
from tests.dashboards.conftest import notes, show

BILLED: Final = """
select c.end_at, r.energy_kwh as kwh, r.claimed_excl_vat - r.rejected_excl_vat as cost,
    not c.credit and r.replaced_by_id is null as counts, c.contract_id, (
        select case
            when max(k.power_kw) filter (where k.power_type = 'DC') >= 150 then 'DC from 150 kW'
            when bool_or(k.power_type = 'DC') then 'DC below 150 kW'
            when bool_or(k.power_type like 'AC%') then 'AC'
            else 'Power unknown'
        end
        from core.connectors as k
        where k.partner = c.partner and lower(k.location_id) = lower(c.location_id)
            and lower(k.evse_uid) = lower(c.evse_uid)
    ) as power_class
from core.cdrs as c
join recon.cdrs as r using (partner, country_code, party_id, id)
where r.verdict <> 'rejected' and not c.home_charging_compensation and r.currency = 'GBP'
"""
ATTEMPTS: Final = """
with ended as (
    select c.*, r.energy_kwh, coalesce(c.location_name, c.location_id) || ', ' || c.city as place
    from core.cdrs as c
    join recon.cdrs as r using (partner, country_code, party_id, id)
    where r.verdict <> 'rejected' and not c.credit and r.replaced_by_id is null
        and not c.home_charging_compensation
)

select
    place, count(*), count(*) filter (where end_at - start_at < interval 2 minutes),
    count(*) filter (where energy_kwh < 0.1 and end_at - start_at >= interval 2 minutes)
from ended
cross join (select max(fetched_at) as asked_at from ops.pages)
where partner = 'lumen' and end_at > asked_at - interval 91 days and end_at <= asked_at
group by 1
"""
OUT: Final = ("INOPERATIVE", "OUTOFORDER")


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def billed(con: duckdb.DuckDBPyConnection, *more: str) -> list[dict[str, Any]]:
    return con.sql(BILLED + " ".join(more)).pl().to_dicts()


def test_weeks_stand_beside_the_ones_before(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "charges", currency="GBP", grain="week")
    sums: dict[str, list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for row in billed(snapshot):
        for place, value in enumerate((int(row["counts"]), row["kwh"], row["cost"])):
            sums[row["end_at"].strftime("%G-W%V")][place] += value
    shown = app.dataframe[-1].value.set_index("period")

    assert set(shown.index) == set(sums)
    for week, row in shown.iterrows():
        count, kwh, cost = sums[str(week)]
        assert row["charge_count"] == count
        assert float(row["energy_kwh"]) == pytest.approx(float(kwh), abs=6e-4)
        assert float(row["cost_excl_vat"]) == pytest.approx(float(cost), abs=6e-3)
        assert float(row["cost_per_kwh_excl_vat"]) == pytest.approx(float(cost / kwh), abs=6e-5)
        monday = datetime.fromisocalendar(int(str(week)[:4]), int(str(week)[-2:]), 1)
        before = sums.get((monday - timedelta(days=7)).strftime("%G-W%V"))
        assert before is None or row["before_charge_count"] == before[0]


def test_classes_of_power_have_their_energy_and_price(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "charges", currency="GBP", period="2026-10", by="power_class")
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in billed(snapshot, "and c.end_at >= '2026-10-01' and c.end_at < '2026-11-01'"):
        sums[row["power_class"]][0] += row["kwh"]
        sums[row["power_class"]][1] += row["cost"]
    shown = app.dataframe[0].value.set_index("group_name")
    total = sum(cost for _, cost in sums.values())

    assert len(sums) > 1
    for name, (kwh, cost) in sums.items():
        row = shown.loc[name]
        assert float(row["energy_kwh"]) == pytest.approx(float(kwh), abs=6e-4)
        assert float(row["cost_per_kwh_excl_vat"]) == pytest.approx(float(cost / kwh), abs=6e-5)
        assert float(row["cost_share"]) == pytest.approx(float(cost / total), abs=6e-4)


def test_contracts_earn_what_their_charges_do(
    app: AppTest, home: Home, snapshot: duckdb.DuckDBPyConnection
) -> None:
    (home.path / "retail.yaml").write_text(
        'currency: GBP\nprices:\n  - {from: 2020-01-01, kwh: "0.70"}\n'
        '  - {from: 2020-01-01, power: ac, kwh: "0.60", session: "0.25"}\n',
        encoding="utf-8",
    )
    show(app, "margin", currency="GBP", month="2026-10", by="contract")
    margins: dict[str, Decimal] = defaultdict(Decimal)
    for row in billed(snapshot, "and c.end_at >= '2026-10-01' and c.end_at < '2026-11-01'"):
        margins[row["contract_id"] or "unknown"] -= row["cost"]
        if row["counts"]:
            kwh, fee = ("0.60", "0.25") if row["power_class"] == "AC" else ("0.70", "0")
            margins[row["contract_id"] or "unknown"] += Decimal(kwh) * row["kwh"] + Decimal(fee)
    shown = app.dataframe[-1].value

    assert len(shown) == len(margins) > 5
    for row in shown.to_dict("records"):
        margin = float(margins[row["group_name"]])
        assert float(row["margin_excl_vat"]) == pytest.approx(margin, abs=6e-3)


def test_since_when_the_worst_does_not_work(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability", partner="lumen")
    history = snapshot.execute(
        """
        select (s.location_id, s.evse_uid), s.status, s.from_at, s.to_at
        from core.evse_status as s
        join core.evses as e
            on s.partner = e.partner and s.location_id = e.location_id and s.evse_uid = e.uid
        where e.partner = 'lumen' and e.is_current_copy and e.removed_at is null
        order by s.location_id, s.evse_uid, s.from_at
        """
    ).fetchall()
    down = []
    for _, rows in groupby(history, key=lambda row: row[0]):
        since = None
        for _, status, begin, end in rows:
            if status in OUT:
                since = since or begin
            # A recovery of less than five minutes ends no outage.
            elif end is None or end - begin >= timedelta(minutes=5):
                since = None
        if since is not None:
            down.append(since)

    assert len(app.dataframe[0].value) == len(down) > 0
    assert f"since {timestamp(min(down))}" in notes(app)


def test_two_operators_side_by_side_are_charged_line_by_line(app: AppTest) -> None:
    asked = {"currency": "EUR", "kwh": "30", "car": "50", "price": "excl_vat", "country": "NLD"}
    show(app, "pricing_cheapest", **asked)
    ranked = app.dataframe[0].value.head(2).set_index("operator")
    show(app, "pricing_cheapest", **asked, beside=list(ranked.index))

    assert len(ranked) == 2
    for lines, (_, row) in zip(app.dataframe[1:3], ranked.iterrows(), strict=True):
        total = float(lines.value["unrounded_excl_vat"].sum())
        lowest, highest = float(row["lowest_excl_vat"]), float(row["highest_excl_vat"])
        assert lowest - 0.01 <= total <= highest + 0.01


def test_attempts_fail_where_their_rows_do(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "drivers", days="91", by="location", partner="lumen")
    shown = app.dataframe[0].value.set_index("group_name")
    expected = snapshot.execute(ATTEMPTS).fetchall()
    failed = 0
    for place, _, short, no_energy in expected:
        failed += short + no_energy
        if short or no_energy:
            row = shown.loc[place]
            assert (row["short_count"], row["no_energy_count"]) == (short, no_energy)

    # Sessions that nobody billed are attempts too.
    total = int(shown["attempt_count"].sum())
    assert total >= sum(attempts for _, attempts, *_ in expected) > 0
    assert metric(app, "Failed") == number(shown["failed_count"].sum())
    assert shown["failed_count"].sum() >= failed
    worked = 1 - shown["failed_count"].sum() / total
    assert f"{percent(worked)} of them worked" in notes(app)
