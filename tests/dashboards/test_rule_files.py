"""The files for regulators, each field against arithmetic of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from dashboards.rule_files import AFIR_FIELDS, NEVI_FIELDS, UK_FIELDS
from pipelines.stages.marts.stage import build_marts
from tests.dashboards.warehouse_rows import AS_OF, OWNER, write_evse, write_row
from tests.in_memory import in_memory

DAYTIME = json.dumps(
    {
        "regular_hours": [
            {"weekday": day, "period_begin": "08:00", "period_end": "20:00"} for day in range(1, 8)
        ]
    }
)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def asked(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[dict[str, Any]]:
    text = (files("dashboards") / "sql" / f"{name}.sql").read_text()
    return con.sql(text, params={"places": None, **values}).pl().to_dicts()


def write_year(con: duckdb.DuckDBPyConnection, uid: str, first: datetime, **place: Any) -> None:
    """Write an EVSE that was looked at since a day: down for two whole days, planned for one."""
    location = {"country": "GBR", "operator_name": "Volt", "address": f"Place {uid}"}
    location |= {"time_zone": "UTC", "postal_code": "N1"} | place
    plug = {"power_type": "DC", "power_kw": 50}
    write_evse(con, uid, location_id=uid, evse_id=f"GB*{uid}", location=location, connector=plug)
    midnight = AS_OF.replace(hour=0)
    cuts = [first, *(midnight - timedelta(days=days) for days in (9, 8, 7, 6)), None]
    statuses = ("AVAILABLE", "OUTOFORDER", "INOPERATIVE", "PLANNED", "UNKNOWN")
    for status, (from_at, to_at) in zip(statuses, pairwise(cuts), strict=True):
        write_row(
            con, "core.evse_status", **OWNER, location_id=uid, evse_uid=uid, canonical_evse=uid,
            status=status, from_at=from_at, to_at=to_at, observed_from_at=from_at,
            observed_until_at=to_at or AS_OF,
        )  # fmt: skip


def write_years(con: duckdb.DuckDBPyConnection) -> None:
    """Write one place that never closes, one open by day, and one that is known for 100 days."""
    pull = {"module": "locations", "status": "complete", "partner": OWNER["partner"]}
    write_row(con, "ops.pulls", **pull, pull_id="P", started_at=ago(400), finished_at=AS_OF)
    write_row(con, "ops.pages", page_id="P", fetched_at=AS_OF)
    write_year(con, "E1", ago(400))
    write_year(con, "E2", ago(400), opening_times=DAYTIME)
    write_year(con, "E3", ago(100))
    build_marts(con, as_of=AS_OF)


def test_the_quarterly_file_field_by_field(con: duckdb.DuckDBPyConnection) -> None:
    write_years(con)

    rows = {row["station_id"]: row for row in asked(con, "rules/nevi_file", basis="observed")}

    day_min = 24 * 60
    assert rows["E1"] == {
        "station_id": "E1",
        "network_provider": "Volt",
        "port_id": "GB*E1",
        "uptime_reporting_start": "2025-10-20",
        "uptime_reporting_end": "2026-10-20",
        "uptime": round(100 * (365 - 2) / 365, 2),
        "total_outage": 2 * day_min,
        "total_outage_excl": 0,
        "observed_minutes": 365 * day_min,
        "coverage_share": 1,
    }
    # Half of each day it is closed.
    assert (rows["E2"]["total_outage"], rows["E2"]["total_outage_excl"]) == (2 * day_min, day_min)
    assert rows["E2"]["uptime"] == round(100 * (365 - 1) / 365, 2)
    # Known for 100 of 365 days: its outage is told, and no uptime.
    assert (rows["E3"]["uptime"], rows["E3"]["total_outage"]) == (None, 2 * day_min)
    assert rows["E3"]["observed_minutes"] == 100 * day_min


def test_the_yearly_file_field_by_field(con: duckdb.DuckDBPyConnection) -> None:
    write_years(con)

    rows = {row["evse"]: row for row in asked(con, "rules/uk_file", basis="observed")}

    year_days = Decimal("292.5")  # from 1 January to noon of 20 October
    day_min = 24 * 60
    share = rows["GB*E1"].pop("reliable_share")
    assert rows["GB*E1"] == {
        "operator": "Volt",
        "evse": "GB*E1",
        "location_name": None,
        "postal_code": "N1",
        "power_kw": 50,
        "calendar_year_so_far": "year",
        "opening_minutes_observed": (year_days - 1) * day_min,
        "reliable_minutes": (year_days - 3) * day_min,
        "not_working_minutes": 2 * day_min,
        "left_out_minutes": day_min,
        "coverage_share": 1,
    }
    assert float(share) == pytest.approx(float((year_days - 3) / (year_days - 1)))
    # By day alone: twelve hours of each day, and four of the last one.
    by_day = rows["GB*E2"]
    assert by_day["opening_minutes_observed"] == (292 - 1) * 720 + 240
    assert (by_day["reliable_minutes"], by_day["not_working_minutes"]) == (
        (292 - 3) * 720 + 240,
        2 * 720,
    )
    assert float(rows["GB*E3"]["coverage_share"]) == pytest.approx(100 / 292.5)


def test_files_have_the_fields_that_are_explained(con: duckdb.DuckDBPyConnection) -> None:
    write_years(con)
    (port, *_) = asked(con, "rules/nevi_file", basis="observed")
    (evse, *_) = asked(con, "rules/uk_file", basis="observed")
    (operator, *_) = asked(con, "rules/afir")

    assert {*NEVI_FIELDS} == {*port} - {"observed_minutes", "coverage_share"}
    assert ({*UK_FIELDS}, {*AFIR_FIELDS}) == ({*evse}, {*operator})
