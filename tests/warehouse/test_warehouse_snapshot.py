"""Snapshots: whole, numbered, unchanging; the pointer moves last; the writer's lock survives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from warehouse_world import a_cdr, a_pull, cdr_page, load

from models.tables.objects import EVSES
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.locking import WarehouseError
from pipelines.warehouse.snapshot import current, open_current, publish


def add(warehouse: Warehouse, number: int) -> None:
    with warehouse.writer() as con:
        load(con, a_pull(number, "cdrs"), [cdr_page(a_cdr(str(number)))])


def cdrs_in(path: Path | None) -> int:
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as con:
        (row,) = con.execute("select count(*) from core.cdrs").fetchall()
        return int(row[0])


def test_nothing_is_current_before_the_first_publishing(tmp_path: Path) -> None:
    assert current(tmp_path) is None


def test_snapshot_holds_what_is_committed_and_never_changes(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    add(warehouse, 1)
    first = publish(warehouse, serving)
    add(warehouse, 2)
    assert current(serving) == first
    assert cdrs_in(first) == 1
    second = publish(warehouse, serving)
    assert current(serving) == second
    assert (cdrs_in(first), cdrs_in(second)) == (1, 2)


def test_reader_keeps_a_snapshot_that_was_tidied_away(warehouse: Warehouse, tmp_path: Path) -> None:
    serving = tmp_path / "serving"
    add(warehouse, 1)
    first = publish(warehouse, serving, keep=1)
    with duckdb.connect(str(first), read_only=True) as reader:
        publish(warehouse, serving, keep=1)
        assert not first.exists()
        assert reader.execute("select count(*) from core.cdrs").fetchall() == [(1,)]


@pytest.mark.withstands("a reader holds an old snapshot", "it stays until the reader is done")
def test_copy_that_another_program_reads_is_not_tidied_away(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    first = publish(warehouse, serving, keep=1)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; input()", str(serving / "current.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        publish(warehouse, serving, keep=1)
        assert first.exists()
        reader.communicate(b"\n")
    publish(warehouse, serving, keep=1)
    assert not first.exists()


def test_stable_name_is_the_newest_copy_and_nobody_may_write_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    for number in (1, 2):
        add(warehouse, number)
        newest = publish(warehouse, serving)
        assert (serving / "current.duckdb").samefile(newest)
        assert newest.stat().st_mode & 0o777 == 0o400
    assert cdrs_in(serving / "current.duckdb") == 2


def test_stable_name_is_a_link_where_the_file_system_has_no_hard_ones(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    newest = publish(warehouse, tmp_path / "serving")
    assert (tmp_path / "serving" / "current.duckdb").readlink() == Path(newest.name)


def test_every_table_and_column_says_what_it_means(warehouse: Warehouse, tmp_path: Path) -> None:
    published = publish(warehouse, tmp_path / "serving")
    with duckdb.connect(str(published), read_only=True) as con:
        silent = con.execute(
            "select table_name, column_name from duckdb_columns() where comment is null "
            "and not internal union all select view_name, null from duckdb_views() "
            "where comment is null and not internal"
        ).fetchall()
        assert silent == []
        rows = con.execute("select comment from duckdb_tables() where table_name = 'evses'")
        assert rows.fetchall()[0] == (EVSES.description,)


def test_reader_whose_copy_went_meanwhile_gets_the_newer_one(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(warehouse, 1)
    newest = publish(warehouse, tmp_path)
    names = iter([tmp_path / "warehouse-000000.duckdb", newest])
    monkeypatch.setattr("pipelines.warehouse.snapshot.current", lambda _: next(names))
    con = open_current(tmp_path)
    assert con is not None
    with con:
        assert con.execute("select count(*) from core.cdrs").fetchall() == [(1,)]


def test_last_copies_are_kept_and_what_a_killed_run_left_goes(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    serving.mkdir()
    (serving / "warehouse-000099.unfinished").write_bytes(b"half")
    (serving / "warehouse-000099.unfinished.tmp").mkdir()
    (serving / "notes.txt").write_text("not ours")
    for _ in range(4):
        publish(warehouse, serving, keep=2)
    assert sorted(path.name for path in serving.iterdir()) == [
        "current",
        "current.duckdb",
        "notes.txt",
        "publishing.lock",
        "warehouse-000003.duckdb",
        "warehouse-000004.duckdb",
    ]


def test_publishing_does_not_drop_duckdbs_own_lock(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path / "serving")
    code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    intruder = subprocess.run(
        [sys.executable, "-c", code, str(warehouse.path)], capture_output=True, check=False
    )
    assert b"lock" in intruder.stderr


@pytest.mark.withstands(
    "a killed process's copying goes on after it", "it spoils no snapshot of the next one"
)
def test_copy_that_a_killed_process_left_running_spoils_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    serving.mkdir()
    add(warehouse, 1)
    with (serving / "warehouse-000001.unfinished").open("wb", buffering=0) as orphan:
        published = publish(warehouse, serving)
        orphan.write(b"as it was before" * 4096)
    assert cdrs_in(published) == 1


@pytest.mark.withstands("publishing fails", "readers keep the snapshot before")
def test_failed_copy_leaves_the_last_snapshot_current(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = tmp_path / "serving"
    first = publish(warehouse, serving)
    monkeypatch.setattr("pipelines.warehouse.snapshot.shutil.which", lambda _: "/bin/false")
    with pytest.raises(WarehouseError, match="cannot publish"):
        publish(warehouse, serving)
    assert current(serving) == first
    assert sorted(path.name for path in serving.glob("warehouse*")) == [first.name]


def test_pointer_that_names_nothing_is_as_if_nothing_was_published(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("nonsense", encoding="utf-8")
    assert open_current(tmp_path) is None
