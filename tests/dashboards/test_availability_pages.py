"""The availability pages against the same snapshot asked in other words."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import number, percent
from dashboards.map import WORLD, Box, cell_degrees
from dashboards.places import with_coverage
from tests.dashboards.conftest import notes, show


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def test_live_figures_count_each_evse_once(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability")
    connectors, working, out = snapshot.execute(
        """
        select
            count(*), count(*) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED')),
            count(*) filter (where status in ('INOPERATIVE', 'OUTOFORDER'))
        from core.evses as e
        join core.connectors as k
            on e.partner = k.partner and e.country_code = k.country_code
            and e.party_id = k.party_id and e.location_id = k.location_id and e.uid = k.evse_uid
        where e.is_current_copy and k.removed_at is null
        """
    ).fetchall()[0]

    assert metric(app, "Connectors") == number(connectors)
    assert metric(app, "Work now") == number(working)
    assert metric(app, "Out of service") == number(out)


def test_the_longest_out_of_service_leads_the_list(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability")
    rows = snapshot.execute(
        "select distinct on (canonical_evse) canonical_evse, status, status_from_at from mart.evses"
        " where status in ('INOPERATIVE', 'OUTOFORDER') and removed_at is null"
    ).fetchall()
    listed = app.dataframe[0].value

    assert len(listed) == len(rows)
    assert listed["down_from_at"].min() <= min(since for *_, since in rows)
    assert listed["down_from_at"].is_monotonic_increasing


def test_filters_narrow_every_figure(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "availability", partner="lumen")
    (evses,) = snapshot.execute(
        "select count(*) from core.evses where is_current_copy and partner = 'lumen'"
    ).fetchall()[0]

    assert any(note.startswith(f"{number(evses)} EVSEs at ") for note in notes(app))


def test_several_partners_and_a_city_are_one_choice(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    (city, evses) = snapshot.execute(
        "select lower(l.city), count(*) from core.evses as e join core.locations as l "
        "on e.partner = l.partner and e.location_id = l.id and e.country_code = l.country_code "
        "and e.party_id = l.party_id where e.is_current_copy "
        "and e.partner in ('voltix', 'gridlink') group by 1 order by 2 desc, 1 limit 1"
    ).fetchall()[0]
    show(app, "availability")
    app.multiselect(key="partner").set_value(["voltix", "gridlink"])
    named = next(name for name in app.selectbox(key="city").options if name.lower() == city)
    app.selectbox(key="city").set_value(named).run()

    assert any(note.startswith(f"{number(evses)} EVSE") for note in notes(app))
    assert app.query_params["city"] in (named, [named])


@pytest.mark.parametrize(
    ("page", "label", "stated"),
    [
        ("pricing_changes", "Since", {"since": "2030-01-01"}),
        ("pricing_cheapest", "kWh", {"kwh": "some"}),
        ("pricing_cheapest", "Start", {"start": "25:00"}),
    ],
)
def test_a_field_that_cannot_take_what_the_address_states_says_so(
    app: AppTest, page: str, label: str, stated: dict[str, str]
) -> None:
    show(app, page, **stated)

    assert any(said.value.startswith(f"{label}: the address asks") for said in app.warning)
    assert not app.metric


def test_an_address_that_asks_for_what_is_not_there_says_so(app: AppTest) -> None:
    show(app, "availability", operator="Nobody & <b>Sons</b>")

    said = "Operator: the address asks for what is not in this snapshot, so nothing is shown."
    assert app.warning[0].value == said
    assert not app.metric
    app.button(key="operator_forgotten").click().run()
    assert metric(app, "Connectors") != "0"


def test_uptime_is_unknown_until_somebody_observed(app: AppTest) -> None:
    show(app, "availability")

    assert metric(app, "Strict") == "unknown"
    assert any("Nobody has observed" in info.value for info in app.info)


def test_uptime_as_partners_date_it(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "availability", stated="true")
    strict, coverage = snapshot.execute(
        """
        with spans as (
            select
                s.status,
                epoch(least(s.observed_until_at, m.at))
                - epoch(greatest(s.from_at, m.at - interval 30 days)) as length_s
            from core.evse_status as s
            join core.evses as e
                on s.evse_uid = e.uid and s.location_id = e.location_id
                and s.partner = e.partner and e.is_current_copy
            cross join (select max(fetched_at) as at from ops.pages) as m
        )
        select
            sum(length_s) filter (where status in ('AVAILABLE', 'CHARGING', 'RESERVED'))
            / sum(length_s) filter (where status not in ('PLANNED', 'REMOVED')),
            sum(length_s) / (30 * 86400.0 * (select count(*) from core.evses where is_current_copy))
        from spans
        where length_s > 0
        """
    ).fetchall()[0]

    assert metric(app, "Strict") == percent(strict, digits=2)
    assert metric(app, "Coverage") == percent(coverage, digits=2)


def test_little_coverage_stands_next_to_the_number(app: AppTest) -> None:
    show(app, "availability")

    said = [note for note in notes(app) if "of the window observed" in note]
    assert len(said) == 2


@pytest.mark.parametrize(
    ("share", "note"),
    [
        (None, "per port"),
        (0.9, "per port"),
        (0.89999, "per port; only 89.99 % of the window observed"),
        (Decimal(0), "per port; only 0.00 % of the window observed"),
    ],
)
def test_coverage_is_enough_from_nine_tenths(share: float | Decimal | None, note: str) -> None:
    assert with_coverage("per port", share) == note


def test_outages_are_those_that_show_now(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "availability_outages", stated="true")
    (out,) = snapshot.execute(
        "select count(*) from core.evses where is_current_copy "
        "and status in ('INOPERATIVE', 'OUTOFORDER')"
    ).fetchall()[0]

    assert metric(app, "Still lasting") == number(out)
    assert metric(app, "MTTR") == "\N{EN DASH}"


def test_utilisation_counts_what_our_drivers_charged(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "availability_usage")
    (billed,) = snapshot.execute(
        """
        select count(*)
        from core.cdrs as c
        join core.evses as e
            on c.partner = e.partner and c.location_id = e.location_id and c.evse_uid = e.uid
            and c.country_code = e.country_code and c.party_id = e.party_id
        cross join (select date_trunc('day', max(fetched_at)) as at from ops.pages) as m
        where not c.credit and not c.home_charging_compensation
            and c.start_at >= m.at - interval 28 days and c.start_at < m.at
            and c.end_at > c.start_at and c.end_at - c.start_at <= interval 3 days
        """
    ).fetchall()[0]

    assert int(metric(app, "Charges").replace(",", "")) >= billed > 0


def test_a_location_shows_its_evses_and_prices(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    key = dict(
        zip(
            ("partner", "country_code", "party_id", "id"),
            snapshot.execute(
                "select partner, country_code, party_id, location_id from core.connectors "
                "group by all order by count(*) desc, location_id limit 1"
            ).fetchall()[0],
            strict=True,
        )
    )
    show(app, "location", **key)
    evses, connectors = snapshot.execute(
        "select (select count(*) from core.evses where partner = $partner and location_id = $id "
        "and party_id = $party_id and country_code = $country_code), "
        "(select count(*) from core.connectors where partner = $partner and location_id = $id "
        "and party_id = $party_id and country_code = $country_code)",
        key,
    ).fetchall()[0]

    assert len(app.dataframe[0].value) == evses
    assert len(app.dataframe[1].value) == connectors


def test_a_location_is_found_by_a_part_of_its_name(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    (city, count) = snapshot.execute(
        "select city, count(*) from core.locations group by 1 order by 2 desc, 1 limit 1"
    ).fetchall()[0]
    show(app, "location", find=city.lower())

    assert len(app.dataframe[0].value) >= min(count, 200)


def test_a_location_that_is_not_there_says_so(app: AppTest) -> None:
    show(app, "location", partner="lumen", country_code="GB", party_id="LMN", id="<b>none</b>")

    assert [info.value for info in app.info] == [
        "There is no such location in this snapshot. Look for it by its name."
    ]


def test_the_area_of_the_map_is_read_with_care() -> None:
    assert Box.parsed("4.5,51,5,52.5") == Box(4.5, 51, 5, 52.5)
    for nonsense in (None, "", "1,2,3", "a,b,c,d", "5,51,4,52", "0,0,999,1", "nan,0,1,1"):
        assert Box.parsed(nonsense) is None


def test_clusters_shrink_with_the_area() -> None:
    sizes = [cell_degrees(Box(0, 0, width, width / 2), 10_000) for width in (90, 9, 0.9, 0.01)]

    assert sizes == sorted(sizes, reverse=True)
    assert cell_degrees(WORLD, 10_000) > 1
    assert cell_degrees(WORLD, 100) == 0
    assert sizes[-1] == 0


def test_a_choice_of_another_page_that_is_none_here_is_forgotten(app: AppTest) -> None:
    show(app, "availability")
    app.selectbox(key="window").set_value("year").run()

    show(app, "availability_outages")

    assert app.selectbox(key="window").value == "30d"
    assert not app.error
