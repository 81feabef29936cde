"""The lake: one writer at a time from whatever process, readers of one snapshot, plain refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from models.tables.operations import PULLS
from pipelines.cli.doctor.database import check_lake
from pipelines.warehouse import lake_files
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.lake import Lake, Turn
from pipelines.warehouse.locking import WarehouseError, WarehouseLocked
from pipelines.warehouse.sql_files import row_count
from tests.lake.postgres import Postgres
from tests.object_store import object_store

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def lake(make_lake: Callable[[], Lake]) -> Lake:
    return make_lake()


@pytest.fixture
def warehouse(lake: Lake, tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path / "one" / "warehouse.duckdb", lake=lake, threads=1) as opened:
        yield opened


def add_run(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    con.execute("insert into ops.runs (run_id) values ($run_id)", {"run_id": run_id})


def test_what_one_process_writes_another_reads(
    lake: Lake, warehouse: Warehouse, tmp_path: Path
) -> None:
    with warehouse.writer() as con, warehouse.writer() as same:
        assert con is same
        add_run(con, "first")
    with (
        Warehouse(tmp_path / "other" / "warehouse.duckdb", lake=lake, threads=1) as other,
        other.reader() as con,
    ):
        assert con.execute("select run_id, micro(2) from ops.runs").fetchall() == [
            ("first", 2_000_000)
        ]


def test_a_reader_stays_with_one_snapshot(warehouse: Warehouse) -> None:
    with warehouse.reader() as reader:
        assert row_count(reader, "ops.runs") == 0
        with warehouse.writer() as con:
            add_run(con, "later")
        assert row_count(reader, "ops.runs") == 0
    with warehouse.reader() as reader:
        assert row_count(reader, "ops.runs") == 1


def test_a_second_writer_waits_for_its_turn_and_is_told_for_whom(
    lake: Lake, warehouse: Warehouse
) -> None:
    with duckdb.connect() as other:
        lake.attach(other)
        with warehouse.writer(), pytest.raises(WarehouseLocked, match=r"written by .*process"):
            Turn(other, wait_seconds=0.2).__enter__()
        with Turn(other, wait_seconds=0.2):
            pass


def test_a_turn_that_the_server_took_back_is_no_success(lake: Lake, warehouse: Warehouse) -> None:
    with duckdb.connect() as other:
        lake.attach(other)
        with pytest.raises(WarehouseError, match="took the turn to write back"), warehouse.writer():
            other.execute(
                "call postgres_execute('turn', 'select pg_terminate_backend(pid) from pg_locks "
                "where locktype = ''advisory'' and granted')"
            )


def test_large_tables_are_laid_by_partner_and_month(lake: Lake, warehouse: Warehouse) -> None:
    with warehouse.writer() as con:
        con.execute(
            "insert into core.cdrs (partner, id, end_at) select 'voltix', 'c' || n, "
            "timestamptz '2026-10-31 00:00:00+00' + to_days(cast(n % 2 as integer)) "
            "from range(40) as r (n)"
        )
    folders = {
        file.parent.relative_to(lake.data).as_posix() for file in Path(lake.data).rglob("*.parquet")
    }
    assert folders == {f"core/cdrs/partner=voltix/year=2026/month={month}" for month in (10, 11)}


def test_a_lake_of_an_earlier_version_grows(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path, lake=lake, threads=1) as warehouse, warehouse.writer() as con:
        add_run(con, "first")
        declared = con.execute("select * from ops.runs limit 0").description
        con.execute(f'alter table ops.runs drop column "{declared[1][0]}"')
        con.execute(f'alter table ops.pulls drop column "{PULLS.columns[-1].name}"')
    with Warehouse(path, lake=lake, threads=1) as warehouse, warehouse.reader() as con:
        assert con.execute("select * from ops.runs limit 0").description == declared
        assert con.execute("select run_id from ops.runs").fetchall() == [("first",)]
        found = [row[0] for row in con.execute("select * from ops.pulls limit 0").description]
        assert found == [column.name for column in PULLS.columns]


def test_the_doctor_looks_and_makes_nothing(lake: Lake, tmp_path: Path) -> None:
    def examine(lake: Lake) -> list[tuple[str, str]]:
        return [(check.name, check.state) for check in check_lake(lake, NOW)]

    assert examine(lake) == [("lake", "ok")]
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path, lake=lake, threads=1) as warehouse, warehouse.writer():
        assert examine(lake) == [("lake", "ok"), ("tables", "ok")]
    assert examine(replace(lake, catalogue="postgres:///x?host=/nowhere")) == [("lake", "fail")]


def test_a_catalogue_that_is_not_there_is_said(lake: Lake, tmp_path: Path) -> None:
    missing = Lake(lake.catalogue.replace("lake", "nothing", 1), lake.data)
    with pytest.raises(WarehouseError, match=r"cannot be opened .*nothing"):
        Warehouse(tmp_path / "warehouse.duckdb", lake=missing)


def test_an_extension_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_files, "find_spec", lambda name: None)
    with duckdb.connect() as con, pytest.raises(WarehouseError, match="duckdb-extension-ducklake"):
        Lake("postgres:///lake", "lake").attach(con)


def fill(warehouse: Warehouse, runs: int) -> None:
    for number in range(runs):
        with warehouse.writer() as con:
            con.execute(
                "insert into ops.runs (run_id) select $run || '-' || n from range(200) as r (n)",
                {"run": str(number)},
            )


def test_files_are_merged_and_earlier_states_go(lake: Lake, warehouse: Warehouse) -> None:
    fill(warehouse, 4)
    assert len([*Path(lake.data).rglob("*.parquet")]) == 4
    now = datetime.now(UTC)
    first = warehouse.tend(now)
    assert first is not None
    assert (first.snapshots > 0, first.merged, first.removed) == (True, 1, 0)
    later = warehouse.tend(now + timedelta(days=2))
    assert later is not None
    assert later.removed >= 4
    assert len([*Path(lake.data).rglob("*.parquet")]) < 4
    with warehouse.reader() as con:
        assert row_count(con, "ops.runs") == 800


def test_a_file_that_a_reader_may_be_at_stays_a_day(lake: Lake, warehouse: Warehouse) -> None:
    fill(warehouse, 3)
    with warehouse.reader() as reader:
        assert row_count(reader, "ops.runs") == 600
        warehouse.tend(datetime.now(UTC))
        assert len(reader.execute("select run_id from ops.runs").fetchall()) == 600
    assert len([*Path(lake.data).rglob("*.parquet")]) >= 3


def test_files_of_a_lake_may_lie_in_an_object_store(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim")
    with object_store() as (address, kept):
        data = f"s3://lake/roaming?region=local&scheme=http&endpoint_override={address}"
        lake = Lake(server.create(server.new_name()), data)
        with Warehouse(tmp_path / "one" / "w.duckdb", lake=lake, threads=1) as warehouse:
            fill(warehouse, 3)
            assert [*{key.split("/")[2] for key in kept}] == ["roaming"]
            with warehouse.reader() as con:
                (secret,) = con.execute("select secret_string from duckdb_secrets()").fetchall()
                assert "geheim" not in str(secret)
            warehouse.tend(datetime.now(UTC) + timedelta(days=2))
            assert len(kept) < 3
        with (
            Warehouse(tmp_path / "other" / "w.duckdb", lake=lake, threads=1) as other,
            other.reader() as con,
        ):
            assert row_count(con, "ops.runs") == 600
