"""Opening: one writer at a time, clear words for every file that is not ours."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from models.tables import TABLES
from models.tables.charging import CDRS
from models.tables.objects import HUB_CLIENTS
from pipelines.config.home import Home
from pipelines.warehouse.connection import Warehouse, open_warehouse
from pipelines.warehouse.locking import WarehouseError, WarehouseLocked, file_holder
from pipelines.warehouse.sql_files import macros

ROOT = Path(__file__).resolve().parents[2]


def test_new_file_has_every_declared_table(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "home" / "w.duckdb") as warehouse, warehouse.reader() as con:
        found = con.execute(
            "select schema_name || '.' || table_name, column_name, "
            "replace(data_type, 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') "
            "from duckdb_columns() where not internal order by all"
        ).fetchall()
        assert found == sorted(
            (table.name, column.name, column.duckdb_type)
            for table in TABLES
            for column in table.columns
        )


def test_the_database_uses_as_much_memory_as_the_settings_say(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.settings.write_text("memory: 512MiB\n", encoding="utf-8")
    with open_warehouse(home) as warehouse, warehouse.reader() as con:
        assert con.execute("select current_setting('memory_limit')").fetchall() == [("512.0 MiB",)]


def test_every_connection_speaks_utc(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        for opened in (warehouse.reader, warehouse.writer):
            with opened() as con:
                assert con.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_the_file_is_of_a_format_that_older_programs_read(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse, warehouse.reader() as con:
        formats = con.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'w'"
        ).fetchall()
    assert formats == [("v1.0.0+",)]


def test_macros_of_another_version_give_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ours = tmp_path / "w.duckdb", macros()
    earlier = "create or replace macro power_class(power_type, power_kw) as 'earlier'"
    found = []
    for texts in ((*ours, earlier), ours):
        monkeypatch.setattr("pipelines.warehouse.structure.macros", lambda texts=texts: texts)
        with Warehouse(path) as warehouse, warehouse.reader() as con:
            found += con.execute("select power_class('DC', 50)").fetchall()
    assert found == [("earlier",), ("dc",)]


def test_columns_that_the_declarations_gained_are_added(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse, warehouse.writer() as con:
        con.execute("alter table core.cdrs drop column remark")
    with Warehouse(path) as warehouse, warehouse.reader() as con:
        assert warehouse.gained == ()  # nobody lacks anything in an empty table
        columns = [row[0] for row in con.execute("describe core.cdrs").fetchall()]
        assert columns == [column.name for column in CDRS.columns]


def test_upgraded_table_has_the_declared_order_and_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse, warehouse.writer() as con:
        con.execute("insert into core.hub_clients (partner, role) values ('voltix', 'CPO')")
        con.execute("alter table core.hub_clients drop column country_code")
        con.execute("alter table core.hub_clients add column relic varchar")
    with Warehouse(path) as warehouse, warehouse.reader() as con:
        assert warehouse.gained == ("core.hub_clients.country_code",)
        columns = [row[0] for row in con.execute("describe core.hub_clients").fetchall()]
        assert columns == [column.name for column in HUB_CLIENTS.columns]
        rows = con.execute("select partner, country_code, role from core.hub_clients").fetchall()
        assert rows == [("voltix", None, "CPO")]


def test_column_of_another_type_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse, warehouse.writer() as con:
        con.execute("alter table core.cdrs alter period_count type varchar")
    with pytest.raises(WarehouseError, match=r"core\.cdrs\.period_count is VARCHAR.*replay"):
        Warehouse(path)


def test_other_peoples_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table sales (amount int)")
    with pytest.raises(WarehouseError, match=r"not a roamhouse warehouse.*main\.sales"):
        Warehouse(path)
    with duckdb.connect(str(path)) as con:
        assert con.execute("select table_name from duckdb_tables()").fetchall() == [("sales",)]


@pytest.mark.withstands(
    "the warehouse file is no database any more", "that is said, with how to rebuild it"
)
def test_damaged_file_says_how_to_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match=r"w\.duckdb cannot be used.*roamhouse replay"):
        Warehouse(path)
    assert path.read_bytes().startswith(b"not a database")


@pytest.mark.withstands(
    "a block of the warehouse changed on disk", "it is noticed when it is read, with how to rebuild"
)
def test_a_block_that_was_changed_on_disk_says_how_to_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse, warehouse.writer() as con:
        con.execute("create table numbers as select hash(range) as n from range(1000000)")
        con.execute("checkpoint")
    with path.open("r+b") as file:
        for place in range(path.stat().st_size // 4, path.stat().st_size // 2, 1 << 18):
            file.seek(place)
            file.write(b"changed on disk")
    with (
        Warehouse(path) as warehouse,
        pytest.raises(WarehouseError, match=r"checksum.*roamhouse replay"),
        warehouse.writer() as con,
    ):
        con.execute("select sum(n) from numbers").fetchall()


def test_failed_opening_lets_go_of_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError):
        Warehouse(path)
    path.unlink()
    Warehouse(path, wait_seconds=0).close()


HOLD = """
import sys
from pathlib import Path
from pipelines.warehouse.connection import Warehouse
warehouse = Warehouse(Path(sys.argv[2]))
print("open", flush=True)
sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Another process that has the warehouse open until it is told otherwise."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, "hold", str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.withstands("two processes write one warehouse", "the second waits and says for whom")
def test_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    process = holder(path)
    try:
        with pytest.raises(WarehouseLocked, match=rf"process {process.pid} \(-c hold\)"):
            Warehouse(path, wait_seconds=0)
    finally:
        process.communicate("\n")
    Warehouse(path, wait_seconds=0).close()


