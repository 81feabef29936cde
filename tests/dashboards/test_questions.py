"""The questions of analysts: each answered on one screen, opened by its link, asked in other words.

The other words are SQL and plain arithmetic on what partners sent (`core`), with nothing of `mart`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import money, number, percent
from pipelines.config.home import Home
from tests.dashboards.conftest import notes, show

PLACED = """
create or replace temp view placed as
select
    k.partner, k.country_code, k.party_id, k.tariff_ids, k.power_type, k.power_kw, e.status,
    e.evse_id,
    e.location_id, e.uid, l.country, l.city, l.operator_name,
    coalesce(e.latitude, l.latitude) as latitude, coalesce(e.longitude, l.longitude) as longitude,
    e.last_updated_at
from core.connectors as k
join core.evses as e
    on (k.partner, k.country_code, k.party_id, k.location_id, k.evse_uid)
    = (e.partner, e.country_code, e.party_id, e.location_id, e.uid)
join core.locations as l
    on (l.partner, l.country_code, l.party_id, l.id)
    = (e.partner, e.country_code, e.party_id, e.location_id)
where e.is_current_copy and e.removed_at is null and k.removed_at is null
"""
NEAR = "2 * 6371 * asin(sqrt(sin(radians(latitude - 51.98) / 2) ** 2 + cos(radians(latitude)) "
NEAR += "* cos(radians(51.98)) * sin(radians(longitude - 5.91) / 2) ** 2)) <= 12"


@pytest.fixture
def sent(snapshot: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The snapshot with the connectors that count as `placed`."""
    snapshot.execute(PLACED)
    return snapshot


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def plain_prices(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, ...], Any]:
    """Taxed tariffs of energy and a fee alone, as (for each kWh, fee, VAT)."""
    found = {}
    for *key, text in con.execute(
        "select partner, lower(id), tariff from core.tariffs where currency = 'EUR' "
        "and valid_to_at is null"
    ).fetchall():
        tariff = json.loads(text)
        parts = [part for element in tariff["elements"] for part in element["price_components"]]
        usual = all(not element.get("restrictions") for element in tariff["elements"])
        kinds = [part["type"] for part in parts]
        bound = tariff.get("min_price") or tariff.get("max_price")
        taxed = all(part.get("vat") is not None for part in parts)
        if usual and taxed and not bound and sorted(kinds) in (["ENERGY"], ["ENERGY", "FLAT"]):
            price = {part["type"]: Decimal(str(part["price"])) for part in parts}
            fee = price.get("FLAT", Decimal(0))
            found[tuple(key)] = (price["ENERGY"], fee, parts[0].get("vat"))
    return found


def newest(con: duckdb.DuckDBPyConnection) -> datetime:
    (at,) = con.execute("select max(fetched_at) from ops.pages").fetchall()[0]
    assert isinstance(at, datetime)
    return at


def test_who_is_cheapest_for_my_charge_here(app: AppTest, sent: duckdb.DuckDBPyConnection) -> None:
    show(
        app, "pricing_cheapest", around="51.98,5.91,12", kwh="30", car="11", minutes="0",
        currency="EUR", price="incl_vat",
    )  # fmt: skip
    known = plain_prices(sent)
    # What else a connector names is no price for us: for payers without a contract, or unknown.
    (published,) = sent.execute(
        "select list(lower(id)) from core.tariffs where partner = 'voltix' and valid_to_at is null "
        "and type is distinct from 'AD_HOC_PAYMENT'"
    ).fetchall()[0]
    rows = app.dataframe[-1].value
    checked = 0
    for row in rows[rows["partner"] == "voltix"].to_dict("records"):
        named = row["tariff_ids"]
        if ("voltix", named.lower()) not in known or named.lower() not in published:
            continue
        energy, fee, vat = known["voltix", named.lower()]
        cost = (energy * 30 + fee) * (1 + Decimal(str(vat)) / 100)
        exact = float(cost.quantize(Decimal("0.01"), ROUND_HALF_UP))
        assert float(row["middle_incl_vat"]) == pytest.approx(exact)
        (connectors,) = sent.execute(
            f"select count(*) from placed where {NEAR} and partner = 'voltix' "  # noqa: S608
            "and list_filter(list_transform(tariff_ids, lambda id: lower(id)), "
            "lambda id: list_contains($1, id)) = [lower($2)] "
            "and least(power_kw, 11) = $3 and coalesce(operator_name, 'unknown') = $4",
            [published, named, row["kw"], row["operator"]],
        ).fetchall()[0]
        assert row["connector_count"] == connectors
        checked += 1
    assert checked > 2
    ranked = app.dataframe[0].value
    told = ranked["connector_count"] >= ranked["unpriced_count"]
    assert told.is_monotonic_decreasing
    assert ranked[told]["middle_incl_vat"].is_monotonic_increasing


