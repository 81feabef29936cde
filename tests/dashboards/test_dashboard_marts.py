"""The marts: keys that are unique, figures that agree with the tables, the same twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from models.tables import TABLES
from models.tables.kinds import Table
from models.tables.schema_failures import schema_failures
from pipelines.config.home import Home
from pipelines.stages.marts.stage import build_marts
from pipelines.warehouse.snapshot import current

MARTS = [table for table in TABLES if table.stage == "mart"]


@pytest.fixture
def con(ran_home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse as it was published, open for writing."""
    path = current(ran_home.serving)
    assert path is not None
    opened = duckdb.connect(shutil.copy(path, tmp_path / "warehouse.duckdb"))
    opened.execute("set TimeZone = 'UTC'")
    yield opened
    opened.close()


def newest(con: duckdb.DuckDBPyConnection) -> object:
    return con.execute("select max(fetched_at) from ops.pages").fetchall()[0][0]


def rows_of(con: duckdb.DuckDBPyConnection, table: Table) -> pl.DataFrame:
    return con.table(table.name).order("all").pl()


def one(con: duckdb.DuckDBPyConnection, text: str) -> object:
    return con.execute(text).fetchall()[0][0]


@pytest.mark.parametrize("table", MARTS, ids=lambda table: table.name)
def test_a_mart_is_as_declared(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    frame = rows_of(con, table)

    assert frame.select(table.key).is_duplicated().sum() == 0
    assert schema_failures(table, frame.select(table.polars_schema().keys())) is None


def test_made_again_they_are_the_same(con: duckdb.DuckDBPyConnection) -> None:
    before = {table.name: rows_of(con, table) for table in MARTS}

    build_marts(con, as_of=newest(con))

    for table in MARTS:
        after = rows_of(con, table)
        assert_frame_equal(after, before[table.name])


def test_causes_add_up_to_the_statements(con: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select month, currency, direction, section, sum(cdr_count) as n, "
        "sum(claimed_excl_vat) as claimed, sum(payable_excl_vat) as payable, "
        "sum(disputed_excl_vat) as disputed, sum(rejected_excl_vat) as rejected "
        "from {} group by all order by all"
    )

    causes = con.sql(query.format("mart.settlement_causes")).pl()

    assert causes.equals(con.sql(query.format("settle.statements")).pl())
    assert (causes["claimed"] == causes["payable"] + causes["disputed"] + causes["rejected"]).all()


def test_volumes_are_the_cdrs_that_ended(con: duckdb.DuckDBPyConnection) -> None:
    as_of = newest(con)
    counted = con.execute(
        "select count(*) from core.cdrs where not credit and end_at < $1 "
        "and end_at >= $1 - interval 400 days",
        [as_of],
    ).fetchall()[0][0]

    assert one(con, "select sum(cdr_count) from mart.volume_daily") == counted
    assert one(con, "select count(*) from mart.volume_daily where usual_count is not null") != 0


def test_a_score_is_the_mean_of_what_is_known(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from core.sessions where partner = 'voltix'")
    con.execute("update core.connectors set tariff_ids = null where partner = 'voltix'")

    build_marts(con, as_of=newest(con))

    row = (
        con.sql("select * from mart.partner_quality where partner = 'voltix'")
        .pl()
        .row(0, named=True)
    )
    assert row["session_cdr_share"] is None
    assert row["completeness_share"] == row["fields_share"]
    assert row["tariff_coverage_share"] == 0
    names = ("timeliness", "completeness", "correctness", "tariff_coverage", "freshness")
    shares = [float(row[f"{name}_share"]) for name in names]
    assert float(row["score_share"]) == pytest.approx(sum(shares) / 5, abs=1e-8)


def test_freshness_fades_within_a_week(con: duckdb.DuckDBPyConnection) -> None:
    as_of = newest(con)
    for days, share in ((1, 1.0), (4, 0.5), (7, 0.0), (30, 0.0)):
        build_marts(con, as_of=as_of + timedelta(days=days))  # type: ignore[operator]
        found = con.sql("select freshness_share from mart.partner_quality").pl()
        assert found["freshness_share"].cast(pl.Float64).to_list() == pytest.approx(
            [share] * len(found), abs=0.01
        )


def test_what_waits_for_a_person_is_listed(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update ops.partner_health set state = 'failed', consecutive_failures = 3 "
                "where partner = 'lumen'")  # fmt: skip

    con.execute(
        "insert into ops.removals_skipped by name select 'voltix' as partner, "
        "'locations' as module, 'core.evses' as table_name, 'NL' as country_code, "
        "'VLX' as party_id, "
        "unnest(['L/1', 'L/2']) as object_id"
    )
    con.execute(
        "insert into recon.findings by name select * replace "
        "(unnest(['SESSION_NOT_AUTHORISED', 'SESSION_RESERVED_UNUSED', 'SEQUENCE_GAP']) "
        "as rule_id, -3 as delta) from (from recon.findings where rule_id = 'CDR_MISSING' limit 1)"
    )

    build_marts(con, as_of=newest(con))

    kinds = dict(
        con.execute("select kind, sum(item_count) from mart.attention group by 1").fetchall()
    )
    undecided = one(
        con, "select count(*) from settle.disputes where state = 'detected' "
        "and (contested_excl_vat <> 0 or contested_vat <> 0)",
    )  # fmt: skip
    assert (kinds["partner_failing"], kinds["removals_withheld"]) == (3, 2)
    assert (kinds["sessions_in_doubt"], kinds["numbers_missing"]) == (1, 3)
    assert kinds["dispute_undecided"] == undecided
    assert "dispute_overdue" not in kinds
