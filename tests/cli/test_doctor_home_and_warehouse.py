"""What the doctor says about the home directory, the key and the warehouse."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.doctor import Check, exit_code
from pipelines.cli.doctor.database import check_warehouse
from pipelines.cli.doctor.examination import examine
from pipelines.cli.doctor.home import (
    check_decisions,
    check_home,
    check_installation,
    check_landing,
    check_pseudonyms,
)
from pipelines.config.home import Home
from pipelines.config.pseudonyms import open_pseudonymiser
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.locking import FileLock

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def by_name(checks: object) -> dict[str, Check]:
    return {check.name: check for check in checks}  # type: ignore[attr-defined]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_home_that_is_not_there_yet_is_fine_and_stays_away(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "b")
    checks = by_name(check_home(home))
    assert checks["directory"].message == f"{home.path} (the first run makes it)"
    assert exit_code(checks.values()) == 0
    assert not (tmp_path / "a").exists()


def test_a_home_that_others_may_read_is_warned_about(home: Home) -> None:
    home.path.chmod(0o755)
    check = by_name(check_home(home))["privacy"]
    assert check.state == "warn"
    assert check.message.endswith(f"chmod 700 {home.path}")


def test_a_file_is_not_a_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    check = by_name(check_home(Home(tmp_path / "file")))["directory"]
    assert check.state == "unusable"
    assert check.message.endswith("is not a directory; choose another with --home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    check = by_name(check_home(Home(tmp_path / "home")))["directory"]
    tmp_path.chmod(0o700)
    assert check.state == "unusable"
    assert "change its owner, or choose another with --home" in check.message


def test_what_the_doctor_may_not_look_at_is_what_it_found(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.warehouse.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "warehouse.duckdb.lock")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    checks = examine(home=home, partners=None, only=(), environ={})
    found = {check.subject: check for check in checks}["warehouse"]
    assert (found.state, "who may read and write" in found.message) == ("fail", True)


def test_a_home_of_somebody_else_is_examined_to_the_end(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, **_: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", refuse)
    states = {c.subject: c.state for c in examine(home=home, partners=None, only=(), environ={})}
    assert {states[name] for name in ("home", "settings", "warehouse", "decisions")} == {"fail"}
    assert states["partners"] == "unusable"


def test_decisions_that_are_no_database_are_said(home: Home) -> None:
    assert list(check_decisions(home)) == []
    home.decisions.write_text("torn", encoding="utf-8")
    (check,) = check_decisions(home)
    assert check.state == "fail"
    assert "file is not a database; check who may, or restore" in check.message


def test_the_doctor_makes_no_key(home: Home) -> None:
    checks = by_name(check_pseudonyms(home, {}))
    assert checks["key"].message == "not used yet; the first run decides on the key"
    assert list(home.path.glob("pseudonym*")) == []


def test_a_lost_key_and_an_open_key_file_are_noticed(home: Home) -> None:
    open_pseudonymiser(home, {})
    key = home.path / "pseudonym.key"
    key.chmod(0o644)
    checks = by_name(check_pseudonyms(home, {}))
    assert checks["key"].state == "ok"
    assert checks["privacy"].message == f"others may read the key; chmod 600 {key}"
    key.unlink()
    assert by_name(check_pseudonyms(home, {}))["key"].state == "unusable"


def test_pseudonyms_that_are_off_are_warned_about(home: Home) -> None:
    checks = by_name(check_pseudonyms(home, {"ROAMHOUSE_PSEUDONYMS": "off"}))
    assert checks["switch"].state == "warn"


def test_no_warehouse_yet_is_fine(home: Home) -> None:
    assert [check.state for check in check_warehouse(home.warehouse, NOW)] == ["ok"]
    assert not home.warehouse.exists()


def test_a_good_warehouse_is_opened_and_left_as_it_was(home: Home) -> None:
    Warehouse(home.warehouse).close()
    before = home.warehouse.read_bytes()
    checks = by_name(check_warehouse(home.warehouse, NOW))
    assert {check.state for check in checks.values()} == {"ok"}
    assert checks["tables"].message.endswith("tables as declared")
    assert home.warehouse.read_bytes() == before


def test_columns_that_the_next_run_adds_are_announced(home: Home) -> None:
    Warehouse(home.warehouse).close()
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("alter table ops.pulls drop column error")
    check = by_name(check_warehouse(home.warehouse, NOW))["tables"]
    assert check.state == "ok"
    assert check.message.endswith(", 1 new columns will be added by the next run")


def test_a_column_of_another_type_says_to_replay(home: Home) -> None:
    Warehouse(home.warehouse).close()
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("alter table ops.pulls alter column pages type varchar")
    check = by_name(check_warehouse(home.warehouse, NOW))["tables"]
    assert check.state == "fail"
    assert "ops.pulls.pages among them; move the file away and run" in check.message


def test_somebody_else_s_database_is_recognised(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("create table cats (name varchar)")
    assert by_name(check_warehouse(home.warehouse, NOW))["tables"].state == "fail"


def test_a_file_that_is_no_database_says_what_to_do(home: Home) -> None:
    home.warehouse.write_bytes(b"not a database" * 1000)
    check = by_name(check_warehouse(home.warehouse, NOW))["file"]
    assert check.state == "fail"
    assert check.message.endswith("move it away and run `roamhouse replay`")


def test_a_warehouse_that_is_being_written_names_the_writer(home: Home) -> None:
    Warehouse(home.warehouse).close()
    lock = FileLock(home.warehouse.with_name("warehouse.duckdb.lock"))
    lock.acquire(0)
    try:
        (check,) = check_warehouse(home.warehouse, NOW)
    finally:
        lock.release()
    assert (check.name, check.state) == ("writer", "warn")
    assert f"process {os.getpid()}" in check.message


def test_a_program_that_reads_the_live_file_is_named(home: Home) -> None:
    Warehouse(home.warehouse).close()
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; input()", str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        (check,) = check_warehouse(home.warehouse, NOW)
        reader.communicate(b"\n")
    assert (check.name, check.state) == ("reader", "warn")
    assert check.message.startswith(f"process {reader.pid} (")
    assert "serving/current.duckdb" in check.message


def test_a_missing_library_and_another_duckdb_are_noticed() -> None:
    def installed(name: str) -> str:
        if name == "numba":
            raise PackageNotFoundError(name)
        return "2.0.1"

    checks = by_name(check_installation(installed))
    assert checks["numba"].state == "fail"
    assert checks["duckdb"].state == "warn"
    assert "numba" not in checks["libraries"].message


def test_a_watermark_ahead_of_the_clock_is_said(home: Home) -> None:
    Warehouse(home.warehouse).close()
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(
            "insert into ops.watermarks (partner, module, party, complete_until_at, pull_id)"
            " values ('voltix', 'cdrs', '*', $until, 'voltix.cdrs.1')",
            {"until": NOW + timedelta(days=365)},
        )
    check = by_name(check_warehouse(home.warehouse, NOW))["watermarks"]
    assert check.state == "warn"
    assert "such as voltix cdrs until 2027-11-01" in check.message
    later = check_warehouse(home.warehouse, NOW + timedelta(days=365))
    assert "watermarks" not in by_name(later)


def test_an_empty_body_in_the_landing_is_said(home: Home) -> None:
    torn = home.landing / "objects" / "ab" / "cd.zst"
    torn.parent.mkdir(parents=True)
    torn.touch()
    (check,) = check_landing(home)
    assert check.state == "warn"
    assert "1 bodies are empty" in check.message