@pytest.mark.withstands("the writer is killed", "its lock is free")
def test_killed_holder_does_not_leave_it_locked(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    process = holder(path)
    process.kill()
    process.communicate()
    Warehouse(path, wait_seconds=5).close()


def test_waiting_ends_when_the_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    first = Warehouse(path)
    threading.Timer(0.3, first.close).start()
    told: list[str] = []
    Warehouse(path, wait_seconds=30, waiting=told.append).close()
    Warehouse(path, waiting=told.append).close()
    [who] = told
    assert f"process {os.getpid()}" in who


def test_close_lets_another_process_read(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    warehouse = Warehouse(path)
    warehouse.cursor()
    warehouse.close()
    code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


USES_VALUES = """
import sys
from pathlib import Path
import polars, pyarrow
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.sql_files import fetch_frame
with Warehouse(Path(sys.argv[1])) as warehouse, warehouse.writer() as con:
    con.execute("create temp table t as select $1 as a, $2 as b", ["x", ["y", None]])
    con.register("of_polars", polars.DataFrame({"a": [1.5]}))
    assert fetch_frame(con, "select p.a from of_polars as p").item() == 1.5
    assert "pandas" not in sys.modules
    import pandas
    frame = con.execute("select a, nullif(a, 'x') as b from t").df()
    assert isinstance(frame, pandas.DataFrame) and frame.b.isna().all()
    con.register("of_pandas", frame)
    assert con.execute("from of_pandas").fetchall() == [("x", None)]
    assert pyarrow.Table.from_pandas(frame).to_pandas().equals(frame)
    assert pyarrow.array(frame.a).to_pylist() == ["x"]
    values = [pandas.NaT, pandas.NA, pandas.Timestamp(0)]
    (row,) = con.execute("select $1 is null, $2 is null, epoch($3)", values).fetchall()
    assert row == (True, True, 0)
"""


def test_values_take_no_pandas_and_those_of_pandas_stay_what_they_are(tmp_path: Path) -> None:
    command = [sys.executable, "-c", USES_VALUES, str(tmp_path / "w.duckdb")]
    subprocess.run(command, cwd=ROOT, check=True)


def test_closing_while_a_reader_is_open_ends_the_reader(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w.duckdb")
    with warehouse.reader() as con:
        warehouse.close()
        with pytest.raises(duckdb.Error, match="closed"):
            con.execute("select 1")


def test_closed_warehouse_gives_no_writer(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w.duckdb")
    warehouse.close()
    warehouse.close()
    with pytest.raises(WarehouseError, match="closed"), warehouse.writer():
        pass


def test_threads_write_one_after_another(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        inside: list[int] = []
        most = 0

        def write(number: int) -> None:
            nonlocal most
            with warehouse.writer() as con:
                inside.append(number)
                most = max(most, len(inside))
                con.execute("create or replace table main.turn as select 1 as one")
                inside.remove(number)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 1


READ = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
con.close()
"""


@contextmanager
def reading(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that has a database file open to read."""
    process = subprocess.Popen(
        [sys.executable, "-c", READ, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.withstands(
    "another program reads the live warehouse",
    "a run waits, names it, and points it to the snapshot",
)
def test_reader_of_the_live_file_is_waited_for_and_named(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    Warehouse(path).close()
    told: list[str] = []
    with reading(path) as process:
        who = f"process {process.pid} ({Path(sys.executable).name})"
        assert file_holder(path) == who
        with pytest.raises(WarehouseLocked, match=rf"{process.pid}.*serving/current\.duckdb"):
            Warehouse(path, wait_seconds=0)

        def end_it(holder: str) -> None:
            told.append(holder)
            process.kill()

        Warehouse(path, waiting=end_it).close()
        assert told == [who]
    assert file_holder(path) is None


def test_warehouse_is_private_in_a_home_that_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Warehouse(tmp_path / "w.duckdb").close()
    assert (tmp_path / "w.duckdb").stat().st_mode & 0o777 == 0o600