def test_how_many_connectors_work_here_and_since_when_the_worst_does_not(
    app: AppTest, sent: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability", around="51.98,5.91,60", kw="11")
    near = NEAR.replace("<= 12", "<= 60")
    total, working, evses = sent.execute(
        "select count(*), count(*) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED')), "  # noqa: S608
        "count(distinct (partner, party_id, location_id, uid)) "
        f"from placed where {near} and power_kw >= 11"
    ).fetchall()[0]
    # Of nobody knows what: no status, or none newer than a day (DC) or a week (AC).
    (old,) = sent.execute(
        "select count(*) from placed "  # noqa: S608
        "cross join (select max(fetched_at) as asked_at from ops.pages) "
        f"where {near} and power_kw >= 11 and (status = 'UNKNOWN' or last_updated_at "
        "< asked_at - if(power_type = 'DC', interval 24 hours, interval 7 days))"
    ).fetchall()[0]

    assert metric(app, "Connectors") == number(total)
    assert metric(app, "Work now") == number(working)
    assert any(note.startswith(f"{number(evses)} EVSEs at ") for note in notes(app))
    assert int(metric(app, "Not sure").replace(",", "")) >= old > 0
    down = app.dataframe[0].value
    assert down["down_from_at"].is_monotonic_increasing
    assert set(down["status"]) <= {"INOPERATIVE", "OUTOFORDER"}


@pytest.mark.parametrize("by", ["country", "city", "operator", "location"])
def test_what_was_charged_where_and_what_is_new(
    app: AppTest, sent: duckdb.DuckDBPyConnection, by: str
) -> None:
    show(app, "charges", currency="EUR", period="2026-10", by=by)
    named = {
        "country": "coalesce(l.country, 'unknown')",
        "city": "lower(coalesce(l.city, 'unknown'))",
        "operator": "coalesce(l.operator_name, 'unknown')",
        "location": "lower(coalesce(l.name, l.address, l.id) || ', ' || l.city)",
    }[by]
    expected = {
        name: (cost, charges, before)
        for name, cost, charges, before in sent.execute(
            f"""
            select {named},
                coalesce(sum(r.claimed_excl_vat - r.rejected_excl_vat) filter (where is_now), 0),
                count(*) filter (where is_now and charge),
                count(*) filter (where not is_now and charge)
            from (
                select *, end_at >= '2026-10-01' and end_at < '2026-11-01' as is_now,
                from core.cdrs
                where end_at >= '2026-09-01' and end_at < '2026-11-01'
                    and not home_charging_compensation
            ) as c
            join (select *, not credit and replaced_by_id is null as charge from recon.cdrs) as r
                using (partner, country_code, party_id, id)
            join core.locations as l
                on l.partner = c.partner and l.party_id = c.party_id
                and l.country_code = c.country_code and lower(l.id) = lower(c.location_id)
            where r.currency = 'EUR' and r.verdict <> 'rejected'
            group by 1
            """  # noqa: S608
        ).fetchall()
    }
    rows = app.dataframe[0].value.to_dict("records")
    found = 0
    for row in rows:
        name = row["group_name"].lower() if by in ("city", "location") else row["group_name"]
        if name in expected and row["group_name"] != "unknown":
            cost, charges, before = expected[name]
            assert float(row["cost_excl_vat"]) == pytest.approx(float(cost), abs=0.006)
            assert (row["charge_count"], row["before_charge_count"]) == (charges, before)
            # The month is not over: a place that had none yet is not lost.
            standing = "new" if not before else "kept" if charges else "not_yet"
            assert row["standing"] == standing
            found += 1
    assert found >= min(len(expected), 3)


def test_how_busy_hours_are_is_what_sessions_and_statuses_say(
    app: AppTest, sent: duckdb.DuckDBPyConnection
) -> None:
    show(app, "drivers", days="28", by="operator")
    at = newest(sent)
    rows = app.dataframe[0].value
    (billed,) = sent.execute(
        "select count(*) from core.cdrs as c join recon.cdrs as r "
        "using (partner, country_code, party_id, id) where not c.credit "
        "and r.replaced_by_id is null and r.verdict <> 'rejected' "
        "and not c.home_charging_compensation and c.end_at > $1 and c.end_at <= $2",
        [at - timedelta(days=28), at],
    ).fetchall()[0]

    assert rows["attempt_count"].sum() >= billed > 0
    assert metric(app, "Attempts") == number(rows["attempt_count"].sum())
    assert metric(app, "Failed") == number(rows["failed_count"].sum())
    assert any("A proxy" in note.value for note in app.caption)


def test_what_share_has_no_price_and_why(app: AppTest, sent: duckdb.DuckDBPyConnection) -> None:
    show(app, "pricing_missing", country="NLD")
    total, none = sent.execute(
        "select count(*), count(*) filter (where tariff_ids is null or len(tariff_ids) = 0) "
        "from placed where country = 'NLD'"
    ).fetchall()[0]
    (dangling,) = sent.execute(
        "select count(*) from placed as p where country = 'NLD' and len(tariff_ids) > 0 "
        "and not exists (select 1 from core.tariffs as t where t.partner = p.partner "
        "and list_contains(list_transform(p.tariff_ids, lambda id: lower(id)), lower(t.id)))"
    ).fetchall()[0]

    assert metric(app, "Connectors") == number(total)
    assert metric(app, "Tariff known") == percent((total - none - dangling) / total)


def test_what_operators_publish_of_what_afir_asks_for(
    app: AppTest, sent: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability_rules", country="NLD")
    expected = {
        name: shares
        for name, *shares in sent.execute(
            "select coalesce(operator_name, 'unknown'), count(*), "
            "avg(cast(evse_id is not null as integer)), "
            "avg(cast(power_kw is not null as integer)), "
            "avg(cast(status <> 'UNKNOWN' as integer)), "
            "median(epoch((select max(fetched_at) from ops.pages) - last_updated_at)) / 3600 "
            "from placed where country = 'NLD' group by 1"
        ).fetchall()
    }
    rows = app.dataframe[-1].value.to_dict("records")
    columns = ("connector_count", "id_share", "power_share", "status_share", "status_age_h")

    assert {row["operator"] for row in rows} == set(expected)
    for row in rows:
        shown = [float(row[name]) for name in columns]
        assert shown == pytest.approx([float(s) for s in expected[row["operator"]]], abs=0.006)
    assert {"nevi_uptime_file"} <= {button.key for button in app.get("download_button")}


def test_what_is_earned_on_charges(
    app: AppTest, home: Home, sent: duckdb.DuckDBPyConnection
) -> None:
    (home.path / "retail.yaml").write_text(
        'currency: EUR\nprices:\n  - {from: 2020-01-01, kwh: "0.59", session: "0.35"}\n',
        encoding="utf-8",
    )
    show(app, "margin", currency="EUR", month="2026-10", by="partner")
    retail, cost = sent.execute(
        """
        select
            sum(case when not c.credit and r.replaced_by_id is null
                then cast('0.59' as decimal(4, 2)) * r.energy_kwh + cast('0.35' as decimal(4, 2))
            end),
            sum(r.claimed_excl_vat - r.rejected_excl_vat)
        from core.cdrs as c
        join recon.cdrs as r using (partner, country_code, party_id, id)
        where r.currency = 'EUR' and r.verdict <> 'rejected' and not c.home_charging_compensation
            and r.claimed_excl_vat is not null
            and c.end_at >= '2026-10-01' and c.end_at < '2026-11-01'
        """
    ).fetchall()[0]

    assert metric(app, "Margin") == money(Decimal(retail) - Decimal(cost), "EUR")
