"""The map coloured by uptime, and days of EVSEs that are chosen one by one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import duckdb
import pytest

from dashboards import palette
from dashboards.map_marks import UPTIME_STEPS, uptime_marks
from pipelines.stages.marts.stage import fill_places
from tests.dashboards.test_availability_marts import ago
from tests.dashboards.warehouse_rows import (
    AS_OF,
    write_evse,
    write_pulls,
    write_row,
    write_status,
)
from tests.in_memory import in_memory


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def query(name: str) -> str:
    return (files("dashboards") / "sql" / f"{name}.sql").read_text()


@pytest.mark.parametrize("basis", ["observed", "stated"])
def test_days_of_chosen_evses_are_those_that_are_kept(
    con: duckdb.DuckDBPyConnection, basis: str
) -> None:
    write_row(con, "ops.pages", page_id="P", fetched_at=AS_OF)
    write_pulls(con, ago(5), hours=9)
    for uid, kw in (("E1", 50), ("E2", 11)):
        write_evse(
            con, uid, location={"latitude": 52.0, "longitude": 5.0}, connector={"power_kw": kw}
        )
        write_status(con, uid, "AVAILABLE", ago(8), ago(2.7), seen_from=ago(5))
        write_status(con, uid, "PLANNED", ago(2.7), ago(1.9))
        write_status(con, uid, "OUTOFORDER" if kw == 50 else "AVAILABLE", ago(1.9), None)

    fill_places(con, AS_OF)

    everywhere, strong = (
        con.sql(query("availability/daily_of_evses"), params={"places": places, "basis": basis})
        .pl()
        .rows()
        for places in ('{"west": -180, "south": -90, "east": 180, "north": 90}', '{"least_kw": 43}')
    )
    kept = con.execute(query("availability/daily"), {"places": None, "basis": basis}).fetchall()
    assert len(kept) == (9 if basis == "stated" else 6)
    for (day, *shares), (kept_day, *kept_shares) in zip(everywhere, kept, strict=True):
        assert day == kept_day
        assert shares == pytest.approx(kept_shares)
    assert (everywhere[-1][1], strong[-1][1]) == pytest.approx((0.5, 0))


def test_a_poor_evse_is_seen_among_many_good_ones(con: duckdb.DuckDBPyConnection) -> None:
    write_pulls(con, ago(10))
    for number in range(9):
        write_evse(con, f"E{number}", location={"latitude": 52.0, "longitude": 5.0})
        write_status(con, f"E{number}", "AVAILABLE", ago(10), ago(5 if number == 8 else 0))
    write_status(con, "E8", "OUTOFORDER", ago(5), None)
    write_evse(con, "NEW", location={"latitude": 52.0, "longitude": 5.0})

    fill_places(con, AS_OF)

    circles = con.sql(
        query("availability/cells"),
        params={
            **{"places": None, "cell_deg": 1.0, "basis": "observed", "window": "30d"},
            "poor_below": UPTIME_STEPS[0],
        },
    ).pl()
    (mark,) = uptime_marks(circles)
    # 85 of 90 days: the middle colour, and a rim for the one that is poor.
    assert (mark.colour, mark.rim_share, mark.count) == (palette.PRICES[3], 0.1, 10)
    assert "9 observed" in mark.tip
    assert "lowest 50.0 %" in mark.tip
